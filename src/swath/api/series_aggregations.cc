// Series: reductions and what is made of groups of equal values.
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/api/dataframe.h"
#include "swath/api/error.h"
#include "swath/api/frame_compute.h"
#include "swath/expr/frame/aggregate.h"
#include "swath/expr/frame/concat.h"
#include "swath/expr/frame/order.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"

namespace swath {
namespace {

// The column alone, without an index, under a fixed name: equal reductions of equal columns are one expression.
expr::FramePtr Alone(const Series& series, const std::string& name = "value") {
  return ValueOrThrow(expr::ProjectNode::Make(series.root(), {{name, series.column()}}, {}));
}

expr::FramePtr CountOf(const expr::FramePtr& root) { return ValueOrThrow(expr::CountNode::Make(root)); }

}  // namespace

Scalar Series::reduce(std::string_view function, const ReduceOptions& options) const {
  if (function == "size") return size();
  ops::Aggregation aggregation{.function = std::string(function),
                               .column = "value",
                               .output = "value",
                               .ddof = options.ddof,
                               .min_count = options.min_count,
                               .skipna = function == "nunique" ? options.dropna : options.skipna};
  const expr::Column value = column_.type->id() == arrow::Type::NA ? expr::Cast(column_, arrow::float64()) : column_;
  return Scalar(expr::ScalarColumn(ValueOrThrow(
      expr::AggregateNode::Make(Alone(Series(root_, value, name_)), {.aggregations = {std::move(aggregation)}}))));
}

Scalar Series::size() const { return Scalar(expr::ScalarColumn(CountOf(root_))); }

int64_t Series::len() const { return size().item<int64_t>(); }

Series Series::unique() const {
  const expr::FramePtr distinct = ValueOrThrow(
      expr::AggregateNode::Make(Alone(*this), {.keys = {"value"}, .drop_null_keys = false, .sort = false}));
  const expr::FramePtr plain =
      ValueOrThrow(expr::ProjectNode::Make(distinct, {{"value", expr::FieldColumn("value", column_.type)}}, {}));
  return Of(plain).rename(name_);
}

Series Series::value_counts(const ValueCountsOptions& options) const {
  const std::string output = options.normalize ? "proportion" : "count";
  const std::string key = name_ == output || name_.empty() ? expr::kIndexColumn : name_;
  const std::optional<std::string> label = name_.empty() ? std::nullopt : std::optional(name_);
  expr::FramePtr counts = ValueOrThrow(
      expr::AggregateNode::Make(Alone(*this, key), {.keys = {key},
                                                    .labels = {label},
                                                    .aggregations = {{.function = "size", .output = "count"}},
                                                    .drop_null_keys = options.dropna,
                                                    .sort = false}));
  if (options.sort) {
    counts = ValueOrThrow(expr::OrderNode::Make(counts, {.keys = {{"count", !options.ascending}}}));
  }
  Series result = Of(counts).rename("count");
  if (!options.normalize) return result;
  const Scalar total = options.dropna ? count() : size();
  return (result / total).rename(output);
}

Series Series::top(int64_t n, bool largest) const {
  const std::string name = root_->is_index_column(name_) ? name_ + "#values" : name_;
  const expr::FramePtr top =
      ValueOrThrow(expr::OrderNode::Make(node(), {.keys = {{name, largest}}, .rows = std::max<int64_t>(n, 0)}));
  return Of(top).rename(name_);
}

Series Series::describe() const {
  const DataFrame described = Series(root_, column_, name_.empty() ? "0" : name_).to_frame().describe();
  return Of(described.node()).rename(name_);
}

SeriesGroupBy Series::groupby(const Series& by) const { return to_frame().groupby(by)[node()->data_columns()[0]]; }

}  // namespace swath
