#include "swath/expr/array/view.h"

#include <algorithm>
#include <numeric>

namespace swath::expr {
namespace {

// Output axes that some source axis reads, by source axis; -1: none.
std::string SliceText(const ops::IndexMap& map, const ArrayNode& source, const ArrayNode& output) {
  std::string text = "slice[";
  for (size_t i = 0; i < map.size(); ++i) {
    const ops::AxisMap& axis = map[i];
    if (i > 0) text += ", ";
    if (axis.axis < 0) {
      text += std::to_string(axis.offset);
      continue;
    }
    const int64_t length = output.shape()[axis.axis];
    const int64_t stop = axis.offset + axis.step * length;
    if (axis.offset != (axis.step > 0 ? 0 : source.shape()[i] - 1)) text += std::to_string(axis.offset);
    text += ":";
    if (axis.step > 0 ? stop < source.shape()[i] : stop >= 0) text += std::to_string(stop);
    if (axis.step != 1) text += ":" + std::to_string(axis.step);
  }
  return text + "]";
}

Result<ops::Grid> PermutedGrid(const ops::Grid& grid, const std::vector<int64_t>& axes) {
  const auto chunks = grid.chunks();
  std::vector<std::vector<int64_t>> permuted;
  for (const int64_t axis : axes) permuted.push_back(chunks[axis]);
  return ops::Grid(std::move(permuted));
}

}  // namespace

ops::IndexMap IdentityMap(int64_t ndim) {
  ops::IndexMap map(ndim);
  for (int64_t axis = 0; axis < ndim; ++axis) map[axis] = {static_cast<int32_t>(axis), 1, 0};
  return map;
}

bool IsIdentity(const ops::IndexMap& map) { return map == IdentityMap(static_cast<int64_t>(map.size())); }

ops::IndexMap ComposeMaps(const ops::IndexMap& inner, const ops::IndexMap& outer) {
  ops::IndexMap map;
  for (const ops::AxisMap& axis : inner) {
    if (axis.axis < 0) {
      map.push_back(axis);
      continue;
    }
    const ops::AxisMap& middle = outer[axis.axis];
    const int64_t offset = axis.offset + axis.step * middle.offset;
    map.push_back(middle.axis < 0 ? ops::AxisMap{-1, 1, offset}
                                  : ops::AxisMap{middle.axis, axis.step * middle.step, offset});
  }
  return map;
}

ops::IndexMap BroadcastMap(std::span<const int64_t> source_shape, std::span<const int64_t> output_shape) {
  ops::IndexMap map;
  const size_t lead = output_shape.size() - source_shape.size();
  for (size_t i = 0; i < source_shape.size(); ++i) {
    const bool stretched = source_shape[i] == 1 && output_shape[lead + i] != 1;
    map.push_back(stretched ? ops::AxisMap{-1, 1, 0} : ops::AxisMap{static_cast<int32_t>(lead + i), 1, 0});
  }
  return map;
}

std::string ViewNode::Label() const {
  const ArrayNode& source = array_input(0);
  if (stored_) return "rechunk stage";
  if (IsIdentity(map_))
    return source.shape() == shape() ? "rechunk" : "slice" + SliceText(map_, source, *this).substr(5);
  bool forwards = true;
  std::vector<int64_t> order(ndim(), -1);
  for (size_t i = 0; i < map_.size(); ++i) {
    if (map_[i].axis < 0) {
      forwards &= source.shape()[i] == 1;
      continue;
    }
    forwards &= map_[i].step == 1 && map_[i].offset == 0 && shape()[map_[i].axis] == source.shape()[i];
    order[map_[i].axis] = static_cast<int64_t>(i);
  }
  if (!forwards) {
    std::string text = SliceText(map_, source, *this);
    const bool sorted = std::is_sorted(order.begin(), order.end());
    return sorted ? text : text + ".transpose" + ShapeToString(order);
  }
  const bool all_read = std::find(order.begin(), order.end(), -1) == order.end();
  if (all_read && order.size() == map_.size()) return "transpose" + ShapeToString(order);
  return size() == source.size() ? "expand_dims" : "broadcast_to";
}

Result<NodePtr> ViewNode::WithInputs(std::vector<NodePtr> inputs) const {
  return MakeView(AsArray(inputs[0]), map_, grid(), stored_);
}

Result<ArrayPtr> MakeView(const ArrayPtr& x, ops::IndexMap map, ops::Grid grid, bool stored) {
  CHECK(static_cast<int64_t>(map.size()) == x->ndim());
  if (IsIdentity(map) && grid == x->grid()) return x;
  TokenBuilder token("view");
  token.Add(x->token()).Add(int64_t{stored});
  for (const ops::AxisMap& axis : map) token.Add(int64_t{axis.axis}).Add(axis.step).Add(axis.offset);
  AddGrid(token, grid);
  return InternAs<ArrayNode>(std::make_shared<ViewNode>(token.Finish(), x, std::move(map), std::move(grid), stored));
}

Result<ArrayPtr> MakeTranspose(const ArrayPtr& x, std::vector<int64_t> axes) {
  if (axes.empty()) {
    axes.resize(x->ndim());
    std::iota(axes.rbegin(), axes.rend(), 0);
  }
  if (static_cast<int64_t>(axes.size()) != x->ndim()) {
    return Status::Invalid("axes don't match array: got axes ", ShapeToString(axes), " for an array of ", x->ndim(),
                           " dimensions");
  }
  ops::IndexMap map(x->ndim());
  std::vector<bool> seen(axes.size());
  for (size_t i = 0; i < axes.size(); ++i) {
    ASSIGN_OR_RETURN(axes[i], NormalizeAxis(axes[i], x->ndim()));
    if (seen[axes[i]]) return Status::Invalid("repeated axis in transpose");
    seen[axes[i]] = true;
    map[axes[i]] = {static_cast<int32_t>(i), 1, 0};
  }
  ASSIGN_OR_RETURN(ops::Grid grid, PermutedGrid(x->grid(), axes));
  return MakeView(x, std::move(map), std::move(grid));
}

Result<ArrayPtr> MakeSwapAxes(const ArrayPtr& x, int64_t a, int64_t b) {
  ASSIGN_OR_RETURN(a, NormalizeAxis(a, x->ndim()));
  ASSIGN_OR_RETURN(b, NormalizeAxis(b, x->ndim()));
  std::vector<int64_t> axes(x->ndim());
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes[a], axes[b]);
  if (a == b) return x;
  return MakeTranspose(x, std::move(axes));
}

