#include "swath/ops/random.h"

#include <limits>
#include <vector>

#include "swath/ops/array_blocks.h"

#include "gtest/gtest.h"

namespace swath::ops {
namespace {

std::string Check(std::string_view name, const std::vector<double>& parameters) {
  return CheckDistribution(**FindDistribution(name), parameters).message();
}

TEST(RandomOpsTest, RefusesParametersInNumPysWords) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Check("normal", {0, -1}), "scale < 0");
  EXPECT_EQ(Check("binomial", {10, 1.5}), "p < 0, p > 1 or p is NaN");
  EXPECT_EQ(Check("poisson", {-1}), "lam < 0 or lam is NaN");
  EXPECT_EQ(Check("poisson", {nan}), "lam < 0 or lam is NaN");
  EXPECT_EQ(Check("zipf", {1}), "a <= 1 or a is NaN");
  EXPECT_EQ(Check("triangular", {2, 1, 3}), "left > mode");
  EXPECT_EQ(Check("hypergeometric", {3, 4, 8}), "ngood + nbad < nsample");
  EXPECT_EQ(Check("normal", {5, 0}), "");
  EXPECT_TRUE(CheckDistribution(**FindDistribution("normal"), std::vector<double>{1}).IsTypeError());
  EXPECT_TRUE(FindDistribution("nomral").status().IsKeyError());
}

TEST(RandomOpsTest, BoundsOfIntegers) {
  EXPECT_TRUE(CheckIntegers(0, 256, kUInt8).ok());
  EXPECT_EQ(CheckIntegers(0, 257, kUInt8).message(), "high is out of bounds for uint8");
  EXPECT_EQ(CheckIntegers(-1, 3, kUInt8).message(), "low is out of bounds for uint8");
  EXPECT_EQ(CheckIntegers(3, 3, kInt64).message(), "low >= high");
  EXPECT_TRUE(CheckIntegers(0, 0, kUInt64).ok());  // the whole range
  EXPECT_TRUE(CheckIntegers(0, 1, kFloat32).IsTypeError());
  EXPECT_TRUE(CheckDistributionDType(**FindDistribution("normal"), kFloat32).ok());
  EXPECT_TRUE(CheckDistributionDType(**FindDistribution("gamma"), kFloat32).IsTypeError());
}

TEST(RandomOpsTest, SeedsDifferWithEveryWord) {
  const std::vector<uint64_t> a{1}, b{1, 0}, c{0, 1};
  EXPECT_EQ(RandomSeed(a), RandomSeed(a));
  EXPECT_NE(RandomSeed(a), RandomSeed(b));
  EXPECT_NE(RandomSeed(b), RandomSeed(c));
}

// By brute force: the blocks that hold the elements of a block of the reshaped array.
TEST(ReshapeTest, SourcesHoldTheElements) {
  using Chunks = std::vector<std::vector<int64_t>>;
  const Grid from(Chunks{{2, 2}, {3, 0, 3}}), to(Chunks{{5, 7}, {1, 1}});
  for (int64_t block = 0; block < to.block_count(); ++block) {
    const Box box = to.BlockBox(block);
    std::vector<int64_t> expected, sources;
    for (int64_t s = 0; s < from.block_count(); ++s) {
      const Box source = from.BlockBox(s);
      bool holds = false;
      for (int64_t i = source[0].begin; i < source[0].end; ++i) {
        for (int64_t j = source[1].begin; j < source[1].end; ++j) {
          const int64_t flat = i * 6 + j, row = flat / 2, column = flat % 2;
          holds |= row >= box[0].begin && row < box[0].end && column >= box[1].begin && column < box[1].end;
        }
      }
      if (holds) expected.push_back(s);
    }
    AppendReshapeSources(from, to, block, &sources);
    EXPECT_EQ(sources, expected) << block;
  }
}

}  // namespace
}  // namespace swath::ops
