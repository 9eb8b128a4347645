// Chunks as Dask chooses them. The tables were printed by dask.array.core.normalize_chunks and dask.array slicing
// (2026.8).
#include "swath/expr/array/chunking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arrow/buffer.h"

#include "swath/expr/array/blocks.h"
#include "swath/expr/array/indexing.h"
#include "swath/expr/array/source.h"
#include "swath/expr/array/view.h"

namespace swath::expr {
namespace {

using Lengths = std::vector<int64_t>;
using Chunks = std::vector<Lengths>;
using ::testing::HasSubstr;

// {{3, 10}, {1, 4}} -> 10, 10, 10, 4
Lengths Runs(const std::vector<std::pair<int64_t, int64_t>>& runs) {
  Lengths lengths;
  for (const auto& [count, length] : runs) lengths.insert(lengths.end(), count, length);
  return lengths;
}

TEST(NormalizeChunks, ChoosesAutomaticChunksAsDask) {
  struct Case {
    Shape shape;
    int64_t limit_bytes;
    int32_t itemsize;
    Chunks previous, expected;
  };
  const std::vector<Case> cases = {
      {{1000, 1000}, 80000, 8, {}, {Runs({{10, 100}}), Runs({{10, 100}})}},
      {{10000, 10000}, 134217728, 8, {}, {Runs({{2, 4096}, {1, 1808}}), Runs({{2, 4096}, {1, 1808}})}},
      {{5}, 1000, 8, {}, {Runs({{1, 5}})}},
      {{100, 3, 50}, 8000, 8, {}, {Runs({{5, 18}, {1, 10}}), Runs({{1, 3}}), Runs({{2, 18}, {1, 14}})}},
      {{7, 1000000}, 1048576, 4, {}, {Runs({{1, 7}}), Runs({{26, 37449}, {1, 26326}})}},
      {{3000, 20}, 10000, 2, {}, {Runs({{12, 250}}), Runs({{1, 20}})}},
      {{1, 1, 50}, 80, 8, {}, {Runs({{1, 1}}), Runs({{1, 1}}), Runs({{5, 10}})}},
      {{1000, 1000}, 320000, 8, {Runs({{10, 100}}), Runs({{10, 100}})}, {Runs({{5, 200}}), Runs({{5, 200}})}},
      {{1000, 1000}, 80000, 8, {Runs({{2, 500}}), Runs({{2, 500}})}, {Runs({{10, 100}}), Runs({{10, 100}})}},
      {{60, 60}, 14400, 8, {Runs({{6, 10}}), Runs({{1, 60}})}, {Runs({{2, 30}}), Runs({{1, 60}})}},
      {{100}, 160, 8, {Runs({{14, 7}, {1, 2}})}, {Runs({{6, 14}, {1, 16}})}},
      {{100, 100}, 40000, 8, {Runs({{1, 100}}), Runs({{10, 10}})}, {Runs({{1, 100}}), Runs({{2, 50}})}},
      {{1000, 10}, 4000, 8, {Runs({{100, 10}}), Runs({{1, 10}})}, {Runs({{20, 50}}), Runs({{1, 10}})}},
  };
  for (const Case& each : cases) {
    const DType dtype = each.itemsize == 8 ? kFloat64 : each.itemsize == 4 ? kFloat32 : kInt16;
    const ops::Grid previous(each.previous);
    const auto grid =
        NormalizeChunks("auto", each.shape, dtype, each.limit_bytes, each.previous.empty() ? nullptr : &previous);
    ASSERT_TRUE(grid.ok()) << grid.status().ToString();
    EXPECT_EQ(grid->chunks(), each.expected) << ShapeToString(each.shape);
  }
}

TEST(NormalizeChunks, AcceptsEveryForm) {
  const Shape shape{10, 6};
  const auto chunks = [&](const ChunkSpec& spec) { return NormalizeChunks(spec, shape, kFloat64)->chunks(); };
  EXPECT_EQ(chunks(4), (Chunks{{4, 4, 2}, {4, 2}}));
  EXPECT_EQ(chunks(-1), (Chunks{{10}, {6}}));
  EXPECT_EQ(chunks({5, -1}), (Chunks{{5, 5}, {6}}));
  EXPECT_EQ(chunks({Lengths{3, 7}, 2}), (Chunks{{3, 7}, {2, 2, 2}}));
  EXPECT_EQ(chunks(std::map<int64_t, AxisChunks>{{-1, 3}}), (Chunks{{10}, {3, 3}}));
  EXPECT_EQ(chunks("160B"), (Chunks{{4, 4, 2}, {4, 2}}));
  EXPECT_EQ(NormalizeChunks({2, 3}, Shape{5}, kFloat64)->chunks(), (Chunks{{2, 3}}));
  EXPECT_EQ(NormalizeChunks("auto", Shape{}, kFloat64)->block_count(), 1);
  EXPECT_EQ(NormalizeChunks(3, Shape{0, 4}, kFloat64)->chunks(), (Chunks{{0}, {3, 1}}));
}

TEST(NormalizeChunks, RefusesInDasksWords) {
  const Shape shape{10, 6};
  const auto message = [&](const ChunkSpec& spec) { return NormalizeChunks(spec, shape, kFloat64).status().message(); };
  EXPECT_THAT(message({5}),
              HasSubstr("Chunks and shape must be of the same length/dimension. Got chunks=(5,), shape=(10, 6)"));
  EXPECT_THAT(message({Lengths{3, 3}, 2}),
              HasSubstr("Chunks do not add up to shape. Got chunks=((3, 3), 2), shape=(10, 6)"));
  EXPECT_THAT(message({Lengths{}, 2}), HasSubstr("Empty tuples are not allowed in chunks"));
  EXPECT_THAT(message(-2), HasSubstr("must be positive or -1"));
  EXPECT_THAT(message({"1MiB", "2MiB"}), HasSubstr("Only one consistent value of limit or chunk is allowed"));
  EXPECT_FALSE(NormalizeChunks("many", shape, kFloat64).ok());
}

TEST(UnifyGrids, RefinesWhereCutsDiffer) {
  const ops::Grid a({{5, 2}, {4}}), b({{4, 3}, {4}}), c({{1, 3}});
  const ops::Grid* grids[] = {&a, &b, &c};
  EXPECT_EQ(UnifyGrids(grids)->chunks(), (Chunks{{4, 1, 2}, {1, 3}}));
}

TEST(MakeIndex, CutsSlicesAsDask) {
  const ArrayPtr x = *MakeFull(ops::ScalarConstant::Float(1), ops::Grid({{7, 5, 8}}));
  const std::vector<std::pair<Slice, Lengths>> cases = {
      {{3, 18, {}}, {4, 5, 6}}, {{{}, {}, 2}, {4, 2, 4}}, {{{}, {}, -1}, {8, 5, 7}}, {{15, 2, -3}, {2, 1, 2}},
      {{1, 20, 6}, {1, 1, 2}},  {{7, 12, {}}, {5}},       {{18, {}, -5}, {2, 1, 1}}, {{5, 6, {}}, {1}},
  };
  for (const auto& [slice, expected] : cases) EXPECT_EQ((*MakeIndex(x, {slice}))->grid().chunks()[0], expected);
}

TEST(MakeTake, ErrorsNameIndexAndAxis) {
  const ArrayPtr x = *MakeFull(ops::ScalarConstant::Float(1), ops::Grid({{7, 5, 8}}));
  EXPECT_THAT(MakeTake(x, {3, 20}, 0).status().message(),
              HasSubstr("index 20 is out of bounds for axis 0 with size 20"));
  EXPECT_EQ((*MakeTake(x, {-1, 0, 0}, 0))->shape(), Shape{3});
}

}  // namespace
}  // namespace swath::expr
