// DataFrame: columns, rows, elementwise functions.
#include "swath/api/dataframe.h"

#include <algorithm>
#include <set>

#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/api/error.h"
#include "swath/api/frame_compute.h"
#include "swath/base/nearest.h"
#include "swath/expr/frame/aggregate.h"
#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/concat.h"
#include "swath/expr/frame/frame_view.h"
#include "swath/expr/frame/order.h"
#include "swath/expr/frame/pandas_types.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"

namespace swath {
namespace {

using expr::FrameView;
using expr::NamedColumn;

DataFrame FromView(FrameView view) { return DataFrame(ValueOrThrow(expr::FrameOf(view))); }

NamedColumn Get(const FrameView& view, std::string_view name) { return ValueOrThrow(view.Get(name)); }

void Replace(FrameView* view, NamedColumn column) {
  for (NamedColumn& known : view->columns) {
    if (known.name != column.name) continue;
    known.column = std::move(column.column);
    return;
  }
  view->columns.push_back(std::move(column));
}

}  // namespace

std::vector<std::string> DataFrame::columns() const { return node_->data_columns(); }
std::shared_ptr<arrow::Schema> DataFrame::schema() const { return node_->schema(); }
const std::vector<expr::IndexLevel>& DataFrame::index_levels() const { return node_->index(); }
int64_t DataFrame::npartitions() const { return node_->npartitions(); }
const expr::Divisions& DataFrame::divisions() const { return node_->divisions(); }

bool DataFrame::has(std::string_view column) const {
  return node_->schema()->GetFieldIndex(std::string(column)) >= 0 && !node_->is_index_column(column);
}

Series DataFrame::operator[](std::string_view column) const {
  FrameView view = expr::ViewOf(node_);
  NamedColumn found = Get(view, column);
  return Series(std::move(view.root), std::move(found.column), std::move(found.name));
}

DataFrame DataFrame::select(const std::vector<std::string>& columns) const {
  const FrameView view = expr::ViewOf(node_);
  FrameView chosen{view.root, {}};
  for (const std::string& name : columns) chosen.columns.push_back(Get(view, name));
  return FromView(std::move(chosen));
}

DataFrame DataFrame::filter(const Series& condition) const {
  FrameView view = expr::ViewOf(node_);
  std::vector<expr::RootedColumn> rooted{{condition.root(), condition.column()}};
  for (const NamedColumn& column : view.columns) rooted.push_back({view.root, column.column});
  std::rotate(rooted.begin(), rooted.begin() + 1, rooted.end());  // the table's own root first: it gives the index
  const expr::FramePtr root = ValueOrThrow(expr::Unite(&rooted));
  view.root = ValueOrThrow(expr::FilterNode::Make(root, rooted.back().column));
  for (size_t i = 0; i < view.columns.size(); ++i) view.columns[i].column = std::move(rooted[i].column);
  return FromView(std::move(view));
}

Series DataFrame::index() const { return Series(expr::ViewOf(node_).root, {}, {}).index(); }

DataFrame DataFrame::assign(const std::vector<std::pair<std::string, Operand>>& columns) const {
  FrameView view = expr::ViewOf(node_);
  std::vector<expr::RootedColumn> rooted;
  for (const NamedColumn& column : view.columns) rooted.push_back({view.root, column.column});
  for (const auto& [name, operand] : columns) rooted.push_back({operand.root(), operand.column()});
  if (view.columns.empty()) rooted.push_back({view.root, {}});
  view.root = ValueOrThrow(expr::Unite(&rooted));
  for (size_t i = 0; i < view.columns.size(); ++i) view.columns[i].column = rooted[i].column;
  const size_t own = view.columns.size();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (view.root->is_index_column(columns[i].first)) {
      ThrowError(Status::Invalid("'", columns[i].first, "' is the index; a column cannot have its name"));
    }
    Replace(&view, {columns[i].first, std::move(rooted[own + i].column)});
  }
  return FromView(std::move(view));
}

DataFrame DataFrame::rename(const std::map<std::string, std::string>& names) const {
  FrameView view = expr::ViewOf(node_);
  for (NamedColumn& column : view.columns) {
    const auto found = names.find(column.name);
    if (found != names.end() && !view.root->is_index_column(column.name)) column.name = found->second;
  }
  return FromView(std::move(view));
}

DataFrame DataFrame::rename(const std::vector<std::string>& names) const {
  const std::vector<std::string> own = columns();
  if (own.size() != names.size()) {
    ThrowError(Status::Invalid("Length mismatch: Expected axis has ", own.size(), " elements, new values have ",
                               names.size(), " elements"));
  }
  std::map<std::string, std::string> pairs;
  for (size_t i = 0; i < own.size(); ++i) pairs[own[i]] = names[i];
  return rename(pairs);
}

DataFrame DataFrame::drop(const std::vector<std::string>& columns) const {
  std::vector<std::string> kept = this->columns();
  for (const std::string& name : columns) {
    if (!has(name)) ThrowError(Status::KeyError("'", name, "' not found in axis", DidYouMean(name, this->columns())));
    std::erase(kept, name);
  }
  return select(kept);
}

DataFrame DataFrame::reset_index(bool drop) const {
  const FrameView view = expr::ViewOf(node_);
  std::vector<NamedColumn> columns;
  if (!drop) {
    for (const expr::IndexLevel& level : view.root->index()) {
      std::string name = level.label.value_or("index");
      const auto field = ValueOrThrow(view.root->FieldOf(level.column));
      columns.push_back({std::move(name), expr::FieldColumn(level.column, field->type())});
    }
  }
  for (const NamedColumn& column : view.columns) {
    if (!view.root->is_index_column(column.name)) columns.push_back(column);
  }
  return DataFrame(ValueOrThrow(expr::ProjectNode::Make(view.root, std::move(columns), {})));
}

