// BlockListLayer: every task reads an explicit list of blocks of its inputs: a reshape, a concatenation, a gather by
// indices. For relations that no rule in a few integers describes. 16 bytes an edge and its inverse, shared by nothing.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "swath/graph/described_layer.h"

namespace swath::graph {

class BlockListLayer : public DescribedLayer {
 public:
  // dependencies[t]: what task t reads, in its kernel's order, without duplicates; input_sizes[i]: blocks of input i.
  BlockListLayer(LayerDescription description, std::vector<std::vector<InputBlock>> dependencies,
                 std::vector<int64_t> input_sizes);

  LayerKind kind() const override { return LayerKind::kBlockwise; }
  int64_t task_count() const override { return static_cast<int64_t>(dependencies_.size()); }
  int32_t input_count() const override { return static_cast<int32_t>(dependents_.size()); }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override;
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override;
  int64_t DependencyCount(int64_t block) const override { return static_cast<int64_t>(dependencies_[block].size()); }
  const std::vector<std::vector<InputBlock>>& dependencies() const { return dependencies_; }
  int64_t input_size(int32_t input) const { return static_cast<int64_t>(dependents_[input].size()); }

 private:
  std::vector<std::vector<InputBlock>> dependencies_;
  std::vector<std::vector<std::vector<int64_t>>> dependents_;  // by input, by its block
};

}  // namespace swath::graph
