#include "swath/api/groupby.h"

#include <algorithm>

#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/api/dataframe.h"
#include "swath/api/error.h"
#include "swath/expr/frame/aggregate.h"
#include "swath/expr/frame/frame_view.h"
#include "swath/expr/frame/pandas_types.h"
#include "swath/expr/frame/project.h"

namespace swath {
namespace {

using expr::NamedColumn;

bool IsNumeric(const arrow::DataType& type) { return expr::IsNumber(expr::KindOf(type)); }

}  // namespace

GroupBy::GroupBy(expr::FramePtr frame, std::vector<NamedColumn> keys, GroupByOptions options)
    : frame_(std::move(frame)), keys_(std::move(keys)), options_(options) {
  for (const std::string& name : frame_->data_columns()) {
    const auto is_key = [&](const NamedColumn& key) {
      const arrow::FieldRef* field = key.column.expression.field_ref();
      return key.name == name && field && field->name() && *field->name() == name;
    };
    if (std::none_of(keys_.begin(), keys_.end(), is_key)) columns_.push_back(name);
  }
}

std::vector<std::string> GroupBy::keys() const {
  std::vector<std::string> names;
  for (const NamedColumn& key : keys_) names.push_back(key.name);
  return names;
}

SeriesGroupBy GroupBy::operator[](std::string_view column) const {
  ThrowIfError(frame_->FieldOf(column).status());  // KeyError for an unknown one
  return SeriesGroupBy(*this, std::string(column));
}

GroupBy GroupBy::operator[](const std::vector<std::string>& columns) const {
  for (const std::string& column : columns) ThrowIfError(frame_->FieldOf(column).status());
  GroupBy chosen = *this;
  chosen.columns_ = columns;
  return chosen;
}

// The rows of the keys and the aggregated columns; then one aggregation. Columns are renamed where a key has their
// name.
DataFrame GroupBy::aggregate(const std::vector<NamedAggregation>& aggregations) const {
  if (aggregations.empty()) ThrowError(Status::Invalid("No objects to aggregate"));
  const expr::FrameView view = expr::ViewOf(frame_);
  expr::AggregateSpec spec{.drop_null_keys = options_.dropna, .sort = options_.sort};
  spec.all_categories = !options_.observed;
  std::vector<NamedColumn> columns;
  const auto taken = [&](const std::string& name) {
    return std::any_of(aggregations.begin(), aggregations.end(), [&](const auto& a) { return a.output == name; });
  };
  for (size_t i = 0; i < keys_.size(); ++i) {
    const bool hidden = keys_[i].name.empty() || taken(keys_[i].name);
    spec.keys.push_back(hidden ? "__index_level_" + std::to_string(i) + "__" : keys_[i].name);
    spec.labels.push_back(keys_[i].name.empty() ? std::nullopt : std::optional(keys_[i].name));
    columns.push_back({spec.keys.back(), keys_[i].column});
  }
  for (const NamedAggregation& a : aggregations) {
    std::string column = a.column;
    if (a.function != "size" && !column.empty()) {
      NamedColumn found = ValueOrThrow(view.Get(a.column));
      while (std::find(spec.keys.begin(), spec.keys.end(), column) != spec.keys.end()) column += "#values";
      const auto same = [&](const NamedColumn& other) { return other.name == column; };
      if (std::none_of(columns.begin(), columns.end(), same)) columns.push_back({column, std::move(found.column)});
    } else {
      column.clear();
    }
    spec.aggregations.push_back({a.function, std::move(column), a.output, a.ddof, a.min_count, a.skipna});
  }
  const expr::FramePtr rows = ValueOrThrow(expr::ProjectNode::Make(view.root, std::move(columns), {}));
  return DataFrame(ValueOrThrow(expr::AggregateNode::Make(rows, std::move(spec))));
}

DataFrame GroupBy::aggregate(std::string_view function, const AggregateOptions& options) const {
  if (function == "size") return size().to_frame();
  std::vector<NamedAggregation> aggregations;
  for (const std::string& name : columns_) {
    if (options.numeric_only && !IsNumeric(*frame_->schema()->GetFieldByName(name)->type())) continue;
    aggregations.push_back({name, name, std::string(function), options.ddof, options.min_count});
  }
  return aggregate(aggregations);
}

Series GroupBy::size() const { return Series::Of(aggregate({{"size", "", "size"}}).node()).rename({}); }

Series SeriesGroupBy::aggregate(std::string_view function, const AggregateOptions& options) const {
  const DataFrame result =
      groups_.aggregate({{column_, column_, std::string(function), options.ddof, options.min_count}});
  return Series::Of(result.node()).rename(column_);
}

DataFrame SeriesGroupBy::aggregate(const std::vector<std::string>& functions) const {
  std::vector<NamedAggregation> aggregations;
  for (const std::string& function : functions) aggregations.push_back({function, column_, function});
  return groups_.aggregate(aggregations);
}

DataFrame SeriesGroupBy::aggregate(const std::vector<NamedAggregation>& aggregations) const {
  return groups_.aggregate(aggregations);
}

GroupBy DataFrame::groupby(const std::vector<std::string>& by, const GroupByOptions& options) const {
  if (by.empty()) ThrowError(Status::Invalid("No group keys passed!"));
  const expr::FrameView view = expr::ViewOf(node_);
  std::vector<NamedColumn> keys;
  for (const std::string& name : by) keys.push_back(ValueOrThrow(view.Get(name)));
  return GroupBy(node_, std::move(keys), options);
}

GroupBy DataFrame::groupby(std::string by, const GroupByOptions& options) const {
  return groupby(std::vector{std::move(by)}, options);
}

GroupBy DataFrame::groupby(const Series& by, const GroupByOptions& options) const {
  const std::string hidden = "#key";
  const DataFrame with_key = assign({{hidden, by}});
  NamedColumn key = ValueOrThrow(expr::ViewOf(with_key.node()).Get(hidden));
  key.name = by.name();
  // When the tables had to be paired, the columns live over the pair now.
  GroupBy groups(with_key.node(), {std::move(key)}, options);
  return groups[columns()];
}

}  // namespace swath
