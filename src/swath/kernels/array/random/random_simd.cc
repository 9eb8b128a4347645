// Philox4x32-10 and the curves over it. No contraction to FMA and no library logarithm, so that every instruction set
// gives the same bits.
#pragma GCC optimize("fp-contract=off")

#include "swath/kernels/array/random/random_simd.h"

#include <bit>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace swath::kernels::SWATH_SIMD {
namespace {

constexpr int64_t kGroup = 16;
constexpr uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57, kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;

// A vector of 64-bit lanes whose low halves are the 32-bit words of Philox; high halves are ignored by MulLow.
#if defined(__AVX512F__)
using Lanes = __m512i;
constexpr int kLanes = 8;
Lanes Set(uint64_t x) { return _mm512_set1_epi64(static_cast<int64_t>(x)); }
Lanes Count() { return _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0); }
Lanes Add(Lanes a, Lanes b) { return _mm512_add_epi64(a, b); }
Lanes MulLow(Lanes a, Lanes b) { return _mm512_mul_epu32(a, b); }
Lanes High(Lanes a) { return _mm512_srli_epi64(a, 32); }
Lanes Up(Lanes a) { return _mm512_slli_epi64(a, 32); }
Lanes And(Lanes a, Lanes b) { return _mm512_and_si512(a, b); }
Lanes Or(Lanes a, Lanes b) { return _mm512_or_si512(a, b); }
Lanes Xor3(Lanes a, Lanes b, Lanes c) { return _mm512_ternarylogic_epi64(a, b, c, 0x96); }
void Store(uint64_t* out, Lanes a) { _mm512_storeu_si512(out, a); }
#elif defined(__AVX2__)
using Lanes = __m256i;
constexpr int kLanes = 4;
Lanes Set(uint64_t x) { return _mm256_set1_epi64x(static_cast<int64_t>(x)); }
Lanes Count() { return _mm256_set_epi64x(3, 2, 1, 0); }
Lanes Add(Lanes a, Lanes b) { return _mm256_add_epi64(a, b); }
Lanes MulLow(Lanes a, Lanes b) { return _mm256_mul_epu32(a, b); }
Lanes High(Lanes a) { return _mm256_srli_epi64(a, 32); }
Lanes Up(Lanes a) { return _mm256_slli_epi64(a, 32); }
Lanes And(Lanes a, Lanes b) { return _mm256_and_si256(a, b); }
Lanes Or(Lanes a, Lanes b) { return _mm256_or_si256(a, b); }
Lanes Xor3(Lanes a, Lanes b, Lanes c) { return _mm256_xor_si256(_mm256_xor_si256(a, b), c); }
void Store(uint64_t* out, Lanes a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), a); }
#else
using Lanes = uint64_t;
constexpr int kLanes = 1;
Lanes Set(uint64_t x) { return x; }
Lanes Count() { return 0; }
Lanes Add(Lanes a, Lanes b) { return a + b; }
Lanes MulLow(Lanes a, Lanes b) { return (a & 0xFFFFFFFF) * (b & 0xFFFFFFFF); }
Lanes High(Lanes a) { return a >> 32; }
Lanes Up(Lanes a) { return a << 32; }
Lanes And(Lanes a, Lanes b) { return a & b; }
Lanes Or(Lanes a, Lanes b) { return a | b; }
Lanes Xor3(Lanes a, Lanes b, Lanes c) { return a ^ b ^ c; }
void Store(uint64_t* out, Lanes a) { *out = a; }
#endif

