// Scalar: one lazy value.
#include "arrow/scalar.h"

#include "arrow/array.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/api/error.h"
#include "swath/api/frame_compute.h"
#include "swath/api/series.h"
#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/scan.h"
#include "swath/io/formats/memory_source.h"

namespace swath {
namespace {

// A table of one row for a value that needs no computing.
Result<expr::FramePtr> OneRow(const std::shared_ptr<arrow::Scalar>& value) {
  ASSIGN_OR_RETURN(const auto array, arrow::MakeArrayFromScalar(*value, 1));
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("value", array->type())}), {array});
  ASSIGN_OR_RETURN(auto source, io::MakeMemorySource({table}));
  return expr::ScanNode::Make(std::move(source), {});
}

// The first of the one-row tables that the column reads becomes the frame of a projection; the others stay its scalars.
Result<expr::FramePtr> NodeOf(const expr::Column& column) {
  if (column.is_literal()) return OneRow(column.expression.literal()->scalar());
  CHECK(!column.scalars.empty());
  const expr::FramePtr& base = column.scalars[0];
  const auto& field = base->schema()->field(0);
  expr::Column over = column;
  over.scalars.erase(over.scalars.begin());
  over = expr::Substitute(over, {{expr::ScalarField(base), expr::FieldColumn(field->name(), field->type())}});
  return expr::ProjectNode::Make(base, {{"value", std::move(over)}}, {});
}

}  // namespace

Scalar Scalar::call(std::string_view function, const std::vector<Operand>& arguments) {
  std::vector<expr::Column> columns;
  for (const Operand& argument : arguments) {
    if (argument.root()) ThrowError(Status::TypeError("Scalar::call takes Scalars and values; use Series::call"));
    columns.push_back(argument.column());
  }
  return Scalar(ValueOrThrow(expr::CallColumn(function, std::move(columns))));
}

expr::FramePtr Scalar::node() const { return ValueOrThrow(NodeOf(column_)); }

std::shared_ptr<arrow::Scalar> Scalar::compute() const {
  const expr::FramePtr frame = node();
  const std::vector<Blocks> blocks = ValueOrThrow(ComputeBlocks({frame}));
  return ValueOrThrow(AssembleScalar(frame, blocks[0]));
}

std::string Scalar::explain() const { return ValueOrThrow(ExplainPlan({node()})); }

namespace {

template <typename ArrowScalar>
std::shared_ptr<ArrowScalar> Converted(const std::shared_ptr<arrow::Scalar>& value,
                                       const std::shared_ptr<arrow::DataType>& type) {
  if (!value->is_valid) ThrowError(Status::TypeError("the value is missing"));
  return std::static_pointer_cast<ArrowScalar>(ValueOrThrow(value->CastTo(type)));
}

}  // namespace

template <>
int64_t Scalar::item<int64_t>() const {
  return Converted<arrow::Int64Scalar>(compute(), arrow::int64())->value;
}
template <>
double Scalar::item<double>() const {
  return Converted<arrow::DoubleScalar>(compute(), arrow::float64())->value;
}
template <>
bool Scalar::item<bool>() const {
  return Converted<arrow::BooleanScalar>(compute(), arrow::boolean())->value;
}
template <>
std::string Scalar::item<std::string>() const {
  return compute()->ToString();
}

}  // namespace swath
