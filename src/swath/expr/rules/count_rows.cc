// Counting looks at no column and at no order:
//   len(project(x)) -> len(x)      len(sort(x)) -> len(x)      len(repartition(x)) -> len(x)
// What is left over a scan without filters is answered from metadata (Parquet footers) by the task itself.
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {

Result<NodePtr> CountRows(const NodePtr& node) {
  if (node->op() != CountNode::kOp) return node;
  const FramePtr input = AsFrame(node->inputs()[0]);
  if (input->op() != ProjectNode::kOp && input->op() != "sort" && input->op() != RepartitionNode::kOp) return node;
  ASSIGN_OR_RETURN(FramePtr count, CountNode::Make(AsFrame(input->inputs()[0])));
  return count;
}

}  // namespace swath::expr
