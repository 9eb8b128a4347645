// The layers of arrays: dependents are exactly the inverse of dependencies, for random grids and maps.
#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "swath/graph/block_list_layer.h"
#include "swath/graph/box_layer.h"
#include "swath/graph/projection_layer.h"
#include "swath/graph/tile_layer.h"
#include "swath/graph/tree_layer.h"

namespace swath::graph {
namespace {

using Edges = std::vector<std::tuple<int32_t, int64_t, int64_t>>;  // input, its block, task

void ExpectInverse(const Layer& layer, const std::vector<int64_t>& input_sizes) {
  Edges forwards, backwards;
  for (int64_t task = 0; task < layer.task_count(); ++task) {
    std::vector<InputBlock> inputs;
    layer.AppendDependencies(task, &inputs);
    EXPECT_EQ(layer.DependencyCount(task), static_cast<int64_t>(inputs.size()));
    for (const InputBlock& edge : inputs) forwards.emplace_back(edge.input, edge.block, task);
  }
  for (int32_t input = 0; input < static_cast<int32_t>(input_sizes.size()); ++input) {
    for (int64_t block = 0; block < input_sizes[input]; ++block) {
      std::vector<int64_t> tasks;
      layer.AppendDependents(input, block, &tasks);
      for (const int64_t task : tasks) backwards.emplace_back(input, block, task);
    }
  }
  std::sort(forwards.begin(), forwards.end());
  std::sort(backwards.begin(), backwards.end());
  EXPECT_EQ(std::adjacent_find(forwards.begin(), forwards.end()), forwards.end()) << "an edge stands twice";
  EXPECT_EQ(forwards, backwards);
}

class RandomShapes {
 public:
  explicit RandomShapes(uint64_t seed) : random_(seed) {}
  int64_t Between(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
  // Cuts of `length` with blocks of any length, sometimes empty ones.
  std::vector<int64_t> Cuts(int64_t length) {
    std::vector<int64_t> blocks;
    while (length > 0) {
      blocks.push_back(Between(0, std::min<int64_t>(length, 5)));
      length -= blocks.back();
    }
    if (blocks.empty() || Between(0, 3) == 0) blocks.push_back(0);
    return blocks;
  }
  // A map from `output` into a source that it fits, and that source's grid.
  std::pair<ops::IndexMap, ops::Grid> Source(const std::vector<int64_t>& output) {
    std::vector<int32_t> axes(output.size());
    for (size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<int32_t>(i);
    std::shuffle(axes.begin(), axes.end(), random_);
    axes.resize(Between(0, static_cast<int64_t>(axes.size())));
    if (Between(0, 2) == 0) axes.push_back(-1);
    ops::IndexMap map;
    std::vector<std::vector<int64_t>> chunks;
    for (const int32_t axis : axes) {
      const int64_t before = Between(0, 3), after = Between(0, 3);
      if (axis < 0) {
        map.push_back({-1, 1, before});
        chunks.push_back(Cuts(before + 1 + after));
        continue;
      }
      const int64_t step = Between(1, 4) * (Between(0, 1) ? 1 : -1);
      const int64_t reach = std::max<int64_t>(0, output[axis] - 1) * std::abs(step);
      map.push_back({axis, step, step > 0 ? before : before + reach});
      chunks.push_back(Cuts(before + reach + 1 + after));
    }
    return {map, ops::Grid(chunks)};
  }

 private:
  std::mt19937_64 random_;
};

TEST(TileLayer, DependentsAreTheInverseOfDependencies) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    RandomShapes random(seed);
    auto program = std::make_shared<ops::TileProgram>();
    std::vector<int64_t> shape;
    std::vector<std::vector<int64_t>> chunks;
    for (int64_t axis = random.Between(0, 3); axis > 0; --axis) {
      shape.push_back(random.Between(0, 12));
      chunks.push_back(random.Cuts(shape.back()));
    }
    program->grid = ops::Grid(chunks);
    std::vector<int64_t> sizes;
    for (int64_t source = random.Between(1, 3); source > 0; --source) {
      auto [map, grid] = random.Source(shape);
      sizes.push_back(grid.block_count());
      program->sources.push_back({.kind = ops::TileSource::Kind::kInput, .grid = grid, .map = map});
      program->sources.push_back({.kind = ops::TileSource::Kind::kConstant});
    }
    ExpectInverse(TileLayer({.name = "tile"}, program), sizes);
  }
}

TEST(TileLayer, ReadsEveryBlockThatHoldsAnElement) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    RandomShapes random(seed);
    const std::vector<int64_t> shape{random.Between(1, 9), random.Between(1, 9)};
    auto program = std::make_shared<ops::TileProgram>();
    program->grid = ops::Grid({random.Cuts(shape[0]), random.Cuts(shape[1])});
    auto [map, grid] = random.Source(shape);
    program->sources.push_back({.kind = ops::TileSource::Kind::kInput, .grid = grid, .map = map});
    const TileLayer layer({.name = "tile"}, program);
    for (int64_t task = 0; task < layer.task_count(); ++task) {
      std::vector<InputBlock> inputs;
      layer.AppendDependencies(task, &inputs);
      const ops::Box box = program->grid.BlockBox(task);
      for (int64_t i = box[0].begin; i < box[0].end; ++i) {
        for (int64_t j = box[1].begin; j < box[1].end; ++j) {
          ops::Box element = ops::MapBox(map, {{i, i + 1}, {j, j + 1}});
          std::vector<int64_t> blocks;
          ops::AppendOverlappingBlocks(grid, element, &blocks);
          ASSERT_EQ(blocks.size(), 1u);
          EXPECT_NE(std::find(inputs.begin(), inputs.end(), InputBlock{0, blocks[0]}), inputs.end());
        }
      }
    }
  }
}

