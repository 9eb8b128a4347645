// Comparisons and logic. Their answers are never missing: a missing value compares false (ne: true), so that `~(x > 0)`
// is true for a missing x, as in pandas.
#include "arrow/compute/api_scalar.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/pandas_types.h"

namespace swath::expr {
namespace {

Column BoolLiteral(bool value) { return LiteralColumn(std::make_shared<arrow::BooleanScalar>(value)); }

// A value for each row of `column`, whatever is in it.
Column Everywhere(Column column, bool value) {
  Column present =
      MakeCall("is_null", {std::move(column)}, arrow::boolean(), std::make_shared<arrow::compute::NullOptions>(false));
  Column always = BoolLiteral(value);
  return MakeCall("if_else", {std::move(present), always, always}, arrow::boolean());
}

Result<Column> Compare(std::string_view function, std::string_view swath_function, std::vector<Column> x) {
  const bool unequal = function == "ne";
  const auto kind = KindOf(*x[0].type), other = KindOf(*x[1].type);
  const Status alike = MakeAlike(&x[0], &x[1], function);
  if (!alike.ok()) {
    if (function == "eq" || unequal) return Everywhere(x[0].is_literal() ? x[1] : x[0], unequal);
    return Status::TypeError("Invalid comparison between dtype=", PandasName(*x[0].type), " and ",
                             PandasName(*x[1].type));
  }
  if (kind == TypeKind::kNull || other == TypeKind::kNull) return Everywhere(x[0].is_literal() ? x[1] : x[0], unequal);
  return MakeCall(swath_function, std::move(x), arrow::boolean());
}

Result<Column> Equal(std::vector<Column> x) { return Compare("eq", "swath_eq", std::move(x)); }
Result<Column> NotEqual(std::vector<Column> x) { return Compare("ne", "swath_ne", std::move(x)); }
Result<Column> Less(std::vector<Column> x) { return Compare("lt", "swath_lt", std::move(x)); }
Result<Column> LessEqual(std::vector<Column> x) { return Compare("le", "swath_le", std::move(x)); }
Result<Column> Greater(std::vector<Column> x) { return Compare("gt", "swath_gt", std::move(x)); }
Result<Column> GreaterEqual(std::vector<Column> x) { return Compare("ge", "swath_ge", std::move(x)); }

Result<Column> Logical(std::string_view name, std::string_view swath_function, std::vector<Column> x) {
  for (Column& column : x) {
    const TypeKind kind = KindOf(*column.type);
    if (kind == TypeKind::kNull) column = Cast(std::move(column), arrow::boolean());
    if (kind > TypeKind::kUnsigned && kind != TypeKind::kNull) {
      return Status::TypeError("Cannot perform '", name, "' with dtypes ", PandasName(*x[0].type), " and ",
                               PandasName(*x[1].type), "; both must be bool or integer");
    }
  }
  RETURN_IF_ERROR(MakeAlike(&x[0], &x[1], name));
  auto type = x[0].type;
  return MakeCall(swath_function, std::move(x), type);
}

Result<Column> And(std::vector<Column> x) { return Logical("and_", "swath_and", std::move(x)); }
Result<Column> Or(std::vector<Column> x) { return Logical("or_", "swath_or", std::move(x)); }
Result<Column> Xor(std::vector<Column> x) { return Logical("xor", "swath_xor", std::move(x)); }

Result<Column> Invert(std::vector<Column> x) {
  const TypeKind kind = KindOf(*x[0].type);
  if (kind > TypeKind::kUnsigned)
    return Status::TypeError("bad operand type for unary ~: '", PandasName(*x[0].type), "'");
  auto type = x[0].type;
  return MakeCall("swath_invert", std::move(x), type);
}

constexpr ColumnFunction kFunctions[] = {
    {"eq", 2, 2, Equal},   {"ne", 2, 2, NotEqual},     {"lt", 2, 2, Less}, {"le", 2, 2, LessEqual},
    {"gt", 2, 2, Greater}, {"ge", 2, 2, GreaterEqual}, {"and", 2, 2, And}, {"or", 2, 2, Or},
    {"xor", 2, 2, Xor},    {"invert", 1, 1, Invert},
};

}  // namespace

std::span<const ColumnFunction> ComparisonFunctions() { return kFunctions; }

}  // namespace swath::expr
