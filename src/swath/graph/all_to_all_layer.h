// AllToAllLayer: every task reads every block of every input: the receiving half of a shuffle, a sort or a full
// reduction. Inputs come in order: all blocks of input 0, then all of input 1, …
#pragma once

#include <utility>
#include <vector>

#include "swath/graph/described_layer.h"

namespace swath::graph {

class AllToAllLayer : public DescribedLayer {
 public:
  // input_sizes[i] = tasks of input i.
  AllToAllLayer(LayerDescription description, int64_t task_count, std::vector<int64_t> input_sizes)
      : DescribedLayer(std::move(description)), task_count_(task_count), input_sizes_(std::move(input_sizes)) {}

  LayerKind kind() const override { return LayerKind::kExchange; }
  int64_t task_count() const override { return task_count_; }
  int32_t input_count() const override { return static_cast<int32_t>(input_sizes_.size()); }
  bool reads_whole_input(int32_t) const override { return true; }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override;
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override;
  int64_t DependencyCount(int64_t block) const override;
  const std::vector<int64_t>& input_sizes() const { return input_sizes_; }

 private:
  int64_t task_count_;
  std::vector<int64_t> input_sizes_;
};

}  // namespace swath::graph
