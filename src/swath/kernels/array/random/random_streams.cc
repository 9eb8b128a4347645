#include "swath/kernels/array/random/random_streams.h"

#include <cstring>

#include "swath/base/status.h"

extern "C" {
// NumPy's C interface (numpy/random/bitgen.h and distributions.h; the latter needs Python.h, which the engine never
// sees).
typedef struct bitgen {  // NOLINT(readability-identifier-naming): theirs
  void* state;
  uint64_t (*next_uint64)(void*);
  uint32_t (*next_uint32)(void*);
  double (*next_double)(void*);
  uint64_t (*next_raw)(void*);
} bitgen_t;
double random_standard_gamma(bitgen_t*, double);
double random_beta(bitgen_t*, double, double);
double random_chisquare(bitgen_t*, double);
double random_noncentral_chisquare(bitgen_t*, double, double);
double random_f(bitgen_t*, double, double);
double random_noncentral_f(bitgen_t*, double, double, double);
double random_standard_cauchy(bitgen_t*);
double random_standard_t(bitgen_t*, double);
double random_vonmises(bitgen_t*, double, double);
double random_pareto(bitgen_t*, double);
double random_weibull(bitgen_t*, double);
double random_power(bitgen_t*, double);
double random_laplace(bitgen_t*, double, double);
double random_gumbel(bitgen_t*, double, double);
double random_logistic(bitgen_t*, double, double);
double random_lognormal(bitgen_t*, double, double);
double random_rayleigh(bitgen_t*, double);
double random_wald(bitgen_t*, double, double);
double random_triangular(bitgen_t*, double, double, double);
int64_t random_binomial(bitgen_t*, double, int64_t, void*);
int64_t random_negative_binomial(bitgen_t*, double, double);
int64_t random_poisson(bitgen_t*, double);
int64_t random_zipf(bitgen_t*, double);
int64_t random_geometric(bitgen_t*, double);
int64_t random_hypergeometric(bitgen_t*, int64_t, int64_t, int64_t);
int64_t random_logseries(bitgen_t*, double);
}

