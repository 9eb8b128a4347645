#include "swath/ops/random.h"

#include <cmath>
#include <limits>
#include <string>

namespace swath::ops {
namespace {

constexpr double kRequired = std::numeric_limits<double>::quiet_NaN();

constexpr Distribution kDistributions[] = {
    {"random", {}, {}, kFloat64, "uniform on [0, 1), multiples of 2**-53"},
    {"uniform", {"low", "high"}, {0, 1}, kFloat64, "uniform on [low, high)"},
    {"standard_normal", {}, {}, kFloat64, "normal with mean 0 and standard deviation 1"},
    {"normal", {"loc", "scale"}, {0, 1}, kFloat64, "normal with mean loc and standard deviation scale"},
    {"integers", {}, {}, kInt64, "integers, low <= x < high (TileSource::integer_bounds)"},
    {"standard_exponential", {}, {}, kFloat64, "exponential with mean 1"},
    {"exponential", {"scale"}, {1}, kFloat64, "exponential with mean scale"},
    {"standard_gamma", {"shape"}, {kRequired}, kFloat64, "gamma with scale 1"},
    {"gamma", {"shape", "scale"}, {kRequired, 1}, kFloat64, "gamma"},
    {"beta", {"a", "b"}, {kRequired, kRequired}, kFloat64, "beta on [0, 1]"},
    {"chisquare", {"df"}, {kRequired}, kFloat64, "chi-square"},
    {"noncentral_chisquare", {"df", "nonc"}, {kRequired, kRequired}, kFloat64, "non-central chi-square"},
    {"f", {"dfnum", "dfden"}, {kRequired, kRequired}, kFloat64, "Fisher's F"},
    {"noncentral_f", {"dfnum", "dfden", "nonc"}, {kRequired, kRequired, kRequired}, kFloat64, "non-central F"},
    {"standard_cauchy", {}, {}, kFloat64, "Cauchy with mode 0"},
    {"standard_t", {"df"}, {kRequired}, kFloat64, "Student's t"},
    {"vonmises", {"mu", "kappa"}, {kRequired, kRequired}, kFloat64, "von Mises on [-pi, pi]"},
    {"pareto", {"a"}, {kRequired}, kFloat64, "Pareto II (Lomax)"},
    {"weibull", {"a"}, {kRequired}, kFloat64, "Weibull with scale 1"},
    {"power", {"a"}, {kRequired}, kFloat64, "power on [0, 1] with exponent a - 1"},
    {"laplace", {"loc", "scale"}, {0, 1}, kFloat64, "Laplace"},
    {"gumbel", {"loc", "scale"}, {0, 1}, kFloat64, "Gumbel"},
    {"logistic", {"loc", "scale"}, {0, 1}, kFloat64, "logistic"},
    {"lognormal", {"mean", "sigma"}, {0, 1}, kFloat64, "log-normal"},
    {"rayleigh", {"scale"}, {1}, kFloat64, "Rayleigh"},
    {"wald", {"mean", "scale"}, {kRequired, kRequired}, kFloat64, "inverse Gaussian"},
    {"triangular",
     {"left", "mode", "right"},
     {kRequired, kRequired, kRequired},
     kFloat64,
     "triangular on [left, right]"},
    {"binomial", {"n", "p"}, {kRequired, kRequired}, kInt64, "successes in n trials"},
    {"negative_binomial", {"n", "p"}, {kRequired, kRequired}, kInt64, "failures before n successes"},
    {"poisson", {"lam"}, {1}, kInt64, "Poisson"},
    {"zipf", {"a"}, {kRequired}, kInt64, "Zipf"},
    {"geometric", {"p"}, {kRequired}, kInt64, "trials until the first success"},
    {"hypergeometric",
     {"ngood", "nbad", "nsample"},
     {kRequired, kRequired, kRequired},
     kInt64,
     "good ones in a sample without replacement"},
    {"logseries", {"p"}, {kRequired}, kInt64, "logarithmic series"},
};

struct DistributionAlias {
  std::string_view alias, name;
};
constexpr DistributionAlias kAliases[] = {{"random_sample", "random"},  {"rand", "random"},
                                          {"ranf", "random"},           {"sample", "random"},
                                          {"randn", "standard_normal"}, {"randint", "integers"}};

// What NumPy's constraint checks say; `name` is the parameter.
Status NonNegative(std::string_view name, double x) {
  return std::isnan(x) || std::signbit(x) ? Status::Invalid(name, " < 0") : Status::OK();
}
Status Positive(std::string_view name, double x) { return !(x > 0) ? Status::Invalid(name, " <= 0") : Status::OK(); }
Status Probability(std::string_view name, double x) {
  return x >= 0 && x <= 1 ? Status::OK() : Status::Invalid(name, " < 0, ", name, " > 1 or ", name, " is NaN");
}
Status PositiveProbability(std::string_view name, double x) {
  return x > 0 && x <= 1 ? Status::OK() : Status::Invalid(name, " <= 0, ", name, " > 1 or ", name, " contains NaNs");
}

Status CheckOne(const Distribution& d, std::string_view parameter, double x) {
  const std::string_view n = d.name;
  if (n == "uniform" || parameter == "loc" || parameter == "mu" || (n == "lognormal" && parameter == "mean"))
    return Status::OK();
  if (n == "triangular") return Status::OK();
  if (n == "zipf") return x > 1 ? Status::OK() : Status::Invalid("a <= 1 or a is NaN");
  if (parameter == "lam") {
    // The largest mean for which NumPy's int64 results are safe: 2^63 - 1 - 10 standard deviations.
    if (x >= 9.223372006484771e18) return Status::Invalid("lam value too large");
    return x >= 0 ? Status::OK() : Status::Invalid("lam < 0 or lam is NaN");
  }
  if (parameter == "p") {
    if (n == "logseries") return x >= 0 && x < 1 ? Status::OK() : Status::Invalid("p < 0, p >= 1 or p is NaN");
    return n == "binomial" ? Probability(parameter, x) : PositiveProbability(parameter, x);
  }
  if (n == "binomial" || n == "hypergeometric") {
    if (x != std::floor(x)) return Status::TypeError(parameter, " must be an integer, got ", x);
    return NonNegative(parameter, x);
  }
  if (parameter == "nonc" || parameter == "kappa" || parameter == "sigma") return NonNegative(parameter, x);
  if (parameter == "scale" && n != "wald") return NonNegative(parameter, x);
  if (parameter == "shape") return NonNegative(parameter, x);
  if (n == "weibull") return NonNegative(parameter, x);
  return Positive(parameter, x);
}

// splitmix64: each word moves every bit.
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

}  // namespace

std::span<const Distribution> Distributions() { return kDistributions; }

Result<const Distribution*> FindDistribution(std::string_view name) {
  for (const DistributionAlias& alias : kAliases) {
    if (name == alias.alias) name = alias.name;
  }
  for (const Distribution& distribution : kDistributions) {
    if (distribution.name == name) return &distribution;
  }
  return Status::KeyError("no random distribution '", name, "'; see ops/random.cc for the list");
}

Status CheckDistribution(const Distribution& distribution, std::span<const double> parameters) {
  if (static_cast<int32_t>(parameters.size()) != distribution.parameter_count()) {
    return Status::TypeError(distribution.name, "() takes ", distribution.parameter_count(), " parameters, ",
                             parameters.size(), " given");
  }
  for (size_t i = 0; i < parameters.size(); ++i)
    RETURN_IF_ERROR(CheckOne(distribution, distribution.parameters[i], parameters[i]));
  if (distribution.name == "uniform" && !std::isfinite(parameters[1] - parameters[0])) {
    return Status::Invalid("high - low range exceeds valid bounds");
  }
  if (distribution.name == "triangular") {
    if (parameters[0] > parameters[1]) return Status::Invalid("left > mode");
    if (parameters[1] > parameters[2]) return Status::Invalid("mode > right");
    if (parameters[0] == parameters[2]) return Status::Invalid("left == right");
  }
  if (distribution.name == "hypergeometric") {
    if (parameters[0] >= 1e9 || parameters[1] >= 1e9)
      return Status::Invalid("both ngood and nbad must be less than 1000000000");
    if (parameters[0] + parameters[1] < parameters[2]) return Status::Invalid("ngood + nbad < nsample");
  }
  return Status::OK();
}

Status CheckIntegers(int64_t low, int64_t high, const DType& dtype) {
  if (!dtype.is_integer() && !dtype.is_bool()) {
    return Status::TypeError("Unsupported dtype dtype('", dtype.ToString(),
                             "') for integers; accepted are bool and the integer dtypes");
  }
  if (dtype == kUInt64) {
    if (high != 0 && static_cast<uint64_t>(low) >= static_cast<uint64_t>(high)) return Status::Invalid("low >= high");
    return Status::OK();
  }
  const int bits = dtype.itemsize * 8;
  const int64_t lowest = dtype.is_signed() ? (bits == 64 ? INT64_MIN : -(int64_t{1} << (bits - 1))) : 0;
  const int64_t highest = dtype.is_bool()     ? 1
                          : dtype.is_signed() ? (bits == 64 ? INT64_MAX : -(lowest + 1))
                                              : (int64_t{1} << bits) - 1;
  if (low < lowest) return Status::Invalid("low is out of bounds for ", dtype.ToString());
  if (bits < 64 && high > highest + 1) return Status::Invalid("high is out of bounds for ", dtype.ToString());
  if (low >= high) return Status::Invalid("low >= high");
  return Status::OK();
}

Status CheckDistributionDType(const Distribution& distribution, const DType& dtype) {
  const std::string_view n = distribution.name;
  if (n == "integers") return CheckIntegers(0, 1, dtype);
  const bool narrow =
      n == "random" || n == "uniform" || n == "standard_normal" || n == "normal" || n == "standard_exponential";
  if (dtype == distribution.dtype || (narrow && dtype == kFloat32)) return Status::OK();
  return Status::TypeError("Unsupported dtype dtype('", dtype.ToString(), "') for ", n,
                           "; accepted: ", distribution.dtype.ToString(), narrow ? ", float32" : "");
}

std::array<uint64_t, 2> RandomSeed(std::span<const uint64_t> words) {
  uint64_t a = Mix(words.size()), b = Mix(a ^ 0x2545f4914f6cdd1dull);
  for (uint64_t word : words) {
    a = Mix(a ^ word);
    b = Mix(b + Mix(word ^ 0xd1342543de82ef95ull) + a);
  }
  return {a, b};
}

}  // namespace swath::ops
