#include "swath/kernels/array/tile_segment.h"

#include <algorithm>

namespace swath::kernels {
namespace {

using ops::AxisMap;
using ops::Box;
using ops::Range;
using ops::TileProgram;
using ops::TileSource;

int64_t FloorDivide(int64_t a, int64_t b) {  // b > 0
  const int64_t quotient = a / b;
  return quotient * b > a ? quotient - 1 : quotient;
}

// Where along each output axis some source crosses from one block to the next.
std::vector<std::vector<int64_t>> CutPoints(const TileProgram& program, const Box& box) {
  std::vector<std::vector<int64_t>> cuts(box.size());
  for (size_t axis = 0; axis < box.size(); ++axis) cuts[axis] = {box[axis].begin, box[axis].end};
  for (const TileSource& source : program.sources) {
    if (source.kind != TileSource::Kind::kInput) continue;
    for (size_t s = 0; s < source.map.size(); ++s) {
      const AxisMap& m = source.map[s];
      if (m.axis < 0) continue;
      const Range& range = box[static_cast<size_t>(m.axis)];
      for (const int64_t bound : source.grid.bounds(static_cast<int64_t>(s))) {
        // The first output coordinate on the far side of the border.
        const int64_t at =
            m.step > 0 ? -FloorDivide(m.offset - bound, m.step) : FloorDivide(m.offset - bound, -m.step) + 1;
        if (at > range.begin && at < range.end) cuts[static_cast<size_t>(m.axis)].push_back(at);
      }
    }
  }
  for (auto& points : cuts) {
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
  }
  return cuts;
}

// The coefficient of each source axis in the source's linear function, and its constant.
Status Coefficients(const TileSource& source, const SourceBlocks* input, std::span<const int64_t> first,
                    Shape* coefficients, int64_t* constant) {
  const size_t ndim = source.map.size();
  coefficients->assign(ndim, 0);
  *constant = 0;
  switch (source.kind) {
    case TileSource::Kind::kInput: {
      std::vector<int64_t> position(ndim);
      for (size_t s = 0; s < ndim; ++s) {
        const auto axis = static_cast<int64_t>(s);
        position[s] = source.grid.Overlap(axis, {first[s], first[s] + 1}).begin;
      }
      const int64_t block = source.grid.Index(position);
      const auto it = std::lower_bound(input->blocks.begin(), input->blocks.end(), block);
      CHECK(it != input->blocks.end() && *it == block);
      const Chunk* chunk = input->values[static_cast<size_t>(it - input->blocks.begin())].chunk();
      if (chunk == nullptr || chunk->dtype() != source.dtype || chunk->ndim() != static_cast<int64_t>(ndim)) {
        return Status::TypeError(
            "a tile task expected a block of ", ndim, " dimensions and dtype ", source.dtype.ToString(), ", got ",
            chunk ? std::to_string(chunk->ndim()) + " dimensions and dtype " + chunk->dtype().ToString() : "no array");
      }
      *constant = reinterpret_cast<int64_t>(chunk->data());
      for (size_t s = 0; s < ndim; ++s) {
        const Range range = source.grid.BlockRange(static_cast<int64_t>(s), position[s]);
        if (chunk->shape()[s] != range.size()) {
          return Status::Invalid("a block has length ", chunk->shape()[s], " along axis ", s, ", but its grid says ",
                                 range.size());
        }
        (*coefficients)[s] = chunk->strides()[s];
        *constant -= chunk->strides()[s] * range.begin;
      }
      return Status::OK();
    }
    case TileSource::Kind::kRandom: {
      *coefficients = ContiguousStrides(source.grid.shape(), 1);
      return Status::OK();
    }
    case TileSource::Kind::kAffine:
      CHECK(ndim == 1);
      (*coefficients)[0] = 1;
      return Status::OK();
    case TileSource::Kind::kEye:
      CHECK(ndim == 2);
      *coefficients = {-1, 1};
      *constant = -source.diagonal;
      return Status::OK();
    case TileSource::Kind::kConstant:
      return Status::OK();
  }
  return Status::OK();
}

Result<LinearView> ViewOfSource(const TileSource& source, const SourceBlocks* input, const Box& segment) {
  const size_t ndim = source.map.size();
  std::vector<int64_t> first(ndim);
  for (size_t s = 0; s < ndim; ++s) {
    const AxisMap& m = source.map[s];
    first[s] = m.offset + (m.axis < 0 ? 0 : m.step * segment[static_cast<size_t>(m.axis)].begin);
  }
  Shape coefficients;
  LinearView view;
  view.strides.assign(segment.size(), 0);
  RETURN_IF_ERROR(Coefficients(source, input, first, &coefficients, &view.origin));
  for (size_t s = 0; s < coefficients.size() && s < ndim; ++s) {
    view.origin += coefficients[s] * first[s];
    if (source.map[s].axis >= 0)
      view.strides[static_cast<size_t>(source.map[s].axis)] += coefficients[s] * source.map[s].step;
  }
  return view;
}

template <typename Function>
void ForViews(TileSegment* segment, const Function& function) {
  for (LinearView& view : segment->sources) function(&view);
  function(&segment->out);
  function(&segment->index);
}

void DropUnitAxes(TileSegment* segment) {
  for (size_t axis = segment->lengths.size(); axis-- > 0;) {
    if (segment->lengths[axis] != 1) continue;
    segment->lengths.erase(segment->lengths.begin() + static_cast<int64_t>(axis));
    ForViews(segment,
             [&](LinearView* view) { view->strides.erase(view->strides.begin() + static_cast<int64_t>(axis)); });
  }
}

// Moves the axis that most sources (and the output) have contiguous to the end.
void ChooseInnerAxis(const TileProgram& program, TileSegment* segment) {
  const size_t ndim = segment->lengths.size();
  size_t best = ndim - 1;
  int best_votes = -1;
  for (size_t axis = ndim; axis-- > 0;) {
    int votes = 0;
    for (size_t s = 0; s < segment->sources.size(); ++s) {
      const bool memory = program.sources[s].kind == TileSource::Kind::kInput;
      votes += segment->sources[s].strides[axis] == (memory ? program.sources[s].dtype.itemsize : 1);
    }
    if (votes > best_votes) {
      best = axis;
      best_votes = votes;
    }
  }
  const auto to_end = [best](Shape* values) {
    std::rotate(values->begin() + static_cast<int64_t>(best), values->begin() + static_cast<int64_t>(best) + 1,
                values->end());
  };
  to_end(&segment->lengths);
  ForViews(segment, [&](LinearView* view) { to_end(&view->strides); });
}

// Neighbouring axes become one where every view steps over them evenly.
void MergeAxes(TileSegment* segment) {
  for (size_t axis = segment->lengths.size(); axis-- > 1;) {
    bool even = true;
    const int64_t inner = segment->lengths[axis];
    ForViews(segment, [&](LinearView* view) { even &= view->strides[axis - 1] == view->strides[axis] * inner; });
    if (!even) continue;
    segment->lengths[axis - 1] *= inner;
    segment->lengths.erase(segment->lengths.begin() + static_cast<int64_t>(axis));
    ForViews(segment,
             [&](LinearView* view) { view->strides.erase(view->strides.begin() + static_cast<int64_t>(axis) - 1); });
  }
}

}  // namespace

Result<std::vector<SourceBlocks>> AssignInputs(const TileProgram& program, const Box& box,
                                               std::span<const Value> values) {
  std::vector<SourceBlocks> inputs(program.sources.size());
  const bool empty = std::any_of(box.begin(), box.end(), [](const ops::Range& range) { return range.size() <= 0; });
  if (empty && values.empty()) return inputs;  // nothing is read; a 0-d source has no axis that could say so
  size_t next = 0;
  for (size_t s = 0; s < program.sources.size(); ++s) {
    const TileSource& source = program.sources[s];
    if (source.kind != TileSource::Kind::kInput) continue;
    ops::AppendOverlappingBlocks(source.grid, ops::MapBox(source.map, box), &inputs[s].blocks);
    const size_t count = inputs[s].blocks.size();
    if (next + count > values.size()) {
      return Status::Invalid("a tile task got ", values.size(), " inputs, but its sources read more");
    }
    inputs[s].values = values.subspan(next, count);
    next += count;
  }
  if (next != values.size())
    return Status::Invalid("a tile task got ", values.size(), " inputs, but its sources read ", next);
  return inputs;
}

Status ForEachSegment(const TileProgram& program, const Box& box, std::span<const SourceBlocks> inputs,
                      const LinearView& out, const LinearView& index, bool free_order,
                      const std::function<Status(const TileSegment&)>& visit) {
  const auto cuts = CutPoints(program, box);
  std::vector<size_t> at(box.size(), 0);
  while (true) {
    Box region(box.size());
    TileSegment segment{{}, {}, out, index};
    for (size_t axis = 0; axis < box.size(); ++axis) {
      region[axis] = {cuts[axis][at[axis]], cuts[axis][at[axis] + 1]};
      segment.lengths.push_back(region[axis].size());
      segment.out.origin += out.strides[axis] * (region[axis].begin - box[axis].begin);
      segment.index.origin += index.strides[axis] * (region[axis].begin - box[axis].begin);
    }
    for (size_t s = 0; s < program.sources.size(); ++s) {
      ASSIGN_OR_RETURN(LinearView view, ViewOfSource(program.sources[s], &inputs[s], region));
      segment.sources.push_back(std::move(view));
    }
    DropUnitAxes(&segment);
    if (free_order && segment.lengths.size() > 1) ChooseInnerAxis(program, &segment);
    MergeAxes(&segment);
    RETURN_IF_ERROR(visit(segment));
    size_t axis = box.size();
    while (axis-- > 0) {
      if (++at[axis] + 1 < cuts[axis].size()) break;
      at[axis] = 0;
    }
    if (axis == static_cast<size_t>(-1)) return Status::OK();
  }
}

}  // namespace swath::kernels
