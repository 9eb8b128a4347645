#include "swath/graph/table_layer.h"

#include <gmock/gmock.h>

namespace swath::graph {
namespace {

// Both directions of the edges name the same pairs.
void CheckInverse(const Layer& layer, const std::vector<int64_t>& input_sizes) {
  std::vector<std::tuple<int64_t, int32_t, int64_t>> forward, backward;
  for (int64_t task = 0; task < layer.task_count(); ++task) {
    std::vector<InputBlock> inputs;
    layer.AppendDependencies(task, &inputs);
    EXPECT_EQ(layer.DependencyCount(task), static_cast<int64_t>(inputs.size()));
    for (const InputBlock& block : inputs) forward.emplace_back(task, block.input, block.block);
  }
  for (int32_t input = 0; input < layer.input_count(); ++input) {
    for (int64_t block = 0; block < input_sizes[input]; ++block) {
      std::vector<int64_t> tasks;
      layer.AppendDependents(input, block, &tasks);
      for (int64_t task : tasks) backward.emplace_back(task, input, block);
    }
  }
  EXPECT_THAT(backward, testing::UnorderedElementsAreArray(forward));
}

TEST(TableLayer, SharedInputsComeBeforeTheRange) {
  const auto layer = TableLayer::OverRows({.name = "pipeline"}, {0, 3, 5, 6}, 2);
  std::vector<InputBlock> inputs;
  layer->AppendDependencies(1, &inputs);
  EXPECT_THAT(inputs, testing::ElementsAre(InputBlock{0, 0}, InputBlock{1, 0}, InputBlock{2, 3}, InputBlock{2, 4}));
  EXPECT_EQ(layer->kind(), LayerKind::kFold);
  CheckInverse(*layer, {1, 1, 6});
}

TEST(TableLayer, ScanReadsOnlyScalars) {
  CheckInverse(*TableLayer::OverScan({.name = "read"}, 3, 1), {1});
  EXPECT_EQ(TableLayer::OverScan({.name = "read"}, 3, 0)->kind(), LayerKind::kSource);
}

TEST(TableLayer, RangeMayLeaveBlocksOut) { CheckInverse(*TableLayer::OverRows({.name = "head"}, {1, 3}, 0), {5}); }

}  // namespace
}  // namespace swath::graph
