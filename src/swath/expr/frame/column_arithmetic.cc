// Numbers: operators with NumPy's types, rounding, mathematical functions.
#include <optional>

#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/pandas_types.h"

namespace swath::expr {
namespace {

Column Literal(const Column& like, int64_t value) { return Cast(LiteralColumn(arrow::MakeScalar(value)), like.type); }

Status Unsupported(std::string_view symbol, const Column& a, const Column& b) {
  return Status::TypeError("unsupported operand type(s) for ", symbol, ": '", PandasName(*a.type), "' and '",
                           PandasName(*b.type), "'");
}

// Two numbers of their common type; booleans stay booleans.
Status Numbers(std::string_view symbol, Column* a, Column* b) {
  *a = Decoded(std::move(*a));
  *b = Decoded(std::move(*b));
  const auto number = [](const Column& column) {
    const TypeKind kind = KindOf(*column.type);
    return IsNumber(kind) || kind == TypeKind::kNull;
  };
  if (!number(*a) || !number(*b)) return Unsupported(symbol, *a, *b);
  return MakeAlike(a, b, symbol);
}

Column Binary(std::string_view function, Column a, Column b) {
  auto type = a.type;
  return MakeCall(function, {std::move(a), std::move(b)}, std::move(type));
}

// timestamp - timestamp, timestamp ± duration, duration ± duration. Nullopt when no operand is of time.
Result<std::optional<Column>> TimeArithmetic(std::string_view function, std::string_view symbol, Column a, Column b) {
  const auto is = [](const Column& column, TypeKind kind) { return KindOf(*column.type) == kind; };
  const bool subtract = function == "subtract";
  if (is(a, TypeKind::kDate)) a = Cast(std::move(a), arrow::timestamp(arrow::TimeUnit::SECOND));
  if (is(b, TypeKind::kDate)) b = Cast(std::move(b), arrow::timestamp(arrow::TimeUnit::SECOND));
  const bool stamp_a = is(a, TypeKind::kTimestamp), stamp_b = is(b, TypeKind::kTimestamp);
  const bool span_a = is(a, TypeKind::kDuration), span_b = is(b, TypeKind::kDuration);
  if (!stamp_a && !stamp_b && !span_a && !span_b) return std::nullopt;
  if (stamp_a && subtract && !span_b) {
    RETURN_IF_ERROR(MakeAlike(&a, &b, symbol));
    const auto unit = static_cast<const arrow::TimestampType&>(*a.type).unit();
    return MakeCall("subtract", {std::move(a), std::move(b)}, arrow::duration(unit));
  }
  if (span_a && span_b) {
    RETURN_IF_ERROR(MakeAlike(&a, &b, symbol));
    return Binary(function, std::move(a), std::move(b));
  }
  if ((stamp_a && span_b) || (span_a && stamp_b && !subtract)) {
    if (span_a) std::swap(a, b);
    const auto& stamp = static_cast<const arrow::TimestampType&>(*a.type);
    const auto unit = std::max(stamp.unit(), static_cast<const arrow::DurationType&>(*b.type).unit());
    a = Cast(std::move(a), arrow::timestamp(unit, stamp.timezone()));
    b = Cast(std::move(b), arrow::duration(unit));
    return Binary(function, std::move(a), std::move(b));
  }
  return Unsupported(symbol, a, b);
}

Result<Column> Add(std::vector<Column> x) {
  ASSIGN_OR_RETURN(auto time, TimeArithmetic("add", "+", x[0], x[1]));
  if (time) return *time;
  x[0] = Decoded(std::move(x[0]));
  x[1] = Decoded(std::move(x[1]));
  if (KindOf(*x[0].type) == TypeKind::kText && KindOf(*x[1].type) == TypeKind::kText) {
    Column empty = LiteralColumn(std::make_shared<arrow::LargeStringScalar>(""));
    return MakeCall("binary_join_element_wise", {Cast(x[0], TextType()), Cast(x[1], TextType()), std::move(empty)},
                    TextType());
  }
  RETURN_IF_ERROR(Numbers("+", &x[0], &x[1]));
  return Binary(KindOf(*x[0].type) == TypeKind::kBool ? "or_kleene" : "add", x[0], x[1]);
}

Result<Column> Subtract(std::vector<Column> x) {
  ASSIGN_OR_RETURN(auto time, TimeArithmetic("subtract", "-", x[0], x[1]));
  if (time) return *time;
  RETURN_IF_ERROR(Numbers("-", &x[0], &x[1]));
  if (KindOf(*x[0].type) == TypeKind::kBool) {
    return Status::TypeError(
        "boolean subtract, the `-` operator, is not supported; use the bitwise_xor, the `^` operator, instead");
  }
  return Binary("subtract", x[0], x[1]);
}

Result<Column> Multiply(std::vector<Column> x) {
  for (int i = 0; i < 2; ++i) {  // a duration times a number
    if (KindOf(*x[i].type) != TypeKind::kDuration || !IsInteger(KindOf(*x[1 - i].type))) continue;
    auto type = x[i].type;
    return Cast(Binary("multiply", Cast(x[i], arrow::int64()), Cast(x[1 - i], arrow::int64())), type);
  }
  RETURN_IF_ERROR(Numbers("*", &x[0], &x[1]));
  return Binary(KindOf(*x[0].type) == TypeKind::kBool ? "and_kleene" : "multiply", x[0], x[1]);
}

Column AsFloat(Column column) {
  return KindOf(*column.type) == TypeKind::kFloat ? column : Cast(std::move(column), arrow::float64());
}

// After promotion both are bool or neither is.
Status NotOfBools(std::string_view name, const std::vector<Column>& x) {
  if (KindOf(*x[0].type) != TypeKind::kBool) return Status::OK();
  return Status::NotImplemented("operator '", name,
                                "' not implemented for bool dtypes; cast one side with astype(int)");
}

Result<Column> Divide(std::vector<Column> x) {
  if (KindOf(*x[0].type) == TypeKind::kDuration && KindOf(*x[1].type) == TypeKind::kDuration) {
    RETURN_IF_ERROR(MakeAlike(&x[0], &x[1], "/"));
    for (Column& column : x) column = Cast(Cast(std::move(column), arrow::int64()), arrow::float64());
  }
  RETURN_IF_ERROR(Numbers("/", &x[0], &x[1]));
  RETURN_IF_ERROR(NotOfBools("truediv", x));
  return Binary("divide", AsFloat(x[0]), AsFloat(x[1]));
}

// Integers divided by zero. By a value that is zero: in floats, with pandas' inf and NaN. By a column: its zeros become
// missing, and so does the result there.
void GuardZero(std::vector<Column>* x) {
  Column& divisor = (*x)[1];
  if (!IsInteger(KindOf(*divisor.type))) return;
  const Column zero = Literal(divisor, 0);
  if (divisor.is_literal()) {
    if (!divisor.expression.literal()->scalar()->Equals(*zero.expression.literal()->scalar())) return;
    for (Column& column : *x) column = AsFloat(std::move(column));
    return;
  }
  auto type = divisor.type;
  Column is_zero = MakeCall("equal", {divisor, zero}, arrow::boolean());
  divisor = MakeCall("if_else", {std::move(is_zero), LiteralColumn(arrow::MakeNullScalar(type)), divisor}, type);
}

Result<Column> FloorDivide(std::vector<Column> x) {
  RETURN_IF_ERROR(Numbers("//", &x[0], &x[1]));
  RETURN_IF_ERROR(NotOfBools("floordiv", x));
  const std::vector<Column> given = x;
  GuardZero(&x);
  Column quotient = Binary("swath_floordiv", x[0], x[1]);
  if (!IsInteger(KindOf(*given[1].type)) || given[1].is_literal()) return quotient;
  // By a column of integers: inf and NaN where it is zero, as in pandas, whose dtype is float64 only if there are
  // zeros. A lazy column promises its dtype, so it is float64 in any case.
  Column is_zero = MakeCall("equal", {given[1], Literal(given[1], 0)}, arrow::boolean());
  return MakeCall("if_else",
                  {std::move(is_zero), Binary("divide", AsFloat(given[0]), AsFloat(given[1])), AsFloat(quotient)},
                  arrow::float64());
}

Result<Column> Modulo(std::vector<Column> x) {
  RETURN_IF_ERROR(Numbers("%", &x[0], &x[1]));
  if (KindOf(*x[0].type) == TypeKind::kBool) x = {Cast(x[0], arrow::int8()), Cast(x[1], arrow::int8())};
  GuardZero(&x);
  return Binary("swath_mod", x[0], x[1]);
}

Result<Column> Power(std::vector<Column> x) {
  if (x[1].is_literal() && IsInteger(KindOf(*x[1].type)) && IsInteger(KindOf(*Decoded(x[0]).type))) {
    ASSIGN_OR_RETURN(const int64_t exponent, IntegerArgument(x, 1, 0, "pow"));
    if (exponent < 0) return Status::Invalid("Integers to negative integer powers are not allowed.");
  }
  RETURN_IF_ERROR(Numbers("**", &x[0], &x[1]));
  RETURN_IF_ERROR(NotOfBools("pow", x));
  return Binary("swath_pow", x[0], x[1]);
}

Result<Column> Negate(std::vector<Column> x) {
  const TypeKind kind = KindOf(*x[0].type);
  if (kind != TypeKind::kDuration && (!IsNumber(kind) || kind == TypeKind::kBool)) {
    return Status::TypeError("bad operand type for unary -: '", PandasName(*x[0].type), "'");
  }
  auto type = x[0].type;
  if (kind == TypeKind::kUnsigned) return Binary("subtract", Literal(x[0], 0), x[0]);
  return MakeCall("negate", {std::move(x[0])}, type);
}

Result<Column> Positive(std::vector<Column> x) { return x[0]; }

Result<Column> Absolute(std::vector<Column> x) {
  const TypeKind kind = KindOf(*x[0].type);
  if (kind == TypeKind::kBool || kind == TypeKind::kUnsigned) return x[0];
  if (!IsNumber(kind) && kind != TypeKind::kDuration) {
    return Status::TypeError("bad operand type for abs(): '", PandasName(*x[0].type), "'");
  }
  auto type = x[0].type;
  if (kind == TypeKind::kDuration) {
    return Cast(MakeCall("abs", {Cast(x[0], arrow::int64())}, arrow::int64()), type);
  }
  return MakeCall("abs", {std::move(x[0])}, type);
}

Result<Column> Round(std::vector<Column> x) {
  ASSIGN_OR_RETURN(const int64_t decimals, IntegerArgument(x, 1, 0, "round"));
  const TypeKind kind = KindOf(*x[0].type);
  if (!IsNumber(kind)) return Status::TypeError("Expected numeric dtype, got ", PandasName(*x[0].type), " instead.");
  if (kind == TypeKind::kBool || (IsInteger(kind) && decimals >= 0)) return x[0];
  auto type = x[0].type;
  return MakeCall("swath_round", {std::move(x[0]), LiteralColumn(arrow::MakeScalar(decimals))}, type);
}

// A function of floats: integers and booleans become float64 first.
template <const char* arrow_name>
Result<Column> OfFloat(std::vector<Column> x) {
  const TypeKind kind = KindOf(*x[0].type);
  if (!IsNumber(kind) && kind != TypeKind::kNull) {
    return Status::TypeError(arrow_name, "() is not supported for dtype ", PandasName(*x[0].type));
  }
  Column argument = AsFloat(std::move(x[0]));
  auto type = argument.type;
  return MakeCall(arrow_name, {std::move(argument)}, type);
}

Result<Column> Sign(std::vector<Column> x) {
  if (!IsNumber(KindOf(*x[0].type)))
    return Status::TypeError("sign() is not supported for dtype ", PandasName(*x[0].type));
  auto type = x[0].type;
  return Cast(MakeCall("sign", {x[0]}, KindOf(*type) == TypeKind::kFloat ? type : arrow::int8()), type);
}

constexpr char kSqrt[] = "sqrt", kExp[] = "exp", kExpm1[] = "expm1", kLn[] = "ln", kLog2[] = "log2", kLog10[] = "log10",
               kLog1p[] = "log1p", kSin[] = "sin", kCos[] = "cos", kTan[] = "tan", kAsin[] = "asin", kAcos[] = "acos",
               kAtan[] = "atan", kFloor[] = "floor", kCeil[] = "ceil", kTrunc[] = "trunc";

constexpr ColumnFunction kFunctions[] = {
    {"add", 2, 2, Add},
    {"sub", 2, 2, Subtract},
    {"mul", 2, 2, Multiply},
    {"truediv", 2, 2, Divide},
    {"floordiv", 2, 2, FloorDivide},
    {"mod", 2, 2, Modulo},
    {"pow", 2, 2, Power},
    {"neg", 1, 1, Negate},
    {"pos", 1, 1, Positive},
    {"abs", 1, 1, Absolute},
    {"round", 1, 2, Round},
    {"sign", 1, 1, Sign},
    {"sqrt", 1, 1, OfFloat<kSqrt>},
    {"exp", 1, 1, OfFloat<kExp>},
    {"expm1", 1, 1, OfFloat<kExpm1>},
    {"log", 1, 1, OfFloat<kLn>},
    {"log2", 1, 1, OfFloat<kLog2>},
    {"log10", 1, 1, OfFloat<kLog10>},
    {"log1p", 1, 1, OfFloat<kLog1p>},
    {"sin", 1, 1, OfFloat<kSin>},
    {"cos", 1, 1, OfFloat<kCos>},
    {"tan", 1, 1, OfFloat<kTan>},
    {"arcsin", 1, 1, OfFloat<kAsin>},
    {"arccos", 1, 1, OfFloat<kAcos>},
    {"arctan", 1, 1, OfFloat<kAtan>},
    {"floor", 1, 1, OfFloat<kFloor>},
    {"ceil", 1, 1, OfFloat<kCeil>},
    {"trunc", 1, 1, OfFloat<kTrunc>},
};

}  // namespace

std::span<const ColumnFunction> ArithmeticFunctions() { return kFunctions; }

}  // namespace swath::expr
