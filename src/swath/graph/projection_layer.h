// ProjectionLayer: tasks on an n-d grid of blocks; task p reads, of each input, the blocks whose position follows from
// p: along an input axis either the block of one output axis, always block 0, or all blocks (a summed axis).
// Contractions (matmul), scans with their carries, and views that only rename blocks are projections.
//
//   matmul, blocks (i, j): input 0 reads (i, every k), input 1 reads (every k, j), each in C order
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "swath/base/status.h"
#include "swath/graph/described_layer.h"

namespace swath::graph {

class ProjectionLayer : public DescribedLayer {
 public:
  static constexpr int32_t kFirst = -1;  // always block 0
  static constexpr int32_t kAll = -2;    // every block
  struct Input {
    std::vector<int64_t> blocks;  // of the input, axis by axis
    std::vector<int32_t> axes;    // the output axis that chooses the block, kFirst or kAll
  };
  ProjectionLayer(LayerDescription description, std::vector<int64_t> blocks, std::vector<Input> inputs);

  LayerKind kind() const override { return LayerKind::kBlockwise; }
  int64_t task_count() const override { return task_count_; }
  int32_t input_count() const override { return static_cast<int32_t>(inputs_.size()); }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override;
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override;
  const std::vector<int64_t>& blocks() const { return blocks_; }
  const std::vector<Input>& inputs() const { return inputs_; }

 private:
  std::vector<int64_t> blocks_;
  std::vector<Input> inputs_;
  int64_t task_count_ = 1;
};

}  // namespace swath::graph
