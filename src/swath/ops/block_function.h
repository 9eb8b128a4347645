// "array.block_function": one block in, one block out: sorting and counting, which the tile program cannot express.
// Task t of the layer reads block t of the array (and of the weights); `grid` has as many blocks as the array.
//
//   function      block of shape (…, n, …)  ->  block                                          numbers
//   quantile      (…, len(numbers), …)      fractions of the line along `axis`, linear between neighbours; NaN if a NaN
//   nanquantile   the same without the NaNs; NaN where there is nothing else                   fractions in [0, 1]
//   median, nanmedian   (…, 1, …)           the middle element or the mean of the middle two      {0.5}
//   topk          (…, min(|k|, n), …)       the k largest, descending; k < 0: the smallest, ascending; NaN is largest
//                                                                                              k
//   bincount      (1, bins)                 of one axis: int64 counts, or sums of the weights; ValueError for < 0 or
//                                           >= bins                                            bins
//   histogram     (1, len(numbers) - 1)     of all elements: counts (or sums of the weights) between edges, the last
//                                           edge included                                      edges, ascending
//   digitize      the same shape, int64     where each element would go among sorted numbers; `right`: before equal
//   ones
//                                                                                              sorted values
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "swath/data/dtype.h"
#include "swath/ops/grid.h"
#include "swath/ops/op_params.h"

namespace swath::ops {

struct BlockFunctionParams : public OpParams {
  static constexpr std::string_view kOp = "array.block_function";
  std::string function;
  int32_t axis = 0;
  std::vector<double> numbers;
  bool right = false;
  DType dtype;  // of the result
  Grid grid;    // of the result
  std::string ToString() const override { return function; }
};

}  // namespace swath::ops
