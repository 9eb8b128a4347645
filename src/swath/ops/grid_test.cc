#include "swath/ops/grid.h"

#include <random>
#include <set>

#include "gtest/gtest.h"

namespace swath::ops {
namespace {

// Random grids with empty blocks, random maps with steps of both signs and fixed axes; all relations by brute force.
struct MappedSpace {
  Grid source;
  IndexMap map;
  std::vector<int64_t> output_shape;
};

Grid RandomGrid(const std::vector<int64_t>& shape, std::mt19937_64& rng) {
  std::vector<std::vector<int64_t>> chunks;
  for (int64_t length : shape) {
    std::vector<int64_t> lengths;
    int64_t left = length;
    while (left > 0) {
      const int64_t next = static_cast<int64_t>(rng() % 4);
      lengths.push_back(std::min(left, next));
      left -= lengths.back();
    }
    if (lengths.empty() || rng() % 4 == 0) lengths.push_back(0);
    chunks.push_back(lengths);
  }
  return Grid(chunks);
}

MappedSpace RandomSpace(std::mt19937_64& rng) {
  MappedSpace space;
  const size_t output_ndim = rng() % 4, source_ndim = rng() % 4;
  for (size_t i = 0; i < output_ndim; ++i) space.output_shape.push_back(static_cast<int64_t>(rng() % 5));
  std::vector<int64_t> source_shape;
  for (size_t s = 0; s < source_ndim; ++s) {
    AxisMap m;
    const auto extra = static_cast<int64_t>(rng() % 3);
    if (output_ndim == 0 || rng() % 4 == 0) {
      m.offset = static_cast<int64_t>(rng() % 3);
      source_shape.push_back(m.offset + 1 + extra);
    } else {
      m.axis = static_cast<int32_t>(rng() % output_ndim);
      m.step = static_cast<int64_t>(rng() % 3) + 1;
      const int64_t span = m.step * std::max<int64_t>(space.output_shape[m.axis] - 1, 0);
      m.offset = extra;
      source_shape.push_back(extra + span + 1);
      if (rng() % 2) {
        m.offset = extra + span;
        m.step = -m.step;
      }
    }
    space.map.push_back(m);
  }
  space.source = RandomGrid(source_shape, rng);
  return space;
}

bool Next(std::vector<int64_t>& at, const Box& box) {
  for (size_t axis = at.size(); axis-- > 0;) {
    if (++at[axis] < box[axis].end) return true;
    at[axis] = box[axis].begin;
  }
  return false;
}
bool IsEmpty(const Box& box) {
  return std::any_of(box.begin(), box.end(), [](const Range& range) { return range.size() <= 0; });
}
template <typename Function>
void ForEach(const Box& box, const Function& function) {
  if (IsEmpty(box)) return;
  std::vector<int64_t> at;
  for (const Range& range : box) at.push_back(range.begin);
  do function(at);
  while (Next(at, box));
}
bool Contains(const Box& box, const std::vector<int64_t>& at) {
  for (size_t axis = 0; axis < box.size(); ++axis) {
    if (at[axis] < box[axis].begin || at[axis] >= box[axis].end) return false;
  }
  return true;
}
std::vector<int64_t> Mapped(const IndexMap& map, const std::vector<int64_t>& at) {
  std::vector<int64_t> source;
  for (const AxisMap& m : map) source.push_back(m.axis < 0 ? m.offset : m.offset + m.step * at[m.axis]);
  return source;
}
Box Whole(const std::vector<int64_t>& shape) {
  Box box;
  for (int64_t length : shape) box.push_back({0, length});
  return box;
}

TEST(GridTest, BlocksTileTheSpace) {
  std::mt19937_64 rng(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<int64_t> shape(rng() % 4);
    for (int64_t& length : shape) length = static_cast<int64_t>(rng() % 7);
    const Grid grid = RandomGrid(shape, rng);
    EXPECT_EQ(grid.shape(), shape);
    EXPECT_EQ(Grid(grid.chunks()), grid);
    std::multiset<std::vector<int64_t>> seen;
    std::vector<int64_t> position(shape.size());
    for (int64_t block = 0; block < grid.block_count(); ++block) {
      grid.Position(block, position.data());
      EXPECT_EQ(grid.Index(position), block);
      ForEach(grid.BlockBox(block), [&](const auto& at) { seen.insert(at); });
    }
    std::multiset<std::vector<int64_t>> expected;
    ForEach(Whole(shape), [&](const auto& at) { expected.insert(at); });
    EXPECT_EQ(seen, expected);
  }
}

TEST(GridTest, ZeroDimensionsAreOneBlock) {
  const Grid grid;
  EXPECT_EQ(grid.block_count(), 1);
  EXPECT_TRUE(grid.BlockBox(0).empty());
  std::vector<int64_t> blocks;
  AppendOverlappingBlocks(grid, {}, &blocks);
  EXPECT_EQ(blocks, std::vector<int64_t>{0});
}

// MapBox is the tight bounding box; the blocks listed are those that hold an element of the box; UnmapBox covers all
// outputs that read a box, and nothing of it when there is none.
TEST(GridTest, MapsAgreeWithBruteForce) {
  std::mt19937_64 rng(2);
  for (int round = 0; round < 2000; ++round) {
    const MappedSpace space = RandomSpace(rng);
    Box output;
    for (int64_t length : space.output_shape) {
      const auto begin = static_cast<int64_t>(rng() % static_cast<uint64_t>(length + 1));
      output.push_back({begin, begin + static_cast<int64_t>(rng() % static_cast<uint64_t>(length - begin + 1))});
    }
    const Box box = MapBox(space.map, output);
    Box tight;
    ForEach(output, [&](const auto& at) {
      const auto source = Mapped(space.map, at);
      if (tight.empty()) {
        for (int64_t coordinate : source) tight.push_back({coordinate, coordinate + 1});
      }
      for (size_t s = 0; s < source.size(); ++s) {
        tight[s] = {std::min(tight[s].begin, source[s]), std::max(tight[s].end, source[s] + 1)};
      }
    });
    if (!IsEmpty(output)) {
      EXPECT_EQ(box, tight);
    } else {
      EXPECT_TRUE(box.empty() || IsEmpty(box));
    }

    std::vector<int64_t> blocks;
    AppendOverlappingBlocks(space.source, box, &blocks);
    std::set<int64_t> expected;
    for (int64_t block = 0; block < space.source.block_count(); ++block) {
      ForEach(space.source.BlockBox(block), [&](const auto& at) {
        if (Contains(box, at)) expected.insert(block);
      });
    }
    EXPECT_TRUE(std::is_sorted(blocks.begin(), blocks.end()));
    EXPECT_EQ(std::set<int64_t>(blocks.begin(), blocks.end()), expected);

    for (int64_t block = 0; block < space.source.block_count(); ++block) {
      const Box source = space.source.BlockBox(block);
      const Box unmapped = UnmapBox(space.map, source, space.output_shape);
      int64_t readers = 0;
      ForEach(Whole(space.output_shape), [&](const auto& at) {
        if (!Contains(source, Mapped(space.map, at))) return;
        ++readers;
        EXPECT_TRUE(Contains(unmapped, at));
      });
      ForEach(unmapped, [&](const auto& at) { EXPECT_TRUE(Contains(Whole(space.output_shape), at)); });
      const bool unit_steps =
          std::all_of(space.map.begin(), space.map.end(), [](const AxisMap& m) { return std::abs(m.step) == 1; });
      if (readers == 0 && unit_steps && !space.output_shape.empty()) {
        EXPECT_TRUE(IsEmpty(unmapped));
      }
    }
  }
}

}  // namespace
}  // namespace swath::ops
