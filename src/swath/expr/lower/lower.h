// Lowering: optimized expressions -> symbolic layers. One Lowering per graph; each distinct node becomes layers once.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "swath/base/status.h"
#include "swath/expr/node.h"
#include "swath/expr/passes.h"
#include "swath/graph/graph.h"

namespace swath::expr {

class Lowering {
 public:
  // The graph layer whose block b is block (partition) b of `node`; lowers it and its inputs on first use.
  Result<int32_t> LayerOf(const NodePtr& node);
  // For passes over nodes of one kind: adds a layer that stands for `node` (so that a node may be lowered together with
  // another).
  void Set(const NodePtr& node, int32_t layer) { layer_of_.insert_or_assign(node->token(), layer); }
  // The task of a call (DelayedNode). Calls are lowered before the collections that read them (lower/delayed.cc).
  Result<graph::TaskId> TaskOf(const NodePtr& call) const;
  void SetTask(const Node* call, graph::TaskId task) { task_of_.insert_or_assign(call, task); }
  graph::Graph& graph() { return graph_; }
  // How many nodes below `roots` (of this plan) read each node; a root is read once more. Then Readers tells it.
  void CountReaders(const std::vector<NodePtr>& roots);
  int Readers(const Node* node) const;

 private:
  graph::Graph graph_;
  std::unordered_map<Token, int32_t> layer_of_;
  std::unordered_map<const Node*, graph::TaskId> task_of_;
  std::unordered_map<const Node*, int> readers_;
};

// The lowerings of the families; each returns the layer of `node` and lowers inputs by lowering->LayerOf. lower.cc
// chooses.
Result<int32_t> LowerArray(const NodePtr& node, Lowering* lowering);  // lower/array.cc
Result<int32_t> LowerFrame(const NodePtr& node, Lowering* lowering);  // lower/frame.cc
Result<int32_t> LowerBag(const NodePtr& node, Lowering* lowering);    // lower/bag.cc; tables made of bags too

struct Plan {
  std::shared_ptr<const graph::Graph> graph;
  // For root i: wanted values [first, first + count).
  struct Output {
    int64_t first = 0;
    int64_t count = 0;
  };
  std::vector<Output> outputs;
};

// A plan with what explain() tells of it: the optimized roots (calls stand for themselves) and what the passes did.
struct OptimizedPlan {
  Plan plan;
  std::vector<NodePtr> roots;
  std::vector<PassReport> reports;
  int64_t call_count = 0;
};
Result<OptimizedPlan> MakeOptimizedPlan(const std::vector<NodePtr>& roots);

// Optimizes (unless told not to) and lowers; every block of every root is wanted.
Result<Plan> MakePlan(std::vector<NodePtr> roots, bool optimize = true);
// Lowers what is optimized already.
Result<Plan> LowerRoots(const std::vector<NodePtr>& roots);
// Config "optimizer.passes.disabled" as a list.
Result<std::vector<std::string>> DisabledPasses();
// Plan before, passes that fired with their times, plan after, layers and tasks, projected peak bytes.
Result<std::string> Explain(std::vector<NodePtr> roots);

}  // namespace swath::expr
