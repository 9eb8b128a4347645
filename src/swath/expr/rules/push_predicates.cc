// Predicate pushdown: a scan is told the conditions of the filter above it that compare a column with a value, so that
// it can skip row groups by their statistics. The filter stays. Not where row numbers are read: skipping would change
// them.
#include "swath/expr/frame/predicate.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/scan.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {

Result<NodePtr> PushPredicates(const NodePtr& node) {
  if (node->op() != FilterNode::kOp) return node;
  const auto& filter = static_cast<const FilterNode&>(*node);
  const FramePtr input = filter.input();
  if (input->op() != ScanNode::kOp) return node;
  const auto& scan = static_cast<const ScanNode&>(*input);
  if (scan.options().count_rows) return node;
  const auto usable = StatisticsPredicate(filter.condition().expression);
  if (!usable) return node;
  ASSIGN_OR_RETURN(const auto source, scan.source()->WithPredicate(*usable));
  if (!source) return node;
  ASSIGN_OR_RETURN(const FramePtr narrower, scan.WithSource(source));
  std::vector<NodePtr> inputs(node->inputs().begin(), node->inputs().end());
  inputs[0] = narrower;
  return node->WithInputs(std::move(inputs));
}

}  // namespace swath::expr
