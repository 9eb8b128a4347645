// TaskRunner: runs one task of a graph: finds the kernel of its op, calls it, and keeps everything that goes wrong
// inside a Status that names the task's key and the user's line. Immutable after Make; thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/graph/graph.h"
#include "swath/kernels/registry.h"

namespace swath::exec {

// Where kernels come from: kernels::FindKernel, or a list of a test's own.
using KernelFinder = std::function<Result<kernels::Kernel>(std::string_view op)>;

class TaskRunner {
 public:
  // Looks up the kernel of every layer; KeyError names an op that has none.
  static Result<TaskRunner> Make(std::shared_ptr<const graph::Graph> graph, const KernelFinder& find_kernel);

  // Runs `task` on the values of its dependencies, in Layer order. `context.block` is set here. Nothing is thrown:
  // std::bad_alloc becomes OutOfMemory, another exception UnknownError with its what().
  Result<Value> Run(graph::TaskId task, std::span<const Value> inputs, kernels::TaskContext* context) const;

  const graph::Graph& graph() const { return *graph_; }
  const std::shared_ptr<const graph::Graph>& graph_pointer() const { return graph_; }

 private:
  std::shared_ptr<const graph::Graph> graph_;
  std::vector<kernels::Kernel> kernels_;  // one a layer
};

}  // namespace swath::exec
