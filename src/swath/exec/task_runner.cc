#include "swath/exec/task_runner.h"

#include <exception>
#include <new>

namespace swath::exec {

Result<TaskRunner> TaskRunner::Make(std::shared_ptr<const graph::Graph> graph, const KernelFinder& find_kernel) {
  TaskRunner runner;
  for (const graph::LayerNode& node : graph->layers()) {
    ASSIGN_OR_RETURN(const kernels::Kernel kernel, find_kernel(node.layer->call().op));
    runner.kernels_.push_back(kernel);
  }
  runner.graph_ = std::move(graph);
  return runner;
}

Result<Value> TaskRunner::Run(graph::TaskId task, std::span<const Value> inputs, kernels::TaskContext* context) const {
  const auto layer_number = static_cast<size_t>(task.layer());
  const graph::Layer& layer = *graph_->layers()[layer_number].layer;
  context->block = task.block();
  Status status;
  try {
    Result<Value> result = kernels_[layer_number](*layer.call().params, inputs, *context);
    if (result.ok()) [[likely]]
      return result;
    status = result.status();
  } catch (const std::bad_alloc&) {
    status = Status::OutOfMemory("the system has no memory left for this task");
  } catch (const std::exception& error) {
    status = Status::UnknownError(error.what());
  } catch (...) {
    status = Status::UnknownError("an exception that is no std::exception");
  }
  return WithLocation(WithKey(status, graph_->KeyOf(task)), layer.location());
}

}  // namespace swath::exec