// kLanes counters at `counter`, `counter` + 1, …: their low 64 bits to out[0…], their high ones to out[8…].
inline void PhiloxBlock(uint64_t key, uint64_t stream, uint64_t counter, uint64_t* out) {
  const Lanes c = Add(Set(counter), Count());
  Lanes x0 = c, x1 = High(c), x2 = Set(stream), x3 = Set(stream >> 32);
  const Lanes m0 = Set(kMultiplier0), m1 = Set(kMultiplier1);
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const Lanes p0 = MulLow(x0, m0), p1 = MulLow(x2, m1);
    x0 = Xor3(High(p1), x1, Set(k0));
    x1 = p1;
    x2 = Xor3(High(p0), x3, Set(k1));
    x3 = p0;
    k0 += static_cast<uint32_t>(kWeyl0);
    k1 += static_cast<uint32_t>(kWeyl1);
  }
  const Lanes low = Set(0xFFFFFFFF);
  Store(out, Or(And(x0, low), Up(x1)));
  Store(out + kGroup / 2, Or(And(x2, low), Up(x3)));
}

inline void PhiloxGroup(uint64_t key, uint64_t stream, int64_t group, uint64_t* out) {
  for (int lane = 0; lane < kGroup / 2; lane += kLanes) {
    PhiloxBlock(key, stream, static_cast<uint64_t>(group) * (kGroup / 2) + static_cast<uint64_t>(lane), out + lane);
  }
}

void Words(uint64_t key, uint64_t stream, int64_t first_group, int64_t groups, uint64_t* out) {
  for (int64_t g = 0; g < groups; ++g) PhiloxGroup(key, stream, first_group + g, out + g * kGroup);
}

// A number below 2^53 as a double, exactly, in operations that every instruction set vectorises.
inline double ToDouble(uint64_t value) {
#if defined(__AVX512DQ__)
  return static_cast<double>(static_cast<int64_t>(value));
#else
  const double high = std::bit_cast<double>((value >> 32) | 0x4530000000000000ULL);        // 2^84 + high * 2^32
  const double low = std::bit_cast<double>((value & 0xFFFFFFFF) | 0x4330000000000000ULL);  // 2^52 + low
  return (high - 0x1.00000001p84) + low;                                                   // 2^84 + 2^52
#endif
}

inline double Uniform(uint64_t word) { return ToDouble(word >> 11) * 0x1p-53; }              // [0, 1)
inline double OpenUniform(uint64_t word) { return (ToDouble(word >> 11) + 0.5) * 0x1p-53; }  // (0, 1)

// Natural logarithm of a normal positive double (fdlibm's e_log: argument in [sqrt(1/2), sqrt(2)), error below 1 ulp),
// without branches.
inline double Log(double x) {
  uint64_t bits = std::bit_cast<uint64_t>(x);
  bits += 0x3FF0000000000000ULL - 0x3FE6A09E667F3BCDULL;
  const double k = ToDouble(bits >> 52) - 1023.0;
  const double m = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFULL) + 0x3FE6A09E667F3BCDULL);
  const double f = m - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s, w = z * z;
  const double t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double t2 =
      z * (6.666666666666735130e-01 +
           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const double half = 0.5 * f * f;
  return k * 6.93147180369123816490e-01 - ((half - (s * (half + (t1 + t2)) + k * 1.90821492927058770002e-10)) - f);
}

