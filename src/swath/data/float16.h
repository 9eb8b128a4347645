// float16 (IEEE binary16) as bits, to and from float with correct rounding to nearest even. Scalar; kernels convert
// whole registers with F16C where the CPU has it.
#pragma once

#include <bit>
#include <cstdint>

namespace swath {

inline float HalfToFloat(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t magnitude = half & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
  if (magnitude >= 0x0400u) return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
  // Subnormal: the value is magnitude * 2^-24, exact in float.
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(static_cast<float>(magnitude) * 5.9604644775390625e-8f));
}

// From the bits of a double, so that a double is rounded once.
inline uint16_t HalfFromDouble(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 48 & 0x8000u);
  const uint64_t magnitude = bits & 0x7fffffffffffffffull;
  if (magnitude > 0x7ff0000000000000ull) {  // NaN: keep the upper payload, never become infinity
    const auto payload = static_cast<uint16_t>(bits >> 42 & 0x3ffu);
    return static_cast<uint16_t>(sign | 0x7c00u | (payload ? payload : 1));
  }
  const double absolute = std::bit_cast<double>(magnitude);
  if (absolute >= 65520.0) return static_cast<uint16_t>(sign | 0x7c00u);
  // Adding a power of two whose last bit is the last bit of the half rounds to nearest even.
  double quantum = 5.9604644775390625e-8;  // 2^-24
  const int exponent = static_cast<int>(magnitude >> 52) - 1023;
  if (exponent > -14) quantum = std::bit_cast<double>(static_cast<uint64_t>(exponent - 10 + 1023) << 52);
  const double shift = quantum * 4503599627370496.0;  // 2^52
  const double rounded = (absolute + shift) - shift;
  if (exponent <= -15 || rounded < 6.103515625e-5)
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(rounded * 16777216.0));
  const auto r = std::bit_cast<uint64_t>(rounded);
  return static_cast<uint16_t>(sign | ((r >> 52) - 1023 + 15) << 10 | (r >> 42 & 0x3ffu));
}
inline uint16_t HalfFromFloat(float value) { return HalfFromDouble(static_cast<double>(value)); }

}  // namespace swath
