#include "swath/graph/cull.h"

#include <bit>

namespace swath::graph {

NeededTasks::NeededTasks(const Graph& graph) {
  layers_.resize(graph.layers().size());
  for (size_t i = 0; i < layers_.size(); ++i) layers_[i].size = graph.layers()[i].layer->task_count();
  for (TaskId task : graph.wanted()) Mark(task);
  // Inputs have smaller numbers: one pass downwards sees every need before it expands a layer.
  for (auto layer = static_cast<int32_t>(layers_.size()) - 1; layer >= 0; --layer) {
    if (layers_[layer].count > 0) Expand(graph, layer);
  }
}

bool NeededTasks::Mark(TaskId task) {
  LayerNeed& need = layers_[task.layer()];
  if (need.count == need.size) return false;
  if (need.bits.empty()) need.bits.resize((need.size + 63) / 64);
  uint64_t& word = need.bits[task.block() / 64];
  const uint64_t bit = uint64_t{1} << (task.block() % 64);
  if (word & bit) return false;
  word |= bit;
  ++need.count;
  return true;
}

void NeededTasks::MarkAll(int32_t layer) {
  layers_[layer].count = layers_[layer].size;
  layers_[layer].bits = {};
}

void NeededTasks::Expand(const Graph& graph, int32_t layer) {
  const LayerNode& node = graph.layers()[layer];
  bool only_whole_inputs = !node.layer->has_inner_edges();
  for (int32_t input = 0; input < node.layer->input_count(); ++input) {
    if (node.layer->reads_whole_input(input)) {
      MarkAll(node.inputs[input]);
    } else {
      only_whole_inputs = false;
    }
  }
  if (only_whole_inputs) return;
  std::vector<TaskId> pending;
  for (int64_t block : Blocks(layer)) pending.push_back({layer, block});
  std::vector<TaskId> reads;
  while (!pending.empty()) {
    const TaskId task = pending.back();
    pending.pop_back();
    reads.clear();
    graph.AppendDependencies(task, &reads);
    for (TaskId read : reads) {
      if (Mark(read) && read.layer() == layer) pending.push_back(read);
    }
  }
}

bool NeededTasks::Contains(TaskId task) const {
  const LayerNeed& need = layers_[task.layer()];
  if (need.count == need.size) return need.size > 0;
  return !need.bits.empty() && (need.bits[task.block() / 64] >> (task.block() % 64) & 1);
}

int64_t NeededTasks::count() const {
  int64_t count = 0;
  for (const LayerNeed& need : layers_) count += need.count;
  return count;
}

std::vector<int64_t> NeededTasks::Blocks(int32_t layer) const {
  const LayerNeed& need = layers_[layer];
  std::vector<int64_t> blocks;
  blocks.reserve(need.count);
  if (need.count == need.size) {
    for (int64_t block = 0; block < need.size; ++block) blocks.push_back(block);
    return blocks;
  }
  for (size_t i = 0; i < need.bits.size(); ++i) {
    for (uint64_t word = need.bits[i]; word; word &= word - 1) {
      blocks.push_back(static_cast<int64_t>(i) * 64 + std::countr_zero(word));
    }
  }
  return blocks;
}

}  // namespace swath::graph
