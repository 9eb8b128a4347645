// Array nodes that work on whole blocks and so end a fused program: reshape, concatenate, running sums, contractions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "swath/expr/array/array_node.h"
#include "swath/ops/array_blocks.h"
#include "swath/ops/block_function.h"

namespace swath::expr {

// numpy.reshape in C order; one length may be -1. Invalid "cannot reshape array of size 12 into shape (5,)".
// Differs from Dask: any reshape works, also those that split axes unevenly; blocks keep about their size.
Result<ArrayPtr> MakeReshape(const ArrayPtr& x, Shape shape);

class ReshapeNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "reshape";
  ReshapeNode(Token token, ArrayPtr x, ops::Grid grid) : ArrayNode(token, {x}, x->dtype(), std::move(grid)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
};

// Invalid: "need at least one array to concatenate", shapes that differ beside `axis`. The dtype is the promotion of
// all.
Result<ArrayPtr> MakeConcatenate(std::vector<ArrayPtr> arrays, int64_t axis);
Result<ArrayPtr> MakeStack(const std::vector<ArrayPtr>& arrays, int64_t axis);

class ConcatenateNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "concatenate";
  ConcatenateNode(Token token, std::vector<NodePtr> inputs, DType dtype, ops::Grid grid, int64_t axis)
      : ArrayNode(token, std::move(inputs), dtype, std::move(grid)), axis_(axis) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override {
    return "concatenate(" + std::to_string(inputs_.size()) + " arrays, axis=" + std::to_string(axis_) + ")";
  }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  int64_t axis() const { return axis_; }

 private:
  int64_t axis_;
};

// cumsum, cumprod, nancumsum, nancumprod; without an axis of the flattened array.
Result<ArrayPtr> MakeCumulative(std::string_view name, const ArrayPtr& x, std::optional<int64_t> axis,
                                std::optional<DType> dtype);

class CumulativeNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "cumulative";
  CumulativeNode(Token token, ArrayPtr x, DType dtype, std::string_view function, int64_t axis)
      : ArrayNode(token, {x}, dtype, x->grid()), function_(function), axis_(axis) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override { return std::string(function_) + "(axis=" + std::to_string(axis_) + ")"; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  bool product() const { return function_.ends_with("prod"); }
  bool skip_nan() const { return function_.starts_with("nan"); }
  int64_t axis() const { return axis_; }

 private:
  std::string_view function_;  // a string literal
  int64_t axis_;
};

// Sorting and counting (kernels: ops/block_function.h).
// The `fractions` (in [0, 1]) of each line along `axis`, which become that axis of the result; exact, linear between
// neighbours. A line is gathered into one block.
Result<ArrayPtr> MakeQuantile(const ArrayPtr& x, std::vector<double> fractions, int64_t axis, bool skip_nan);
Result<ArrayPtr> MakeMedian(const ArrayPtr& x, int64_t axis, bool skip_nan);  // that axis gets length 1
// The k largest along `axis`, descending; k < 0: the smallest, ascending.
Result<ArrayPtr> MakeTopK(const ArrayPtr& x, int64_t k, int64_t axis);
// How often each of 0 … bins - 1 occurs, or the sum of its weights (null: none). ValueError of the task for others.
Result<ArrayPtr> MakeBinCount(const ArrayPtr& x, int64_t bins, const ArrayPtr& weights);
// How many elements lie between neighbouring edges, which ascend; the last edge is included.
Result<ArrayPtr> MakeHistogram(const ArrayPtr& x, std::vector<double> edges, const ArrayPtr& weights);
// Where each element belongs in `sorted`: before its equals (`right`: bins closed on the right) or after them.
Result<ArrayPtr> MakeDigitize(const ArrayPtr& x, std::vector<double> sorted, bool right);

class BlockFunctionNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "block_function";
  BlockFunctionNode(Token token, std::vector<NodePtr> inputs, std::shared_ptr<const ops::BlockFunctionParams> params)
      : ArrayNode(token, std::move(inputs), params->dtype, params->grid), params_(std::move(params)) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override { return params_->function; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const std::shared_ptr<const ops::BlockFunctionParams>& params() const { return params_; }

 private:
  std::shared_ptr<const ops::BlockFunctionParams> params_;
};

// numpy.matmul, dot and tensordot, with NumPy's errors for shapes that do not fit.
Result<ArrayPtr> MakeMatmul(ArrayPtr a, ArrayPtr b);
Result<ArrayPtr> MakeDot(const ArrayPtr& a, const ArrayPtr& b);
Result<ArrayPtr> MakeTensordot(const ArrayPtr& a, const ArrayPtr& b, std::vector<int64_t> a_axes,
                               std::vector<int64_t> b_axes);
// The sum of products of a: (batch…, free a…, summed…) and b: (batch…, summed…, free b…) -> (batch…, free a…, free b…).
Result<ArrayPtr> MakeProduct(const ArrayPtr& a, const ArrayPtr& b, int64_t batch, int64_t summed);

// A sum of products of two arrays, as einsum: labels name the axes (ops::ContractParams).
class ContractNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "contract";
  struct Labels {
    std::vector<int32_t> a, b, result;
  };
  ContractNode(Token token, std::vector<NodePtr> inputs, DType dtype, ops::Grid grid, Labels labels, std::string label)
      : ArrayNode(token, std::move(inputs), dtype, std::move(grid)),
        labels_(std::move(labels)),
        label_(std::move(label)) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override { return label_; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const Labels& labels() const { return labels_; }

 private:
  Labels labels_;
  std::string label_;
};

}  // namespace swath::expr
