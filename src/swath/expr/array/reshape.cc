#include <algorithm>

#include "swath/expr/array/blocks.h"
#include "swath/expr/array/source.h"
#include "swath/expr/array/view.h"

namespace swath::expr {
namespace {

using Chunks = std::vector<std::vector<int64_t>>;

std::vector<int64_t> Cut(int64_t length, int64_t block) {
  if (length == 0) return {0};
  std::vector<int64_t> blocks(length / block, block);
  if (length % block) blocks.push_back(length % block);
  return blocks;
}

Result<Shape> ResolveShape(const ArrayNode& x, Shape shape) {
  const auto refuse = [&] {
    return Status::Invalid("cannot reshape array of size ", x.size(), " into shape ", ShapeToString(shape));
  };
  int64_t known = 1, unknown = -1;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] >= 0) {
      known *= shape[axis];
      continue;
    }
    if (unknown >= 0 || shape[axis] != -1) return Status::Invalid("can only specify one unknown dimension");
    unknown = static_cast<int64_t>(axis);
  }
  if (unknown >= 0) {
    if (known == 0 || x.size() % known != 0) return refuse();
    shape[unknown] = x.size() / known;
  } else if (known != x.size()) {
    return refuse();
  }
  return shape;
}

// Blocks of the axes [begin, end) of `shape` with about `target` elements, whole along the last axes, so that each is a
// stretch in memory.
void AppendContiguousChunks(const Shape& shape, size_t begin, size_t end, int64_t target, Chunks* chunks) {
  const size_t first = chunks->size();
  chunks->resize(first + end - begin);
  for (size_t axis = end; axis-- > begin;) {
    const int64_t block = std::clamp<int64_t>(target, 1, std::max<int64_t>(1, shape[axis]));
    (*chunks)[first + axis - begin] = Cut(shape[axis], block);
    target = std::max<int64_t>(1, block < shape[axis] ? 1 : target / std::max<int64_t>(1, shape[axis]));
  }
}

// Groups of axes with equal products change among themselves only; axes that stay keep their blocks.
ops::Grid ReshapedGrid(const ArrayNode& x, const Shape& shape) {
  const auto own = x.grid().chunks();
  const Shape& from = x.shape();
  Chunks chunks;
  size_t i = 0, o = 0;
  while (i < from.size() || o < shape.size()) {
    const size_t i_begin = i, o_begin = o;
    int64_t in = i < from.size() ? from[i++] : 1;
    int64_t out = o < shape.size() ? shape[o++] : 1;
    while (in != out && x.size() > 0) {
      if (in < out)
        in *= from[i++];
      else
        out *= shape[o++];
    }
    if (x.size() == 0) i = from.size(), o = shape.size();
    if (i - i_begin == 1 && o - o_begin == 1 && x.size() > 0) {
      chunks.push_back(own[i_begin]);
      continue;
    }
    int64_t target = 1;
    for (size_t axis = i_begin; axis < i; ++axis)
      target *= std::max<int64_t>(1, *std::max_element(own[axis].begin(), own[axis].end()));
    AppendContiguousChunks(shape, o_begin, o, target, &chunks);
  }
  return ops::Grid(std::move(chunks));
}

// Does the new shape differ in axes of length one only? Then it is a view.
std::optional<ops::IndexMap> UnitAxesMap(const Shape& from, const Shape& to, Chunks own, Chunks* chunks) {
  ops::IndexMap map;
  size_t o = 0;
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i] == 1) {
      map.push_back({-1, 1, 0});
      continue;
    }
    for (; o < to.size() && to[o] == 1; ++o) chunks->push_back({1});
    if (o == to.size() || to[o] != from[i]) return std::nullopt;
    map.push_back({static_cast<int32_t>(o++), 1, 0});
    chunks->push_back(std::move(own[i]));
  }
  for (; o < to.size(); ++o) {
    if (to[o] != 1) return std::nullopt;
    chunks->push_back({1});
  }
  return map;
}

}  // namespace

Result<ArrayPtr> MakeReshape(const ArrayPtr& x, Shape requested) {
  ASSIGN_OR_RETURN(const Shape shape, ResolveShape(*x, std::move(requested)));
  if (shape == x->shape()) return x;
  Chunks chunks;
  if (auto map = UnitAxesMap(x->shape(), shape, x->grid().chunks(), &chunks))
    return MakeView(x, std::move(*map), ops::Grid(std::move(chunks)));
  if (x->size() == 0)
    return MakeFull({.dtype = x->dtype()}, ReshapedGrid(*x, shape));  // no block to take the dtype from
  TokenBuilder token("reshape");
  token.Add(x->token()).Add(shape);
  return InternAs<ArrayNode>(std::make_shared<ReshapeNode>(token.Finish(), x, ReshapedGrid(*x, shape)));
}

Result<NodePtr> ReshapeNode::WithInputs(std::vector<NodePtr> inputs) const {
  const ArrayPtr x = AsArray(inputs[0]);
  TokenBuilder token("reshape");
  token.Add(x->token()).Add(shape());
  AddGrid(token, grid());
  return Intern(std::make_shared<ReshapeNode>(token.Finish(), x, grid()));
}

}  // namespace swath::expr
