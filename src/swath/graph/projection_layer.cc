#include "swath/graph/projection_layer.h"

namespace swath::graph {
namespace {

std::vector<int64_t> PositionOf(int64_t block, const std::vector<int64_t>& blocks) {
  std::vector<int64_t> position(blocks.size());
  for (size_t axis = blocks.size(); axis-- > 0;) {
    position[axis] = block % blocks[axis];
    block /= blocks[axis];
  }
  return position;
}

// Calls `visit` with the flat number of every position in [begin, end), in C order.
template <typename Visit>
void ForEachBlock(const std::vector<int64_t>& begin, const std::vector<int64_t>& end,
                  const std::vector<int64_t>& blocks, Visit visit) {
  for (size_t axis = 0; axis < begin.size(); ++axis) {
    if (begin[axis] >= end[axis]) return;
  }
  std::vector<int64_t> position = begin;
  for (;;) {
    int64_t number = 0;
    for (size_t axis = 0; axis < blocks.size(); ++axis) number = number * blocks[axis] + position[axis];
    visit(number);
    size_t axis = blocks.size();
    while (axis > 0 && ++position[axis - 1] == end[axis - 1]) {
      position[axis - 1] = begin[axis - 1];
      --axis;
    }
    if (axis == 0) return;
  }
}

}  // namespace

ProjectionLayer::ProjectionLayer(LayerDescription description, std::vector<int64_t> blocks, std::vector<Input> inputs)
    : DescribedLayer(std::move(description)), blocks_(std::move(blocks)), inputs_(std::move(inputs)) {
  for (const int64_t count : blocks_) task_count_ *= count;
  for (const Input& input : inputs_) {
    CHECK(input.blocks.size() == input.axes.size());
    for (size_t axis = 0; axis < input.axes.size(); ++axis) {
      const int32_t from = input.axes[axis];
      CHECK(from < static_cast<int32_t>(blocks_.size()) && (from < 0 || input.blocks[axis] == blocks_[from]));
    }
  }
}

void ProjectionLayer::AppendDependencies(int64_t block, std::vector<InputBlock>* out) const {
  const std::vector<int64_t> position = PositionOf(block, blocks_);
  for (size_t number = 0; number < inputs_.size(); ++number) {
    const Input& input = inputs_[number];
    std::vector<int64_t> begin(input.axes.size()), end(input.axes.size());
    for (size_t axis = 0; axis < input.axes.size(); ++axis) {
      const int32_t from = input.axes[axis];
      begin[axis] = from >= 0 ? position[from] : 0;
      end[axis] = from == kAll ? input.blocks[axis] : begin[axis] + 1;
    }
    ForEachBlock(begin, end, input.blocks, [&](int64_t input_block) {
      out->push_back({static_cast<int32_t>(number), input_block});
    });
  }
}

void ProjectionLayer::AppendDependents(int32_t number, int64_t input_block, std::vector<int64_t>* out) const {
  const Input& input = inputs_[number];
  const std::vector<int64_t> position = PositionOf(input_block, input.blocks);
  std::vector<int64_t> begin(blocks_.size(), 0), end = blocks_;
  for (size_t axis = 0; axis < input.axes.size(); ++axis) {
    const int32_t from = input.axes[axis];
    if (from == kFirst && position[axis] != 0) return;
    if (from < 0) continue;
    if (begin[from] > position[axis] || end[from] <= position[axis])
      return;  // two input axes follow one output axis and differ
    begin[from] = position[axis];
    end[from] = position[axis] + 1;
  }
  ForEachBlock(begin, end, blocks_, [&](int64_t block) { out->push_back(block); });
}

}  // namespace swath::graph
