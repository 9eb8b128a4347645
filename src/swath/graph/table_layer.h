// TableLayer: the tasks of a table pipeline. Every task first reads the one task of each shared input (scalars that its
// expressions use), then a range of the blocks of the last input; a layer that scans storage has no such input.
//
//   shared s0, s1 (one task each)    rows 0 1 2 | 3 4 | 5      bounds = 0 3 5 6
//   task 1 reads: s0 s1 3 4
#pragma once

#include <utility>
#include <vector>

#include "swath/graph/described_layer.h"

namespace swath::graph {

class TableLayer : public DescribedLayer {
 public:
  // Reads storage: `task_count` tasks, inputs 0 … shared-1.
  static std::shared_ptr<const TableLayer> OverScan(LayerDescription description, int64_t task_count, int32_t shared);
  // Task t reads the blocks [bounds[t], bounds[t + 1]) of input number `shared`; `bounds` ascends.
  static std::shared_ptr<const TableLayer> OverRows(LayerDescription description, std::vector<int64_t> bounds,
                                                    int32_t shared);

  LayerKind kind() const override;
  int64_t task_count() const override { return task_count_; }
  int32_t input_count() const override { return shared_ + (bounds_.empty() ? 0 : 1); }
  bool reads_whole_input(int32_t input) const override { return input < shared_ || task_count_ == 1; }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override;
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override;
  int64_t DependencyCount(int64_t block) const override;
  const std::vector<int64_t>& bounds() const { return bounds_; }  // empty: it scans storage
  int32_t shared() const { return shared_; }

 private:
  TableLayer(LayerDescription description, int64_t task_count, std::vector<int64_t> bounds, int32_t shared)
      : DescribedLayer(std::move(description)), task_count_(task_count), bounds_(std::move(bounds)), shared_(shared) {}
  int64_t task_count_;
  std::vector<int64_t> bounds_;  // empty: no rows input
  int32_t shared_;
};

}  // namespace swath::graph
