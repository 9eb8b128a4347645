#include "swath/graph/box_layer.h"

#include "swath/base/status.h"

namespace swath::graph {
namespace {

// Calls `visit` with the flat number, in a grid of `to_blocks`, of each element of the product of the lists that
// `tables` has for block number `block` of a grid of `from_blocks`; in C order.
template <typename Visit>
void ForEachInBox(int64_t block, const std::vector<int64_t>& from_blocks,
                  const std::vector<std::vector<std::vector<int64_t>>>& tables, const std::vector<int64_t>& to_blocks,
                  Visit visit) {
  const size_t ndim = from_blocks.size();
  std::vector<const std::vector<int64_t>*> lists(ndim);
  for (size_t axis = ndim; axis-- > 0;) {
    lists[axis] = &tables[axis][static_cast<size_t>(block % from_blocks[axis])];
    block /= from_blocks[axis];
    if (lists[axis]->empty()) return;
  }
  std::vector<size_t> choice(ndim, 0);
  for (;;) {
    int64_t number = 0;
    for (size_t axis = 0; axis < ndim; ++axis) number = number * to_blocks[axis] + (*lists[axis])[choice[axis]];
    visit(number);
    size_t axis = ndim;
    while (axis > 0 && ++choice[axis - 1] == lists[axis - 1]->size()) choice[--axis] = 0;
    if (axis == 0) return;
  }
}

}  // namespace

BoxLayer::BoxLayer(LayerDescription description, std::vector<int64_t> input_blocks,
                   std::vector<std::vector<std::vector<int64_t>>> reads)
    : DescribedLayer(std::move(description)), input_blocks_(std::move(input_blocks)), reads_(std::move(reads)) {
  CHECK(reads_.size() == input_blocks_.size());
  for (size_t axis = 0; axis < reads_.size(); ++axis) {
    blocks_.push_back(static_cast<int64_t>(reads_[axis].size()));
    task_count_ *= blocks_.back();
    Table inverse(static_cast<size_t>(input_blocks_[axis]));
    for (size_t position = 0; position < reads_[axis].size(); ++position) {
      for (const int64_t read : reads_[axis][position])
        inverse[static_cast<size_t>(read)].push_back(static_cast<int64_t>(position));
    }
    read_by_.push_back(std::move(inverse));
  }
}

void BoxLayer::AppendDependencies(int64_t block, std::vector<InputBlock>* out) const {
  ForEachInBox(block, blocks_, reads_, input_blocks_, [&](int64_t number) { out->push_back({0, number}); });
}

void BoxLayer::AppendDependents(int32_t, int64_t input_block, std::vector<int64_t>* out) const {
  ForEachInBox(input_block, input_blocks_, read_by_, blocks_, [&](int64_t number) { out->push_back(number); });
}

}  // namespace swath::graph
