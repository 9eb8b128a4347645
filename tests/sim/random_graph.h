// Random graphs of all layer kinds, and the value that each task must have: a hash of its name and of its inputs'
// values.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "swath/graph/graph.h"

#include "sim_options.h"

namespace swath::sim {

// What is odd about a task.
struct TaskNature {
  int32_t failures = 0;  // it fails so often before it succeeds
  bool always_fails = false;
  int32_t crashes = 0;  // it kills its worker so often
  bool always_crashes = false;
};

struct SimGraph {
  std::shared_ptr<const graph::Graph> graph;
  std::map<graph::TaskId, TaskNature> natures;  // of those that are odd
  bool any_impure = false;
};

SimGraph MakeRandomGraph(const SimOptions& options, Rng& rng);
uint64_t ValueOf(graph::TaskId task, const std::vector<uint64_t>& inputs);
// Of every needed task, by plain recursion.
std::map<graph::TaskId, uint64_t> OracleValues(const graph::Graph& graph);

}  // namespace swath::sim
