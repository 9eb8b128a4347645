// Row-wise nodes: ProjectNode (columns as expressions over the rows of its input) and FilterNode (the rows for which a
// condition is true). Both are fused into the task that reads the rows. Use FrameOf (frame_view.h) to make projections:
// it keeps them flat.
#pragma once

#include <vector>

#include "swath/expr/frame/frame_view.h"

namespace swath::expr {

class ProjectNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "project";
  // `columns` are over `input`; `index` names some of them. A projection with another index than its input's is a row
  // root.
  static Result<FramePtr> Make(const FramePtr& input, std::vector<NamedColumn> columns, IndexLevels index);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  int64_t EstimatedBytes() const override;
  bool row_wise() const override { return true; }
  ColumnSet InputColumns(const ColumnSet& needed, size_t input) const override;
  Result<NodePtr> Restrict(const ColumnSet& needed, std::vector<NodePtr> inputs) const override;
  FramePtr input() const { return AsFrame(inputs_[0]); }
  const std::vector<NamedColumn>& columns() const { return columns_; }
  // Same rows, same index: a view looks through it.
  bool is_view() const { return index() == input()->index(); }

 protected:
  std::string Details() const override;

 private:
  ProjectNode(Token token, std::vector<NodePtr> inputs, FrameType type, std::vector<NamedColumn> columns)
      : FrameNode(token, std::move(inputs), std::move(type)), columns_(std::move(columns)) {}
  std::vector<NamedColumn> columns_;
};

class FilterNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "filter";
  // TypeError unless `condition` (over `input`) is boolean. A missing condition is false.
  static Result<FramePtr> Make(const FramePtr& input, Column condition);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  int64_t EstimatedBytes() const override { return input()->EstimatedBytes(); }
  bool row_wise() const override { return true; }
  ColumnSet InputColumns(const ColumnSet& needed, size_t input) const override;
  FramePtr input() const { return AsFrame(inputs_[0]); }
  const Column& condition() const { return condition_; }

 protected:
  std::string Details() const override;

 private:
  FilterNode(Token token, std::vector<NodePtr> inputs, FrameType type, Column condition)
      : FrameNode(token, std::move(inputs), std::move(type)), condition_(std::move(condition)) {}
  Column condition_;
};

// `frame` with only these columns, in its order; itself when it has no others.
Result<FramePtr> OnlyColumns(const FramePtr& frame, const ColumnSet& columns);
// Adds the fields that `column` reads to `fields`, but not those of scalars.
void AddFields(const Column& column, ColumnSet* fields);
// Inputs of a node over `frame` with these columns: the frame, then the one-row tables that the columns read.
std::vector<NodePtr> InputsOf(const FramePtr& frame, const std::vector<FramePtr>& scalars);
// `column` with its scalars replaced, position by position: fields "$<old token>" become "$<new token>".
Column WithScalars(const Column& column, const std::vector<FramePtr>& before, std::span<const NodePtr> after);

}  // namespace swath::expr
