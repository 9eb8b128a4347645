// A choice of partitions moves below what works row by row, and into the scan:
//   partitions(filter(scan), 3) -> filter(scan of partition 3)
// Only runs of neighbours go into the scan: its tasks read ranges.
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"
#include "swath/expr/frame/scan.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {

Result<NodePtr> PrunePartitions(const NodePtr& node) {
  if (node->op() != PartitionsNode::kOp) return node;
  const auto& choice = static_cast<const PartitionsNode&>(*node);
  const FramePtr input = choice.input();
  const std::vector<int64_t>& numbers = choice.numbers();
  if (input->row_wise()) {
    std::vector<NodePtr> inputs(input->inputs().begin(), input->inputs().end());
    ASSIGN_OR_RETURN(inputs[0], PartitionsNode::Make(AsFrame(inputs[0]), numbers));
    return input->WithInputs(std::move(inputs));
  }
  if (input->op() == PartitionsNode::kOp) {
    const auto& below = static_cast<const PartitionsNode&>(*input);
    std::vector<int64_t> composed;
    for (const int64_t number : numbers) composed.push_back(below.numbers()[static_cast<size_t>(number)]);
    ASSIGN_OR_RETURN(FramePtr merged, PartitionsNode::Make(below.input(), std::move(composed)));
    return merged;
  }
  if (input->op() != ScanNode::kOp) return node;
  for (size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] != numbers[i - 1] + 1) return node;
  }
  ASSIGN_OR_RETURN(FramePtr scan, static_cast<const ScanNode&>(*input).WithPartitions(numbers));
  return scan;
}

}  // namespace swath::expr