Result<ArrayPtr> MakeMoveAxis(const ArrayPtr& x, const std::vector<int64_t>& source,
                              const std::vector<int64_t>& destination) {
  if (source.size() != destination.size()) {
    return Status::Invalid("`source` and `destination` arguments must have the same number of elements: ",
                           source.size(), " and ", destination.size());
  }
  std::vector<int64_t> order(x->ndim(), -1);
  std::vector<bool> moved(x->ndim());
  for (size_t i = 0; i < source.size(); ++i) {
    ASSIGN_OR_RETURN(const int64_t from, NormalizeAxis(source[i], x->ndim()));
    ASSIGN_OR_RETURN(const int64_t to, NormalizeAxis(destination[i], x->ndim()));
    if (moved[from]) return Status::Invalid("repeated axis in `source` argument");
    if (order[to] != -1) return Status::Invalid("repeated axis in `destination` argument");
    moved[from] = true;
    order[to] = from;
  }
  int64_t next = 0;
  for (int64_t& axis : order) {
    if (axis != -1) continue;
    while (moved[next]) ++next;
    axis = next++;
  }
  if (x->ndim() == 0) return x;
  return MakeTranspose(x, std::move(order));
}

Result<ArrayPtr> MakeExpandDims(const ArrayPtr& x, const std::vector<int64_t>& axes) {
  const int64_t ndim = x->ndim() + static_cast<int64_t>(axes.size());
  ASSIGN_OR_RETURN(const std::vector<int32_t> added, NormalizeAxes(axes, ndim));
  const auto chunks = x->grid().chunks();
  std::vector<std::vector<int64_t>> result;
  ops::IndexMap map;
  for (int64_t axis = 0, own = 0; axis < ndim; ++axis) {
    if (std::binary_search(added.begin(), added.end(), axis)) {
      result.push_back({1});
      continue;
    }
    map.push_back({static_cast<int32_t>(axis), 1, 0});
    result.push_back(chunks[own++]);
  }
  return MakeView(x, std::move(map), ops::Grid(std::move(result)));
}

