// TileLayer: one task a block of the program's grid (ops/tile_program.h). Input i of the layer is the array that the
// program's i-th source of kind kInput reads; a task reads those of its blocks that overlap the region its own block
// maps to, in C order, sources in order. Edges are integer arithmetic on the grids: nothing is stored.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "swath/graph/described_layer.h"
#include "swath/ops/tile_program.h"

namespace swath::graph {

class TileLayer : public DescribedLayer {
 public:
  // `description.call` is set here.
  TileLayer(LayerDescription description, std::shared_ptr<const ops::TileProgram> program);

  LayerKind kind() const override { return LayerKind::kBlockwise; }
  int64_t task_count() const override { return task_count_; }
  int32_t input_count() const override { return static_cast<int32_t>(inputs_.size()); }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override;
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override;
  int64_t EstimatedBytes(int64_t block) const override;

 private:
  std::shared_ptr<const ops::TileProgram> program_;
  std::vector<const ops::TileSource*> inputs_;  // those of kind kInput
  std::vector<int64_t> output_shape_;
  int64_t task_count_;
};

}  // namespace swath::graph
