// ConcatNode: the partitions of several tables, one table after the other. StackNode: one-row tables turned into the
// rows of a small table (df.mean() -> Series, describe()).
#pragma once

#include <vector>

#include "swath/expr/frame/frame_node.h"
#include "swath/ops/table_ops.h"

namespace swath::expr {

class ConcatNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "concat";
  // Columns by name, in the order of first appearance; where a table lacks one: missing values (`inner`: only the
  // common columns). Types are united as pandas does for numbers; TypeError where there is no common type.
  static Result<FramePtr> Make(const std::vector<FramePtr>& frames, bool inner = false);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  ColumnSet InputColumns(const ColumnSet& needed, size_t input) const override;
  Result<NodePtr> Restrict(const ColumnSet& needed, std::vector<NodePtr> inputs) const override;
  int64_t EstimatedBytes() const override;

 private:
  ConcatNode(Token token, std::vector<NodePtr> inputs, FrameType type)
      : FrameNode(token, std::move(inputs), std::move(type)) {}
  static Result<FramePtr> Build(std::vector<NodePtr> inputs, FrameType type);
};

class StackNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "stack";
  // `rows`: one-row tables. See ops::StackRowParams; the label column becomes the index, without a name.
  static Result<FramePtr> Make(const std::vector<FramePtr>& rows, ops::StackRowParams params);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const ops::StackRowParams& params() const { return params_; }

 private:
  StackNode(Token token, std::vector<NodePtr> inputs, FrameType type, ops::StackRowParams params)
      : FrameNode(token, std::move(inputs), std::move(type)), params_(std::move(params)) {}
  ops::StackRowParams params_;
};

}  // namespace swath::expr
