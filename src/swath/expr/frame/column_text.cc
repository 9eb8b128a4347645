// str.…: functions of text. Each row: the kernel function, its arguments with their defaults, the type of the result.
#include <array>
#include <optional>

#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/pandas_types.h"

namespace swath::expr {
namespace {

Column Text(std::string value) { return LiteralColumn(std::make_shared<arrow::LargeStringScalar>(std::move(value))); }
Column Integer(int64_t value) { return LiteralColumn(arrow::MakeScalar(value)); }
Column Bool(bool value) { return LiteralColumn(std::make_shared<arrow::BooleanScalar>(value)); }

// The column itself as large_string; AttributeError's text where it holds no text.
Result<Column> TextOf(Column column) {
  column = Decoded(std::move(column));
  const TypeKind kind = KindOf(*column.type);
  if (kind != TypeKind::kText && kind != TypeKind::kNull) {
    return Status::TypeError("Can only use .str accessor with string values, not ", PandasName(*column.type));
  }
  return Cast(std::move(column), TextType());
}

// One argument of a text function: 't' text, 'i' integer, 'b' bool; capital: required; `otherwise` as text, "" of 't'
// and 'i' with `nullable`: null.
struct Parameter {
  char kind;
  std::string_view otherwise;
  bool nullable = false;
};

Result<Column> ArgumentOf(const std::vector<Column>& x, size_t position, const Parameter& parameter,
                          std::string_view name) {
  const bool absent = IsMissingArgument(x, position);
  if (absent && parameter.kind < 'a') return Status::TypeError(name, "() needs argument ", position);
  if (absent && parameter.nullable) {
    return LiteralColumn(arrow::MakeNullScalar(parameter.kind == 't' ? TextType() : arrow::int64()));
  }
  switch (parameter.kind) {
    case 't':
    case 'T': {
      ASSIGN_OR_RETURN(std::string text, TextArgument(x, position, std::string(parameter.otherwise), name));
      return Text(std::move(text));
    }
    case 'i':
    case 'I': {
      const int64_t otherwise = parameter.otherwise == "-1" ? -1 : parameter.otherwise == "1" ? 1 : 0;
      ASSIGN_OR_RETURN(const int64_t value, IntegerArgument(x, position, otherwise, name));
      return Integer(value);
    }
    default: {
      ASSIGN_OR_RETURN(const bool value, BoolArgument(x, position, parameter.otherwise == "true", name));
      return Bool(value);
    }
  }
}

Result<Column> Make(std::string_view name, const std::shared_ptr<arrow::DataType>& type,
                    std::initializer_list<Parameter> parameters, std::vector<Column> x) {
  ASSIGN_OR_RETURN(Column text, TextOf(x[0]));
  std::vector<Column> arguments{std::move(text)};
  for (size_t i = 0; i < parameters.size(); ++i) {
    ASSIGN_OR_RETURN(Column argument, ArgumentOf(x, i + 1, parameters.begin()[i], name));
    arguments.push_back(std::move(argument));
  }
  return MakeCall("swath_str_" + std::string(name), std::move(arguments), type);
}

using Columns = std::vector<Column>;
Result<Column> Lower(Columns x) { return Make("lower", TextType(), {}, std::move(x)); }
Result<Column> Upper(Columns x) { return Make("upper", TextType(), {}, std::move(x)); }
Result<Column> Title(Columns x) { return Make("title", TextType(), {}, std::move(x)); }
Result<Column> Capitalize(Columns x) { return Make("capitalize", TextType(), {}, std::move(x)); }
Result<Column> Swapcase(Columns x) { return Make("swapcase", TextType(), {}, std::move(x)); }
Result<Column> Length(Columns x) { return Make("len", arrow::int64(), {}, std::move(x)); }
Result<Column> Strip(Columns x) { return Make("strip", TextType(), {{'t', "", true}}, std::move(x)); }
Result<Column> LeftStrip(Columns x) { return Make("lstrip", TextType(), {{'t', "", true}}, std::move(x)); }
Result<Column> RightStrip(Columns x) { return Make("rstrip", TextType(), {{'t', "", true}}, std::move(x)); }
Result<Column> Contains(Columns x) {
  return Make("contains", arrow::boolean(), {{'T', ""}, {'b', "true"}, {'b', "true"}, {'b', "false"}}, std::move(x));
}
Result<Column> Match(Columns x) {
  return Make("match", arrow::boolean(), {{'T', ""}, {'b', "true"}, {'b', "false"}}, std::move(x));
}
Result<Column> FullMatch(Columns x) {
  return Make("fullmatch", arrow::boolean(), {{'T', ""}, {'b', "true"}, {'b', "false"}}, std::move(x));
}
Result<Column> StartsWith(Columns x) {
  return Make("startswith", arrow::boolean(), {{'T', ""}, {'b', "false"}}, std::move(x));
}
Result<Column> EndsWith(Columns x) {
  return Make("endswith", arrow::boolean(), {{'T', ""}, {'b', "false"}}, std::move(x));
}
// replace(pat, repl, n = -1, regex = false, case = true); the kernel wants case before regex.
Result<Column> Replace(Columns x) {
  while (x.size() < 4) x.push_back(Integer(-1));
  while (x.size() < 5) x.push_back(Bool(false));
  while (x.size() < 6) x.push_back(Bool(true));
  std::swap(x[4], x[5]);
  return Make("replace", TextType(), {{'T', ""}, {'T', ""}, {'i', "-1"}, {'b', "true"}, {'b', "false"}}, std::move(x));
}
Result<Column> Slice(Columns x) {
  return Make("slice", TextType(), {{'i', "", true}, {'i', "", true}, {'i', "", true}}, std::move(x));
}
Result<Column> Get(Columns x) { return Make("get", TextType(), {{'I', ""}}, std::move(x)); }
Result<Column> ZeroFill(Columns x) { return Make("zfill", TextType(), {{'I', ""}}, std::move(x)); }
Result<Column> Pad(Columns x) { return Make("pad", TextType(), {{'I', ""}, {'t', "left"}, {'t', " "}}, std::move(x)); }
Result<Column> Center(Columns x) { return Make("center", TextType(), {{'I', ""}, {'t', " "}}, std::move(x)); }
Result<Column> LeftJustify(Columns x) { return Make("ljust", TextType(), {{'I', ""}, {'t', " "}}, std::move(x)); }
Result<Column> RightJustify(Columns x) { return Make("rjust", TextType(), {{'I', ""}, {'t', " "}}, std::move(x)); }
Result<Column> Repeat(Columns x) { return Make("repeat", TextType(), {{'I', ""}}, std::move(x)); }
Result<Column> Count(Columns x) { return Make("count", arrow::int64(), {{'T', ""}}, std::move(x)); }
Result<Column> Find(Columns x) { return Make("find", arrow::int64(), {{'T', ""}, {'i', "0"}}, std::move(x)); }
Result<Column> FindLast(Columns x) { return Make("rfind", arrow::int64(), {{'T', ""}, {'i', "0"}}, std::move(x)); }
Result<Column> IsAlpha(Columns x) { return Make("isalpha", arrow::boolean(), {}, std::move(x)); }
Result<Column> IsDigit(Columns x) { return Make("isdigit", arrow::boolean(), {}, std::move(x)); }
Result<Column> IsNumeric(Columns x) { return Make("isnumeric", arrow::boolean(), {}, std::move(x)); }
Result<Column> IsDecimal(Columns x) { return Make("isdecimal", arrow::boolean(), {}, std::move(x)); }
Result<Column> IsAlnum(Columns x) { return Make("isalnum", arrow::boolean(), {}, std::move(x)); }
Result<Column> IsSpace(Columns x) { return Make("isspace", arrow::boolean(), {}, std::move(x)); }
Result<Column> IsLower(Columns x) { return Make("islower", arrow::boolean(), {}, std::move(x)); }
Result<Column> IsUpper(Columns x) { return Make("isupper", arrow::boolean(), {}, std::move(x)); }
Result<Column> IsTitle(Columns x) { return Make("istitle", arrow::boolean(), {}, std::move(x)); }

constexpr ColumnFunction kFunctions[] = {
    {"str.lower", 1, 1, Lower},
    {"str.upper", 1, 1, Upper},
    {"str.title", 1, 1, Title},
    {"str.capitalize", 1, 1, Capitalize},
    {"str.swapcase", 1, 1, Swapcase},
    {"str.len", 1, 1, Length},
    {"str.strip", 1, 2, Strip},
    {"str.lstrip", 1, 2, LeftStrip},
    {"str.rstrip", 1, 2, RightStrip},
    {"str.contains", 2, 5, Contains},
    {"str.match", 2, 4, Match},
    {"str.fullmatch", 2, 4, FullMatch},
    {"str.startswith", 2, 3, StartsWith},
    {"str.endswith", 2, 3, EndsWith},
    {"str.replace", 3, 6, Replace},
    {"str.slice", 1, 4, Slice},
    {"str.get", 2, 2, Get},
    {"str.zfill", 2, 2, ZeroFill},
    {"str.pad", 2, 4, Pad},
    {"str.center", 2, 3, Center},
    {"str.ljust", 2, 3, LeftJustify},
    {"str.rjust", 2, 3, RightJustify},
    {"str.repeat", 2, 2, Repeat},
    {"str.count", 2, 2, Count},
    {"str.find", 2, 3, Find},
    {"str.rfind", 2, 3, FindLast},
    {"str.isalpha", 1, 1, IsAlpha},
    {"str.isdigit", 1, 1, IsDigit},
    {"str.isnumeric", 1, 1, IsNumeric},
    {"str.isdecimal", 1, 1, IsDecimal},
    {"str.isalnum", 1, 1, IsAlnum},
    {"str.isspace", 1, 1, IsSpace},
    {"str.islower", 1, 1, IsLower},
    {"str.isupper", 1, 1, IsUpper},
    {"str.istitle", 1, 1, IsTitle},
};

}  // namespace

std::span<const ColumnFunction> TextFunctions() { return kFunctions; }

}  // namespace swath::expr
