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

Array matmul(const Array& a, const Array& b) { return Wrap(expr::MakeMatmul(a.node(), b.node())); }
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
