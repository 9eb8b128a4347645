// Lowering: optimized expressions -> symbolic layers. One Lowering per graph; each distinct node becomes layers once.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "swath/base/status.h"
#include "swath/expr/node.h"
#include "swath/graph/graph.h"

namespace swath::expr {

class Lowering {
 public:
  // The graph layer whose block b is block (partition) b of `node`; lowers it and its inputs on first use.
  Result<int32_t> LayerOf(const NodePtr& node);
  graph::Graph& graph() { return graph_; }

 private:
  graph::Graph graph_;
  std::unordered_map<Token, int32_t> layer_of_;
};

struct Plan {
  std::shared_ptr<const graph::Graph> graph;
  // For root i: wanted values [first, first + count).
  struct Output { int64_t first = 0; int64_t count = 0; };
  std::vector<Output> outputs;
};

// Optimizes and lowers; every block of every root is wanted.
Result<Plan> MakePlan(std::vector<NodePtr> roots);
// Plan before, passes that fired with their times, plan after, layers and tasks, projected peak bytes.
Result<std::string> Explain(std::vector<NodePtr> roots);

}  // namespace swath::expr
