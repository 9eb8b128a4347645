// Quantiles, largest elements and counts: nodes of one block function each, with a rechunk before or a sum after.
#include <algorithm>
#include <cmath>

#include "swath/expr/array/blocks.h"
#include "swath/expr/array/chunking.h"
#include "swath/expr/array/elementwise.h"
#include "swath/expr/array/reduction.h"
#include "swath/expr/array/view.h"

namespace swath::expr {
namespace {

using ops::BlockFunctionParams;

BlockFunctionParams Call(std::string_view function, std::vector<double> numbers, int64_t axis = 0) {
  BlockFunctionParams params;
  params.function = function;
  params.numbers = std::move(numbers);
  params.axis = static_cast<int32_t>(axis);
  return params;
}

Token TokenOf(const std::vector<NodePtr>& inputs, const BlockFunctionParams& params) {
  TokenBuilder token("block function");
  token.Add(params.function).Add(int64_t{params.axis}).Add(int64_t{params.right});
  for (const double number : params.numbers) token.Add(number);
  AddGrid(AddDType(token, params.dtype), params.grid);
  for (const NodePtr& input : inputs) token.Add(input->token());
  return token.Finish();
}

Result<ArrayPtr> Finish(std::vector<ArrayPtr> inputs, BlockFunctionParams params) {
  std::vector<NodePtr> nodes(inputs.begin(), inputs.end());
  const Token token = TokenOf(nodes, params);
  return InternAs<ArrayNode>(std::make_shared<BlockFunctionNode>(
      token, std::move(nodes), std::make_shared<const BlockFunctionParams>(std::move(params))));
}

Result<ArrayPtr> WholeAlong(const ArrayPtr& x, int64_t axis) {
  return MakeRechunk(x, std::map<int64_t, AxisChunks>{{axis, AxisChunks(-1)}});
}

// Quantiles of the lines along `axis`, gathered into one block each.
Result<ArrayPtr> MakeLineFunction(const ArrayPtr& x, BlockFunctionParams params, int64_t axis) {
  if (x->dtype().is_complex() || !x->dtype().is_numeric()) {
    return Status::TypeError(params.function, " of dtype ", x->dtype().ToString(),
                             " is not defined: a must be an array of real numbers");
  }
  ASSIGN_OR_RETURN(axis, NormalizeAxis(axis, x->ndim()));
  ASSIGN_OR_RETURN(const ArrayPtr whole, WholeAlong(x, axis));
  auto chunks = whole->grid().chunks();
  chunks[axis] = {static_cast<int64_t>(params.numbers.size())};
  params.axis = static_cast<int32_t>(axis);
  params.dtype = x->dtype() == kFloat32 ? kFloat32 : kFloat64;
  params.grid = ops::Grid(std::move(chunks));
  return Finish({whole}, std::move(params));
}

// One row of counts a block, then their sum.
Result<ArrayPtr> MakeCounts(const ArrayPtr& x, const ArrayPtr& weights, BlockFunctionParams params, int64_t bins) {
  std::vector<ArrayPtr> inputs{x};
  params.dtype = weights ? kFloat64 : kInt64;
  if (weights) {
    if (weights->shape() != x->shape()) {
      return Status::Invalid(params.function, ": the weights have shape ", ShapeToString(weights->shape()),
                             ", the array ", ShapeToString(x->shape()));
    }
    const std::vector<std::vector<int64_t>> lengths = x->grid().chunks();
    std::vector<AxisChunks> alike(lengths.begin(), lengths.end());
    ASSIGN_OR_RETURN(ArrayPtr cut, MakeRechunk(weights, ChunkSpec(std::move(alike))));
    inputs.push_back(std::move(cut));
  }
  std::vector<std::vector<int64_t>> chunks(2);
  chunks[0].assign(static_cast<size_t>(x->grid().block_count()), 1);
  chunks[1].assign(1, bins);
  params.grid = ops::Grid(std::move(chunks));
  ASSIGN_OR_RETURN(const ArrayPtr counts, Finish(std::move(inputs), std::move(params)));
  return MakeReduction("sum", counts, {.axes = std::vector<int64_t>{0}});
}

}  // namespace

Result<NodePtr> BlockFunctionNode::WithInputs(std::vector<NodePtr> inputs) const {
  const Token token = TokenOf(inputs, *params_);
  return Intern(std::make_shared<BlockFunctionNode>(token, std::move(inputs), params_));
}

Result<ArrayPtr> MakeMedian(const ArrayPtr& x, int64_t axis, bool skip_nan) {
  return MakeLineFunction(x, Call(skip_nan ? "nanmedian" : "median", {0.5}), axis);
}

Result<ArrayPtr> MakeQuantile(const ArrayPtr& x, std::vector<double> fractions, int64_t axis, bool skip_nan) {
  for (const double fraction : fractions) {
    if (!(fraction >= 0 && fraction <= 1))
      return Status::Invalid("Quantiles must be in the range [0, 1]; got ", fraction);
  }
  return MakeLineFunction(x, Call(skip_nan ? "nanquantile" : "quantile", std::move(fractions)), axis);
}

Result<ArrayPtr> MakeTopK(const ArrayPtr& x, int64_t k, int64_t axis) {
  if (k == 0) return Status::Invalid("topk: k must not be 0");
  if (x->dtype().is_complex() || x->dtype().is_string())
    return Status::TypeError("topk is not defined for dtype ", x->dtype().ToString());
  ASSIGN_OR_RETURN(axis, NormalizeAxis(axis, x->ndim()));
  ArrayPtr result = x;
  for (const bool last : {false, true}) {  // of each block, then of what those kept
    if (last) {
      ASSIGN_OR_RETURN(result, WholeAlong(result, axis));
    }
    auto chunks = result->grid().chunks();
    for (int64_t& length : chunks[axis]) length = std::min(length, std::abs(k));
    BlockFunctionParams params = Call("topk", {static_cast<double>(k)}, axis);
    params.dtype = x->dtype();
    params.grid = ops::Grid(std::move(chunks));
    ASSIGN_OR_RETURN(result, Finish({result}, std::move(params)));
    if (result->grid().blocks(axis) == 1) break;
  }
  return result;
}

Result<ArrayPtr> MakeBinCount(const ArrayPtr& x, int64_t bins, const ArrayPtr& weights) {
  if (x->ndim() != 1)
    return Status::Invalid("bincount: object of too small or too large depth: the array must have one axis");
  if (!x->dtype().is_integer() && !x->dtype().is_bool())
    return Status::TypeError("bincount: cannot safely cast ", x->dtype().ToString(), " to int64");
  if (bins < 0) return Status::Invalid("'minlength' must not be negative; got ", bins);
  return MakeCounts(x, weights, Call("bincount", {static_cast<double>(bins)}), bins);
}

Result<ArrayPtr> MakeHistogram(const ArrayPtr& x, std::vector<double> edges, const ArrayPtr& weights) {
  if (edges.size() < 2) return Status::Invalid("histogram needs two edges or more, not ", edges.size());
  if (!std::is_sorted(edges.begin(), edges.end()))
    return Status::Invalid("`bins` must increase monotonically, when an array");
  if (x->dtype().is_complex() || !x->dtype().is_numeric())
    return Status::TypeError("histogram is not defined for dtype ", x->dtype().ToString());
  const auto bins = static_cast<int64_t>(edges.size()) - 1;
  return MakeCounts(x, weights, Call("histogram", std::move(edges)), bins);
}

Result<ArrayPtr> MakeDigitize(const ArrayPtr& x, std::vector<double> sorted, bool right) {
  if (!std::is_sorted(sorted.begin(), sorted.end())) return Status::Invalid("the values to search in must ascend");
  if (x->dtype().is_complex() || !x->dtype().is_numeric())
    return Status::TypeError("searching is not defined for dtype ", x->dtype().ToString());
  BlockFunctionParams params = Call("digitize", std::move(sorted));
  params.right = right;
  params.dtype = kInt64;
  params.grid = x->grid();
  return Finish({x}, std::move(params));
}

}  // namespace swath::expr
