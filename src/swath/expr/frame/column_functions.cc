#include "swath/expr/frame/column_functions.h"

#include <algorithm>
#include <iterator>

#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/base/nearest.h"
#include "swath/expr/frame/pandas_types.h"

namespace swath::expr {
namespace {

// The scalar of a literal argument that is not None; null otherwise. TypeError for a column.
Result<std::shared_ptr<arrow::Scalar>> Argument(const std::vector<Column>& arguments, size_t position,
                                                std::string_view function) {
  if (position >= arguments.size()) return nullptr;
  const arrow::Datum* literal = arguments[position].expression.literal();
  if (!literal) return Status::TypeError(function, "() takes a value as argument ", position, ", not a column");
  return literal->scalar()->is_valid ? literal->scalar() : nullptr;
}

}  // namespace

std::vector<std::span<const ColumnFunction>> ColumnFunctions() {
  return {ArithmeticFunctions(), ComparisonFunctions(), MissingFunctions(), TextFunctions(), DateFunctions()};
}

Result<Column> CallColumn(std::string_view name, std::vector<Column> arguments) {
  std::vector<std::string> names;
  for (const auto& family : ColumnFunctions()) {
    for (const ColumnFunction& function : family) {
      if (function.name == name) {
        const auto count = static_cast<int>(arguments.size());
        if (count < function.arguments_min || count > function.arguments_max) {
          return Status::TypeError(name, "() takes ", function.arguments_min, " to ", function.arguments_max,
                                   " arguments, not ", count);
        }
        return function.make(std::move(arguments));
      }
      names.emplace_back(function.name);
    }
  }
  return Status::KeyError("columns have no function '", name, "'", DidYouMean(name, names));
}

bool IsMissingArgument(const std::vector<Column>& arguments, size_t position) {
  if (position >= arguments.size()) return true;
  const arrow::Datum* literal = arguments[position].expression.literal();
  return literal && !literal->scalar()->is_valid;
}

Result<int64_t> IntegerArgument(const std::vector<Column>& arguments, size_t position, int64_t otherwise,
                                std::string_view function) {
  ASSIGN_OR_RETURN(const auto scalar, Argument(arguments, position, function));
  if (!scalar) return otherwise;
  if (!IsInteger(KindOf(*scalar->type)))
    return Status::TypeError(function, "() takes an integer, not ", scalar->ToString());
  ASSIGN_OR_RETURN(const auto wide, CastLiteral(*scalar, arrow::int64()));
  return static_cast<const arrow::Int64Scalar&>(*wide).value;
}

Result<std::string> TextArgument(const std::vector<Column>& arguments, size_t position, std::string otherwise,
                                 std::string_view function) {
  ASSIGN_OR_RETURN(const auto scalar, Argument(arguments, position, function));
  if (!scalar) return otherwise;
  if (KindOf(*scalar->type) != TypeKind::kText)
    return Status::TypeError(function, "() takes text, not ", scalar->ToString());
  return scalar->ToString();
}

Result<bool> BoolArgument(const std::vector<Column>& arguments, size_t position, bool otherwise,
                          std::string_view function) {
  ASSIGN_OR_RETURN(const auto scalar, Argument(arguments, position, function));
  if (!scalar) return otherwise;
  if (scalar->type->id() != arrow::Type::BOOL)
    return Status::TypeError(function, "() takes a bool, not ", scalar->ToString());
  return static_cast<const arrow::BooleanScalar&>(*scalar).value;
}

Column Decoded(Column column) {
  if (KindOf(*column.type) != TypeKind::kCategory) return column;
  const auto type = static_cast<const arrow::DictionaryType&>(*column.type).value_type();
  return Cast(std::move(column), type);
}

namespace {

bool IsTime(TypeKind kind) {
  return kind == TypeKind::kTimestamp || kind == TypeKind::kDuration || kind == TypeKind::kDate;
}

// A text literal beside a date column is parsed as a date, as pandas does.
Status ParseBeside(Column* literal, const Column& column, std::string_view function) {
  const arrow::Datum* datum = literal->expression.literal();
  if (!datum || KindOf(*literal->type) != TypeKind::kText || !IsTime(KindOf(*column.type))) return Status::OK();
  auto parsed = CastLiteral(*datum->scalar(), column.type);
  if (!parsed.ok()) {
    return Status::TypeError(function, "(): '", datum->scalar()->ToString(), "' is not a value of dtype ",
                             PandasName(*column.type));
  }
  *literal = LiteralColumn(std::move(parsed).ValueUnsafe());
  return Status::OK();
}

// The finer unit of two timestamps or durations.
std::shared_ptr<arrow::DataType> FinerTime(const arrow::DataType& a, const arrow::DataType& b) {
  const auto unit = [](const arrow::DataType& type) {
    return type.id() == arrow::Type::TIMESTAMP ? static_cast<const arrow::TimestampType&>(type).unit()
                                               : static_cast<const arrow::DurationType&>(type).unit();
  };
  return unit(a) >= unit(b) ? a.GetSharedPtr() : b.GetSharedPtr();
}

// Is the literal `weak`, a Python integer, outside of the integer type `type`?
bool IsOutOfBounds(const Column& weak, const arrow::DataType& type) {
  const arrow::Datum* datum = weak.expression.literal();
  if (!datum || weak.type->id() != arrow::Type::INT64 || !arrow::is_integer(type.id()) || !datum->scalar()->is_valid)
    return false;
  const int64_t value = static_cast<const arrow::Int64Scalar&>(*datum->scalar()).value;
  const int bits = type.bit_width();
  if (arrow::is_unsigned_integer(type.id())) return value < 0 || (bits < 64 && value >> bits != 0);
  return bits < 64 && (value < -(int64_t{1} << (bits - 1)) || value >= int64_t{1} << (bits - 1));
}

// The type in which two numbers meet. A Python integer that the column's type cannot hold is an error of arithmetic, as
// in NumPy; elsewhere (comparisons, true division, where, clip) the type grows.
Result<std::shared_ptr<arrow::DataType>> PromoteValues(const Column& a, const Column& b, std::string_view function) {
  if (a.weak != b.weak) {
    const Column& weak = a.weak ? a : b;
    const Column& strong = a.weak ? b : a;
    if (IsOutOfBounds(weak, *strong.type)) {
      constexpr std::string_view kArithmetic[] = {"+", "-", "*", "//", "%", "**", "and", "or", "xor"};
      if (std::find(std::begin(kArithmetic), std::end(kArithmetic), function) == std::end(kArithmetic)) {
        return PromoteNumbers(*a.type, false, *b.type, false);
      }
      return Status::Invalid("Python integer ", weak.expression.literal()->scalar()->ToString(), " out of bounds for ",
                             PandasName(*strong.type));
    }
  }
  return PromoteNumbers(*a.type, a.weak, *b.type, b.weak);
}

}  // namespace

Status MakeAlike(Column* a, Column* b, std::string_view function) {
  *a = Decoded(std::move(*a));
  *b = Decoded(std::move(*b));
  RETURN_IF_ERROR(ParseBeside(a, *b, function));
  RETURN_IF_ERROR(ParseBeside(b, *a, function));
  const TypeKind kind_a = KindOf(*a->type);
  const TypeKind kind_b = KindOf(*b->type);
  std::shared_ptr<arrow::DataType> common;
  if (a->type->Equals(*b->type)) {
    common = a->type;
  } else if (IsNumber(kind_a) && IsNumber(kind_b)) {
    ASSIGN_OR_RETURN(common, PromoteValues(*a, *b, function));
  } else if (kind_a == TypeKind::kNull || kind_b == TypeKind::kNull) {
    common = kind_a == TypeKind::kNull ? b->type : a->type;
  } else if (kind_a == TypeKind::kText && kind_b == TypeKind::kText) {
    common = TextType();
  } else if (kind_a == TypeKind::kDate && kind_b == TypeKind::kTimestamp) {
    common = b->type;
  } else if (kind_a == TypeKind::kTimestamp && kind_b == TypeKind::kDate) {
    common = a->type;
  } else if (kind_a == kind_b && (kind_a == TypeKind::kTimestamp || kind_a == TypeKind::kDuration)) {
    common = FinerTime(*a->type, *b->type);
  } else {
    return Status::TypeError("operation '", function, "' is not supported between dtypes ", PandasName(*a->type),
                             " and ", PandasName(*b->type));
  }
  *a = Cast(std::move(*a), common);
  *b = Cast(std::move(*b), common);
  return Status::OK();
}

}  // namespace swath::expr
