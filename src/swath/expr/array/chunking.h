// How users say in what chunks an array is cut, and the rules (Dask's normalize_chunks) that turn that into a Grid.
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "swath/base/status.h"
#include "swath/data/dtype.h"
#include "swath/ops/grid.h"

namespace swath::expr {

// One axis: a block length (-1: the whole axis), "auto" or a size in bytes ("64MiB"), the lengths of all blocks, or
// nothing: as the array has it now, else the whole axis.
class AxisChunks {
 public:
  AxisChunks() = default;
  AxisChunks(int64_t length) : value_(length) {}                            // NOLINT(google-explicit-constructor)
  AxisChunks(int length) : value_(int64_t{length}) {}                       // NOLINT(google-explicit-constructor)
  AxisChunks(std::string text) : value_(std::move(text)) {}                 // NOLINT(google-explicit-constructor)
  AxisChunks(const char* text) : value_(std::string(text)) {}               // NOLINT(google-explicit-constructor)
  AxisChunks(std::vector<int64_t> lengths) : value_(std::move(lengths)) {}  // NOLINT(google-explicit-constructor)

  bool keeps() const { return value_.index() == 0; }
  const int64_t* length() const { return std::get_if<int64_t>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const std::vector<int64_t>* lengths() const { return std::get_if<std::vector<int64_t>>(&value_); }

 private:
  std::variant<std::monostate, int64_t, std::string, std::vector<int64_t>> value_;
};

// All axes: one rule for all, one an axis, or a map from axes (negative: from the end) to rules, the others kept.
class ChunkSpec {
 public:
  ChunkSpec() : all_("auto") {}
  ChunkSpec(AxisChunks all) : all_(std::move(all)) {}     // NOLINT(google-explicit-constructor)
  ChunkSpec(int length) : all_(length) {}                 // NOLINT(google-explicit-constructor)
  ChunkSpec(int64_t length) : all_(length) {}             // NOLINT(google-explicit-constructor)
  ChunkSpec(const char* text) : all_(text) {}             // NOLINT(google-explicit-constructor)
  ChunkSpec(std::string text) : all_(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  ChunkSpec(std::initializer_list<AxisChunks> axes) : axes_(std::in_place, axes) {}
  ChunkSpec(std::vector<AxisChunks> axes) : axes_(std::move(axes)) {}  // NOLINT(google-explicit-constructor)
  ChunkSpec(std::map<int64_t, AxisChunks> by_axis)
      : by_axis_(std::move(by_axis)) {}  // NOLINT(google-explicit-constructor)

  const AxisChunks& all() const { return all_; }
  const std::optional<std::vector<AxisChunks>>& axes() const { return axes_; }
  const std::optional<std::map<int64_t, AxisChunks>>& by_axis() const { return by_axis_; }

 private:
  AxisChunks all_;
  std::optional<std::vector<AxisChunks>> axes_;
  std::optional<std::map<int64_t, AxisChunks>> by_axis_;
};

// dask.array.core.normalize_chunks. `limit_bytes` <= 0: config "array.chunk-size". `previous`: the grid now (of a
// rechunk), whose cuts "auto" respects where it can. Invalid: lengths that do not sum to the shape, too many axes,
// negative lengths, a size that is none.
Result<ops::Grid> NormalizeChunks(const ChunkSpec& spec, std::span<const int64_t> shape, const DType& dtype,
                                  int64_t limit_bytes = 0, const ops::Grid* previous = nullptr);

// One chunking for arrays that meet in an elementwise operation (dask.array.core.unify_chunks, then broadcast): per
// axis the cuts of the inputs that have that length; where they differ, the finest common refinement.
Result<ops::Grid> UnifyGrids(std::span<const ops::Grid* const> grids);

// numpy.broadcast_shapes. Invalid "operands could not be broadcast together with shapes (3,) (4,)".
Result<std::vector<int64_t>> BroadcastShapes(std::span<const std::vector<int64_t>> shapes);

// The axis counted from the front. Invalid "axis 3 is out of bounds for array of dimension 2" (NumPy's AxisError is a
// ValueError).
Result<int64_t> NormalizeAxis(int64_t axis, int64_t ndim);
// All axes when `axes` is empty optional; sorted; Invalid "duplicate value in 'axis'".
Result<std::vector<int32_t>> NormalizeAxes(const std::optional<std::vector<int64_t>>& axes, int64_t ndim);

}  // namespace swath::expr
