#include "swath/graph/all_to_all_layer.h"

#include <numeric>

namespace swath::graph {

void AllToAllLayer::AppendDependencies(int64_t, std::vector<InputBlock>* out) const {
  for (int32_t input = 0; input < input_count(); ++input) {
    for (int64_t block = 0; block < input_sizes_[input]; ++block) out->push_back({input, block});
  }
}

void AllToAllLayer::AppendDependents(int32_t, int64_t, std::vector<int64_t>* out) const {
  for (int64_t block = 0; block < task_count_; ++block) out->push_back(block);
}

int64_t AllToAllLayer::DependencyCount(int64_t) const {
  return std::accumulate(input_sizes_.begin(), input_sizes_.end(), int64_t{0});
}

}  // namespace swath::graph
