#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "arrow/memory_pool.h"

#include "swath/kernels/array/block_kernels.h"
#include "swath/ops/reduction.h"

namespace swath::kernels {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

template <typename T>
Chunk Row(DType dtype, std::vector<T> values) {
  Chunk chunk = *Chunk::Allocate(dtype, {1, static_cast<int64_t>(values.size())}, arrow::default_memory_pool());
  std::copy(values.begin(), values.end(), chunk.mutable_data_as<T>());
  return chunk;
}

Result<Value> RunKernel(std::string_view reduction, DType accumulator, DType result, std::vector<Value> inputs,
                        int64_t ddof = 0, bool keepdims = false) {
  ops::CombineParams params;
  params.reduction = reduction, params.axes = {0}, params.accumulator = accumulator, params.result = result,
  params.ddof = ddof, params.keepdims = keepdims;
  TaskContext context;
  context.memory_pool = arrow::default_memory_pool();
  return CombineKernels()[0].kernel(params, inputs, context);
}

std::vector<double> Doubles(const Value& value) {
  const Chunk& chunk = *value.chunk();
  return {chunk.data_as<double>(), chunk.data_as<double>() + chunk.size()};
}

TEST(Combine, PlainFormsMergeElementwise) {
  const Value a = Row<double>(kFloat64, {1, kNan, 3}), b = Row<double>(kFloat64, {4, 5, -6});
  EXPECT_EQ(
      Doubles(*RunKernel("sum", kFloat64, kFloat64, {Row<double>(kFloat64, {1, 2}), Row<double>(kFloat64, {3, 4})})),
      (std::vector<double>{4, 6}));
  const auto largest = Doubles(*RunKernel("max", kFloat64, kFloat64, {a, b}));
  EXPECT_EQ(largest[0], 4);
  EXPECT_TRUE(std::isnan(largest[1]));
  EXPECT_EQ(Doubles(*RunKernel("nanmin", kFloat64, kFloat64, {a, b})), (std::vector<double>{1, 5, -6}));
}

TEST(Combine, InputsStayAsTheyAre) {
  const Chunk a = Row<double>(kFloat64, {1}), b = Row<double>(kFloat64, {2});
  (void)*RunKernel("sum", kFloat64, kFloat64, {a, b});
  EXPECT_EQ(a.data_as<double>()[0], 1);
}

TEST(Combine, SpreadEqualsTwoPassVariance) {
  const std::vector<std::vector<double>> parts = {{1, 2, 4}, {8}, {}, {16, 32, 5}};
  std::vector<Value> partials;
  double sum = 0, count = 0;
  for (const auto& part : parts) {
    double mean = 0, m2 = 0;
    for (double x : part) mean += x / static_cast<double>(part.size());
    for (double x : part) m2 += (x - mean) * (x - mean), sum += x, ++count;
    Pieces pieces;
    pieces.values.emplace_back(Row<int64_t>(kInt64, {static_cast<int64_t>(part.size())}));
    pieces.values.emplace_back(Row<double>(kFloat64, {mean}));
    pieces.values.emplace_back(Row<double>(kFloat64, {m2}));
    partials.emplace_back(std::move(pieces));
  }
  double m2 = 0;
  for (const auto& part : parts) {
    for (double x : part) m2 += (x - sum / count) * (x - sum / count);
  }
  EXPECT_NEAR(Doubles(*RunKernel("var", kFloat64, kFloat64, partials, 1))[0], m2 / (count - 1), 1e-12);
  EXPECT_NEAR(Doubles(*RunKernel("std", kFloat64, kFloat64, partials))[0], std::sqrt(m2 / count), 1e-12);
  EXPECT_TRUE(std::isinf(Doubles(*RunKernel("var", kFloat64, kFloat64, partials, 7))[0]));  // as NumPy
  EXPECT_TRUE(std::isnan(Doubles(*RunKernel("nanvar", kFloat64, kFloat64, partials, 7))[0]));
}

TEST(Combine, IndexTiesGoToTheFirstAndNanWins) {
  const auto partial = [](double value, int64_t index) {
    return Value(Pieces{{Row<double>(kFloat64, {value}), Row<int64_t>(kInt64, {index})}});
  };
  const auto index = [](const Result<Value>& value) { return value->chunk()->data_as<int64_t>()[0]; };
  EXPECT_EQ(index(RunKernel("argmax", kFloat64, kInt64, {partial(7, 9), partial(7, 2), partial(3, 0)})), 2);
  EXPECT_EQ(index(RunKernel("argmin", kFloat64, kInt64, {partial(7, 9), partial(kNan, 5), partial(kNan, 4)})), 4);
  EXPECT_EQ(index(RunKernel("nanargmin", kFloat64, kInt64, {partial(kNan, -1), partial(3, 5)})), 5);
  EXPECT_EQ(RunKernel("nanargmin", kFloat64, kInt64, {partial(kNan, -1)}).status().message(),
            "All-NaN slice encountered");
}

TEST(Combine, MeanDividesAndDropsTheAxisUnlessKept) {
  const Value a = Pieces{{Row<double>(kFloat64, {6, 0}), Row<int64_t>(kInt64, {2, 0})}};
  const Value b = Pieces{{Row<double>(kFloat64, {3, 0}), Row<int64_t>(kInt64, {1, 0})}};
  const Value mean = *RunKernel("nanmean", kFloat64, kFloat64, {a, b});
  EXPECT_EQ(mean.chunk()->shape(), (Shape{2}));
  EXPECT_EQ(Doubles(mean)[0], 3);
  EXPECT_TRUE(std::isnan(Doubles(mean)[1]));
  EXPECT_EQ(RunKernel("mean", kFloat64, kFloat64, {a, b}, 0, true)->chunk()->shape(), (Shape{1, 2}));
}

}  // namespace
}  // namespace swath::kernels
