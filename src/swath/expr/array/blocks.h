// Array nodes that work on whole blocks and so end a fused program: reshape, concatenate, running sums, contractions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "swath/expr/array/array_node.h"
#include "swath/ops/array_blocks.h"

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

// numpy.matmul, dot and tensordot, with NumPy's errors for shapes that do not fit.
Result<ArrayPtr> MakeMatmul(ArrayPtr a, ArrayPtr b);
Result<ArrayPtr> MakeDot(const ArrayPtr& a, const ArrayPtr& b);
Result<ArrayPtr> MakeTensordot(const ArrayPtr& a, const ArrayPtr& b, std::vector<int64_t> a_axes,
                               std::vector<int64_t> b_axes);

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