DataFrame DataFrame::set_index_sorted(std::string_view column) const {
  const FrameView view = expr::ViewOf(node_);
  const NamedColumn key = Get(view, column);
  std::vector<NamedColumn> columns;
  for (const NamedColumn& other : view.columns) {
    if (!view.root->is_index_column(other.name)) columns.push_back(other);
  }
  return DataFrame(ValueOrThrow(expr::ProjectNode::Make(view.root, std::move(columns), {{key.name, key.name}})));
}

DataFrame DataFrame::head(int64_t n, int64_t npartitions) const {
  DataFrame all(ValueOrThrow(expr::LimitNode::Make(node_, std::max<int64_t>(n, 0), npartitions, false)));
  if (n >= 0) return all;
  const int64_t read = npartitions < 0 ? this->npartitions() : npartitions;
  int64_t rows = n;  // counted from the end: the length must be known
  for (int64_t p = 0; p < read; ++p) rows += get_partition(p).len();
  return head(std::max<int64_t>(rows, 0), npartitions);
}
DataFrame DataFrame::tail(int64_t n) const {
  if (n < 0) n = std::max<int64_t>(0, get_partition(-1).len() + n);
  return DataFrame(ValueOrThrow(expr::LimitNode::Make(node_, n, 1, true)));
}
DataFrame DataFrame::partitions(const std::vector<int64_t>& numbers) const {
  return DataFrame(ValueOrThrow(expr::PartitionsNode::Make(node_, numbers)));
}
DataFrame DataFrame::repartition(int64_t npartitions) const {
  return DataFrame(ValueOrThrow(expr::RepartitionNode::Make(node_, npartitions)));
}

DataFrame DataFrame::repartition_bounds(std::vector<int64_t> bounds, bool joins, expr::Divisions divisions) const {
  return DataFrame(
      ValueOrThrow(expr::RepartitionNode::MakeWithBounds(node_, std::move(bounds), joins, std::move(divisions))));
}

DataFrame DataFrame::drop_duplicates(const std::vector<std::string>& subset, std::string_view keep) const {
  if (keep != "first" && keep != "last")
    ThrowError(Status::Invalid("drop_duplicates(keep='", keep, "'): it must be 'first' or 'last'"));
  for (const std::string& name : subset) (*this)[name];  // KeyError for unknown ones
  const std::vector<std::string> keys = subset.empty() ? columns() : subset;
  expr::AggregateSpec spec{.keys = keys,
                           .drop_null_keys = false,
                           .sort = false,
                           .order = keep == "last" ? ops::GroupOrder::kLastRow : ops::GroupOrder::kFirstRow};
  std::vector<NamedColumn> columns;
  for (const auto& field : node_->schema()->fields()) {
    columns.push_back({field->name(), expr::FieldColumn(field->name(), field->type())});
    if (std::find(keys.begin(), keys.end(), field->name()) != keys.end()) continue;
    spec.aggregations.push_back(
        {.function = std::string(keep), .column = field->name(), .output = field->name(), .skipna = false});
  }
  const expr::FramePtr distinct = ValueOrThrow(expr::AggregateNode::Make(node_, std::move(spec)));
  return DataFrame(ValueOrThrow(expr::ProjectNode::Make(distinct, std::move(columns), node_->index())));
}

DataFrame DataFrame::call(std::string_view function, const std::vector<Operand>& more) const {
  std::vector<std::pair<std::string, Operand>> results;
  for (const std::string& name : columns()) results.emplace_back(name, (*this)[name].apply(function, more));
  return assign(results);
}

DataFrame DataFrame::astype(const std::map<std::string, std::string>& dtypes) const {
  std::vector<std::pair<std::string, Operand>> results;
  for (const auto& [name, dtype] : dtypes) results.emplace_back(name, (*this)[name].astype(std::string_view(dtype)));
  return assign(results);
}

DataFrame DataFrame::dropna(const std::vector<std::string>& subset) const {
  std::optional<Series> present;
  for (const std::string& name : subset.empty() ? columns() : subset) {
    const Series here = (*this)[name].notna();
    present = present ? *present & here : here;
  }
  return present ? filter(*present) : *this;
}

DataFrame DataFrame::top(int64_t n, const std::vector<std::string>& columns, bool largest) const {
  expr::OrderSpec spec{.rows = std::max<int64_t>(n, 0)};
  for (const std::string& name : columns) {
    (*this)[name];  // KeyError for unknown ones
    spec.keys.push_back({name, largest});
  }
  return DataFrame(ValueOrThrow(expr::OrderNode::Make(node_, std::move(spec))));
}

Scalar DataFrame::row_count() const {
  return Scalar(expr::ScalarColumn(ValueOrThrow(expr::CountNode::Make(expr::ViewOf(node_).root))));
}
int64_t DataFrame::len() const { return row_count().item<int64_t>(); }

std::shared_ptr<arrow::Table> DataFrame::compute() const { return ComputeTable(node_); }
std::string DataFrame::explain() const { return ValueOrThrow(ExplainPlan({node_})); }

DataFrame concat(const std::vector<DataFrame>& frames, bool inner) {
  std::vector<expr::FramePtr> nodes;
  for (const DataFrame& frame : frames) nodes.push_back(frame.node());
  return DataFrame(ValueOrThrow(expr::ConcatNode::Make(nodes, inner)));
}

}  // namespace swath
