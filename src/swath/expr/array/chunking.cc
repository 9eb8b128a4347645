#include "swath/expr/array/chunking.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swath/base/config.h"
#include "swath/base/units.h"
#include "swath/data/chunk.h"
#include "swath/expr/array/array_node.h"
#include "swath/expr/array/auto_chunks.h"

namespace swath::expr {
namespace {

std::string AxisToString(const AxisChunks& axis) {
  if (axis.length()) return std::to_string(*axis.length());
  if (axis.text()) return "'" + *axis.text() + "'";
  return axis.lengths() ? ShapeToString(*axis.lengths()) : "None";
}

std::string SpecToString(const std::vector<AxisChunks>& axes) {
  std::string text = "(";
  for (size_t i = 0; i < axes.size(); ++i) text += (i ? ", " : "") + AxisToString(axes[i]);
  return text + (axes.size() == 1 ? ",)" : ")");
}

// One rule an axis, in order.
Result<std::vector<AxisChunks>> PerAxis(const ChunkSpec& spec, std::span<const int64_t> shape) {
  const auto ndim = static_cast<int64_t>(shape.size());
  std::vector<AxisChunks> axes(shape.size());
  if (spec.by_axis()) {
    for (const auto& [axis, rule] : *spec.by_axis()) {
      ASSIGN_OR_RETURN(const int64_t position, NormalizeAxis(axis, ndim));
      axes[position] = rule;
    }
    return axes;
  }
  if (!spec.axes()) {
    std::fill(axes.begin(), axes.end(), spec.all());
    return axes;
  }
  const std::vector<AxisChunks>& given = *spec.axes();
  if (ndim == 1 && given.size() > 1) {  // chunks=(2, 3) of a vector: the lengths of its blocks
    std::vector<int64_t> lengths;
    for (const AxisChunks& item : given) {
      if (item.length()) lengths.push_back(*item.length());
    }
    if (lengths.size() == given.size()) return std::vector<AxisChunks>{AxisChunks(lengths)};
  }
  if (given.empty() && std::all_of(shape.begin(), shape.end(), [](int64_t n) { return n == 0; })) return axes;
  if (given.size() != shape.size()) {
    return Status::Invalid("Chunks and shape must be of the same length/dimension. Got chunks=", SpecToString(given),
                           ", shape=", ShapeToString(shape));
  }
  return given;
}

std::vector<int64_t> EqualBlocks(int64_t length, int64_t block) {
  if (length == 0) return {0};
  std::vector<int64_t> blocks(length / block, block);
  if (length % block) blocks.push_back(length % block);
  return blocks;
}

Status CheckLengths(const std::vector<int64_t>& lengths, int64_t axis_length, const std::vector<AxisChunks>& axes,
                    std::span<const int64_t> shape) {
  if (lengths.empty())
    return Status::Invalid(
        "Empty tuples are not allowed in chunks. Express zero length dimensions with 0(s) in chunks");
  if (std::any_of(lengths.begin(), lengths.end(), [](int64_t n) { return n < 0; })) {
    return Status::Invalid("chunks cannot be negative. Got chunks=", SpecToString(axes));
  }
  if (std::accumulate(lengths.begin(), lengths.end(), int64_t{0}) != axis_length) {
    return Status::Invalid("Chunks do not add up to shape. Got chunks=", SpecToString(axes),
                           ", shape=", ShapeToString(shape));
  }
  return Status::OK();
}

// What one rule means, but for "auto": then the answer is empty. Byte sizes set `limit_bytes`.
Result<std::vector<int64_t>> AxisLengths(const AxisChunks& rule, int64_t axis, std::span<const int64_t> shape,
                                         const std::vector<AxisChunks>& axes, const ops::Grid* previous,
                                         int64_t* limit_bytes) {
  if (rule.keeps()) return previous ? previous->chunks()[axis] : std::vector<int64_t>{shape[axis]};
  if (rule.lengths()) {
    RETURN_IF_ERROR(CheckLengths(*rule.lengths(), shape[axis], axes, shape));
    return *rule.lengths();
  }
  if (rule.length()) {
    const int64_t length = *rule.length() == -1 ? shape[axis] : *rule.length();
    if (length < 0 || (length == 0 && shape[axis] > 0)) {
      return Status::Invalid("a chunk length must be positive or -1 (the whole axis). Got chunks=", SpecToString(axes));
    }
    return EqualBlocks(shape[axis], std::max<int64_t>(1, length));
  }
  if (*rule.text() == "auto") return std::vector<int64_t>{};
  ASSIGN_OR_RETURN(const int64_t bytes, ParseBytes(*rule.text()));
  if (*limit_bytes > 0 && bytes != *limit_bytes) {
    return Status::Invalid("Only one consistent value of limit or chunk is allowed. Used ", bytes,
                           " != ", *limit_bytes);
  }
  *limit_bytes = bytes;
  return std::vector<int64_t>{};
}

}  // namespace

Result<ops::Grid> NormalizeChunks(const ChunkSpec& spec, std::span<const int64_t> shape, const DType& dtype,
                                  int64_t limit_bytes, const ops::Grid* previous) {
  for (const int64_t length : shape) {
    if (length < 0) return Status::Invalid("negative dimensions are not allowed. Got shape=", ShapeToString(shape));
  }
  ASSIGN_OR_RETURN(const std::vector<AxisChunks> axes, PerAxis(spec, shape));
  std::vector<std::vector<int64_t>> chunks;
  bool any_auto = false;
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    ASSIGN_OR_RETURN(auto lengths,
                     AxisLengths(axes[axis], static_cast<int64_t>(axis), shape, axes, previous, &limit_bytes));
    any_auto |= lengths.empty();
    chunks.push_back(std::move(lengths));
  }
  if (any_auto) {
    if (limit_bytes <= 0) {
      ASSIGN_OR_RETURN(limit_bytes, Config::Current()->GetBytes("array.chunk-size"));
    }
    FillAutoChunks(shape, dtype.itemsize, std::max<int64_t>(1, limit_bytes), previous, &chunks);
  }
  return ops::Grid(std::move(chunks));
}