TEST(TreeLayer, GroupsNeighbours) {
  const TreeLayer layer({.name = "tree"}, {5, 2}, {2, 1});
  EXPECT_EQ(layer.output_blocks(), (std::vector<int64_t>{3, 2}));
  std::vector<InputBlock> inputs;
  layer.AppendDependencies(3, &inputs);  // position (1, 1)
  EXPECT_EQ(inputs, (std::vector<InputBlock>{{0, 5}, {0, 7}}));
  ExpectInverse(layer, {10});
  ExpectInverse(TreeLayer({.name = "all"}, {4, 3, 2}, {4, 3, 2}), {24});
  ExpectInverse(TreeLayer({.name = "scalar"}, {}, {}), {1});
  ExpectInverse(TreeLayer({.name = "uneven"}, {7, 5}, {3, 4}), {35});
}

TEST(BoxLayer, ReadsNeighboursAlsoAroundTheEnds) {
  const std::vector<std::vector<int64_t>> ring{{0, 1, 3}, {0, 1, 2}, {1, 2, 3}, {0, 2, 3}}, line{{0, 1}, {0, 1}};
  const BoxLayer layer({.name = "overlap"}, {4, 2}, {ring, line});
  EXPECT_EQ(layer.task_count(), 8);
  std::vector<InputBlock> reads;
  layer.AppendDependencies(7, &reads);
  EXPECT_EQ(reads, (std::vector<InputBlock>{{0, 0}, {0, 1}, {0, 4}, {0, 5}, {0, 6}, {0, 7}}));
  ExpectInverse(layer, {8});
  // A row of blocks that are all continuation reads nothing.
  ExpectInverse(BoxLayer({.name = "overlap"}, {3}, {{{}, {0, 2}, {1}, {}}}), {3});
}

TEST(ProjectionLayer, MultipliesMatrices) {
  // (2 × 3) blocks = (2 × 4) · (4 × 3)
  const ProjectionLayer layer({.name = "matmul"}, {2, 3},
                              {{{2, 4}, {0, ProjectionLayer::kAll}}, {{4, 3}, {ProjectionLayer::kAll, 1}}});
  std::vector<InputBlock> inputs;
  layer.AppendDependencies(5, &inputs);  // position (1, 2)
  EXPECT_EQ(inputs, (std::vector<InputBlock>{{0, 4}, {0, 5}, {0, 6}, {0, 7}, {1, 2}, {1, 5}, {1, 8}, {1, 11}}));
  ExpectInverse(layer, {8, 12});
  ExpectInverse(
      ProjectionLayer({.name = "carries"}, {3, 2}, {{{3, 2}, {0, 1}}, {{1, 2}, {ProjectionLayer::kFirst, 1}}}), {6, 2});
}

TEST(BlockListLayer, KeepsOrder) {
  const BlockListLayer layer({.name = "list"}, {{{1, 2}, {0, 0}}, {}, {{0, 1}, {0, 0}}}, {2, 3});
  std::vector<InputBlock> inputs;
  layer.AppendDependencies(0, &inputs);
  EXPECT_EQ(inputs, (std::vector<InputBlock>{{1, 2}, {0, 0}}));
  ExpectInverse(layer, {2, 3});
}

}  // namespace
}  // namespace swath::graph
