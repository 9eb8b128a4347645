#include "swath/graph/block_list_layer.h"

namespace swath::graph {

BlockListLayer::BlockListLayer(LayerDescription description, std::vector<std::vector<InputBlock>> dependencies,
                               std::vector<int64_t> input_sizes)
    : DescribedLayer(std::move(description)), dependencies_(std::move(dependencies)) {
  for (const int64_t size : input_sizes) dependents_.emplace_back(size);
  for (size_t task = 0; task < dependencies_.size(); ++task) {
    for (const InputBlock& edge : dependencies_[task])
      dependents_[edge.input][edge.block].push_back(static_cast<int64_t>(task));
  }
}

void BlockListLayer::AppendDependencies(int64_t block, std::vector<InputBlock>* out) const {
  out->insert(out->end(), dependencies_[block].begin(), dependencies_[block].end());
}

void BlockListLayer::AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const {
  const std::vector<int64_t>& tasks = dependents_[input][input_block];
  out->insert(out->end(), tasks.begin(), tasks.end());
}

}  // namespace swath::graph
