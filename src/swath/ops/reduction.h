// The catalogue of reductions, with NumPy's dtype rules for accumulator and result. Pure; no data. kernels/array/tile
// computes partials ("array.tile" with a reduce sink) and kernels/array/combine merges and finishes them
// ("array.combine").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swath/base/status.h"
#include "swath/data/dtype.h"
#include "swath/ops/grid.h"
#include "swath/ops/op_params.h"

namespace swath::ops {

struct ReductionOp {
  std::string_view name;  // static storage; what TileSink::reduction holds
  bool has_identity;      // false: reducing zero elements is an error (min, max, argmin, argmax and their nan forms)
  bool skips_nan;
  bool takes_ddof;       // var, std and their nan forms
  bool gives_index;      // argmin, argmax and their nan forms
  bool takes_dtype;      // sum, prod, mean, var, std and their nan forms
  std::string_view doc;  // one line
};

// sum prod min max any all mean var std argmin argmax count_nonzero nansum nanprod nanmin nanmax nanmean nanvar nanstd
// nanargmin nanargmax
std::span<const ReductionOp> ReductionOps();
// By name or alias ("amin", "amax"). KeyError otherwise. The pointer stays valid.
Result<const ReductionOp*> FindReduction(std::string_view name);

struct ReductionTypes {
  DType input;        // cast the reduced register to it first (an explicit "cast" instruction)
  DType accumulator;  // TileSink::accumulator
  DType result;       // of the finished array
};
// `requested`: the user's dtype=. TypeError where NumPy raises one (a sum of datetime64, a mean of strings, …).
Result<ReductionTypes> ResolveReduction(const ReductionOp& op, const DType& in,
                                        std::optional<DType> requested = std::nullopt);
// Invalid, in NumPy's words, when `op` has no identity and a reduced axis has length 0.
Status CheckReductionShape(const ReductionOp& op, std::span<const int64_t> shape, std::span<const int32_t> axes);

// "array.combine": merges partials of one reduction. All inputs of a task have the same kept extents; their reduced
// axes have length 1 and vanish by merging, in any order and grouping (index ties go to the smallest index). With
// `finish` the result is the reduced array's block in `result`, without the reduced axes unless `keepdims`; otherwise
// it is again a partial.
struct CombineParams : public OpParams {
  static constexpr std::string_view kOp = "array.combine";
  std::string_view reduction;  // a row of the catalogue
  std::vector<int32_t> axes;   // the reduced axes (of the partials, which still have them)
  DType accumulator;           // as in TileSink
  bool finish = true;
  DType result;      // with finish
  int64_t ddof = 0;  // var, std
  bool keepdims = false;
  std::string ToString() const override;
};

}  // namespace swath::ops
