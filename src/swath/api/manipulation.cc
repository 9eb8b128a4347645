#include "swath/api/manipulation.h"

#include <numeric>

#include "swath/expr/array/blocks.h"
#include "swath/expr/array/view.h"

namespace swath::array {
namespace {

Array Wrap(Result<expr::ArrayPtr> node) { return Array(ValueOrThrow(std::move(node))); }

std::vector<expr::ArrayPtr> Nodes(const std::vector<Array>& arrays) {
  std::vector<expr::ArrayPtr> nodes;
  for (const Array& array : arrays) nodes.push_back(array.node());
  return nodes;
}

}  // namespace

Array concatenate(const std::vector<Array>& arrays, int64_t axis) {
  return Wrap(expr::MakeConcatenate(Nodes(arrays), axis));
}
Array stack(const std::vector<Array>& arrays, int64_t axis) { return Wrap(expr::MakeStack(Nodes(arrays), axis)); }
Array transpose(const Array& x, const std::vector<int64_t>& axes) { return x.transpose(axes); }
Array moveaxis(const Array& x, const std::vector<int64_t>& source, const std::vector<int64_t>& destination) {
  return Wrap(expr::MakeMoveAxis(x.node(), source, destination));
}
Array expand_dims(const Array& x, const std::vector<int64_t>& axes) {
  return Wrap(expr::MakeExpandDims(x.node(), axes));
}
Array broadcast_to(const Array& x, const Shape& shape, const std::optional<ChunkSpec>& chunks) {
  return Wrap(expr::MakeBroadcastTo(x.node(), shape, chunks));
}
Array flip(const Array& x, const Axes& axis) { return Wrap(expr::MakeFlip(x.node(), axis.axes)); }
Array take(const Array& x, const std::vector<int64_t>& indices, int64_t axis) { return x.take(indices, axis); }
Array cumulative(std::string_view name, const Array& x, std::optional<int64_t> axis, std::optional<DType> dtype) {
  return Wrap(expr::MakeCumulative(name, x.node(), axis, dtype));
}

Array quantile(const Array& x, const std::vector<double>& fractions, int64_t axis, bool skip_nan) {
  return Wrap(expr::MakeQuantile(x.node(), fractions, axis, skip_nan));
}
Array median(const Array& x, int64_t axis, bool skip_nan) { return Wrap(expr::MakeMedian(x.node(), axis, skip_nan)); }
Array topk(const Array& x, int64_t k, int64_t axis) { return Wrap(expr::MakeTopK(x.node(), k, axis)); }
Array bincount(const Array& x, int64_t minlength, const std::optional<Array>& weights) {
  return Wrap(expr::MakeBinCount(x.node(), minlength, weights ? weights->node() : nullptr));
}
Array histogram(const Array& x, const std::vector<double>& edges, const std::optional<Array>& weights) {
  return Wrap(expr::MakeHistogram(x.node(), edges, weights ? weights->node() : nullptr));
}
Array digitize(const Array& x, const std::vector<double>& bins, bool right) {
  return Wrap(expr::MakeDigitize(x.node(), bins, right));
}

Array matmul(const Array& a, const Array& b) { return Wrap(expr::MakeMatmul(a.node(), b.node())); }
Array product(const Array& a, const Array& b, int64_t batch_axes, int64_t summed_axes) {
  return Wrap(expr::MakeProduct(a.node(), b.node(), batch_axes, summed_axes));
}
Array dot(const Array& a, const Array& b) { return a.dot(b); }

Array tensordot(const Array& a, const Array& b, int64_t axes) {
  if (axes < 0 || axes > a.ndim() || axes > b.ndim()) {
    ThrowError(Status::Invalid("tensordot: axes=", axes, " does not fit arrays of ", a.ndim(), " and ", b.ndim(),
                               " dimensions"));
  }
  std::vector<int64_t> a_axes(axes), b_axes(axes);
  std::iota(a_axes.begin(), a_axes.end(), a.ndim() - axes);
  std::iota(b_axes.begin(), b_axes.end(), 0);
  return tensordot(a, b, a_axes, b_axes);
}
Array tensordot(const Array& a, const Array& b, const std::vector<int64_t>& a_axes,
                const std::vector<int64_t>& b_axes) {
  return Wrap(expr::MakeTensordot(a.node(), b.node(), a_axes, b_axes));
}

}  // namespace swath::array
