#include "swath/graph/table_layer.h"

#include <algorithm>

namespace swath::graph {

std::shared_ptr<const TableLayer> TableLayer::OverScan(LayerDescription description, int64_t task_count,
                                                       int32_t shared) {
  return std::shared_ptr<const TableLayer>(new TableLayer(std::move(description), task_count, {}, shared));
}

std::shared_ptr<const TableLayer> TableLayer::OverRows(LayerDescription description, std::vector<int64_t> bounds,
                                                       int32_t shared) {
  const auto task_count = static_cast<int64_t>(bounds.size()) - 1;
  return std::shared_ptr<const TableLayer>(
      new TableLayer(std::move(description), task_count, std::move(bounds), shared));
}

LayerKind TableLayer::kind() const {
  if (bounds_.empty()) return shared_ == 0 ? LayerKind::kSource : LayerKind::kBlockwise;
  return bounds_.back() - bounds_.front() == task_count_ ? LayerKind::kBlockwise : LayerKind::kFold;
}

void TableLayer::AppendDependencies(int64_t block, std::vector<InputBlock>* out) const {
  for (int32_t input = 0; input < shared_; ++input) out->push_back({input, 0});
  if (bounds_.empty()) return;
  for (int64_t row = bounds_[block]; row < bounds_[block + 1]; ++row) out->push_back({shared_, row});
}

void TableLayer::AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const {
  if (input < shared_) {
    for (int64_t task = 0; task < task_count_; ++task) out->push_back(task);
    return;
  }
  if (input_block < bounds_.front() || input_block >= bounds_.back()) return;
  const auto after = std::upper_bound(bounds_.begin(), bounds_.end(), input_block);
  out->push_back(after - bounds_.begin() - 1);
}

int64_t TableLayer::DependencyCount(int64_t block) const {
  return shared_ + (bounds_.empty() ? 0 : bounds_[block + 1] - bounds_[block]);
}

}  // namespace swath::graph
