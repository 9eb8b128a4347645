#include "swath/expr/frame/expression_text.h"

#include <string_view>
#include <utility>

#include "arrow/compute/expression.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/expr/frame/column.h"

namespace swath::expr {
namespace {

namespace cp = arrow::compute;

constexpr std::pair<std::string_view, std::string_view> kInfix[] = {
    {"add", "+"},          {"subtract", "-"},    {"multiply", "*"},   {"divide", "/"},         {"swath_floordiv", "//"},
    {"swath_mod", "%"},    {"swath_pow", "**"},  {"swath_eq", "=="},  {"swath_ne", "!="},      {"swath_lt", "<"},
    {"swath_le", "<="},    {"swath_gt", ">"},    {"swath_ge", ">="},  {"equal", "=="},         {"not_equal", "!="},
    {"less", "<"},         {"less_equal", "<="}, {"greater", ">"},    {"greater_equal", ">="}, {"swath_and", "and"},
    {"and_kleene", "and"}, {"swath_or", "or"},   {"or_kleene", "or"}, {"swath_xor", "xor"},
};

std::string LiteralText(const arrow::Scalar& scalar) {
  const std::string text = scalar.ToString();
  return arrow::is_base_binary_like(scalar.type->id()) ? "'" + text + "'" : text;
}

std::string Text(const cp::Expression& expression, bool nested);

std::string CallText(const cp::Expression::Call& call, bool nested) {
  const bool transparent =
      call.function_name == "cast" ||
      (call.function_name == "coalesce" && call.arguments.size() == 2 && call.arguments[1].literal() &&
       call.arguments[1].literal()->type()->id() == arrow::Type::BOOL);
  if (transparent) return Text(call.arguments[0], nested);
  for (const auto& [name, symbol] : kInfix) {
    if (call.function_name != name || call.arguments.size() != 2) continue;
    const std::string text =
        Text(call.arguments[0], true) + " " + std::string(symbol) + " " + Text(call.arguments[1], true);
    return nested ? "(" + text + ")" : text;
  }
  if (call.function_name == "invert" || call.function_name == "swath_invert")
    return "not " + Text(call.arguments[0], true);
  std::string text = call.function_name.starts_with("swath_") ? call.function_name.substr(6) : call.function_name;
  text += "(";
  for (size_t i = 0; i < call.arguments.size(); ++i) text += (i ? ", " : "") + Text(call.arguments[i], false);
  return text + ")";
}

std::string Text(const cp::Expression& expression, bool nested) {
  if (const arrow::FieldRef* reference = expression.field_ref()) {
    const std::string* name = reference->name();
    if (!name) return reference->ToString();
    return IsScalarField(*name) ? name->substr(0, 7) : *name;
  }
  if (const arrow::Datum* literal = expression.literal()) {
    return literal->is_scalar() ? LiteralText(*literal->scalar()) : literal->ToString();
  }
  if (const cp::Expression::Call* call = expression.call()) return CallText(*call, nested);
  return "?";
}

}  // namespace

std::string ShortText(const cp::Expression& expression, size_t limit) {
  std::string text = Text(expression, false);
  if (text.size() > limit) text = text.substr(0, limit - 3) + "…";
  return text;
}

}  // namespace swath::expr
