#include "swath/graph/layer.h"

namespace swath::graph {

int64_t Layer::DependencyCount(int64_t block) const {
  std::vector<InputBlock> inputs;
  AppendDependencies(block, &inputs);
  return static_cast<int64_t>(inputs.size());
}

}  // namespace swath::graph
