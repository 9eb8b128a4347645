// Graph: a short list of layers and which of their blocks are wanted. Immutable after construction; cheap to share.
// Layers come in topological order: the inputs of layer i have smaller numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/graph/layer.h"
#include "swath/graph/task_id.h"

namespace swath::graph {

struct LayerNode {
  std::shared_ptr<const Layer> layer;
  std::vector<int32_t> inputs;  // graph layer numbers, one per Layer input
};

class Graph {
 public:
  // Appends a layer whose inputs were added before; returns its number.
  int32_t Add(std::shared_ptr<const Layer> layer, std::vector<int32_t> inputs);
  // Wants every block of a layer, in order / one block. The results come back in the order of these calls.
  void Want(int32_t layer);
  void Want(TaskId task);

  const std::vector<LayerNode>& layers() const { return layers_; }
  const std::vector<TaskId>& wanted() const { return wanted_; }
  int64_t task_count() const;
  // Layers that read layer `layer`: pairs (consumer layer, its input number).
  struct Consumer {
    int32_t layer;
    int32_t input;
  };
  const std::vector<Consumer>& consumers(int32_t layer) const { return consumers_[layer]; }

  // The tasks that `task` reads, in the order in which its kernel receives them; a task twice when two inputs are one
  // layer (x + x). AppendDependents is the inverse with the same multiplicity.
  void AppendDependencies(TaskId task, std::vector<TaskId>* out) const;
  void AppendDependents(TaskId task, std::vector<TaskId>* out) const;
  std::string KeyOf(TaskId task) const;  // "add-3:17": the layer's name and number, the block; for messages and stories

 private:
  std::vector<LayerNode> layers_;
  std::vector<std::vector<Consumer>> consumers_;
  std::vector<TaskId> wanted_;
};

}  // namespace swath::graph
