// Order: the needed tasks of a graph, numbered by priority: a depth-first post-order from the wanted blocks, so that
// one output block of all requested outputs is finished before the next is begun and few results live at once. The
// number ("rank") of a task is dense, from 0; it is larger than that of everything the task reads. Culls on the way:
// what no wanted block needs has no rank and costs no memory that is ever touched. 12 bytes a needed task.
//
//   wanted o0 o1     o0   o1         ranks: a0 b0 o0, then b1 o1 (a0 is shared); running the ready task of the smallest
//                   / |   | |        rank finishes o0 before b1 is made. Breadth first would hold a0 b0 b1 at once.
//                 a0  b0  | b1
//                  |______|
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "swath/graph/graph.h"

namespace swath::graph {

class Order {
 public:
  static constexpr uint32_t kNoRank = UINT32_MAX;

  explicit Order(const Graph& graph);

  uint32_t task_count() const { return static_cast<uint32_t>(tasks_.size()); }
  TaskId task(uint32_t rank) const { return tasks_[rank]; }
  uint32_t RankOf(TaskId task) const { return ranks_[task.layer()].get()[task.block()] - 1; }  // kNoRank: not needed

  // By rank, with the multiplicity of Graph::AppendDependencies: edges to inputs, and edges from needed tasks that read
  // it. Given away, as a scheduler turns them into its own records.
  std::vector<uint32_t> TakeDependencyCounts() { return std::move(dependency_counts_); }
  std::vector<uint32_t> TakeDependentCounts() { return std::move(dependent_counts_); }

 private:
  class Walk;
  struct Free {
    void operator()(uint32_t* p) const { std::free(p); }
  };

  std::vector<TaskId> tasks_;
  // Per layer and block: rank + 1, or 0. From calloc, so that pages of a big layer that is barely needed are never
  // made.
  std::vector<std::unique_ptr<uint32_t[], Free>> ranks_;
  std::vector<uint32_t> dependency_counts_;
  std::vector<uint32_t> dependent_counts_;
};

}  // namespace swath::graph
