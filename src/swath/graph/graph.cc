#include "swath/graph/graph.h"

#include <utility>

namespace swath::graph {

int32_t Graph::Add(std::shared_ptr<const Layer> layer, std::vector<int32_t> inputs) {
  CHECK(layer != nullptr);
  CHECK(static_cast<int32_t>(inputs.size()) == layer->input_count());
  const auto number = static_cast<int32_t>(layers_.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    CHECK(inputs[i] >= 0 && inputs[i] < number);
    consumers_[inputs[i]].push_back({number, static_cast<int32_t>(i)});
  }
  layers_.push_back({std::move(layer), std::move(inputs)});
  consumers_.emplace_back();
  return number;
}

void Graph::Want(int32_t layer) {
  const int64_t count = layers_[layer].layer->task_count();
  wanted_.reserve(wanted_.size() + count);
  for (int64_t block = 0; block < count; ++block) wanted_.push_back({layer, block});
}

void Graph::Want(TaskId task) {
  CHECK(task.layer() < static_cast<int64_t>(layers_.size()));
  CHECK(task.block() < layers_[task.layer()].layer->task_count());
  wanted_.push_back(task);
}

int64_t Graph::task_count() const {
  int64_t count = 0;
  for (const LayerNode& node : layers_) count += node.layer->task_count();
  return count;
}

void Graph::AppendDependencies(TaskId task, std::vector<TaskId>* out) const {
  thread_local std::vector<InputBlock> blocks;
  const LayerNode& node = layers_[task.layer()];
  blocks.clear();
  node.layer->AppendDependencies(task.block(), &blocks);
  for (const InputBlock& read : blocks) {
    out->push_back({read.input == kInnerInput ? task.layer() : node.inputs[read.input], read.block});
  }
}

void Graph::AppendDependents(TaskId task, std::vector<TaskId>* out) const {
  thread_local std::vector<int64_t> blocks;
  const auto append = [&](int64_t layer, int32_t input) {
    blocks.clear();
    layers_[layer].layer->AppendDependents(input, task.block(), &blocks);
    for (int64_t block : blocks) out->push_back({layer, block});
  };
  if (layers_[task.layer()].layer->has_inner_edges()) append(task.layer(), kInnerInput);
  for (const Consumer& consumer : consumers_[task.layer()]) append(consumer.layer, consumer.input);
}

std::string Graph::KeyOf(TaskId task) const {
  std::string key(layers_[task.layer()].layer->name());
  key += '-';
  key += std::to_string(task.layer());
  key += ':';
  key += std::to_string(task.block());
  return key;
}

}  // namespace swath::graph
