#include "swath/expr/rules/tree.h"

#include <unordered_map>
#include <unordered_set>

namespace swath::expr {

std::vector<NodePtr> NodesBelow(const std::vector<NodePtr>& roots) {
  std::vector<NodePtr> order;
  std::unordered_set<const Node*> done;
  std::vector<std::pair<NodePtr, bool>> stack;
  for (auto root = roots.rbegin(); root != roots.rend(); ++root) stack.emplace_back(*root, false);
  while (!stack.empty()) {
    const auto [node, inputs_done] = stack.back();
    stack.pop_back();
    if (done.contains(node.get())) continue;
    if (inputs_done) {
      done.insert(node.get());
      order.push_back(node);
      continue;
    }
    stack.emplace_back(node, true);
    for (const NodePtr& input : node->inputs()) stack.emplace_back(input, false);
  }
  return order;
}

Result<std::vector<NodePtr>> RebuildTree(
    const std::vector<NodePtr>& roots,
    const std::function<Result<NodePtr>(const NodePtr&, std::vector<NodePtr>, bool)>& rebuild) {
  std::unordered_map<const Node*, NodePtr> rebuilt;
  for (const NodePtr& node : NodesBelow(roots)) {
    std::vector<NodePtr> inputs;
    bool changed = false;
    for (const NodePtr& input : node->inputs()) {
      inputs.push_back(rebuilt.at(input.get()));
      changed |= inputs.back() != input;
    }
    LocationScope scope(node->location());
    ASSIGN_OR_RETURN(rebuilt[node.get()], rebuild(node, std::move(inputs), changed));
  }
  std::vector<NodePtr> results;
  for (const NodePtr& root : roots) results.push_back(rebuilt.at(root.get()));
  return results;
}

}  // namespace swath::expr
