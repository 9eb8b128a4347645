// Functions that join, rearrange and multiply arrays.
#pragma once

#include <optional>
#include <vector>

#include "swath/api/array.h"

namespace swath::array {

Array concatenate(const std::vector<Array>& arrays, int64_t axis = 0);
Array stack(const std::vector<Array>& arrays, int64_t axis = 0);
Array transpose(const Array& x, const std::vector<int64_t>& axes = {});
Array moveaxis(const Array& x, const std::vector<int64_t>& source, const std::vector<int64_t>& destination);
Array expand_dims(const Array& x, const std::vector<int64_t>& axes);
Array broadcast_to(const Array& x, const Shape& shape, const std::optional<ChunkSpec>& chunks = std::nullopt);
Array flip(const Array& x, const Axes& axis = {});
Array take(const Array& x, const std::vector<int64_t>& indices, int64_t axis);
// cumsum, cumprod, nancumsum, nancumprod by name; no axis: of the flattened array.
Array cumulative(std::string_view name, const Array& x, std::optional<int64_t> axis = std::nullopt,
                 std::optional<DType> dtype = std::nullopt);

// --- sorting and counting; exact. Lines along `axis` are gathered into one block.
Array quantile(const Array& x, const std::vector<double>& fractions, int64_t axis, bool skip_nan = false);
Array median(const Array& x, int64_t axis, bool skip_nan = false);  // `axis` gets length 1
Array topk(const Array& x, int64_t k, int64_t axis = -1);           // descending; k < 0: the smallest, ascending
Array bincount(const Array& x, int64_t minlength, const std::optional<Array>& weights = std::nullopt);
Array histogram(const Array& x, const std::vector<double>& edges, const std::optional<Array>& weights = std::nullopt);
Array digitize(const Array& x, const std::vector<double>& bins, bool right = false);

Array matmul(const Array& a, const Array& b);  // numpy.matmul: stacks of matrices broadcast
Array dot(const Array& a, const Array& b);
Array tensordot(const Array& a, const Array& b, int64_t axes = 2);
Array tensordot(const Array& a, const Array& b, const std::vector<int64_t>& a_axes, const std::vector<int64_t>& b_axes);

// a: (batch…, free a…, summed…), b: (batch…, summed…, free b…) -> (batch…, free a…, free b…): a step of einsum.
Array product(const Array& a, const Array& b, int64_t batch_axes, int64_t summed_axes);

}  // namespace swath::array
