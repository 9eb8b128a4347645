// The first rows of what is sorted are found without sorting all:
//   head(sort(x, by), n)     -> top(x, by, n)
//   head(project(x), n)      -> project(head(x, n))   when x is sorted or limited already, so that the two meet
//   head(head(x, m), n)      -> head(x, min(m, n))
#include <algorithm>

#include "swath/expr/frame/order.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {

Result<NodePtr> LimitRows(const NodePtr& node) {
  if (node->op() != "head") return node;
  const auto& head = static_cast<const LimitNode&>(*node);
  const FramePtr input = head.input();
  if (input->op() == "sort" || input->op() == "top") {
    OrderSpec spec = static_cast<const OrderNode&>(*input).spec();
    if (!spec.rows) spec.drop_missing = false;  // a sort shows rows with a missing key, last
    spec.rows = std::min(head.rows(), spec.rows.value_or(head.rows()));
    ASSIGN_OR_RETURN(FramePtr top, OrderNode::Make(AsFrame(input->inputs()[0]), std::move(spec)));
    return top;
  }
  if (input->op() == "head") {
    const auto& below = static_cast<const LimitNode&>(*input);
    ASSIGN_OR_RETURN(FramePtr merged,
                     LimitNode::Make(below.input(), std::min(head.rows(), below.rows()), below.partitions(), false));
    return merged;
  }
  if (input->op() != ProjectNode::kOp) return node;
  const FramePtr below = AsFrame(input->inputs()[0]);
  if (below->op() != "sort" && below->op() != "top" && below->op() != "head") return node;
  std::vector<NodePtr> inputs(input->inputs().begin(), input->inputs().end());
  ASSIGN_OR_RETURN(inputs[0], LimitNode::Make(below, head.rows(), head.partitions(), false));
  return input->WithInputs(std::move(inputs));
}

}  // namespace swath::expr
