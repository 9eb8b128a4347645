#include "swath/expr/frame/aggregate.h"

#include <algorithm>

#include "arrow/type.h"

#include "swath/base/nearest.h"
#include "swath/expr/frame/pandas_types.h"
#include "swath/expr/frame/project.h"

namespace swath::expr {
namespace {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<std::shared_ptr<arrow::DataType>> SumType(std::string_view function,
                                                 const std::shared_ptr<arrow::DataType>& type) {
  switch (KindOf(*type)) {
    case TypeKind::kBool:
    case TypeKind::kSigned:
      return arrow::int64();
    case TypeKind::kUnsigned:
      return arrow::uint64();
    case TypeKind::kFloat:
      return type;
    case TypeKind::kDuration:
      if (function == "sum") return type;
      break;
    case TypeKind::kText:
      if (function == "sum")
        return Status::TypeError("sum of text is not supported; pandas would join all values to one string");
      break;
    default:
      break;
  }
  return Status::TypeError("'", PandasName(*type), "' does not support operation '", function, "'");
}

Result<std::shared_ptr<arrow::DataType>> MeanType(std::string_view function,
                                                  const std::shared_ptr<arrow::DataType>& type) {
  const TypeKind kind = KindOf(*type);
  const bool spread = IsOneOf(function, {"var", "std", "sem"});
  if (IsNumber(kind)) return type->id() == arrow::Type::FLOAT ? type : arrow::float64();
  if (kind == TypeKind::kDuration && (!spread || function == "std")) return type;
  if (kind == TypeKind::kTimestamp && !spread) return type;
  return Status::TypeError("dtype '", PandasName(*type), "' does not support operation '", function, "'");
}

}  // namespace

const std::vector<std::string>& AggregationNames() {
  static const std::vector<std::string> kNames = {"sum",   "prod", "mean",    "median", "quantile", "var",
                                                  "std",   "sem",  "min",     "max",    "first",    "last",
                                                  "count", "size", "nunique", "any",    "all"};
  return kNames;
}

Result<std::shared_ptr<arrow::DataType>> AggregationType(const ops::Aggregation& aggregation,
                                                         const std::shared_ptr<arrow::DataType>& type) {
  const std::string_view function = aggregation.function;
  if (IsOneOf(function, {"count", "size", "nunique"})) return arrow::int64();
  if (IsOneOf(function, {"any", "all"})) return arrow::boolean();
  if (IsOneOf(function, {"first", "last"})) return type;
  if (IsOneOf(function, {"min", "max"})) {
    if (KindOf(*type) != TypeKind::kCategory && KindOf(*type) != TypeKind::kOther) return type;
    return Status::TypeError("dtype '", PandasName(*type), "' does not support operation '", function, "'");
  }
  if (IsOneOf(function, {"sum", "prod"})) return SumType(function, type);
  if (IsOneOf(function, {"mean", "median", "quantile", "var", "std", "sem"})) return MeanType(function, type);
  return Status::KeyError("there is no aggregation '", function, "'", DidYouMean(function, AggregationNames()),
                          "; the functions are ", ColumnList(AggregationNames()));
}

Result<FramePtr> AggregateNode::Make(const FramePtr& input, AggregateSpec spec) {
  TokenBuilder builder(kOp);
  builder.Add(input->token())
      .Add(int64_t{spec.drop_null_keys})
      .Add(int64_t{spec.sort})
      .Add(static_cast<int64_t>(spec.order));
  builder.Add(int64_t{spec.all_categories});
  if (spec.labels.empty()) spec.labels.assign(spec.keys.begin(), spec.keys.end());
  arrow::FieldVector fields, keys;  // the index comes last
  FrameType type;
  for (size_t i = 0; i < spec.keys.size(); ++i) {
    ASSIGN_OR_RETURN(auto field, input->FieldOf(spec.keys[i]));
    keys.push_back(arrow::field(field->name(), field->type()));
    type.index.push_back({spec.keys[i], spec.labels[i]});
    builder.Add("key").Add(spec.keys[i]).Add(spec.labels[i].value_or("\x01"));
  }
  for (const ops::Aggregation& a : spec.aggregations) {
    std::shared_ptr<arrow::DataType> column_type = arrow::int64();
    if (!a.column.empty()) {
      ASSIGN_OR_RETURN(auto field, input->FieldOf(a.column));
      column_type = field->type();
    } else if (a.function != "size") {
      return Status::Invalid("aggregation '", a.function, "' needs a column");
    }
    auto output = AggregationType(a, column_type);
    if (!output.ok()) return output.status().WithMessage(output.status().message(), " (column '", a.column, "')");
    fields.push_back(arrow::field(a.output, *output));
    builder.Add(a.function)
        .Add(a.column)
        .Add(a.output)
        .Add(a.ddof)
        .Add(a.min_count)
        .Add(int64_t{a.skipna})
        .Add(a.quantile);
  }
  fields.insert(fields.end(), keys.begin(), keys.end());
  type.schema = arrow::schema(std::move(fields));
  return InternAs<FrameNode>(std::shared_ptr<const AggregateNode>(
      new AggregateNode(builder.Finish(), {input}, std::move(type), std::move(spec))));
}

Result<NodePtr> AggregateNode::Rebuild(const FramePtr& input) const {
  ASSIGN_OR_RETURN(FramePtr node, Make(input, spec_));
  return node;
}

ColumnSet AggregateNode::InputColumns(const ColumnSet& needed, size_t) const {
  ColumnSet columns(spec_.keys.begin(), spec_.keys.end());
  const bool one_row = spec_.keys.empty() && std::none_of(spec_.aggregations.begin(), spec_.aggregations.end(),
                                                          [&](const auto& a) { return needed.contains(a.output); });
  for (const ops::Aggregation& a : spec_.aggregations) {
    if (!a.column.empty() && (one_row || needed.contains(a.output))) columns.insert(a.column);
  }
  return columns;
}

Result<NodePtr> AggregateNode::Restrict(const ColumnSet& needed, std::vector<NodePtr> inputs) const {
  AggregateSpec spec = spec_;
  std::erase_if(spec.aggregations, [&](const ops::Aggregation& a) { return !needed.contains(a.output); });
  if (spec.aggregations.empty() && spec.keys.empty()) spec.aggregations = spec_.aggregations;  // a row must come out
  ASSIGN_OR_RETURN(FramePtr node, Make(AsFrame(inputs[0]), std::move(spec)));
  return node;
}

std::string AggregateNode::Details() const {
  std::vector<std::string> functions;
  for (const ops::Aggregation& a : spec_.aggregations) functions.push_back(a.function + "(" + a.column + ")");
  return spec_.keys.empty() ? ColumnList(functions) : ColumnList(spec_.keys) + ", " + ColumnList(functions);
}

}  // namespace swath::expr
