// Projection pushdown: each node is told which of its columns are read by anyone, down to the scans, which then read
// only those.
//   groupby(scan[40 columns], k).mean(x) -> groupby(scan[k, x], k).mean(x)
#include <unordered_map>

#include "arrow/type.h"
#include "arrow/type_traits.h"

#include "swath/expr/frame/order.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"
#include "swath/expr/frame/scan.h"
#include "swath/expr/rules/rules.h"
#include "swath/expr/rules/tree.h"

namespace swath::expr {
namespace {

using Needs = std::unordered_map<const Node*, ColumnSet>;

// A table that is handed from task to task needs a column to have rows at all: its first of fixed width.
void KeepOneColumn(const FrameNode& frame, ColumnSet* needed) {
  if (!needed->empty() || frame.row_wise() || frame.op() == ScanNode::kOp || frame.schema()->num_fields() == 0) return;
  for (const auto& field : frame.schema()->fields()) {
    if (!arrow::is_fixed_width(field->type()->id())) continue;
    needed->insert(field->name());
    return;
  }
  needed->insert(frame.schema()->field(0)->name());
}

// What is read of each table: all of a root, and of the others what their readers ask for.
Needs CollectNeeds(const std::vector<NodePtr>& roots) {
  Needs needs;
  for (const NodePtr& root : roots) {
    if (const FramePtr frame = ToFrame(root)) needs[root.get()].merge(AllColumns(*frame));
  }
  const std::vector<NodePtr> order = NodesBelow(roots);
  for (auto node = order.rbegin(); node != order.rend(); ++node) {  // readers before what they read
    const FramePtr frame = ToFrame(*node);
    if (frame) KeepOneColumn(*frame, &needs[node->get()]);
    for (size_t i = 0; i < (*node)->inputs().size(); ++i) {
      const FramePtr input = ToFrame((*node)->inputs()[i]);
      if (!input) continue;
      needs[input.get()].merge(frame ? frame->InputColumns(needs[node->get()], i) : AllColumns(*input));
    }
  }
  return needs;
}

// Does the node hold its rows in memory between tasks? Then it should not hold columns that only its own input read (a
// filter's).
bool Keeps(const FrameNode& frame) {
  return frame.op() == PartitionsNode::kOp || frame.op() == RepartitionNode::kOp ||
         dynamic_cast<const OrderNode*>(&frame) != nullptr || dynamic_cast<const LimitNode*>(&frame) != nullptr;
}

}  // namespace

Result<std::vector<NodePtr>> PruneColumns(std::vector<NodePtr> roots) {
  Needs needs = CollectNeeds(roots);
  return RebuildTree(roots, [&](const NodePtr& node, std::vector<NodePtr> inputs, bool changed) -> Result<NodePtr> {
    const FramePtr frame = ToFrame(node);
    if (!frame) return changed ? node->WithInputs(std::move(inputs)) : Result<NodePtr>(node);
    const ColumnSet& needed = needs[node.get()];
    if (!changed && needed.size() == AllColumns(*frame).size()) return node;
    if (Keeps(*frame)) {
      ASSIGN_OR_RETURN(inputs[0], OnlyColumns(AsFrame(inputs[0]), frame->InputColumns(needed, 0)));
    }
    return frame->Restrict(needed, std::move(inputs));
  });
}

}  // namespace swath::expr
