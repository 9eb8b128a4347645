// The calls of user functions below some roots, in levels: calls of one level read calls of that level and those
// before, and collections that read calls of earlier levels only. One level becomes one materialized layer.
#pragma once

#include <vector>

#include "swath/expr/delayed/delayed_node.h"
#include "swath/expr/lower/lower.h"

namespace swath::expr {

struct CallLevels {
  struct Level {
    std::vector<NodePtr> calls;        // each after those that it reads
    std::vector<NodePtr> collections;  // roots and inputs of bridges that become computable with this level's calls
  };
  // levels[0] has no calls: the collections that read none. Empty calls everywhere: there are no calls at all.
  std::vector<Level> levels;
  bool has_calls() const { return levels.size() > 1; }
};

// Iterative: graphs of calls are deeper than the stack.
CallLevels FindCalls(const std::vector<NodePtr>& roots);

// Adds the layer of one level's calls and sets their tasks. `optimized[i]` stands for `original[i]`, the collections
// of the earlier levels.
using Replacements = std::unordered_map<const Node*, NodePtr>;
Status LowerCalls(const std::vector<NodePtr>& calls, const Replacements& replacements, Lowering* lowering);

}  // namespace swath::expr