Result<std::vector<int64_t>> BroadcastShapes(std::span<const std::vector<int64_t>> shapes) {
  size_t ndim = 0;
  for (const auto& shape : shapes) ndim = std::max(ndim, shape.size());
  std::vector<int64_t> result(ndim, 1);
  for (const auto& shape : shapes) {
    const size_t lead = ndim - shape.size();
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t& length = result[lead + i];
      if (shape[i] == length || shape[i] == 1) continue;
      if (length != 1) {
        std::string seen;
        for (const auto& each : shapes) seen += " " + ShapeToString(each);
        return Status::Invalid("operands could not be broadcast together with shapes", seen);
      }
      length = shape[i];
    }
  }
  return result;
}

Result<ops::Grid> UnifyGrids(std::span<const ops::Grid* const> grids) {
  std::vector<std::vector<int64_t>> shapes;
  for (const ops::Grid* grid : grids) shapes.push_back(grid->shape());
  ASSIGN_OR_RETURN(const std::vector<int64_t> shape, BroadcastShapes(shapes));
  std::vector<std::vector<int64_t>> chunks(shape.size());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    std::vector<int64_t> cuts;  // the union of all cuts, when they differ
    std::vector<int64_t> only;
    bool differ = false;
    for (const ops::Grid* grid : grids) {
      const int64_t own = static_cast<int64_t>(axis) - static_cast<int64_t>(shape.size()) + grid->ndim();
      if (own < 0 || grid->shape(own) != shape[axis]) continue;
      const auto bounds = grid->bounds(own);
      cuts.insert(cuts.end(), bounds.begin(), bounds.end());
      if (bounds.size() <= 2) continue;  // the whole axis says nothing
      std::vector<int64_t> these(bounds.begin(), bounds.end());
      differ |= !only.empty() && only != these;
      only = std::move(these);
    }
    if (differ) {
      std::sort(cuts.begin(), cuts.end());
      cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
      only = std::move(cuts);
    } else if (only.empty()) {
      only = {0, shape[axis]};
    }
    for (size_t i = 1; i < only.size(); ++i) chunks[axis].push_back(only[i] - only[i - 1]);
  }
  return ops::Grid(std::move(chunks));
}

Result<int64_t> NormalizeAxis(int64_t axis, int64_t ndim) {
  if (axis < -ndim || axis >= ndim)
    return Status::Invalid("axis ", axis, " is out of bounds for array of dimension ", ndim);
  return axis < 0 ? axis + ndim : axis;
}

Result<std::vector<int32_t>> NormalizeAxes(const std::optional<std::vector<int64_t>>& axes, int64_t ndim) {
  std::vector<int32_t> result;
  if (!axes) {
    result.resize(ndim);
    std::iota(result.begin(), result.end(), 0);
    return result;
  }
  for (const int64_t axis : *axes) {
    ASSIGN_OR_RETURN(const int64_t position, NormalizeAxis(axis, ndim));
    result.push_back(static_cast<int32_t>(position));
  }
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end())
    return Status::Invalid("duplicate value in 'axis'");
  return result;
}

}  // namespace swath::expr
