#include "swath/api/array.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "swath/expr/array/blocks.h"
#include "swath/expr/array/reduction.h"
#include "swath/expr/array/source.h"
#include "swath/expr/array/view.h"

namespace swath {
namespace {

Array Wrap(Result<expr::ArrayPtr> node) { return Array(ValueOrThrow(std::move(node))); }

std::vector<expr::NodePtr> Roots(const std::vector<Array>& arrays) {
  std::vector<expr::NodePtr> roots;
  for (const Array& array : arrays) roots.push_back(array.node());
  return roots;
}

}  // namespace

int64_t Array::shape(int64_t axis) const { return shape()[ValueOrThrow(expr::NormalizeAxis(axis, ndim()))]; }

std::vector<int64_t> Array::numblocks() const {
  std::vector<int64_t> blocks;
  for (int64_t axis = 0; axis < ndim(); ++axis) blocks.push_back(node_->grid().blocks(axis));
  return blocks;
}

std::vector<int64_t> Array::chunksize() const {
  std::vector<int64_t> lengths;
  for (const auto& axis : chunks()) lengths.push_back(*std::max_element(axis.begin(), axis.end()));
  return lengths;
}

std::string Array::name() const {
  std::string label = node_->Label();
  label.resize(std::min(label.size(), label.find_first_of("([ ")));
  return label + "-" + node_->token().ToString();
}

std::string Array::repr() const {
  const std::string full = name();
  return "swath.array<" + full.substr(0, full.find('-')) + ", shape=" + expr::ShapeToString(shape()) +
         ", dtype=" + dtype().ToString() + ", chunksize=" + expr::ShapeToString(chunksize()) + ">";
}

Chunk Array::compute(const ComputeOptions& options) const { return std::move(swath::compute({*this}, options)[0]); }
Array Array::persist(const ComputeOptions& options) const { return swath::persist({*this}, options)[0]; }
std::string Array::explain() const { return ValueOrThrow(ExplainPlan({node_})); }

void Array::visualize(const std::string& path, DrawingLevel level) const {
  const std::string extension = std::filesystem::path(path).extension();
  const std::string text = ValueOrThrow(DrawPlan({node_}, level, extension.empty() ? extension : extension.substr(1)));
  const std::string temporary = path + ".part";
  std::ofstream file(temporary, std::ios::binary);
  if (!(file << text) || !file.flush()) ThrowError(Status::IOError("cannot write '", path, "'"));
  file.close();
  std::filesystem::rename(temporary, path);
}

Array Array::T() const { return transpose(); }
Array Array::transpose(const std::vector<int64_t>& axes) const { return Wrap(expr::MakeTranspose(node_, axes)); }
Array Array::swapaxes(int64_t a, int64_t b) const { return Wrap(expr::MakeSwapAxes(node_, a, b)); }
Array Array::reshape(const Shape& shape) const { return Wrap(expr::MakeReshape(node_, shape)); }
Array Array::squeeze(const Axes& axis) const { return Wrap(expr::MakeSqueeze(node_, axis.axes)); }
Array Array::rechunk(const ChunkSpec& chunks, int64_t block_size_limit) const {
  return Wrap(expr::MakeRechunk(node_, chunks, block_size_limit));
}
Array Array::index(const std::vector<expr::IndexItem>& items) const { return Wrap(expr::MakeIndex(node_, items)); }
Array Array::take(const std::vector<int64_t>& indices, int64_t axis) const {
  return Wrap(expr::MakeTake(node_, indices, axis));
}

Array Array::blocks(int64_t block) const {
  if (block < 0 || block >= npartitions())
    ThrowError(Status::IndexError("block ", block, " is out of bounds: there are ", npartitions()));
  std::vector<expr::IndexItem> items;
  for (const ops::Range& range : node_->grid().BlockBox(block)) items.emplace_back(Slice{range.begin, range.end});
  return index(items);
}

Array Array::astype(DType dtype, std::string_view casting) const { return Wrap(expr::MakeCast(node_, dtype, casting)); }

Array Array::clip(const std::optional<ArrayOperand>& low, const std::optional<ArrayOperand>& high) const {
  if (low && high) return array::elementwise("clip", {*this, *low, *high});
  if (low) return array::elementwise("maximum", {*this, *low});
  if (high) return array::elementwise("minimum", {*this, *high});
  ThrowError(Status::Invalid("One of max or min must be given"));
}

Array Array::round(int64_t decimals) const { return array::elementwise("round", {*this, decimals}); }
Array Array::conj() const { return array::elementwise("conjugate", {*this}); }
Array Array::real() const { return array::elementwise("real", {*this}); }
Array Array::imag() const { return array::elementwise("imag", {*this}); }
Array Array::operator-() const { return array::elementwise("negative", {*this}); }
Array Array::operator~() const { return array::elementwise("invert", {*this}); }

Array Array::reduce(std::string_view name, const Axes& axis, const ReductionOptions& options) const {
  return Wrap(expr::MakeReduction(name, node_,
                                  {.axes = axis.axes,
                                   .keepdims = options.keepdims,
                                   .dtype = options.dtype,
                                   .ddof = options.ddof,
                                   .split_every = options.split_every}));
}

Array Array::cumsum(std::optional<int64_t> axis, std::optional<DType> dtype) const {
  return Wrap(expr::MakeCumulative("cumsum", node_, axis, dtype));
}
Array Array::cumprod(std::optional<int64_t> axis, std::optional<DType> dtype) const {
  return Wrap(expr::MakeCumulative("cumprod", node_, axis, dtype));
}
Array Array::dot(const Array& other) const { return Wrap(expr::MakeDot(node_, other.node_)); }

std::vector<Chunk> compute(const std::vector<Array>& arrays, const ComputeOptions& options) {
  std::vector<Blocks> results = ValueOrThrow(ComputeBlocks(Roots(arrays), options));
  std::vector<Chunk> chunks;
  for (size_t i = 0; i < arrays.size(); ++i)
    chunks.push_back(ValueOrThrow(AssembleChunk(*arrays[i].node(), std::move(results[i]))));
  return chunks;
}

std::vector<Array> persist(const std::vector<Array>& arrays, const ComputeOptions& options) {
  std::vector<Blocks> results = ValueOrThrow(ComputeBlocks(Roots(arrays), options));
  std::vector<Array> persisted;
  for (size_t i = 0; i < arrays.size(); ++i) {
    std::vector<Chunk> blocks;
    for (const Value& value : results[i]) blocks.push_back(*value.chunk());
    persisted.push_back(Wrap(expr::MakeValues(std::move(blocks), arrays[i].node()->grid(), arrays[i].dtype())));
  }
  return persisted;
}

namespace array {

Array elementwise(std::string_view op, const std::vector<ArrayOperand>& operands, std::optional<DType> dtype) {
  return Wrap(expr::MakeElementwise(op, operands, dtype));
}
Array where(const ArrayOperand& condition, const ArrayOperand& x, const ArrayOperand& y) {
  return elementwise("where", {condition, x, y});
}

}  // namespace array
}  // namespace swath
