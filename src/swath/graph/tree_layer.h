// TreeLayer: one level of a tree over an n-d array of blocks: task p reads the input blocks [p * group, (p + 1) *
// group) of every axis, in C order. Partials of reductions are combined this way, and block totals of a line are
// gathered for a scan.
//
//   blocks 5 × 2, groups 2 × 1  ->  tasks 3 × 2
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "swath/base/status.h"
#include "swath/graph/described_layer.h"

namespace swath::graph {

class TreeLayer : public DescribedLayer {
 public:
  // `blocks`: of the input, axis by axis; `groups`: at least 1 each.
  TreeLayer(LayerDescription description, std::vector<int64_t> blocks, std::vector<int64_t> groups);

  LayerKind kind() const override { return LayerKind::kTree; }
  int64_t task_count() const override { return task_count_; }
  int32_t input_count() const override { return 1; }
  bool reads_whole_input(int32_t) const override { return task_count_ == 1; }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override;
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override;
  const std::vector<int64_t>& blocks() const { return blocks_; }
  const std::vector<int64_t>& groups() const { return groups_; }
  const std::vector<int64_t>& output_blocks() const { return output_blocks_; }

 private:
  std::vector<int64_t> blocks_;
  std::vector<int64_t> groups_;
  std::vector<int64_t> output_blocks_;
  int64_t task_count_ = 1;
};

}  // namespace swath::graph
