// ZipNode: the rows of several tables side by side, partition by partition: how columns of different tables meet in one
// expression.
#pragma once

#include <string>
#include <vector>

#include "swath/expr/frame/frame_node.h"

namespace swath::expr {

class ZipNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "zip";
  // Invalid unless all have as many partitions, and equal divisions where both are known. The index is that of the
  // first.
  // (*names)[i][c]: what column c of frame i is called in the result.
  static Result<FramePtr> Make(const std::vector<FramePtr>& frames, std::vector<std::vector<std::string>>* names);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  ColumnSet InputColumns(const ColumnSet& needed, size_t input) const override;
  Result<NodePtr> Restrict(const ColumnSet& needed, std::vector<NodePtr> inputs) const override;
  int64_t EstimatedBytes() const override;
  // columns()[i]: of input i, in its order; names()[i]: what they are called here.
  const std::vector<std::vector<std::string>>& columns() const { return columns_; }
  const std::vector<std::vector<std::string>>& names() const { return names_; }

 private:
  using Names = std::vector<std::vector<std::string>>;
  ZipNode(Token token, std::vector<NodePtr> inputs, FrameType type, Names columns, Names names)
      : FrameNode(token, std::move(inputs), std::move(type)), columns_(std::move(columns)), names_(std::move(names)) {}
  static Result<FramePtr> Build(const std::vector<FramePtr>& frames, Names columns, Names names);
  Names columns_, names_;
};

}  // namespace swath::expr
