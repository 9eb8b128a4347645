// Conversions between all numeric dtypes, as NumPy's astype: integers wrap, floats are cut off, truth is "not 0".
#if defined(__AVX512F__) || defined(__F16C__)
#include <immintrin.h>
#endif

#include "swath/data/float16.h"
#include "swath/kernels/array/loop_families.h"
#include "swath/kernels/array/loop_templates.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

// float16 as its bits.
enum class Half : uint16_t {};

// Out-of-range floats give what x86's conversions give: INT_MIN of 32 bits for the small types, of 64 bits for int64.
template <typename To, typename From>
To CutOff(From a) {
  if constexpr (std::is_same_v<To, uint64_t>) {
    const From top = static_cast<From>(9223372036854775808.0);
    if (a >= top) return static_cast<uint64_t>(static_cast<int64_t>(a - top)) ^ 0x8000000000000000ull;
    return static_cast<uint64_t>(static_cast<int64_t>(a));
  } else if constexpr (sizeof(To) < 4) {
    return static_cast<To>(static_cast<int32_t>(a));
  } else if constexpr (std::is_same_v<To, uint32_t>) {
    return static_cast<To>(static_cast<int64_t>(a));
  } else {
    return static_cast<To>(a);
  }
}

template <typename From, typename To>
To CastElement(From a) {
  if constexpr (kIsComplex<From> && kIsComplex<To>) {
    using R = typename To::value_type;
    return To(static_cast<R>(a.real()), static_cast<R>(a.imag()));
  } else if constexpr (kIsComplex<From>) {
    if constexpr (std::is_same_v<To, Bool>)
      return Bool(a.real() != 0 || a.imag() != 0);
    else
      return CastElement<typename From::value_type, To>(a.real());
  } else if constexpr (kIsComplex<To>) {
    return To(CastElement<From, typename To::value_type>(a), 0);
  } else if constexpr (std::is_same_v<From, Half>) {
    const float wide = HalfToFloat(static_cast<uint16_t>(a));
    if constexpr (std::is_same_v<To, Half>)
      return a;
    else
      return CastElement<float, To>(wide);
  } else if constexpr (std::is_same_v<To, Half>) {
    if constexpr (std::is_same_v<From, Bool>)
      return Half(a == Bool(0) ? 0 : 0x3c00);
    else
      return Half(HalfFromDouble(static_cast<double>(a)));
  } else if constexpr (std::is_same_v<To, Bool>) {
    return Bool(a != From(0));
  } else if constexpr (std::is_same_v<From, Bool>) {
    return static_cast<To>(static_cast<uint8_t>(a));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return CutOff<To>(a);
  } else {
    return static_cast<To>(a);
  }
}

template <typename From, typename To>
const char* Cast(const LoopCall& call) {
  const From* a = static_cast<const From*>(call.in[0]);
  To* r = static_cast<To*>(call.out);
  int64_t i = 0;
#if defined(__AVX512F__)
  if constexpr (std::is_same_v<From, Half> && std::is_same_v<To, float>) {
    for (; i + 16 <= call.n; i += 16) {
      _mm512_storeu_ps(r + i, _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + i))));
    }
  } else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, Half>) {
    for (; i + 16 <= call.n; i += 16) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(r + i),
                          _mm512_cvtps_ph(_mm512_loadu_ps(a + i), _MM_FROUND_TO_NEAREST_INT));
    }
  }
#elif defined(__F16C__)
  if constexpr (std::is_same_v<From, Half> && std::is_same_v<To, float>) {
    for (; i + 8 <= call.n; i += 8) {
      _mm256_storeu_ps(r + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i))));
    }
  } else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, Half>) {
    for (; i + 8 <= call.n; i += 8) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(r + i),
                       _mm256_cvtps_ph(_mm256_loadu_ps(a + i), _MM_FROUND_TO_NEAREST_INT));
    }
  }
#endif
#pragma GCC ivdep
  for (; i < call.n; ++i) r[i] = CastElement<From, To>(a[i]);
  return nullptr;
}

template <typename T>
constexpr Kind KindOf() {
  if constexpr (std::is_same_v<T, Half>)
    return Kind::kFloat16;
  else
    return kKindOf<T>;
}

template <typename From, typename... Ts>
void AddTo(LoopRows* rows, Types<Ts...>) {
  (rows->Add({"cast", KindOf<From>(), KindOf<Ts>(), Cast<From, Ts>}), ...);
  // Dates are counts: to and from them as int64.
  rows->Add({"cast", KindOf<From>(), Kind::kDateTime64, Cast<From, int64_t>});
  rows->Add({"cast", KindOf<From>(), Kind::kTimeDelta64, Cast<From, int64_t>});
  if constexpr (std::is_same_v<From, int64_t>) {
    for (const Kind date : {Kind::kDateTime64, Kind::kTimeDelta64})
      (rows->Add({"cast", date, KindOf<Ts>(), Cast<int64_t, Ts>}), ...);
  }
}
template <typename... Ts>
void AddAll(LoopRows* rows, Types<Ts...> types) {
  (AddTo<Ts>(rows, types), ...);
}

}  // namespace

void AppendCasts(LoopRows* rows) {
  AddAll(rows, Types<Bool, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, Half, float,
                     double, Complex64, Complex128>{});
}

}  // namespace swath::kernels::SWATH_SIMD