Result<ArrayPtr> MakeSqueeze(const ArrayPtr& x, const std::optional<std::vector<int64_t>>& axes) {
  std::vector<int32_t> dropped;
  if (axes) {
    ASSIGN_OR_RETURN(dropped, NormalizeAxes(axes, x->ndim()));
    for (const int32_t axis : dropped) {
      if (x->shape()[axis] != 1) {
        return Status::Invalid("cannot select an axis to squeeze out which has size not equal to one: axis ", axis,
                               " of shape ", ShapeToString(x->shape()));
      }
    }
  } else {
    for (int32_t axis = 0; axis < x->ndim(); ++axis) {
      if (x->shape()[axis] == 1) dropped.push_back(axis);
    }
  }
  const auto chunks = x->grid().chunks();
  std::vector<std::vector<int64_t>> kept;
  ops::IndexMap map;
  for (int32_t axis = 0; axis < x->ndim(); ++axis) {
    if (std::binary_search(dropped.begin(), dropped.end(), axis)) {
      map.push_back({-1, 1, 0});
      continue;
    }
    map.push_back({static_cast<int32_t>(kept.size()), 1, 0});
    kept.push_back(chunks[axis]);
  }
  return MakeView(x, std::move(map), ops::Grid(std::move(kept)));
}

Result<ArrayPtr> MakeFlip(const ArrayPtr& x, const std::optional<std::vector<int64_t>>& axes) {
  ASSIGN_OR_RETURN(const std::vector<int32_t> flipped, NormalizeAxes(axes, x->ndim()));
  ops::IndexMap map = IdentityMap(x->ndim());
  auto chunks = x->grid().chunks();
  for (const int32_t axis : flipped) {
    map[axis] = {axis, -1, x->shape()[axis] - 1};
    std::reverse(chunks[axis].begin(), chunks[axis].end());
  }
  return MakeView(x, std::move(map), ops::Grid(std::move(chunks)));
}

Result<ArrayPtr> MakeBroadcastTo(const ArrayPtr& x, const std::vector<int64_t>& shape,
                                 const std::optional<ChunkSpec>& chunks) {
  const auto lead = static_cast<int64_t>(shape.size()) - x->ndim();
  bool fits = lead >= 0 && std::all_of(shape.begin(), shape.end(), [](int64_t n) { return n >= 0; });
  for (int64_t axis = 0; fits && axis < x->ndim(); ++axis)
    fits = x->shape()[axis] == 1 || x->shape()[axis] == shape[lead + axis];
  if (!fits)
    return Status::Invalid("cannot broadcast shape ", ShapeToString(x->shape()), " to shape ", ShapeToString(shape));
  const auto own = x->grid().chunks();
  std::vector<std::vector<int64_t>> blocks;
  for (int64_t axis = 0; axis < static_cast<int64_t>(shape.size()); ++axis) {
    const bool stretched = axis < lead || x->shape()[axis - lead] != shape[axis];
    blocks.push_back(stretched ? std::vector<int64_t>{shape[axis]} : own[axis - lead]);
  }
  ops::Grid grid(std::move(blocks));
  if (chunks) {
    ASSIGN_OR_RETURN(grid, NormalizeChunks(*chunks, shape, x->dtype(), 0, &grid));
  }
  return MakeView(x, BroadcastMap(x->shape(), shape), std::move(grid));
}

Result<ArrayPtr> MakeRechunk(const ArrayPtr& x, const ChunkSpec& spec, int64_t limit_bytes) {
  ASSIGN_OR_RETURN(ops::Grid grid, NormalizeChunks(spec, x->shape(), x->dtype(), limit_bytes, &x->grid()));
  return MakeView(x, IdentityMap(x->ndim()), std::move(grid));
}

}  // namespace swath::expr
