#include "swath/graph/tree_layer.h"

#include <algorithm>

namespace swath::graph {

TreeLayer::TreeLayer(LayerDescription description, std::vector<int64_t> blocks, std::vector<int64_t> groups)
    : DescribedLayer(std::move(description)), blocks_(std::move(blocks)), groups_(std::move(groups)) {
  CHECK(blocks_.size() == groups_.size());
  for (size_t axis = 0; axis < blocks_.size(); ++axis) {
    CHECK(groups_[axis] >= 1);
    output_blocks_.push_back((blocks_[axis] + groups_[axis] - 1) / groups_[axis]);
    task_count_ *= output_blocks_.back();
  }
}

void TreeLayer::AppendDependencies(int64_t block, std::vector<InputBlock>* out) const {
  const size_t ndim = blocks_.size();
  std::vector<int64_t> begin(ndim), end(ndim);
  for (size_t axis = ndim; axis-- > 0;) {
    begin[axis] = block % output_blocks_[axis] * groups_[axis];
    end[axis] = std::min(begin[axis] + groups_[axis], blocks_[axis]);
    block /= output_blocks_[axis];
  }
  std::vector<int64_t> position = begin;
  for (;;) {
    int64_t number = 0;
    for (size_t axis = 0; axis < ndim; ++axis) number = number * blocks_[axis] + position[axis];
    out->push_back({0, number});
    size_t axis = ndim;
    while (axis > 0 && ++position[axis - 1] == end[axis - 1]) {
      position[axis - 1] = begin[axis - 1];
      --axis;
    }
    if (axis == 0) return;
  }
}

void TreeLayer::AppendDependents(int32_t, int64_t input_block, std::vector<int64_t>* out) const {
  int64_t number = 0;
  int64_t stride = 1;
  for (size_t axis = blocks_.size(); axis-- > 0;) {
    number += input_block % blocks_[axis] / groups_[axis] * stride;
    stride *= output_blocks_[axis];
    input_block /= blocks_[axis];
  }
  out->push_back(number);
}

}  // namespace swath::graph