namespace swath::kernels {
namespace {

struct PhiloxResult {
  uint64_t low, high;
};

PhiloxResult Philox(uint64_t key, uint64_t counter, uint64_t upper) {
  uint32_t x0 = static_cast<uint32_t>(counter), x1 = static_cast<uint32_t>(counter >> 32);
  uint32_t x2 = static_cast<uint32_t>(upper), x3 = static_cast<uint32_t>(upper >> 32);
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * x0, p1 = uint64_t{0xCD9E8D57} * x2;
    const uint32_t y0 = static_cast<uint32_t>(p1 >> 32) ^ x1 ^ k0, y2 = static_cast<uint32_t>(p0 >> 32) ^ x3 ^ k1;
    x1 = static_cast<uint32_t>(p1);
    x3 = static_cast<uint32_t>(p0);
    x0 = y0;
    x2 = y2;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {static_cast<uint64_t>(x1) << 32 | x0, static_cast<uint64_t>(x3) << 32 | x2};
}

// NumPy keeps what depends on (n, p) alone in a struct of under 200 bytes; zeroes mean "not set up yet".
struct BinomialSetup {
  alignas(16) unsigned char bytes[512] = {};
};

struct DrawContext {
  bitgen_t* bits;
  const double* p;
  BinomialSetup* binomial;
};

struct StreamRow {
  std::string_view name;
  double (*real)(const DrawContext&);
  int64_t (*integer)(const DrawContext&);
};

constexpr StreamRow kRows[] = {
    {"standard_gamma", [](const DrawContext& c) { return random_standard_gamma(c.bits, c.p[0]); }, nullptr},
    {"gamma", [](const DrawContext& c) { return c.p[1] * random_standard_gamma(c.bits, c.p[0]); }, nullptr},
    {"beta", [](const DrawContext& c) { return random_beta(c.bits, c.p[0], c.p[1]); }, nullptr},
    {"chisquare", [](const DrawContext& c) { return random_chisquare(c.bits, c.p[0]); }, nullptr},
    {"noncentral_chisquare", [](const DrawContext& c) { return random_noncentral_chisquare(c.bits, c.p[0], c.p[1]); },
     nullptr},
    {"f", [](const DrawContext& c) { return random_f(c.bits, c.p[0], c.p[1]); }, nullptr},
    {"noncentral_f", [](const DrawContext& c) { return random_noncentral_f(c.bits, c.p[0], c.p[1], c.p[2]); }, nullptr},
    {"standard_cauchy", [](const DrawContext& c) { return random_standard_cauchy(c.bits); }, nullptr},
    {"standard_t", [](const DrawContext& c) { return random_standard_t(c.bits, c.p[0]); }, nullptr},
    {"vonmises", [](const DrawContext& c) { return random_vonmises(c.bits, c.p[0], c.p[1]); }, nullptr},
    {"pareto", [](const DrawContext& c) { return random_pareto(c.bits, c.p[0]); }, nullptr},
    {"weibull", [](const DrawContext& c) { return random_weibull(c.bits, c.p[0]); }, nullptr},
    {"power", [](const DrawContext& c) { return random_power(c.bits, c.p[0]); }, nullptr},
    {"laplace", [](const DrawContext& c) { return random_laplace(c.bits, c.p[0], c.p[1]); }, nullptr},
    {"gumbel", [](const DrawContext& c) { return random_gumbel(c.bits, c.p[0], c.p[1]); }, nullptr},
    {"logistic", [](const DrawContext& c) { return random_logistic(c.bits, c.p[0], c.p[1]); }, nullptr},
    {"lognormal", [](const DrawContext& c) { return random_lognormal(c.bits, c.p[0], c.p[1]); }, nullptr},
    {"rayleigh", [](const DrawContext& c) { return random_rayleigh(c.bits, c.p[0]); }, nullptr},
    {"wald", [](const DrawContext& c) { return random_wald(c.bits, c.p[0], c.p[1]); }, nullptr},
    {"triangular", [](const DrawContext& c) { return random_triangular(c.bits, c.p[0], c.p[1], c.p[2]); }, nullptr},
    {"binomial", nullptr,
     [](const DrawContext& c) { return random_binomial(c.bits, c.p[1], static_cast<int64_t>(c.p[0]), c.binomial); }},
    {"negative_binomial", nullptr,
     [](const DrawContext& c) { return random_negative_binomial(c.bits, c.p[0], c.p[1]); }},
    {"poisson", nullptr, [](const DrawContext& c) { return random_poisson(c.bits, c.p[0]); }},
    {"zipf", nullptr, [](const DrawContext& c) { return random_zipf(c.bits, c.p[0]); }},
    {"geometric", nullptr, [](const DrawContext& c) { return random_geometric(c.bits, c.p[0]); }},
    {"hypergeometric", nullptr,
     [](const DrawContext& c) {
       return random_hypergeometric(c.bits, static_cast<int64_t>(c.p[0]), static_cast<int64_t>(c.p[1]),
                                    static_cast<int64_t>(c.p[2]));
     }},
    {"logseries", nullptr, [](const DrawContext& c) { return random_logseries(c.bits, c.p[0]); }},
};

}  // namespace

uint64_t ElementStream::Next64() {
  if (has_second_) {
    has_second_ = false;
    return second_;
  }
  // The main numbers use the upper half seed_[1] itself; draw d uses seed_[1] + (d + 1) * odd, which is another one.
  const PhiloxResult result = Philox(seed_[0], element_, seed_[1] + ++draws_ * 0x9E3779B97F4A7C15ULL);
  second_ = result.high;
  has_second_ = true;
  return result.low;
}

uint32_t ElementStream::Next32() {
  if (has_half_) {
    has_half_ = false;
    return half_;
  }
  const uint64_t word = Next64();
  half_ = static_cast<uint32_t>(word >> 32);
  has_half_ = true;
  return static_cast<uint32_t>(word);
}

int32_t FindRandomStream(std::string_view name) {
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].name == name) return static_cast<int32_t>(i);
  }
  return -1;
}

void FillFromStreams(int32_t row, const std::array<uint64_t, 2>& seed, const double* parameters, int64_t first,
                     int64_t count, DType dtype, uint8_t* out) {
  const StreamRow& distribution = kRows[row];
  BinomialSetup setup;
  for (int64_t i = 0; i < count; ++i, out += dtype.itemsize) {
    ElementStream stream(seed, first + i);
    bitgen_t bits{&stream, [](void* s) { return static_cast<ElementStream*>(s)->Next64(); },
                  [](void* s) { return static_cast<ElementStream*>(s)->Next32(); },
                  [](void* s) { return static_cast<ElementStream*>(s)->NextDouble(); },
                  [](void* s) { return static_cast<ElementStream*>(s)->Next64(); }};
    const DrawContext context{&bits, parameters, &setup};
    if (distribution.integer) {
      const int64_t value = distribution.integer(context);
      std::memcpy(out, &value, static_cast<size_t>(dtype.itemsize));
    } else if (dtype.kind == Kind::kFloat32) {
      const auto value = static_cast<float>(distribution.real(context));
      std::memcpy(out, &value, sizeof value);
    } else {
      const double value = distribution.real(context);
      std::memcpy(out, &value, sizeof value);
    }
  }
}

}  // namespace swath::kernels
