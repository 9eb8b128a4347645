#include "swath/ops/bag_expression.h"

#include <algorithm>
#include <array>

#include "swath/base/nearest.h"

namespace swath::ops {
namespace {

constexpr BagFunction kFunctions[] = {
    {"getitem", 2, 2},    {"get", 2, 3},      {"add", 2, 2},      {"sub", 2, 2},          {"mul", 2, 2},
    {"truediv", 2, 2},    {"floordiv", 2, 2}, {"mod", 2, 2},      {"pow", 2, 2},          {"neg", 1, 1},
    {"pos", 1, 1},        {"abs", 1, 1},      {"invert", 1, 1},   {"and_", 2, 2},         {"or_", 2, 2},
    {"xor", 2, 2},        {"lt", 2, 2},       {"le", 2, 2},       {"gt", 2, 2},           {"ge", 2, 2},
    {"eq", 2, 2},         {"ne", 2, 2},       {"contains", 2, 2}, {"is_none", 1, 1},      {"is_not_none", 1, 1},
    {"not", 1, 1},        {"and", 2, 2},      {"or", 2, 2},       {"if", 3, 3},           {"len", 1, 1},
    {"bool", 1, 1},       {"int", 1, 1},      {"float", 1, 1},    {"str", 1, 1},          {"round", 1, 2},
    {"min2", 2, 2},       {"max2", 2, 2},     {"tuple", 0, -1},   {"list", 0, -1},        {"record", 0, -1},
    {"first", 1, 1},      {"slice", 4, 4},    {"last", 1, 1},     {"lower", 1, 1},        {"upper", 1, 1},
    {"strip", 1, 2},      {"lstrip", 1, 2},   {"rstrip", 1, 2},   {"split", 1, 3},        {"rsplit", 1, 3},
    {"splitlines", 1, 2}, {"join", 2, 2},     {"replace", 3, 4},  {"startswith", 2, 2},   {"endswith", 2, 2},
    {"find", 2, 2},       {"rfind", 2, 2},    {"count", 2, 2},    {"isdigit", 1, 1},      {"isalpha", 1, 1},
    {"isalnum", 1, 1},    {"isspace", 1, 1},  {"isupper", 1, 1},  {"islower", 1, 1},      {"title", 1, 1},
    {"capitalize", 1, 1}, {"swapcase", 1, 1}, {"zfill", 2, 2},    {"removeprefix", 2, 2}, {"removesuffix", 2, 2},
    {"partition", 2, 2},  {"loads", 1, 1},    {"dumps", 1, 1},    {"isinstance", 2, 2},
};

std::string_view Operator(std::string_view function) {
  static constexpr std::pair<std::string_view, std::string_view> kOperators[] = {
      {"add", "+"},  {"sub", "-"},  {"mul", "*"}, {"truediv", "/"}, {"floordiv", "//"}, {"mod", "%"},
      {"pow", "**"}, {"and_", "&"}, {"or_", "|"}, {"xor", "^"},     {"lt", "<"},        {"le", "<="},
      {"gt", ">"},   {"ge", ">="},  {"eq", "=="}, {"ne", "!="},     {"and", "and"},     {"or", "or"}};
  for (const auto& [name, symbol] : kOperators) {
    if (name == function) return symbol;
  }
  return {};
}

bool IsMethod(std::string_view function) {
  const auto* const all = std::begin(kFunctions);
  const auto place = [&](std::string_view name) {
    return std::find_if(all, std::end(kFunctions), [&](const BagFunction& f) { return f.name == name; });
  };
  return function == "get" || (place(function) >= place("lower") && place(function) <= place("partition"));
}

std::string Operand(const BagExpression& expression) {
  const bool compound = expression.kind() == BagExpression::Kind::kCall && !Operator(expression.function()).empty();
  return compound ? "(" + expression.ToString() + ")" : expression.ToString();
}

std::string Joined(std::span<const BagExpressionPtr> arguments) {
  std::string out;
  for (const BagExpressionPtr& argument : arguments) out += (out.empty() ? "" : ", ") + argument->ToString();
  return out;
}

}  // namespace

std::span<const BagFunction> BagFunctions() { return kFunctions; }

BagExpressionPtr BagExpression::Item() {
  auto node = std::make_shared<BagExpression>();
  node->token_ = TokenBuilder("bag.item").Finish();
  return node;
}

BagExpressionPtr BagExpression::Accumulator() {
  auto node = std::make_shared<BagExpression>();
  node->kind_ = Kind::kAccumulator;
  node->token_ = TokenBuilder("bag.accumulator").Finish();
  return node;
}

BagExpressionPtr BagExpression::Literal(const BagItem& value) {
  auto node = std::make_shared<BagExpression>();
  node->kind_ = Kind::kLiteral;
  node->literal_ = OwnedItem(value);
  std::string encoded;
  EncodeItem(value, &encoded);
  node->token_ = TokenBuilder("bag.literal").Add(std::string_view(encoded)).Finish();
  return node;
}

Result<BagExpressionPtr> BagExpression::Call(std::string_view function, std::vector<BagExpressionPtr> arguments) {
  const auto* const row = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                       [&](const BagFunction& known) { return known.name == function; });
  if (row == std::end(kFunctions)) {
    std::vector<std::string> names;
    for (const BagFunction& known : kFunctions) names.emplace_back(known.name);
    return Status::KeyError("no native function '", function, "' for items of bags", DidYouMean(function, names));
  }
  const auto count = static_cast<int>(arguments.size());
  if (count < row->arguments_min || (row->arguments_max >= 0 && count > row->arguments_max)) {
    return Status::Invalid("the native function '", function, "' takes ", int{row->arguments_min}, " to ",
                           int{row->arguments_max}, " arguments; got ", count);
  }
  auto node = std::make_shared<BagExpression>();
  node->kind_ = Kind::kCall;
  node->function_ = row->name;
  TokenBuilder token("bag.call");
  token.Add(row->name);
  for (const BagExpressionPtr& argument : arguments) token.Add(argument->token());
  node->token_ = token.Finish();
  node->arguments_ = std::move(arguments);
  return node;
}

std::string BagExpression::ToString() const {
  if (kind_ == Kind::kItem) return "x";
  if (kind_ == Kind::kAccumulator) return "acc";
  if (kind_ == Kind::kLiteral) return ItemRepr(literal());
  if (const std::string_view symbol = Operator(function_); !symbol.empty()) {
    return Operand(*arguments_[0]) + " " + std::string(symbol) + " " + Operand(*arguments_[1]);
  }
  if (function_ == "getitem") return Operand(*arguments_[0]) + "[" + arguments_[1]->ToString() + "]";
  if (function_ == "contains") return Operand(*arguments_[1]) + " in " + Operand(*arguments_[0]);
  if (IsMethod(function_)) {
    return Operand(*arguments_[0]) + "." + function_ + "(" + Joined(std::span(arguments_).subspan(1)) + ")";
  }
  return function_ + "(" + Joined(arguments_) + ")";
}

}  // namespace swath::ops
