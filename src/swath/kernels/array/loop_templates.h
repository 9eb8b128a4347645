// Templates that turn a functor on elements into a LoopFunction, and element types into Kinds. For *_simd.cc files
// only: everything is in the namespace of the instruction set, so that the linker never mixes the variants.
#pragma once

#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "swath/kernels/array/loops.h"

namespace swath::kernels::SWATH_SIMD {

// bool as its byte (0 or 1): a type of its own, so that it does not mix with uint8.
enum class Bool : uint8_t {};
using Complex64 = std::complex<float>;
using Complex128 = std::complex<double>;

template <typename T>
inline constexpr Kind kKindOf = Kind::kBool;
template <>
inline constexpr Kind kKindOf<int8_t> = Kind::kInt8;
template <>
inline constexpr Kind kKindOf<int16_t> = Kind::kInt16;
template <>
inline constexpr Kind kKindOf<int32_t> = Kind::kInt32;
template <>
inline constexpr Kind kKindOf<int64_t> = Kind::kInt64;
template <>
inline constexpr Kind kKindOf<uint8_t> = Kind::kUInt8;
template <>
inline constexpr Kind kKindOf<uint16_t> = Kind::kUInt16;
template <>
inline constexpr Kind kKindOf<uint32_t> = Kind::kUInt32;
template <>
inline constexpr Kind kKindOf<uint64_t> = Kind::kUInt64;
template <>
inline constexpr Kind kKindOf<float> = Kind::kFloat32;
template <>
inline constexpr Kind kKindOf<double> = Kind::kFloat64;
template <>
inline constexpr Kind kKindOf<Complex64> = Kind::kComplex64;
template <>
inline constexpr Kind kKindOf<Complex128> = Kind::kComplex128;

template <typename T>
inline constexpr bool kIsComplex = false;
template <typename T>
inline constexpr bool kIsComplex<std::complex<T>> = true;

// Unsigned and at least 32 bits: arithmetic in it wraps without promotion to int.
template <typename T>
using Wrapping = std::conditional_t<(sizeof(T) < 4), uint32_t, std::make_unsigned_t<T>>;

// Results may be the arguments' own memory: each element is read before it is written, which is what ivdep states.
template <typename T, typename F>
const char* Unary(const LoopCall& call) {
  const T* a = static_cast<const T*>(call.in[0]);
  using R = decltype(F{}(*a));
  R* r = static_cast<R*>(call.out);
#pragma GCC ivdep
  for (int64_t i = 0; i < call.n; ++i) r[i] = F{}(a[i]);
  return nullptr;
}

template <typename A, typename B, typename F>
const char* BinaryOf(const LoopCall& call) {
  const A* a = static_cast<const A*>(call.in[0]);
  const B* b = static_cast<const B*>(call.in[1]);
  using R = decltype(F{}(*a, *b));
  R* r = static_cast<R*>(call.out);
#pragma GCC ivdep
  for (int64_t i = 0; i < call.n; ++i) r[i] = F{}(a[i], b[i]);
  return nullptr;
}
template <typename T, typename F>
const char* Binary(const LoopCall& call) {
  return BinaryOf<T, T, F>(call);
}

template <typename... Ts>
struct Types {};
using SignedTypes = Types<int8_t, int16_t, int32_t, int64_t>;
using UnsignedTypes = Types<uint8_t, uint16_t, uint32_t, uint64_t>;
using IntegerTypes = Types<int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>;
using FloatTypes = Types<float, double>;
using RealTypes = Types<int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, float, double>;
using ComplexTypes = Types<Complex64, Complex128>;

template <typename F, typename... Ts>
void AddUnary(LoopRows* rows, std::string_view op, Types<Ts...>) {
  (rows->Add({op, kKindOf<Ts>, kKindOf<Ts>, Unary<Ts, F>}), ...);
}
template <typename F, typename... Ts>
void AddBinary(LoopRows* rows, std::string_view op, Types<Ts...>) {
  (rows->Add({op, kKindOf<Ts>, kKindOf<Ts>, Binary<Ts, F>}), ...);
}

}  // namespace swath::kernels::SWATH_SIMD
