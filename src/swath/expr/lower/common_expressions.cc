#include "swath/expr/lower/common_expressions.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "arrow/compute/expression.h"

#include "swath/expr/frame/column.h"

namespace swath::expr {
namespace {

namespace cp = arrow::compute;

using Counts = std::unordered_map<cp::Expression, int, cp::Expression::Hash>;

void Count(const cp::Expression& expression, Counts* counts) {
  const cp::Expression::Call* call = expression.call();
  if (!call) return;
  if (++(*counts)[expression] > 1) return;  // its parts were counted with the first
  for (const cp::Expression& argument : call->arguments) Count(argument, counts);
}

class Extraction {
 public:
  Extraction(const Counts& counts, ops::CallSites* sites) : counts_(counts), sites_(sites) {}

  // `expression` with each repeated call replaced by its column.
  cp::Expression Rewrite(const cp::Expression& expression) {
    const cp::Expression::Call* call = expression.call();
    if (!call) return expression;
    if (counts_.at(expression) > 1) return cp::field_ref(ColumnOf(expression));
    std::vector<cp::Expression> arguments;
    for (const cp::Expression& argument : call->arguments) arguments.push_back(Rewrite(argument));
    cp::Expression rewritten = cp::call(call->function_name, std::move(arguments), call->options);
    sites_->Add(rewritten, sites_->Find(expression));
    return rewritten;
  }

  // The columns "%i", then the plain fields that `rewritten` still reads.
  ops::ProjectStep FirstStep(const std::vector<cp::Expression>& rewritten) && {
    ops::ProjectStep step = std::move(shared_);
    for (const cp::Expression& expression : rewritten) {
      for (const std::string& name : FieldsOf(expression)) {
        if (IsScalarField(name) || std::find(step.names.begin(), step.names.end(), name) != step.names.end()) continue;
        step.names.push_back(name);
        step.expressions.push_back(cp::field_ref(name));
      }
    }
    return step;
  }

 private:
  std::string ColumnOf(const cp::Expression& expression) {
    const auto found = std::find_if(shared_.expressions.begin(), shared_.expressions.end(),
                                    [&](const cp::Expression& other) { return other.Equals(expression); });
    if (found != shared_.expressions.end())
      return shared_.names[static_cast<size_t>(found - shared_.expressions.begin())];
    shared_.names.push_back("%" + std::to_string(shared_.names.size()));
    shared_.expressions.push_back(expression);
    return shared_.names.back();
  }

  const Counts& counts_;
  ops::CallSites* sites_;  // of the step: rewritten calls keep their lines
  ops::ProjectStep shared_;
};

}  // namespace

std::vector<ops::ProjectStep> ShareCommonExpressions(ops::ProjectStep step) {
  Counts counts;
  for (const cp::Expression& expression : step.expressions) Count(expression, &counts);
  const bool repeated = std::any_of(counts.begin(), counts.end(), [](const auto& entry) { return entry.second > 1; });
  if (!repeated) return {std::move(step)};
  Extraction extraction(counts, &step.sites);
  for (cp::Expression& expression : step.expressions) expression = extraction.Rewrite(expression);
  ops::ProjectStep first = std::move(extraction).FirstStep(step.expressions);
  first.sites = step.sites;
  return {std::move(first), std::move(step)};
}

}  // namespace swath::expr
