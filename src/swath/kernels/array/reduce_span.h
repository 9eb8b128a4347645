// Folds over contiguous elements with whole vectors: sums, extremes, squared deviations. For reduce_*_simd.cc only.
#pragma once

#include <cstring>

#include "swath/kernels/array/loop_templates.h"

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed between inlined functions only

namespace swath::kernels::SWATH_SIMD {

// What a sum of T is kept in between spans.
template <typename T>
struct WideOf {
  using Type = T;
};
template <>
struct WideOf<float> {
  using Type = double;
};
template <>
struct WideOf<Complex64> {
  using Type = Complex128;
};
template <typename T>
using Wide = typename WideOf<T>::Type;

template <typename T>
struct Vector {
  static constexpr int64_t kLanes = 64 / sizeof(T);
  typedef T Type __attribute__((vector_size(64)));
  static Type Load(const T* x) {
    Type v;
    std::memcpy(&v, x, sizeof v);
    return v;
  }
};

// As many elements as the widest sum has lanes: a float is summed as a double, at the same speed (memory bounds it).
template <typename T>
struct WideVector {
  static constexpr int64_t kLanes = 64 / sizeof(Wide<T>);
  typedef Wide<T> Type __attribute__((vector_size(64)));
  static Type Load(const T* x) {
    typedef T Narrow __attribute__((vector_size(64 / sizeof(Wide<T>) * sizeof(T))));
    Narrow v;
    std::memcpy(&v, x, sizeof v);
    if constexpr (std::is_same_v<T, Wide<T>>)
      return v;
    else
      return __builtin_convertvector(v, Type);
  }
};

// NaN counts as `T(0)` when skipped.
template <bool kSkip, typename V>
V WithoutNan(V v) {
  if constexpr (kSkip)
    return v == v ? v : V{};
  else
    return v;
}

// Four vectors of running sums, then a tree: few roundings a lane.
template <typename T, bool kSkip>
Wide<T> SumReal(const T* x, int64_t n) {
  using V = WideVector<T>;
  constexpr int64_t kLanes = V::kLanes;
  typename V::Type a{}, b{}, c{}, d{};
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    a += WithoutNan<kSkip>(V::Load(x + i));
    b += WithoutNan<kSkip>(V::Load(x + i + kLanes));
    c += WithoutNan<kSkip>(V::Load(x + i + 2 * kLanes));
    d += WithoutNan<kSkip>(V::Load(x + i + 3 * kLanes));
  }
  for (; i + kLanes <= n; i += kLanes) a += WithoutNan<kSkip>(V::Load(x + i));
  a = (a + b) + (c + d);
  Wide<T> lanes[kLanes];
  std::memcpy(lanes, &a, sizeof lanes);
  for (int64_t width = kLanes / 2; width > 0; width /= 2) {
    for (int64_t l = 0; l < width; ++l) lanes[l] += lanes[l + width];
  }
  Wide<T> tail = 0;
  for (; i < n; ++i) tail += static_cast<Wide<T>>(kSkip && x[i] != x[i] ? T(0) : x[i]);
  return lanes[0] + tail;
}

// Real and imaginary parts alternate; a number is left out when either part is NaN.
template <typename T, bool kSkip>
Wide<std::complex<T>> SumComplex(const std::complex<T>* x, int64_t n) {
  Wide<T> re[8] = {}, im[8] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int64_t l = 0; l < 8; ++l) {
      const T a = x[i + l].real(), b = x[i + l].imag();
      const bool drop = kSkip && (a != a || b != b);
      re[l] += drop ? T(0) : a;
      im[l] += drop ? T(0) : b;
    }
  }
  for (int64_t l = 0; i < n; ++i, ++l) {
    const T a = x[i].real(), b = x[i].imag();
    if (kSkip && (a != a || b != b)) continue;
    re[l] += a;
    im[l] += b;
  }
  return {((re[0] + re[1]) + (re[2] + re[3])) + ((re[4] + re[5]) + (re[6] + re[7])),
          ((im[0] + im[1]) + (im[2] + im[3])) + ((im[4] + im[5]) + (im[6] + im[7]))};
}

template <typename T>
T SumInteger(const T* x, int64_t n) {
  Wrapping<T> total = 0;
  for (int64_t i = 0; i < n; ++i) total += static_cast<Wrapping<T>>(x[i]);
  return static_cast<T>(total);
}

template <typename T, bool kSkip>
Wide<T> SumSpan(const T* x, int64_t n) {
  if constexpr (kIsComplex<T>) {
    return SumComplex<typename T::value_type, kSkip>(x, n);
  } else if constexpr (std::is_floating_point_v<T>) {
    return SumReal<T, kSkip>(x, n);
  } else {
    return SumInteger(x, n);
  }
}

// The extreme of n >= 1 elements. A NaN wins, unless NaN is skipped: then it is the result only when all are NaN.
template <typename T, bool kMax, bool kSkip>
T ExtremeReal(const T* x, int64_t n) {
  using V = Vector<T>;
  constexpr int64_t kLanes = V::kLanes;
  const auto better = [](auto candidate, auto best) {
    const auto order = kMax ? candidate > best : candidate < best;
    if constexpr (!std::is_floating_point_v<T>)
      return order;
    else if constexpr (kSkip)
      return order | (best != best);
    else
      return order | (candidate != candidate);
  };
  T best = x[0];
  int64_t i = 0;
  if (n >= 2 * kLanes) {
    typename V::Type a = V::Load(x), b = V::Load(x + kLanes);
    for (i = 2 * kLanes; i + 2 * kLanes <= n; i += 2 * kLanes) {
      const auto u = V::Load(x + i), v = V::Load(x + i + kLanes);
      a = better(u, a) ? u : a;
      b = better(v, b) ? v : b;
    }
    a = better(b, a) ? b : a;
    T lanes[kLanes];
    std::memcpy(lanes, &a, sizeof lanes);
    best = lanes[0];
    for (int64_t l = 1; l < kLanes; ++l) {
      if (better(lanes[l], best)) best = lanes[l];
    }
  }
  for (; i < n; ++i) {
    if (better(x[i], best)) best = x[i];
  }
  return best;
}

}  // namespace swath::kernels::SWATH_SIMD