// AS 241 (Wichura 1988), PPND16: three rational functions of degree 7.
inline double Central(double q) {
  const double r = 0.180625 - q * q;
  const double above = ((((((r * 2509.0809287301226727 + 33430.575583588128105) * r + 67265.770927008700853) * r +
                           45921.953931549871457) *
                              r +
                          13731.693765509461125) *
                             r +
                         1971.5909503065514427) *
                            r +
                        133.14166789178437745) *
                           r +
                       3.387132872796366608;
  const double below =
      ((((((r * 5226.495278852545925 + 28729.085735721942674) * r + 39307.89580009271061) * r + 21213.794301586595867) *
             r +
         5394.1960214247511077) *
            r +
        687.1870074920579083) *
           r +
       42.313330701600911252) *
          r +
      1.0;
  return q * above / below;
}
inline double NearTail(double r) {
  r -= 1.6;
  const double above = ((((((r * 7.7454501427834140764e-4 + .0227238449892691845833) * r + .24178072517745061177) * r +
                           1.27045825245236838258) *
                              r +
                          3.64784832476320460504) *
                             r +
                         5.7694972214606914055) *
                            r +
                        4.6303378461565452959) *
                           r +
                       1.42343711074968357734;
  const double below =
      ((((((r * 1.05075007164441684324e-9 + 5.475938084995344946e-4) * r + .0151986665636164571966) * r +
          .14810397642748007459) *
             r +
         .68976733498510000455) *
            r +
        1.6763848301838038494) *
           r +
       2.05319162663775882187) *
          r +
      1.0;
  return above / below;
}
inline double FarTail(double r) {
  r -= 5.0;
  const double above =
      ((((((r * 2.01033439929228813265e-7 + 2.71155556874348757815e-5) * r + .0012426609473880784386) * r +
          .026532189526576123093) *
             r +
         .29656057182850489123) *
            r +
        1.7848265399172913358) *
           r +
       5.4637849111641143699) *
          r +
      6.6579046435011037772;
  const double below =
      ((((((r * 2.04426310338993978564e-15 + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r +
          7.868691311456132591e-4) *
             r +
         .0148753612908506148525) *
            r +
        .13692988092273580531) *
           r +
       .59983220655588793769) *
          r +
      1.0;
  return above / below;
}

constexpr int64_t kBatch = 256;  // elements: long enough loops to be vectorised, short enough for L1

// Loops over a batch: the branch-free part vectorises; the far tail (one number in 10^10) is mended afterwards.
inline void Normal(const uint64_t* words, int64_t count, double offset, double scale, double* out) {
  double radius[kBatch], centred[kBatch], normal[kBatch];
  for (int64_t i = 0; i < count; ++i) {
    const double u = OpenUniform(words[i]);
    const double side = u < 0.5 ? u : 1.0 - u;
    centred[i] = u - 0.5;
    radius[i] = std::sqrt(-Log(side));
  }
  for (int64_t i = 0; i < count; ++i) normal[i] = Central(centred[i]);
  double largest = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double tail = NearTail(radius[i]), signed_tail = centred[i] < 0 ? -tail : tail;
    normal[i] = std::abs(centred[i]) <= 0.425 ? normal[i] : signed_tail;
  }
  for (int64_t i = 0; i < count; ++i) largest = radius[i] > largest ? radius[i] : largest;
  if (largest > 5.0) [[unlikely]] {
    for (int64_t i = 0; i < count; ++i) {
      if (radius[i] > 5.0) normal[i] = centred[i] < 0 ? -FarTail(radius[i]) : FarTail(radius[i]);
    }
  }
  for (int64_t i = 0; i < count; ++i) out[i] = offset + scale * normal[i];
}

void Doubles(uint64_t key, uint64_t stream, int64_t first_group, int64_t groups, RandomCurve curve, double offset,
             double scale, double* out) {
  alignas(64) uint64_t words[kBatch];
  while (groups > 0) {
    const int64_t batch = groups < kBatch / kGroup ? groups : kBatch / kGroup;
    const int64_t count = batch * kGroup;
    Words(key, stream, first_group, batch, words);
    switch (curve) {
      case RandomCurve::kUniform:
        for (int64_t i = 0; i < count; ++i) out[i] = offset + scale * Uniform(words[i]);
        break;
      case RandomCurve::kNormal:
        Normal(words, count, offset, scale, out);
        break;
      case RandomCurve::kExponential:
        for (int64_t i = 0; i < count; ++i) out[i] = offset - scale * Log(OpenUniform(words[i]));
        break;
    }
    first_group += batch;
    groups -= batch;
    out += count;
  }
}

}  // namespace

extern const RandomLoops kRandomLoops;
const RandomLoops kRandomLoops = {Words, Doubles};

}  // namespace swath::kernels::SWATH_SIMD
