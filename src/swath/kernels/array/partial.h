// The partials of reductions: what "array.tile" with a reduce sink returns and "array.combine" merges. Accumulators of
// float32 and complex64 may come as float64 and complex128, those of float16 as float32 or wider. All chunks of a
// partial are C-contiguous and have the shape of the reduced box: reduced axes of length 1.
//
//   sum prod min max any all count_nonzero (nan…)   Chunk of the accumulator's dtype; min and max of nothing but NaN:
//   NaN mean nanmean                                    Pieces: total (accumulator's dtype), count (int64) var std
//   nanvar nanstd                           Pieces: count (int64), mean (accumulator's dtype), m2 = Σ|x - mean|² (its
//   real dtype),
//                                                   mean_low (what `mean` lost by rounding; may be missing: 0)
//   argmin argmax nanargmin nanargmax               Pieces: value (accumulator's dtype), index (int64, C order over the
//   reduced axes of the
//                                                   whole array; -1: nothing seen)
#pragma once

#include <string_view>

#include "swath/data/dtype.h"

namespace swath::kernels {

enum class PartialForm : uint8_t { kPlain, kMean, kSpread, kIndex };

constexpr PartialForm PartialFormOf(std::string_view reduction) {
  if (reduction.starts_with("nan")) reduction.remove_prefix(3);
  if (reduction == "mean") return PartialForm::kMean;
  if (reduction == "var" || reduction == "std") return PartialForm::kSpread;
  return reduction.starts_with("arg") ? PartialForm::kIndex : PartialForm::kPlain;
}

// The dtype of |x|².
constexpr DType RealOf(DType dtype) {
  return dtype.kind == Kind::kComplex64 ? kFloat32 : dtype.kind == Kind::kComplex128 ? kFloat64 : dtype;
}

}  // namespace swath::kernels
