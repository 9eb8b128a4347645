#include "swath/expr/frame/predicate.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "arrow/type.h"

namespace swath::expr {
namespace {

namespace cp = arrow::compute;

// Functions of ours and Arrow's that differ only where a side is missing, and there answer false and null.
constexpr std::pair<std::string_view, std::string_view> kNullable[] = {
    {"swath_eq", "equal"},   {"swath_lt", "less"},          {"swath_le", "less_equal"},
    {"swath_gt", "greater"}, {"swath_ge", "greater_equal"},
};
constexpr std::pair<std::string_view, std::string_view> kConnectives[] = {{"swath_and", "and_kleene"},
                                                                          {"swath_or", "or_kleene"}};

template <size_t n>
std::string_view Counterpart(const std::pair<std::string_view, std::string_view> (&table)[n], std::string_view name) {
  for (const auto& [ours, arrows] : table) {
    if (ours == name || arrows == name) return arrows;
  }
  return {};
}

bool IsColumnAndValue(const cp::Expression::Call& call) {
  // A cast field: what categories are compared as. Sources that know the value of a field (folder names) use it.
  const auto is_field = [](const cp::Expression& e) {
    const cp::Expression::Call* cast = e.call();
    const cp::Expression& inner = cast && cast->function_name == "cast" ? cast->arguments[0] : e;
    return inner.field_ref() && inner.field_ref()->name() && !IsScalarField(*inner.field_ref()->name());
  };
  if (call.function_name == "is_in" || call.function_name == "is_valid") return is_field(call.arguments[0]);
  if (Counterpart(kNullable, call.function_name).empty() || call.arguments.size() != 2) return false;
  return (is_field(call.arguments[0]) && call.arguments[1].literal()) ||
         (call.arguments[0].literal() && is_field(call.arguments[1]));
}

}  // namespace

cp::Expression FilterForm(const cp::Expression& condition) {
  const cp::Expression::Call* call = condition.call();
  if (!call) return condition;
  const std::string_view connective = Counterpart(kConnectives, call->function_name);
  if (!connective.empty()) {
    std::vector<cp::Expression> sides;
    for (const cp::Expression& argument : call->arguments) sides.push_back(FilterForm(argument));
    return cp::call(std::string(connective), std::move(sides));
  }
  const std::string_view comparison = Counterpart(kNullable, call->function_name);
  return comparison.empty() ? condition : cp::call(std::string(comparison), call->arguments);
}

std::vector<cp::Expression> Conjuncts(const cp::Expression& condition) {
  const cp::Expression::Call* call = condition.call();
  if (!call || (call->function_name != "swath_and" && call->function_name != "and_kleene")) return {condition};
  std::vector<cp::Expression> parts;
  for (const cp::Expression& argument : call->arguments) {
    for (cp::Expression& part : Conjuncts(argument)) parts.push_back(std::move(part));
  }
  return parts;
}

std::optional<cp::Expression> StatisticsPredicate(const cp::Expression& condition) {
  std::optional<cp::Expression> joined;
  for (const cp::Expression& part : Conjuncts(condition)) {
    if (!part.call() || !IsColumnAndValue(*part.call())) continue;
    const cp::Expression usable = FilterForm(part);
    joined = joined ? cp::call("and_kleene", {*joined, usable}) : usable;
  }
  return joined;
}

Column BothConditions(const Column& a, const Column& b) { return MakeCall("swath_and", {a, b}, arrow::boolean()); }

}  // namespace swath::expr
