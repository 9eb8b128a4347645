#include "swath/kernels/array/random/random.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "swath/base/cpu.h"
#include "swath/kernels/array/random/random_simd.h"

namespace swath::kernels {
namespace {

RandomGenerator Generator(std::string_view name, std::vector<double> parameters = {}, DType dtype = kFloat64,
                          std::array<int64_t, 2> bounds = {}) {
  ops::TileSource source;
  source.kind = ops::TileSource::Kind::kRandom;
  source.distribution = name;
  source.seed = {0x1234567890ABCDEFULL, 42};
  source.parameters = std::move(parameters);
  source.integer_bounds = bounds;
  source.dtype = dtype;
  return RandomGenerator::Make(source).ValueOrDie();
}

template <typename T>
std::vector<T> Numbers(const RandomGenerator& generator, int64_t first, int64_t count) {
  std::vector<T> out(static_cast<size_t>(count));
  generator.Fill(first, count, out.data());
  return out;
}

// sup |F_n - F|, the Kolmogorov-Smirnov statistic, times sqrt(n); over 1.95 has probability 0.001.
double KolmogorovSmirnov(std::vector<double> sample, const std::function<double(double)>& cdf) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double largest = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    const double f = cdf(sample[i]);
    largest =
        std::max({largest, std::abs(static_cast<double>(i + 1) / n - f), std::abs(static_cast<double>(i) / n - f)});
  }
  return largest * std::sqrt(n);
}

TEST(Random, PhiloxMatchesThePublishedVector) {
  // Random123's known answers: counter 0, key 0 -> 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
  uint64_t words[16];
  v2::kRandomLoops.words(0, 0, 0, 1, words);
  EXPECT_EQ(words[0], 0xe169c58d6627e8d5ULL);
  EXPECT_EQ(words[8], 0x9b00dbd8bc57ac4cULL);
}

TEST(Random, EveryInstructionSetGivesTheSameBits) {
  const auto all = {&v2::kRandomLoops, &v3::kRandomLoops, &v4::kRandomLoops};
  for (RandomCurve curve : {RandomCurve::kUniform, RandomCurve::kNormal, RandomCurve::kExponential}) {
    std::vector<double> expected(16 * 4096), got(expected.size());
    v2::kRandomLoops.doubles(99, 7, 1'000'000, 4096, curve, 1, 2, expected.data());
    int level = 2;
    for (const RandomLoops* loops : all) {
      if (level++ > static_cast<int>(CpuSimdLevel())) break;
      loops->doubles(99, 7, 1'000'000, 4096, curve, 1, 2, got.data());
      EXPECT_EQ(got, expected);
    }
  }
}

TEST(Random, AnyCutGivesTheSameNumbers) {
  std::mt19937 random(5);
  const std::vector<RandomGenerator> generators = {Generator("random"), Generator("normal", {3, 2}),
                                                   Generator("standard_exponential"), Generator("gamma", {0.7, 2})};
  for (const RandomGenerator& generator : generators) {
    const auto whole = Numbers<double>(generator, 0, 1000);
    for (int trial = 0; trial < 50; ++trial) {
      const int64_t first = random() % 900, count = 1 + random() % 100;
      EXPECT_EQ(Numbers<double>(generator, first, count),
                std::vector<double>(whole.begin() + first, whole.begin() + first + count));
    }
  }
  const RandomGenerator integers = Generator("integers", {}, kInt64, {-5, 1'000'003});
  const auto whole = Numbers<int64_t>(integers, 0, 5000);
  EXPECT_EQ(Numbers<int64_t>(integers, 1030, 2000), std::vector<int64_t>(whole.begin() + 1030, whole.begin() + 3030));
}

