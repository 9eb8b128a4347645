#include "swath/graph/fold_layer.h"

#include <algorithm>
#include <numeric>

namespace swath::graph {

std::vector<int64_t> FoldLayer::EvenBounds(int64_t input_size, int64_t split_every) {
  std::vector<int64_t> bounds = {0};
  do {
    bounds.push_back(std::min(input_size, bounds.back() + std::max<int64_t>(split_every, 1)));
  } while (bounds.back() < input_size);
  return bounds;
}

void FoldLayer::AppendDependencies(int64_t block, std::vector<InputBlock>* out) const {
  for (int64_t read = bounds_[block]; read < bounds_[block + 1]; ++read) out->push_back({0, read});
  for (size_t i = 0; i < shared_.size(); ++i) {
    for (int64_t read = 0; read < shared_[i]; ++read) out->push_back({static_cast<int32_t>(i) + 1, read});
  }
}

void FoldLayer::AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const {
  if (input > 0) {
    for (int64_t task = 0; task < task_count(); ++task) out->push_back(task);
    return;
  }
  // The last bound that is <= input_block opens the only non-empty range that contains it.
  const auto after = std::upper_bound(bounds_.begin(), bounds_.end(), input_block);
  if (after != bounds_.begin() && after != bounds_.end()) out->push_back(after - bounds_.begin() - 1);
}

int64_t FoldLayer::DependencyCount(int64_t block) const {
  return std::accumulate(shared_.begin(), shared_.end(), bounds_[block + 1] - bounds_[block]);
}

}  // namespace swath::graph
