#include "swath/graph/materialized_layer.h"

#include <algorithm>
#include <string>

namespace swath::graph {

MaterializedLayer::MaterializedLayer(LayerDescription description, std::vector<uint32_t> offsets,
                                     std::vector<uint32_t> targets)
    : DescribedLayer(std::move(description)), offsets_(std::move(offsets)), targets_(std::move(targets)) {}

Result<std::shared_ptr<const MaterializedLayer>> MaterializedLayer::Make(LayerDescription description,
                                                                         std::vector<uint32_t> offsets,
                                                                         std::vector<uint32_t> targets,
                                                                         std::vector<int64_t> input_sizes) {
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != targets.size() ||
      !std::is_sorted(offsets.begin(), offsets.end())) {
    return Status::Invalid("offsets of layer '", description.name, "' must ascend from 0 to the number of edges, ",
                           targets.size());
  }
  auto layer = std::shared_ptr<MaterializedLayer>(
      new MaterializedLayer(std::move(description), std::move(offsets), std::move(targets)));
  auto end = static_cast<uint64_t>(layer->task_count());
  layer->input_starts_.push_back(static_cast<uint32_t>(end));
  for (int64_t size : input_sizes) {
    end += static_cast<uint64_t>(size);
    if (end > UINT32_MAX)
      return Status::Invalid("layer '", layer->name(), "' has more than 2^32 tasks and input blocks");
    layer->input_starts_.push_back(static_cast<uint32_t>(end));
  }
  RETURN_IF_ERROR(layer->CheckEdges());
  layer->BuildDependents();
  if (layer->has_inner_edges_) RETURN_IF_ERROR(layer->CheckAcyclic());
  return layer;
}

Status MaterializedLayer::CheckEdges() const {
  std::vector<uint32_t> sorted;
  for (int64_t task = 0; task < task_count(); ++task) {
    sorted.assign(targets_.begin() + offsets_[task], targets_.begin() + offsets_[task + 1]);
    std::sort(sorted.begin(), sorted.end());
    if (!sorted.empty() && sorted.back() >= input_starts_.back()) {
      return Status::Invalid("task ", task, " of layer '", name(), "' reads number ", sorted.back(),
                             ", but there are only ", input_starts_.back(), " tasks and input blocks");
    }
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
      return Status::Invalid("task ", task, " of layer '", name(), "' lists an input twice");
    }
  }
  return Status::OK();
}

void MaterializedLayer::BuildDependents() {
  dependent_offsets_.assign(input_starts_.back() + size_t{1}, 0);
  for (uint32_t target : targets_) {
    ++dependent_offsets_[target + size_t{1}];
    has_inner_edges_ |= target < input_starts_[0];
  }
  for (size_t i = 1; i < dependent_offsets_.size(); ++i) dependent_offsets_[i] += dependent_offsets_[i - 1];
  dependents_.resize(targets_.size());
  for (int64_t task = 0; task < task_count(); ++task) {
    for (uint32_t i = offsets_[task]; i < offsets_[task + 1]; ++i) {
      dependents_[dependent_offsets_[targets_[i]]++] = static_cast<uint32_t>(task);
    }
  }
  // Filling moved every start to the next one's place.
  std::copy_backward(dependent_offsets_.begin(), dependent_offsets_.end() - 1, dependent_offsets_.end());
  dependent_offsets_[0] = 0;
}

// Kahn's algorithm on the inner edges: what can not be peeled off lies on or behind a cycle.
Status MaterializedLayer::CheckAcyclic() const {
  const auto count = static_cast<uint32_t>(task_count());
  std::vector<uint32_t> waiting(count, 0);
  std::vector<uint32_t> ready;
  for (uint32_t task = 0; task < count; ++task) {
    for (uint32_t i = offsets_[task]; i < offsets_[task + 1]; ++i) waiting[task] += targets_[i] < count;
    if (waiting[task] == 0) ready.push_back(task);
  }
  uint32_t done = 0;
  for (; done < ready.size(); ++done) {
    const uint32_t task = ready[done];
    for (uint32_t i = dependent_offsets_[task]; i < dependent_offsets_[task + 1]; ++i) {
      if (--waiting[dependents_[i]] == 0) ready.push_back(dependents_[i]);
    }
  }
  if (done == count) return Status::OK();
  const auto stuck = std::find_if(waiting.begin(), waiting.end(), [](uint32_t left) { return left > 0; });
  return Status::Invalid("the tasks of layer '", name(), "' form a cycle: task ", stuck - waiting.begin(),
                         " waits, through others, for itself or for a cycle; ", count - done, " tasks can never run");
}

void MaterializedLayer::AppendDependencies(int64_t block, std::vector<InputBlock>* out) const {
  for (uint32_t i = offsets_[block]; i < offsets_[block + 1]; ++i) {
    const uint32_t target = targets_[i];
    int32_t input = kInnerInput;
    while (target >= input_starts_[input + 1]) ++input;
    out->push_back({input, static_cast<int64_t>(target) - (input == kInnerInput ? 0 : input_starts_[input])});
  }
}

void MaterializedLayer::AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const {
  const size_t number = static_cast<size_t>(input_block) + (input == kInnerInput ? 0 : input_starts_[input]);
  out->insert(out->end(), dependents_.begin() + dependent_offsets_[number],
              dependents_.begin() + dependent_offsets_[number + 1]);
}

}  // namespace swath::graph
