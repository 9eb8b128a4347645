// FoldLayer: task f folds the blocks [bounds[f], bounds[f + 1]) of input 0 into one: a partial reduction, a partial
// group-by, one level of a tree. Further inputs are shared: every task reads all their blocks, after its range (a mean
// to subtract, the boundaries of a sort).
//
//   input   0 1 2 | 3 4 5 | 6        bounds = 0 3 6 7
//   tasks     0   |   1   | 2
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "swath/graph/described_layer.h"

namespace swath::graph {

class FoldLayer : public DescribedLayer {
 public:
  // `bounds` ascends (equal neighbours make a task without inputs of its range); shared_input_sizes[i] = tasks of input
  // i + 1.
  FoldLayer(LayerDescription description, std::vector<int64_t> bounds, std::vector<int64_t> shared_input_sizes = {})
      : DescribedLayer(std::move(description)), bounds_(std::move(bounds)), shared_(std::move(shared_input_sizes)) {}

  // Bounds that cut `input_size` blocks into groups of at most `split_every`; one empty group when there are no blocks.
  static std::vector<int64_t> EvenBounds(int64_t input_size, int64_t split_every);

  LayerKind kind() const override { return LayerKind::kFold; }
  int64_t task_count() const override { return static_cast<int64_t>(bounds_.size()) - 1; }
  int32_t input_count() const override { return 1 + static_cast<int32_t>(shared_.size()); }
  bool reads_whole_input(int32_t input) const override { return input > 0 || task_count() == 1; }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override;
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override;
  int64_t DependencyCount(int64_t block) const override;
  const std::vector<int64_t>& bounds() const { return bounds_; }
  const std::vector<int64_t>& shared_input_sizes() const { return shared_; }

 private:
  std::vector<int64_t> bounds_;
  std::vector<int64_t> shared_;
};

}  // namespace swath::graph
