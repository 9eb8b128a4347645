// Arrays from the C++ API, computed and compared with plain loops over many chunkings.
#include "swath/api/array.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "swath/api/creation.h"
#include "swath/api/manipulation.h"
#include "swath/api/random.h"
#include "swath/base/config.h"

namespace swath {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<double> Numbers(int64_t count) {
  std::vector<double> values(count);
  for (int64_t i = 0; i < count; ++i) values[i] = static_cast<double>((i * 7919) % 101) / 8 - 5;
  return values;
}

// A 6 × 8 matrix with known values under several chunkings.
constexpr int64_t kRows = 6, kColumns = 8;
std::vector<ChunkSpec> Chunkings() {
  return {ChunkSpec(-1), ChunkSpec{2, 3}, ChunkSpec{4, 4}, ChunkSpec{std::vector<int64_t>{1, 5}, 8}, ChunkSpec(1)};
}

class ArrayEveryChunking : public testing::TestWithParam<size_t> {
 protected:
  Array Matrix() const {
    return array::from_memory(values_.data(), kFloat64, {kRows, kColumns}, Chunkings()[GetParam()]);
  }
  double At(int64_t i, int64_t j) const { return values_[i * kColumns + j]; }
  static void Expect(const Array& actual, const Shape& shape, const std::function<double(int64_t)>& expected) {
    ASSERT_EQ(actual.shape(), shape);
    const std::vector<double> values = actual.to_vector<double>();
    for (int64_t i = 0; i < actual.size(); ++i)
      ASSERT_NEAR(values[i], expected(i), 1e-9) << "element " << i << "\n" << actual.explain();
  }
  std::vector<double> values_ = Numbers(kRows * kColumns);
};
INSTANTIATE_TEST_SUITE_P(Chunkings, ArrayEveryChunking, testing::Range<size_t>(0, 5));

TEST_P(ArrayEveryChunking, Elementwise) {
  const Array x = Matrix();
  Expect(2 * x + x * x - 1, {kRows, kColumns}, [&](int64_t i) { return 2 * values_[i] + values_[i] * values_[i] - 1; });
  Expect(array::elementwise("sqrt", {array::elementwise("absolute", {x})}), {kRows, kColumns},
         [&](int64_t i) { return std::sqrt(std::abs(values_[i])); });
  Expect(array::where(x > 0, x, 0.0), {kRows, kColumns}, [&](int64_t i) { return std::max(values_[i], 0.0); });
  Expect(x.clip(-1, 2), {kRows, kColumns}, [&](int64_t i) { return std::clamp(values_[i], -1.0, 2.0); });
}

TEST_P(ArrayEveryChunking, BroadcastsRowsAndColumns) {
  const Array x = Matrix();
  const Array row = array::arange(8, {.chunks = 3});
  const Array column = array::arange(6, {.chunks = 4}).reshape({6, 1});
  Expect(x + row, {kRows, kColumns}, [&](int64_t i) { return values_[i] + static_cast<double>(i % kColumns); });
  Expect(x * column, {kRows, kColumns}, [&](int64_t i) { return values_[i] * static_cast<double>(i / kColumns); });
}

TEST_P(ArrayEveryChunking, Transposes) {
  const Array x = Matrix();
  Expect(x.T(), {kColumns, kRows}, [&](int64_t i) { return At(i % kRows, i / kRows); });
  const Array square = x(Slice{}, Slice{0, kRows});
  Expect(square + square.T(), {kRows, kRows},
         [&](int64_t i) { return At(i / kRows, i % kRows) + At(i % kRows, i / kRows); });
}

TEST_P(ArrayEveryChunking, Slices) {
  const Array x = Matrix();
  Expect(x(Slice{1, 5, 2}, Slice{{}, {}, -1}), {2, kColumns},
         [&](int64_t i) { return At(1 + 2 * (i / kColumns), kColumns - 1 - i % kColumns); });
  Expect(x(-1), {kColumns}, [&](int64_t i) { return At(kRows - 1, i); });
  Expect(x(newaxis, 2, Slice{-3, {}}), {1, 3}, [&](int64_t i) { return At(2, kColumns - 3 + i); });
  Expect(x(Slice{4, 1, -2}, 0), {2}, [&](int64_t i) { return At(4 - 2 * i, 0); });
  EXPECT_EQ(x(Slice{3, 3}).shape(), (Shape{0, kColumns}));
  EXPECT_EQ(x(Slice{3, 3}).sum().item<double>(), 0);
}

TEST_P(ArrayEveryChunking, TakesIndexLists) {
  const Array x = Matrix();
  const std::vector<int64_t> rows{5, 0, -1, 2, 2};
  Expect(x.take(rows, 0), {5, kColumns},
         [&](int64_t i) { return At((rows[i / kColumns] + kRows) % kRows, i % kColumns); });
  Expect(x(Slice{}, std::vector<int64_t>{7, 1}), {kRows, 2}, [&](int64_t i) { return At(i / 2, i % 2 ? 1 : 7); });
}

TEST_P(ArrayEveryChunking, Reductions) {
  const Array x = Matrix();
  const double total = std::accumulate(values_.begin(), values_.end(), 0.0);
  const double mean = total / kRows / kColumns;
  double squares = 0;
  for (const double value : values_) squares += (value - mean) * (value - mean);
  EXPECT_NEAR(x.sum().item<double>(), total, 1e-9);
  EXPECT_NEAR(x.mean().item<double>(), mean, 1e-9);
  EXPECT_NEAR(x.var().item<double>(), squares / (kRows * kColumns), 1e-9);
  EXPECT_NEAR(x.std({}, {.ddof = 1}).item<double>(), std::sqrt(squares / (kRows * kColumns - 1)), 1e-9);
  EXPECT_EQ(x.max().item<double>(), *std::max_element(values_.begin(), values_.end()));
  EXPECT_EQ(x.argmin().item<int64_t>(), std::min_element(values_.begin(), values_.end()) - values_.begin());
  const auto column_sum = [&](int64_t j) {
    double sum = 0;
    for (int64_t i = 0; i < kRows; ++i) sum += At(i, j);
    return sum;
  };
  Expect(x.sum(0), {kColumns}, column_sum);
  Expect(x.sum(0, {.keepdims = true, .split_every = 2}), {1, kColumns}, column_sum);
  Expect(x.mean(-1), {kRows}, [&](int64_t i) {
    return std::accumulate(&values_[i * kColumns], &values_[(i + 1) * kColumns], 0.0) / kColumns;
  });
}

TEST_P(ArrayEveryChunking, TheExampleOfTheTour) {
  const Array x = Matrix()(Slice{}, Slice{0, kRows});
  double expected = 0;
  for (int64_t i = 0; i < kRows; ++i) {
    for (int64_t j = 0; j < kRows; ++j) {
      double mean = 0;
      for (int64_t k = 0; k < kRows; ++k) mean += At(j, k) / kRows;
      expected += At(i, j) + At(j, i) - mean;
    }
  }
  EXPECT_NEAR(((x + x.T()) - x.mean(1)).sum().item<double>(), expected, 1e-9);
}

TEST_P(ArrayEveryChunking, Rechunks) {
  const Array x = Matrix();
  for (const ChunkSpec& chunks : Chunkings())
    Expect(x.rechunk(chunks), {kRows, kColumns}, [&](int64_t i) { return values_[i]; });
  const Array stored = (x + 1).persist();
  for (const ChunkSpec& chunks : Chunkings())
    Expect(stored.rechunk(chunks) - 1, {kRows, kColumns}, [&](int64_t i) { return values_[i]; });
}

TEST_P(ArrayEveryChunking, ReshapesInMemoryOrder) {
  const Array x = Matrix();
  for (const Shape& shape : {Shape{48}, Shape{8, 6}, Shape{2, 3, 8}, Shape{4, -1}, Shape{6, 2, 4}, Shape{1, 6, 8, 1}}) {
    const Array y = x.reshape(shape);
    Expect(y, y.shape(), [&](int64_t i) { return values_[i]; });
  }
  Expect(x.T().ravel(), {kRows * kColumns}, [&](int64_t i) { return At(i % kRows, i / kRows); });
}

TEST_P(ArrayEveryChunking, ConcatenatesAndStacks) {
  const Array x = Matrix();
  Expect(array::concatenate({x, x + 1}, 0), {2 * kRows, kColumns},
         [&](int64_t i) { return values_[i % (kRows * kColumns)] + (i >= kRows * kColumns ? 1 : 0); });
  Expect(array::stack({x, 2 * x}, 1), {kRows, 2, kColumns},
         [&](int64_t i) { return At(i / (2 * kColumns), i % kColumns) * (i / kColumns % 2 ? 2 : 1); });
}

TEST_P(ArrayEveryChunking, RunningSums) {
  const Array x = Matrix();
  std::vector<double> running(values_.size());
  std::partial_sum(values_.begin(), values_.end(), running.begin());
  Expect(x.cumsum(), {kRows * kColumns}, [&](int64_t i) { return running[i]; });
  Expect(x.cumsum(0), {kRows, kColumns}, [&](int64_t i) {
    double sum = 0;
    for (int64_t row = 0; row <= i / kColumns; ++row) sum += At(row, i % kColumns);
    return sum;
  });
}

TEST_P(ArrayEveryChunking, Products) {
  const Array x = Matrix();
  const auto expected = [&](int64_t e) {
    double sum = 0;
    for (int64_t k = 0; k < kColumns; ++k) sum += At(e / kRows, k) * At(e % kRows, k);
    return sum;
  };
  Expect(array::matmul(x, x.T()), {kRows, kRows}, expected);
  Expect(array::tensordot(x, x, {1}, {1}), {kRows, kRows}, expected);
  Expect(x.dot(array::ones({kColumns})), {kRows},
         [&](int64_t i) { return std::accumulate(&values_[i * kColumns], &values_[(i + 1) * kColumns], 0.0); });
  double dot = 0;
  for (const double value : values_) dot += value * value;
  EXPECT_NEAR(array::tensordot(x, x).item<double>(), dot, 1e-9);
  const Array stacked = array::stack({x, 2 * x}, 0);
  Expect(array::matmul(stacked, x.T()), {2, kRows, kRows},
         [&](int64_t e) { return expected(e % (kRows * kRows)) * (e >= kRows * kRows ? 2 : 1); });
}

TEST_P(ArrayEveryChunking, OrderOfColumns) {
  const auto sorted = [&](int64_t j) {
    std::vector<double> column;
    for (int64_t i = 0; i < kRows; ++i) column.push_back(At(i, j));
    std::sort(column.begin(), column.end());
    return column;
  };
  Expect(array::median(Matrix(), 0), {1, kColumns}, [&](int64_t j) { return (sorted(j)[2] + sorted(j)[3]) / 2; });
  Expect(array::quantile(Matrix(), {0, 0.2, 0.3, 1}, 0), {4, kColumns}, [&](int64_t e) {
    const std::vector<double> column = sorted(e % kColumns);
    const double at[] = {column[0], column[1], column[1] + 0.5 * (column[2] - column[1]), column[5]};
    return at[e / kColumns];
  });
  Expect(array::topk(Matrix(), 2, 0), {2, kColumns}, [&](int64_t e) { return sorted(e % kColumns)[5 - e / kColumns]; });
  Expect(array::topk(Matrix(), -3, 0), {3, kColumns}, [&](int64_t e) { return sorted(e % kColumns)[e / kColumns]; });
}

TEST_P(ArrayEveryChunking, Counts) {
  const std::vector<double> edges = {-4, -1, 0, 0.5, 7};
  std::vector<double> counts(4), sums(4);
  for (const double value : values_) {
    for (size_t bin = 0; bin < 4; ++bin) {
      if (value < edges[bin] || value > edges[bin + 1] || (value == edges[bin + 1] && bin < 3)) continue;
      ++counts[bin];
      sums[bin] += value * value;
    }
  }
  Expect(array::histogram(Matrix(), edges), {4}, [&](int64_t bin) { return counts[bin]; });
  Expect(array::histogram(Matrix(), edges, Matrix() * Matrix()), {4}, [&](int64_t bin) { return sums[bin]; });
  Expect(array::digitize(Matrix(), edges), {kRows, kColumns}, [&](int64_t e) {
    return static_cast<double>(std::upper_bound(edges.begin(), edges.end(), values_[e]) - edges.begin());
  });
  const Array numbers = array::digitize(Matrix(), edges).reshape({-1});
  Expect(array::bincount(numbers, 7).astype(kFloat64).sum(), {}, [&](int64_t) { return kRows * kColumns; });
  EXPECT_THROW(array::bincount(numbers, 2).compute(), ValueError);
  EXPECT_THROW(array::histogram(Matrix(), {1, 0}), ValueError);
  EXPECT_THROW(array::topk(Matrix(), 0), ValueError);
}

TEST_P(ArrayEveryChunking, AnswersDoNotDependOnTheOptimizer) {
  const Array x = Matrix();
  const Array y = ((x + x(0)) * x.mean(0)).T()(Slice{1, 7, 3}).cumsum(1);
  const std::vector<double> with = y.to_vector<double>();
  ASSERT_TRUE(Config::Set("optimizer.passes.disabled", ConfigValue::List{"merge-views", "push-slices", "fuse"}).ok());
  const std::vector<double> without = y.to_vector<double>();
  Config::Unset("optimizer.passes.disabled");
  ASSERT_EQ(with.size(), without.size());
  for (size_t i = 0; i < with.size(); ++i) EXPECT_NEAR(with[i], without[i], 1e-9);
}

TEST(ArrayCreation, MakesWhatNumPyMakes) {
  EXPECT_THAT(array::arange(2, 11, 3).to_vector<int64_t>(), ElementsAre(2, 5, 8));
  EXPECT_THAT(array::arange(5, 0, -2).to_vector<int64_t>(), ElementsAre(5, 3, 1));
  EXPECT_THAT(array::linspace(0, 1, 5, true, {.chunks = 2}).to_vector<double>(), ElementsAre(0, 0.25, 0.5, 0.75, 1));
  EXPECT_THAT(array::eye(3, 4, 1, {.chunks = 2}).to_vector<double>(), ElementsAre(0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1));
  EXPECT_THAT(array::full({2, 2}, 7).to_vector<int64_t>(), ElementsAre(7, 7, 7, 7));
  EXPECT_EQ(array::ones({10'000, 10'000}).chunksize(), (std::vector<int64_t>{4096, 4096}));  // 128 MiB
}

TEST(ArrayRandom, DoesNotDependOnChunksAndSlices) {
  const Array whole = array::random({50, 40}, {.seed = 1, .chunks = -1});
  const Array cut = array::random({50, 40}, {.seed = 1, .chunks = {7, 11}});
  EXPECT_EQ(whole.to_vector<double>(), cut.to_vector<double>());
  EXPECT_EQ(whole(Slice{10, 40, 3}, 5).to_vector<double>(), cut(Slice{10, 40, 3}, 5).to_vector<double>());
  EXPECT_EQ(whole.T().to_vector<double>(), whole.T().persist().to_vector<double>());
  EXPECT_NE(whole.to_vector<double>(), array::random({50, 40}, {.seed = 2}).to_vector<double>());
  auto rng = array::default_rng(3);
  const double first = rng.normal(0, 1, {100}).mean().item<double>();
  EXPECT_NE(first, rng.normal(0, 1, {100}).mean().item<double>());
  EXPECT_EQ(first, array::default_rng(3).normal(0, 1, {100}).mean().item<double>());
}

TEST(ArrayErrors, AreRaisedWhereTheyAreWritten) {
  const auto message = [](const std::function<void()>& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  const Array x = array::ones({2, 3});
  EXPECT_THROW(x + array::ones({4}), ValueError);
  EXPECT_THAT(message([&] { x + array::ones({4}); }),
              HasSubstr("operands could not be broadcast together with shapes (2, 3) (4,)"));
  EXPECT_THROW(x(0, 0, 0), IndexError);
  EXPECT_THROW(x(2), IndexError);
  EXPECT_THAT(message([&] { x(2); }), HasSubstr("index 2 is out of bounds for axis 0 with size 2"));
  EXPECT_THROW(x.sum(2), ValueError);
  EXPECT_THROW(x.reshape({4}), ValueError);
  EXPECT_THROW(array::matmul(x, x), ValueError);
  EXPECT_THROW(x.rechunk({5}), ValueError);
  EXPECT_THROW(x.rechunk({std::vector<int64_t>{1, 2}, 3}), ValueError);
  EXPECT_THROW(array::elementwise("no such function", {x}), KeyError);
  EXPECT_THROW(array::zeros({0}).min(), ValueError);
  EXPECT_THROW(x.item<double>(), ValueError);
}

TEST(ArrayCompute, SharesWorkAndReportsProgress) {
  const Array x = array::random({100, 100}, {.seed = 5, .chunks = 30});
  int64_t total = 0, done = 0;
  ComputeOptions options;
  options.progress = [&](const graph::Progress& progress) { total = progress.tasks_total, done = progress.tasks_done; };
  const std::vector<Chunk> chunks = compute({x.mean(), x.max(), x}, options);
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_NEAR(chunks[0].data_as<double>()[0], 0.5, 0.05);
  EXPECT_GT(total, 0);
  EXPECT_EQ(done, total);
}

TEST(ArrayCompute, IsCancelledByThePoll) {
  ComputeOptions options;
  options.should_cancel = [] { return true; };
  options.poll_interval = std::chrono::milliseconds(1);
  const Array x = array::random({40'000, 40'000}, {.seed = 5, .chunks = 1000});
  EXPECT_THROW(array::elementwise("exp", {x}).sum().compute(options), CancelledError);
  EXPECT_EQ(array::ones({3}).sum().item<double>(), 3);  // the session goes on
}

TEST(ArrayText, NamesShapeAndChunks) {
  EXPECT_EQ(array::ones({4, 6}, {.chunks = {2, 3}}).repr(),
            "swath.array<full, shape=(4, 6), dtype=float64, chunksize=(2, 3)>");
  const std::string plan = array::random({100, 100}, {.seed = 1}).sum().explain();
  EXPECT_THAT(plan, HasSubstr("plan as written"));
  EXPECT_THAT(plan, HasSubstr("projected peak memory"));
}

}  // namespace
}  // namespace swath
