#include "swath/ops/array_blocks.h"

#include <algorithm>

#include "swath/data/chunk.h"

namespace swath::ops {
namespace {

std::string ShapeText(const Grid& grid) {
  std::string text = "(";
  for (int64_t axis = 0; axis < grid.ndim(); ++axis) text += (axis ? ", " : "") + std::to_string(grid.shape(axis));
  return text + ")";
}

std::string Letters(const std::vector<int32_t>& labels) {
  std::string text;
  for (int32_t label : labels) text += static_cast<char>('a' + label % 26);
  return text;
}

// C order: the flat range of a row of `box` along its last axis, and then the next.
bool NextRow(std::vector<int64_t>& at, const Box& box) {
  for (size_t axis = at.size() - 1; axis-- > 0;) {
    if (++at[axis] < box[axis].end) return true;
    at[axis] = box[axis].begin;
  }
  return false;
}

}  // namespace

std::string ViewParams::ToString() const { return "view" + ShapeText(grid); }
std::string ConcatParams::ToString() const { return "concat(axis=" + std::to_string(axis) + ")"; }
std::string ReshapeParams::ToString() const { return "reshape" + ShapeText(from) + " → " + ShapeText(to); }
std::string ContractParams::ToString() const {
  return "contract(" + Letters(a_labels) + "," + Letters(b_labels) + "->" + Letters(labels) + ")";
}
std::string CumulativeParams::ToString() const {
  return std::string(skip_nan ? "nan" : "") + (product ? "cumprod" : "cumsum") + "(axis=" + std::to_string(axis) + ")";
}

void AppendReshapeSources(const Grid& from, const Grid& to, int64_t block, std::vector<int64_t>* blocks) {
  const Box box = to.BlockBox(block);
  if (std::any_of(box.begin(), box.end(), [](const Range& range) { return range.size() == 0; })) return;
  const std::vector<int64_t> to_shape = to.shape(), from_shape = from.shape();
  const Shape to_strides = ContiguousStrides(to_shape, 1), from_strides = ContiguousStrides(from_shape, 1);
  const size_t first = blocks->size();
  std::vector<int64_t> at;
  for (const Range& range : box) at.push_back(range.begin);
  while (true) {
    // The flat range of this row of the block, walked along rows of the source.
    int64_t flat = 0;
    for (size_t axis = 0; axis < at.size(); ++axis) flat += at[axis] * to_strides[axis];
    const int64_t end = flat + (at.empty() ? 1 : box.back().size());
    while (flat < end) {
      Box source(from_shape.size());
      int64_t rest = flat, length = 1;
      for (size_t axis = 0; axis < from_shape.size(); ++axis) {
        const int64_t coordinate = rest / from_strides[axis];
        rest %= from_strides[axis];
        source[axis] = {coordinate, coordinate + 1};
      }
      if (!source.empty()) {
        length = std::min(end - flat, from_shape.back() - source.back().begin);
        source.back().end = source.back().begin + length;
      }
      AppendOverlappingBlocks(from, source, blocks);
      flat += length;
    }
    if (at.empty() || !NextRow(at, box)) break;
  }
  std::sort(blocks->begin() + static_cast<int64_t>(first), blocks->end());
  blocks->erase(std::unique(blocks->begin() + static_cast<int64_t>(first), blocks->end()), blocks->end());
}

}  // namespace swath::ops