TEST(Random, DistributionsAreTheirOwn) {
  const int64_t n = 200'000;
  const auto normal_cdf = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  EXPECT_LT(KolmogorovSmirnov(Numbers<double>(Generator("random"), 0, n), [](double x) { return x; }), 1.95);
  EXPECT_LT(
      KolmogorovSmirnov(Numbers<double>(Generator("uniform", {-1, 3}), 0, n), [](double x) { return (x + 1) / 4; }),
      1.95);
  EXPECT_LT(KolmogorovSmirnov(Numbers<double>(Generator("standard_normal"), 0, n), normal_cdf), 1.95);
  EXPECT_LT(KolmogorovSmirnov(Numbers<double>(Generator("normal", {5, 2}), 0, n),
                              [&](double x) { return normal_cdf((x - 5) / 2); }),
            1.95);
  EXPECT_LT(KolmogorovSmirnov(Numbers<double>(Generator("exponential", {2}), 0, n),
                              [](double x) { return 1 - std::exp(-x / 2); }),
            1.95);
  EXPECT_LT(KolmogorovSmirnov(Numbers<double>(Generator("weibull", {1.5}), 0, n),
                              [](double x) { return 1 - std::exp(-std::pow(x, 1.5)); }),
            1.95);
  EXPECT_LT(KolmogorovSmirnov(Numbers<double>(Generator("laplace", {0, 1}), 0, n),
                              [](double x) { return x < 0 ? std::exp(x) / 2 : 1 - std::exp(-x) / 2; }),
            1.95);
}

TEST(Random, NormalIsTheInverseCdfOfItsUniform) {
  std::vector<double> uniform(16 * 1000), normal(uniform.size());
  v2::kRandomLoops.doubles(1, 2, 0, 1000, RandomCurve::kUniform, 0x1p-54, 1, uniform.data());
  v2::kRandomLoops.doubles(1, 2, 0, 1000, RandomCurve::kNormal, 0, 1, normal.data());
  for (size_t i = 0; i < uniform.size(); ++i) {
    EXPECT_NEAR(0.5 * std::erfc(-normal[i] / std::sqrt(2.0)), uniform[i], 4e-16 + 4e-15 * uniform[i]);
  }
}

TEST(Random, IntegersAreEvenAndInRange) {
  std::vector<int64_t> count(7);
  for (int32_t value : Numbers<int32_t>(Generator("integers", {}, kInt32, {-3, 4}), 0, 70'000)) {
    ASSERT_GE(value, -3);
    ASSERT_LT(value, 4);
    ++count[static_cast<size_t>(value + 3)];
  }
  double chi_squared = 0;
  for (int64_t c : count) chi_squared += static_cast<double>((c - 10'000) * (c - 10'000)) / 10'000;
  EXPECT_LT(chi_squared, 22.5);  // 6 degrees of freedom, p = 0.001
  // A range just over 2^63 rejects almost every second word: the stream of rejections must be uniform too.
  const auto wide = Numbers<int64_t>(Generator("integers", {}, kInt64, {INT64_MIN, 2}), 0, 10'000);
  EXPECT_LT(*std::max_element(wide.begin(), wide.end()), 2);
  std::vector<double> scaled;
  for (int64_t value : wide) scaled.push_back((static_cast<double>(value) + 0x1p63) / (0x1p63 + 2));
  EXPECT_LT(KolmogorovSmirnov(scaled, [](double x) { return x; }), 1.95);
}

TEST(Random, StreamsHaveTheRightMoments) {
  struct Moments {
    const char* name;
    std::vector<double> parameters;
    double mean, variance;
  };
  for (const Moments& m :
       {Moments{"gamma", {2, 3}, 6, 18}, Moments{"beta", {2, 3}, 0.4, 0.04}, Moments{"chisquare", {4}, 4, 8}}) {
    const auto numbers = Numbers<double>(Generator(m.name, m.parameters), 0, 100'000);
    const double mean = std::accumulate(numbers.begin(), numbers.end(), 0.0) / 1e5;
    EXPECT_NEAR(mean, m.mean, 5 * std::sqrt(m.variance / 1e5)) << m.name;
  }
  for (const Moments& m : {Moments{"poisson", {3.5}, 3.5, 3.5}, Moments{"binomial", {20, 0.3}, 6, 4.2},
                           Moments{"geometric", {0.25}, 4, 12}, Moments{"hypergeometric", {30, 70, 10}, 3, 1.909}}) {
    const auto numbers = Numbers<int64_t>(Generator(m.name, m.parameters, kInt64), 0, 100'000);
    const double mean = static_cast<double>(std::accumulate(numbers.begin(), numbers.end(), int64_t{0})) / 1e5;
    EXPECT_NEAR(mean, m.mean, 5 * std::sqrt(m.variance / 1e5)) << m.name;
  }
}

}  // namespace
}  // namespace swath::kernels
