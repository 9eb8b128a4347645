// Missing values: null and, in float columns, NaN. isna notna fillna where clip, isin.
#include "arrow/array.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/compute/cast.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/pandas_types.h"

namespace swath::expr {
namespace {

namespace cp = arrow::compute;

Column IsNull(const Column& column) {
  return MakeCall("is_null", {column}, arrow::boolean(), std::make_shared<cp::NullOptions>(/*nan_is_null=*/true));
}

Column IfElse(Column condition, Column yes, Column no) {
  auto type = yes.type;
  return MakeCall("if_else", {std::move(condition), std::move(yes), std::move(no)}, std::move(type));
}

Result<Column> IsNa(std::vector<Column> x) { return IsNull(x[0]); }
Result<Column> NotNa(std::vector<Column> x) { return MakeCall("invert", {IsNull(x[0])}, arrow::boolean()); }

// `value` as something that can stand in `column`; both may change type (an integer column filled with 0.5).
Status Fit(Column* column, Column* value, std::string_view function) {
  if (KindOf(*column->type) == TypeKind::kCategory) {
    *value = Cast(std::move(*value), column->type);
    return Status::OK();
  }
  const auto text = PandasName(*column->type);
  const Status alike = MakeAlike(column, value, function);
  if (alike.ok()) return alike;
  const std::string shown =
      value->is_literal() ? value->expression.literal()->scalar()->ToString() : PandasName(*value->type);
  return Status::TypeError("Invalid value '", shown, "' for dtype '", text, "'");
}

Result<Column> FillNa(std::vector<Column> x) {
  if (IsMissingArgument(x, 1)) return Status::Invalid("Must specify a fill 'value'.");
  const Column missing = IsNull(x[0]);
  RETURN_IF_ERROR(Fit(&x[0], &x[1], "fillna"));
  if (KindOf(*x[0].type) == TypeKind::kFloat || KindOf(*x[0].type) == TypeKind::kCategory)
    return IfElse(missing, x[1], x[0]);
  auto type = x[0].type;
  return MakeCall("coalesce", std::move(x), type);
}

// where(column, condition, other = missing): the column where the condition is true.
Result<Column> Where(std::vector<Column> x) {
  if (x[1].type->id() != arrow::Type::BOOL) {
    return Status::TypeError("where() takes a boolean condition, not one of dtype ", PandasName(*x[1].type));
  }
  Column other = x.size() > 2 ? x[2] : LiteralColumn(arrow::MakeNullScalar(arrow::null()));
  if (KindOf(*other.type) == TypeKind::kNull) {
    other = LiteralColumn(arrow::MakeNullScalar(x[0].type));
  } else {
    RETURN_IF_ERROR(Fit(&x[0], &other, "where"));
  }
  Column condition =
      MakeCall("coalesce", {x[1], LiteralColumn(std::make_shared<arrow::BooleanScalar>(false))}, arrow::boolean());
  return IfElse(std::move(condition), std::move(x[0]), std::move(other));
}

Result<Column> ClipSide(Column column, Column bound, std::string_view outside) {
  RETURN_IF_ERROR(MakeAlike(&column, &bound, "clip"));
  Column beyond = MakeCall(outside, {column, bound}, arrow::boolean());
  beyond = MakeCall("coalesce", {std::move(beyond), LiteralColumn(std::make_shared<arrow::BooleanScalar>(false))},
                    arrow::boolean());
  return IfElse(std::move(beyond), std::move(bound), std::move(column));
}

Result<Column> Clip(std::vector<Column> x) {
  Column result = x[0];
  if (!IsMissingArgument(x, 1)) {
    ASSIGN_OR_RETURN(result, ClipSide(std::move(result), x[1], "less"));
  }
  if (!IsMissingArgument(x, 2)) {
    ASSIGN_OR_RETURN(result, ClipSide(std::move(result), x[2], "greater"));
  }
  return result;
}

constexpr ColumnFunction kFunctions[] = {
    {"isna", 1, 1, IsNa},   {"notna", 1, 1, NotNa}, {"fillna", 2, 2, FillNa},
    {"where", 2, 3, Where}, {"clip", 1, 3, Clip},
};

// The type in which `column` and an array of values are compared; null when no value can be equal.
std::shared_ptr<arrow::DataType> LookupType(const Column& column, const arrow::DataType& values) {
  Column a = column, b{.type = values.GetSharedPtr()};
  const TypeKind kind = KindOf(*column.type), other = KindOf(values);
  if (other == TypeKind::kNull || column.type->Equals(values)) return column.type;
  if (IsNumber(kind) && IsNumber(other)) return PromoteNumbers(*column.type, false, values, false);
  if (kind == TypeKind::kText && other == TypeKind::kText) return TextType();
  const bool times =
      (kind == TypeKind::kTimestamp || kind == TypeKind::kDate) &&
      (other == kind || other == TypeKind::kDate || other == TypeKind::kTimestamp || other == TypeKind::kText);
  return times || (kind == TypeKind::kDuration && other == kind) ? column.type : nullptr;
}

}  // namespace

std::span<const ColumnFunction> MissingFunctions() { return kFunctions; }

Result<Column> IsIn(const Column& column, std::shared_ptr<arrow::Array> values) {
  Column decoded = Decoded(column);
  const auto type = LookupType(decoded, *values->type());
  if (!type) {
    ASSIGN_OR_RETURN(values, arrow::MakeEmptyArray(decoded.type));
  } else if (!values->type()->Equals(*type)) {
    RETURN_IF_ERROR(CastLiteral(*arrow::MakeNullScalar(type), type).status());  // makes Arrow's functions ready
    ASSIGN_OR_RETURN(values, cp::Cast(*values, type));
  }
  if (type) decoded = Cast(std::move(decoded), type);
  const bool has_missing = values->null_count() > 0;
  auto options = std::make_shared<cp::SetLookupOptions>(std::move(values), cp::SetLookupOptions::MATCH);
  Column found = MakeCall("is_in", {decoded}, arrow::boolean(), std::move(options));
  if (!has_missing || KindOf(*decoded.type) != TypeKind::kFloat) return found;
  return MakeCall("or_kleene", {std::move(found), IsNull(decoded)}, arrow::boolean());
}

}  // namespace swath::expr
