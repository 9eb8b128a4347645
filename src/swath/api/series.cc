// Series: columns, elementwise functions, rows.
#include "swath/api/series.h"

#include <algorithm>

#include "arrow/array.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/api/dataframe.h"
#include "swath/api/error.h"
#include "swath/api/frame_compute.h"
#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/frame_view.h"
#include "swath/expr/frame/pandas_types.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"

namespace swath {
Series::Series(expr::FramePtr root, expr::Column column, std::string name, bool is_index)
    : root_(std::move(root)), column_(std::move(column)), name_(std::move(name)), is_index_(is_index) {}

Series Series::Of(const expr::FramePtr& frame) {
  const expr::FrameView view = expr::ViewOf(frame);
  for (const expr::NamedColumn& column : view.columns) {
    if (!frame->is_index_column(column.name)) return Series(view.root, column.column, column.name);
  }
  ThrowError(Status::Invalid("the table has no column beside its index"));
}

std::shared_ptr<arrow::Schema> Series::schema() const { return node()->schema(); }
std::vector<expr::IndexLevel> Series::index_levels() const { return root_->index(); }
int64_t Series::npartitions() const { return root_->npartitions(); }
const expr::Divisions& Series::divisions() const { return root_->divisions(); }

expr::FramePtr Series::node() const {
  std::string name = name_;
  while (root_->is_index_column(name)) name += "#values";  // a column beside an index column of its name
  return ValueOrThrow(expr::FrameOf({root_, {{name, column_}}}));
}

Series Series::call(std::string_view function, const std::vector<Operand>& arguments) {
  std::vector<expr::RootedColumn> rooted;
  for (const Operand& argument : arguments) rooted.push_back({argument.root(), argument.column()});
  expr::FramePtr root = ValueOrThrow(expr::Unite(&rooted));
  std::vector<expr::Column> columns;
  for (expr::RootedColumn& column : rooted) columns.push_back(std::move(column.column));
  return Series(std::move(root), ValueOrThrow(expr::CallColumn(function, std::move(columns))), {});
}

Series Series::apply(std::string_view function, const std::vector<Operand>& more) const {
  std::vector<Operand> arguments{*this};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return call(function, arguments).rename(name_);
}

Series Series::isin(const std::shared_ptr<arrow::Array>& values) const {
  return Series(root_, ValueOrThrow(expr::IsIn(column_, values)), name_);
}

Series Series::astype(const std::shared_ptr<arrow::DataType>& type) const {
  const bool text = expr::KindOf(*type) == expr::TypeKind::kText;
  if (text && expr::KindOf(*column_.type) == expr::TypeKind::kTimestamp) {
    // As pandas: dates, or times with as many decimals as the finest of the whole column.
    return apply("time_text", {apply("time_detail").max()});
  }
  return Series(root_, ValueOrThrow(expr::AsType(column_, type)), name_);
}

Series Series::astype(std::string_view dtype) const { return astype(ValueOrThrow(expr::TypeOfName(dtype))); }

Series Series::where(const Series& condition, const Operand& other) const { return apply("where", {condition, other}); }
Series Series::where(const Series& condition) const { return apply("where", {condition}); }
Series Series::mask(const Series& condition, const Operand& other) const {
  return apply("where", {condition.apply("invert"), other});
}

Series Series::between(const Operand& left, const Operand& right, std::string_view inclusive) const {
  if (inclusive != "both" && inclusive != "neither" && inclusive != "left" && inclusive != "right") {
    ThrowError(
        Status::Invalid("between(inclusive='", inclusive, "'): it must be 'both', 'neither', 'left' or 'right'"));
  }
  const bool low = inclusive == "both" || inclusive == "left", high = inclusive == "both" || inclusive == "right";
  return apply(low ? "ge" : "gt", {left}).apply("and", {apply(high ? "le" : "lt", {right})});
}

Series Series::clip(const std::optional<Operand>& lower, const std::optional<Operand>& upper) const {
  const Operand none{std::shared_ptr<arrow::Scalar>()};
  return apply("clip", {lower.value_or(none), upper.value_or(none)});
}

Series Series::filter(const Series& condition) const {
  std::vector<expr::RootedColumn> both{{root_, column_}, {condition.root_, condition.column_}};
  const expr::FramePtr root = ValueOrThrow(expr::Unite(&both));
  return Series(ValueOrThrow(expr::FilterNode::Make(root, both[1].column)), both[0].column, name_, is_index_);
}

Series Series::rename(std::string name) const { return Series(root_, column_, std::move(name), is_index_); }
DataFrame Series::to_frame() const { return DataFrame(node()); }
Series Series::to_series() const { return Series(root_, column_, name_); }

Series Series::index() const {
  if (root_->index().empty())
    ThrowError(Status::NotImplemented("the index of a table whose rows are only counted; set one first"));
  const expr::IndexLevel& level = root_->index()[0];
  const auto field = ValueOrThrow(root_->FieldOf(level.column));
  return Series(root_, expr::FieldColumn(level.column, field->type()), level.label.value_or(""), true);
}

Series Series::head(int64_t n, int64_t npartitions) const {
  return Of(to_frame().head(n, npartitions).node()).rename(name_);
}
Series Series::tail(int64_t n) const { return Of(to_frame().tail(n).node()).rename(name_); }
Series Series::partitions(const std::vector<int64_t>& numbers) const {
  return Of(ValueOrThrow(expr::PartitionsNode::Make(node(), numbers))).rename(name_);
}
Series Series::repartition(int64_t npartitions) const {
  return Of(ValueOrThrow(expr::RepartitionNode::Make(node(), npartitions))).rename(name_);
}

std::shared_ptr<arrow::Table> Series::compute() const { return ComputeTable(node()); }

std::shared_ptr<arrow::ChunkedArray> Series::values() const {
  const expr::FramePtr alone = ValueOrThrow(expr::ProjectNode::Make(root_, {{"value", column_}}, {}));
  return ComputeTable(alone)->column(0);
}

std::string Series::explain() const { return ValueOrThrow(ExplainPlan({node()})); }

}  // namespace swath
