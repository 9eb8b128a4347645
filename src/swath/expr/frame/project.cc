#include "swath/expr/frame/project.h"

#include <algorithm>
#include <unordered_set>

#include "arrow/type.h"
#include "arrow/type_traits.h"

#include "swath/expr/frame/expression_text.h"
#include "swath/expr/frame/pandas_types.h"

namespace swath::expr {
namespace {

std::vector<FramePtr> ScalarsOf(const std::vector<NamedColumn>& columns) {
  std::vector<FramePtr> scalars;
  for (const NamedColumn& column : columns) scalars = UniteScalars(scalars, column.column.scalars);
  return scalars;
}

bool IsPlainField(const NamedColumn& column) {
  const arrow::FieldRef* reference = column.column.expression.field_ref();
  return reference && reference->name() && *reference->name() == column.name;
}

std::vector<FramePtr> FramesFrom(std::span<const NodePtr> nodes) {
  std::vector<FramePtr> frames;
  for (const NodePtr& node : nodes) frames.push_back(AsFrame(node));
  return frames;
}

}  // namespace

std::vector<NodePtr> InputsOf(const FramePtr& frame, const std::vector<FramePtr>& scalars) {
  std::vector<NodePtr> inputs{frame};
  inputs.insert(inputs.end(), scalars.begin(), scalars.end());
  return inputs;
}

Column WithScalars(const Column& column, const std::vector<FramePtr>& before, std::span<const NodePtr> after) {
  std::vector<NamedColumn> fields;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i]->token() != after[i]->token())
      fields.push_back({ScalarField(before[i]), ScalarColumn(AsFrame(after[i]))});
  }
  if (fields.empty()) return column;
  Column bare = column;
  std::vector<FramePtr> kept;
  for (const FramePtr& scalar : column.scalars) {
    const auto replaced = [&](const NamedColumn& field) { return field.name == ScalarField(scalar); };
    if (std::none_of(fields.begin(), fields.end(), replaced)) kept.push_back(scalar);
  }
  bare.scalars = std::move(kept);
  return Substitute(bare, fields);
}

void AddFields(const Column& column, ColumnSet* fields) {
  for (const std::string& name : FieldsOf(column.expression)) {
    if (!IsScalarField(name)) fields->insert(name);
  }
}

Result<FramePtr> OnlyColumns(const FramePtr& frame, const ColumnSet& columns) {
  std::vector<NamedColumn> kept;
  for (const auto& field : frame->schema()->fields()) {
    if (columns.contains(field->name())) kept.push_back({field->name(), FieldColumn(field->name(), field->type())});
  }
  if (static_cast<int>(kept.size()) == frame->schema()->num_fields()) return frame;
  return ProjectNode::Make(frame, std::move(kept), frame->index());
}

Result<FramePtr> ProjectNode::Make(const FramePtr& input, std::vector<NamedColumn> columns, IndexLevels index) {
  arrow::FieldVector fields;
  std::unordered_set<std::string_view> seen;
  TokenBuilder builder(kOp);
  builder.Add(input->token());
  for (const NamedColumn& column : columns) {
    if (!seen.insert(column.name).second) return Status::Invalid("column '", column.name, "' would be there twice");
    fields.push_back(arrow::field(column.name, column.column.type));
    builder.Add(column.name);
    AddToToken(column.column, &builder);
  }
  for (const IndexLevel& level : index) builder.Add(level.column).Add(level.label.value_or("\x01"));
  FrameType type{arrow::schema(std::move(fields)), {}, input->npartitions(), {}};
  type.index = LevelsIn(index, *type.schema);
  if (!type.index.empty() && type.index == input->index()) type.divisions = input->divisions();
  auto inputs = InputsOf(input, ScalarsOf(columns));
  return InternAs<FrameNode>(std::shared_ptr<const ProjectNode>(
      new ProjectNode(builder.Finish(), std::move(inputs), std::move(type), std::move(columns))));
}

Result<NodePtr> ProjectNode::WithInputs(std::vector<NodePtr> inputs) const {
  const auto before = FramesFrom(std::span(inputs_).subspan(1));
  std::vector<NamedColumn> columns;
  for (const NamedColumn& column : columns_) {
    columns.push_back({column.name, WithScalars(column.column, before, std::span(inputs).subspan(1))});
  }
  return Make(AsFrame(inputs[0]), std::move(columns), index());
}

ColumnSet ProjectNode::InputColumns(const ColumnSet& needed, size_t input) const {
  if (input > 0) return FrameNode::InputColumns(needed, input);
  ColumnSet fields;
  for (const NamedColumn& column : columns_) {
    if (needed.contains(column.name)) AddFields(column.column, &fields);
  }
  return fields;
}

Result<NodePtr> ProjectNode::Restrict(const ColumnSet& needed, std::vector<NodePtr> inputs) const {
  const auto before = FramesFrom(std::span(inputs_).subspan(1));
  std::vector<NamedColumn> columns;
  for (const NamedColumn& column : columns_) {
    if (!needed.contains(column.name)) continue;
    columns.push_back({column.name, WithScalars(column.column, before, std::span(inputs).subspan(1))});
  }
  return Make(AsFrame(inputs[0]), std::move(columns), index());
}

int64_t ProjectNode::EstimatedBytes() const {
  const int64_t bytes = input()->EstimatedBytes();
  const auto before = static_cast<int64_t>(input()->schema()->num_fields());
  return before == 0 ? bytes : bytes * static_cast<int64_t>(columns_.size()) / before;
}

std::string ProjectNode::Details() const {
  std::vector<std::string> texts;
  for (const NamedColumn& column : columns_) {
    if (is_index_column(column.name)) continue;
    texts.push_back(IsPlainField(column) ? column.name : column.name + " = " + ShortText(column.column.expression, 60));
  }
  return ColumnList(texts);
}

Result<FramePtr> FilterNode::Make(const FramePtr& input, Column condition) {
  if (condition.type->id() == arrow::Type::NA) condition = Cast(std::move(condition), arrow::boolean());
  if (condition.type->id() != arrow::Type::BOOL) {
    return Status::TypeError("rows are selected by a boolean Series, not by one of dtype ",
                             PandasName(*condition.type));
  }
  TokenBuilder builder(kOp);
  builder.Add(input->token());
  AddToToken(condition, &builder);
  auto inputs = InputsOf(input, condition.scalars);
  return InternAs<FrameNode>(std::shared_ptr<const FilterNode>(
      new FilterNode(builder.Finish(), std::move(inputs), input->type(), std::move(condition))));
}

Result<NodePtr> FilterNode::WithInputs(std::vector<NodePtr> inputs) const {
  return Make(AsFrame(inputs[0]),
              WithScalars(condition_, FramesFrom(std::span(inputs_).subspan(1)), std::span(inputs).subspan(1)));
}

ColumnSet FilterNode::InputColumns(const ColumnSet& needed, size_t input) const {
  if (input > 0) return FrameNode::InputColumns(needed, input);
  ColumnSet fields = needed;
  AddFields(condition_, &fields);
  return fields;
}

std::string FilterNode::Details() const { return ShortText(condition_.expression); }

}  // namespace swath::expr
