// DataFrame: one value a column (sum, mean, …) and describe(). One aggregation over all columns, then its one row is
// stacked.
#include <algorithm>

#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/api/dataframe.h"
#include "swath/api/error.h"
#include "swath/expr/frame/aggregate.h"
#include "swath/expr/frame/concat.h"
#include "swath/expr/frame/frame_view.h"
#include "swath/expr/frame/pandas_types.h"

namespace swath {
namespace {

using expr::TypeKind;

// The type of a Series that holds one value of each of these types.
std::shared_ptr<arrow::DataType> CommonType(const std::vector<std::shared_ptr<arrow::DataType>>& types,
                                            std::string_view function) {
  std::shared_ptr<arrow::DataType> common = types[0];
  for (const auto& type : types) {
    if (type->Equals(*common)) continue;
    if (!expr::IsNumber(expr::KindOf(*type)) || !expr::IsNumber(expr::KindOf(*common))) {
      ThrowError(Status::TypeError(function, "() of columns of dtypes ", expr::PandasName(*common), " and ",
                                   expr::PandasName(*type), " has no common dtype; select columns of one kind first"));
    }
    common = expr::PromoteNumbers(*common, false, *type, false);
  }
  return common;
}

std::vector<std::string> NumericColumns(const DataFrame& frame, bool with_bool) {
  std::vector<std::string> names;
  for (const std::string& name : frame.columns()) {
    const TypeKind kind = expr::KindOf(*frame.schema()->GetFieldByName(name)->type());
    if (expr::IsNumber(kind) && (with_bool || kind != TypeKind::kBool)) names.push_back(name);
  }
  return names;
}

std::string PercentText(double percentile) {
  std::string text = std::to_string(percentile * 100);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + "%";
}

}  // namespace

Series DataFrame::reduce(std::string_view function, const ReduceOptions& options) const {
  std::vector<std::string> names = options.numeric_only ? NumericColumns(*this, true) : columns();
  if (names.empty())
    ThrowError(Status::Invalid(function, "() of a table without columns", options.numeric_only ? " of numbers" : ""));
  expr::AggregateSpec spec;
  std::vector<std::shared_ptr<arrow::DataType>> types;
  for (const std::string& name : names) {
    ops::Aggregation aggregation{.function = std::string(function),
                                 .column = name,
                                 .output = name,
                                 .ddof = options.ddof,
                                 .min_count = options.min_count,
                                 .skipna = function == "nunique" ? options.dropna : options.skipna};
    types.push_back(ValueOrThrow(expr::AggregationType(aggregation, schema()->GetFieldByName(name)->type())));
    spec.aggregations.push_back(std::move(aggregation));
  }
  const expr::FramePtr row = ValueOrThrow(expr::AggregateNode::Make(node_, std::move(spec)));
  ops::StackRowParams params;
  params.label_column = expr::kIndexColumn;
  params.labels = names;
  params.names = {"0"};
  params.types = {CommonType(types, function)};
  params.cells = {names};
  std::vector<expr::NamedColumn> cells;  // cast here, with pandas' rounding: stacking refuses what does not fit
  for (size_t i = 0; i < names.size(); ++i)
    cells.push_back({names[i], expr::Cast(expr::FieldColumn(names[i], types[i]), params.types[0])});
  const expr::FramePtr alike = ValueOrThrow(expr::FrameOf({row, std::move(cells)}));
  return Series::Of(ValueOrThrow(expr::StackNode::Make({alike}, std::move(params)))).rename({});
}

DataFrame DataFrame::aggregate_row(const std::vector<ops::Aggregation>& aggregations) const {
  return DataFrame(ValueOrThrow(expr::AggregateNode::Make(node_, {.aggregations = aggregations})));
}

DataFrame DataFrame::describe(const std::vector<double>& percentiles) const {
  const std::vector<std::string> names = NumericColumns(*this, false);
  if (names.empty())
    ThrowError(Status::Invalid("describe() needs a column of numbers; the columns are ", expr::ColumnList(columns())));
  std::vector<double> sorted = percentiles;
  std::sort(sorted.begin(), sorted.end());
  ops::StackRowParams params;
  params.label_column = expr::kIndexColumn;
  params.labels = {"count", "mean", "std", "min"};
  for (const double percentile : sorted) {
    if (percentile < 0 || percentile > 1)
      ThrowError(Status::Invalid("percentiles should all be in the interval [0, 1]"));
    params.labels.push_back(PercentText(percentile));
  }
  params.labels.push_back("max");
  expr::AggregateSpec spec;
  for (const std::string& name : names) {
    params.names.push_back(name);
    params.types.push_back(arrow::float64());
    std::vector<std::string> cells;
    for (size_t r = 0; r < params.labels.size(); ++r) {
      const bool quantile = r >= 4 && r < 4 + sorted.size();
      cells.push_back(name + "|" + params.labels[r]);
      spec.aggregations.push_back({.function = quantile ? "quantile" : params.labels[r],
                                   .column = name,
                                   .output = cells.back(),
                                   .quantile = quantile ? sorted[r - 4] : 0.5});
    }
    params.cells.push_back(std::move(cells));
  }
  const expr::FramePtr row = ValueOrThrow(expr::AggregateNode::Make(node_, std::move(spec)));
  return DataFrame(ValueOrThrow(expr::StackNode::Make({row}, std::move(params))));
}

}  // namespace swath
