// BoxLayer: tasks on an n-d grid of blocks; along each axis a table says which input positions a position reads, and a
// task reads the product of these lists. Overlaps of neighbours (also around the ends) are such layers: the edges of a
// million tasks are a few numbers a row.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "swath/graph/described_layer.h"

namespace swath::graph {

class BoxLayer : public DescribedLayer {
 public:
  // reads[axis][position]: input positions, ascending, each once. One input, of `input_blocks` blocks.
  BoxLayer(LayerDescription description, std::vector<int64_t> input_blocks,
           std::vector<std::vector<std::vector<int64_t>>> reads);

  LayerKind kind() const override { return LayerKind::kBlockwise; }
  int64_t task_count() const override { return task_count_; }
  int32_t input_count() const override { return 1; }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override;
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override;
  using Table = std::vector<std::vector<int64_t>>;
  const std::vector<int64_t>& input_blocks() const { return input_blocks_; }
  const std::vector<Table>& reads() const { return reads_; }

 private:
  std::vector<int64_t> blocks_, input_blocks_;
  std::vector<Table> reads_, read_by_;
  int64_t task_count_ = 1;
};

}  // namespace swath::graph
