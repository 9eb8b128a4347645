// MaterializedLayer: tasks with explicit edges: delayed functions, futures, foreign Dask graphs. Edges may end in the
// layer itself or in its inputs. Edges and their inverse are CSR arrays of 32-bit numbers: 8 bytes a task and 8 bytes
// an edge.
//
// Numbers of edge ends: own tasks are 0 … n-1, then come the blocks of input 0, of input 1, …
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "swath/base/status.h"
#include "swath/graph/described_layer.h"

namespace swath::graph {

class MaterializedLayer : public DescribedLayer {
 public:
  // Task t reads, in this order, targets[offsets[t]] … targets[offsets[t + 1] - 1] (numbers as above), each at most
  // once. Invalid when an edge ends nowhere, stands twice, or the tasks form a cycle.
  static Result<std::shared_ptr<const MaterializedLayer>> Make(LayerDescription description,
                                                               std::vector<uint32_t> offsets,
                                                               std::vector<uint32_t> targets,
                                                               std::vector<int64_t> input_sizes = {});

  LayerKind kind() const override { return LayerKind::kMaterialized; }
  int64_t task_count() const override { return static_cast<int64_t>(offsets_.size()) - 1; }
  int32_t input_count() const override { return static_cast<int32_t>(input_starts_.size()) - 1; }
  bool has_inner_edges() const override { return has_inner_edges_; }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override;
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override;
  int64_t DependencyCount(int64_t block) const override { return offsets_[block + 1] - offsets_[block]; }

  const std::vector<uint32_t>& offsets() const { return offsets_; }
  const std::vector<uint32_t>& targets() const { return targets_; }
  const std::vector<uint32_t>& input_starts() const { return input_starts_; }

 private:
  MaterializedLayer(LayerDescription description, std::vector<uint32_t> offsets, std::vector<uint32_t> targets);
  Status CheckEdges() const;
  Status CheckAcyclic() const;
  void BuildDependents();

  std::vector<uint32_t> offsets_;  // task -> first target
  std::vector<uint32_t> targets_;
  std::vector<uint32_t> dependent_offsets_;  // number -> first dependent
  std::vector<uint32_t> dependents_;
  std::vector<uint32_t> input_starts_;  // number of block 0 of each input; the end last
  bool has_inner_edges_ = false;
};

}  // namespace swath::graph
