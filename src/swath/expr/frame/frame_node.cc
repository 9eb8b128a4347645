#include "swath/expr/frame/frame_node.h"

#include <algorithm>

#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/base/nearest.h"
#include "swath/expr/frame/expression_text.h"

namespace swath::expr {

bool FrameNode::is_index_column(std::string_view name) const {
  return std::any_of(type_.index.begin(), type_.index.end(),
                     [&](const IndexLevel& level) { return level.column == name; });
}

std::vector<std::string> FrameNode::data_columns() const {
  std::vector<std::string> names;
  for (const auto& field : type_.schema->fields()) {
    if (!is_index_column(field->name())) names.push_back(field->name());
  }
  return names;
}

Result<std::shared_ptr<arrow::Field>> FrameNode::FieldOf(std::string_view name) const {
  if (auto field = type_.schema->GetFieldByName(std::string(name))) return field;
  return Status::KeyError("'", name, "'", DidYouMean(name, data_columns()));
}

std::string FrameNode::Describe() const {
  const std::vector<std::string> names = data_columns();
  std::string text(op());
  const std::string details = Details();
  if (!details.empty()) text += "(" + details + ")";
  text += "  " + std::to_string(names.size()) + (names.size() == 1 ? " column, " : " columns, ");
  return text + std::to_string(npartitions()) + (npartitions() == 1 ? " partition" : " partitions");
}

ColumnSet FrameNode::InputColumns(const ColumnSet&, size_t input) const { return AllColumns(*AsFrame(inputs_[input])); }

ColumnSet AllColumns(const FrameNode& frame) {
  const std::vector<std::string> names = frame.schema()->field_names();
  return {names.begin(), names.end()};
}

IndexLevels LevelsIn(const IndexLevels& levels, const arrow::Schema& schema) {
  IndexLevels kept;
  for (const IndexLevel& level : levels) {
    if (schema.GetFieldIndex(level.column) >= 0) kept.push_back(level);
  }
  return kept;
}

std::string_view LabelOf(const IndexLevel& level) {
  return level.label ? std::string_view(*level.label) : std::string_view();
}

std::string ColumnList(const std::vector<std::string>& names) {
  constexpr size_t kShown = 8;
  std::string text = "[";
  for (size_t i = 0; i < names.size() && i < kShown; ++i) text += (i ? ", " : "") + names[i];
  if (names.size() > kShown) text += ", … " + std::to_string(names.size() - kShown) + " more";
  return text + "]";
}

}  // namespace swath::expr
