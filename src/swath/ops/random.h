// The catalogue of random distributions that a TileSource of kind kRandom can generate. Element e of a source with seed
// s is a pure function of (s, e): the same for every chunking, worker count and order. Pure; no data;
// kernels/array/random generates.
//
//   seed words ── RandomSeed ──▶ Philox4x32-10 key and upper counter; element e (C order in the source's shape) ──▶
//   lower counter
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "swath/base/status.h"
#include "swath/data/dtype.h"

namespace swath::ops {

struct Distribution {
  std::string_view name;                       // static storage; TileSource::distribution
  std::array<std::string_view, 3> parameters;  // names in NumPy's order; unused are empty
  std::array<double, 3> defaults;              // NaN: required
  DType dtype;                                 // of the result by default: float64 or int64
  std::string_view doc;

  int32_t parameter_count() const {
    int32_t count = 0;
    while (count < 3 && !parameters[count].empty()) ++count;
    return count;
  }
};

// random uniform standard_normal normal integers standard_exponential exponential standard_gamma gamma beta chisquare
// noncentral_chisquare f noncentral_f standard_cauchy standard_t vonmises pareto weibull power laplace gumbel logistic
// lognormal rayleigh wald triangular binomial negative_binomial poisson zipf geometric hypergeometric logseries
std::span<const Distribution> Distributions();
// By name or alias of the legacy module (random_sample, rand, randn, randint, ranf, sample). KeyError otherwise.
Result<const Distribution*> FindDistribution(std::string_view name);

// The parameters as NumPy checks them: Invalid with NumPy's text ("scale < 0", "p < 0, p > 1 or p contains NaNs", …).
// `parameters` must have as many values as the row.
Status CheckDistribution(const Distribution& distribution, std::span<const double> parameters);
// The bounds of "integers", low <= x < high, and the dtype that they must fit: "low >= high", "low is out of bounds for
// int32". For uint64, the bounds are bit patterns of unsigned numbers; high == 0 there means 2^64 (the whole range).
Status CheckIntegers(int64_t low, int64_t high, const DType& dtype);
// float64 and float32 for "random", "uniform", "normal", "standard_normal", "standard_exponential"; any integer or bool
// for "integers"; else the row's dtype. TypeError "Unsupported dtype ..." otherwise.
Status CheckDistributionDType(const Distribution& distribution, const DType& dtype);

// The seed of a source: mixes any number of words (the user's seed, then the number of the call). Equal words, equal
// seed.
std::array<uint64_t, 2> RandomSeed(std::span<const uint64_t> words);

}  // namespace swath::ops
