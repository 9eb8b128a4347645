// Walking and rebuilding expression trees, for rules that look at all roots at once.
#pragma once

#include <functional>
#include <vector>

#include "swath/expr/node.h"

namespace swath::expr {

// Every node below `roots`, each once, inputs before those that read them.
std::vector<NodePtr> NodesBelow(const std::vector<NodePtr>& roots);

// Rebuilds `roots` bottom-up. `rebuild` gets each node once with its inputs already rebuilt.
Result<std::vector<NodePtr>> RebuildTree(
    const std::vector<NodePtr>& roots,
    const std::function<Result<NodePtr>(const NodePtr& node, std::vector<NodePtr> inputs, bool inputs_changed)>&
        rebuild);

}  // namespace swath::expr
