#include "swath/ops/grid.h"

#include <algorithm>

namespace swath::ops {
namespace {

int64_t FloorDivide(int64_t a, int64_t b) {  // b > 0
  const int64_t quotient = a / b;
  return quotient * b > a ? quotient - 1 : quotient;
}
int64_t CeilDivide(int64_t a, int64_t b) { return -FloorDivide(-a, b); }

}  // namespace

Grid::Grid(std::vector<std::vector<int64_t>> chunks) {
  bounds_.reserve(chunks.size());
  for (const auto& lengths : chunks) {
    std::vector<int64_t> bounds{0};
    bounds.reserve(lengths.size() + 1);
    for (int64_t length : lengths) {
      CHECK(length >= 0);
      bounds.push_back(bounds.back() + length);
    }
    bounds_.push_back(std::move(bounds));
  }
}

std::vector<int64_t> Grid::shape() const {
  std::vector<int64_t> shape;
  shape.reserve(bounds_.size());
  for (const auto& bounds : bounds_) shape.push_back(bounds.back());
  return shape;
}

int64_t Grid::block_count() const {
  int64_t count = 1;
  for (int64_t axis = 0; axis < ndim(); ++axis) count *= blocks(axis);
  return count;
}

std::vector<std::vector<int64_t>> Grid::chunks() const {
  std::vector<std::vector<int64_t>> chunks(bounds_.size());
  for (size_t axis = 0; axis < bounds_.size(); ++axis) {
    for (size_t i = 1; i < bounds_[axis].size(); ++i) chunks[axis].push_back(bounds_[axis][i] - bounds_[axis][i - 1]);
  }
  return chunks;
}

void Grid::Position(int64_t block, int64_t* position) const {
  for (int64_t axis = ndim(); axis-- > 0;) {
    position[axis] = block % blocks(axis);
    block /= blocks(axis);
  }
}

int64_t Grid::Index(std::span<const int64_t> position) const {
  int64_t index = 0;
  for (int64_t axis = 0; axis < ndim(); ++axis) index = index * blocks(axis) + position[axis];
  return index;
}

Box Grid::BlockBox(int64_t block) const {
  Box box(bounds_.size());
  for (int64_t axis = ndim(); axis-- > 0;) {
    box[axis] = BlockRange(axis, block % blocks(axis));
    block /= blocks(axis);
  }
  return box;
}

Range Grid::Overlap(int64_t axis, Range range) const {
  if (range.size() <= 0) return {0, 0};
  const auto& bounds = bounds_[axis];
  // The last bound <= begin starts the first block that is not empty there; the first bound >= end ends the last one.
  const int64_t first = std::upper_bound(bounds.begin(), bounds.end(), range.begin) - bounds.begin() - 1;
  const int64_t last = std::lower_bound(bounds.begin(), bounds.end(), range.end) - bounds.begin();
  return {std::max<int64_t>(first, 0), std::max(std::min(last, blocks(axis)), std::max<int64_t>(first, 0))};
}

Box MapBox(const IndexMap& map, const Box& output) {
  Box box(map.size());
  const bool empty = std::any_of(output.begin(), output.end(), [](const Range& range) { return range.size() <= 0; });
  for (size_t s = 0; s < map.size(); ++s) {
    if (empty) {
      box[s] = {map[s].offset, map[s].offset};
    } else if (map[s].axis < 0) {
      box[s] = {map[s].offset, map[s].offset + 1};
    } else {
      const Range& range = output[map[s].axis];
      const int64_t first = map[s].offset + map[s].step * range.begin;
      const int64_t last = map[s].offset + map[s].step * (range.end - 1);
      box[s] = {std::min(first, last), std::max(first, last) + 1};
    }
  }
  return box;
}

void AppendOverlappingBlocks(const Grid& source, const Box& box, std::vector<int64_t>* blocks) {
  const size_t ndim = box.size();
  std::vector<Range> positions(ndim);
  for (size_t axis = 0; axis < ndim; ++axis) {
    positions[axis] = source.Overlap(static_cast<int64_t>(axis), box[axis]);
    if (positions[axis].size() <= 0) return;
  }
  const auto is_empty = [&](size_t axis, int64_t position) {
    return source.BlockRange(static_cast<int64_t>(axis), position).size() == 0;
  };
  std::vector<int64_t> position(ndim);
  for (size_t axis = 0; axis < ndim; ++axis) position[axis] = positions[axis].begin;
  while (true) {
    bool empty = false;  // blocks of length 0 between others hold nothing
    for (size_t axis = 0; axis < ndim && !empty; ++axis) empty = is_empty(axis, position[axis]);
    if (!empty) blocks->push_back(source.Index(position));
    size_t axis = ndim;
    while (axis-- > 0) {
      if (++position[axis] < positions[axis].end) break;
      position[axis] = positions[axis].begin;
    }
    if (axis == static_cast<size_t>(-1)) return;
  }
}

Box UnmapBox(const IndexMap& map, const Box& source, std::span<const int64_t> output_shape) {
  Box box(output_shape.size());
  for (size_t axis = 0; axis < box.size(); ++axis) box[axis] = {0, output_shape[axis]};
  for (size_t s = 0; s < map.size(); ++s) {
    const AxisMap& m = map[s];
    if (m.axis < 0) {
      if (m.offset >= source[s].begin && m.offset < source[s].end) continue;
      for (Range& range : box) range = {0, 0};
      return box;
    }
    // begin <= offset + step * o < end
    int64_t first, last;
    if (m.step > 0) {
      first = CeilDivide(source[s].begin - m.offset, m.step);
      last = CeilDivide(source[s].end - m.offset, m.step);
    } else {
      first = FloorDivide(m.offset - source[s].end, -m.step) + 1;
      last = FloorDivide(m.offset - source[s].begin, -m.step) + 1;
    }
    Range& range = box[m.axis];
    range.begin = std::max(range.begin, first);
    range.end = std::max(range.begin, std::min(range.end, last));
  }
  return box;
}

}  // namespace swath::ops
