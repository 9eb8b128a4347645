// view(view(x)) -> view(x): the maps compose, the outer grid stays. A view that turns out to change nothing is x
// itself.
#include "swath/expr/array/view.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {

Result<NodePtr> MergeViews(const NodePtr& node) {
  const auto* outer = dynamic_cast<const ViewNode*>(node.get());
  if (!outer) return node;
  const auto* inner = dynamic_cast<const ViewNode*>(outer->inputs()[0].get());
  if (!inner || inner->stored() || outer->stored()) return node;
  LocationScope scope(node->location());
  return MakeView(AsArray(inner->inputs()[0]), ComposeMaps(inner->map(), outer->map()), outer->grid());
}

}  // namespace swath::expr
