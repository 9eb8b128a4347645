// For tests of this folder: blocks from hexadecimal text, and comparison of elements with NumPy's.
#pragma once

#include <cmath>
#include <complex>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "arrow/memory_pool.h"

#include "swath/data/chunk.h"
#include "swath/data/float16.h"

namespace swath::kernels {

inline std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) words.push_back(word);
  return words;
}

// Elements in hexadecimal as a block of `shape` (empty: one-dimensional).
inline Chunk ReadChunk(const std::string& hex, DType dtype, Shape shape = {-1}) {
  const auto bytes = static_cast<int64_t>(hex.size() / 2);
  if (shape == Shape{-1}) shape = {bytes / dtype.itemsize};
  Chunk chunk = Chunk::Allocate(dtype, shape, arrow::default_memory_pool()).ValueOrDie();
  for (int64_t i = 0; i < bytes; ++i) {
    chunk.mutable_data()[i] = static_cast<uint8_t>(std::stoi(hex.substr(static_cast<size_t>(2 * i), 2), nullptr, 16));
  }
  return chunk;
}

inline std::complex<double> Number(const Chunk& chunk, int64_t i) {
  switch (chunk.dtype().kind) {
    case Kind::kFloat16:
      return HalfToFloat(chunk.data_as<uint16_t>()[i]);
    case Kind::kFloat32:
      return chunk.data_as<float>()[i];
    case Kind::kFloat64:
      return chunk.data_as<double>()[i];
    case Kind::kComplex64:
      return chunk.data_as<std::complex<float>>()[i];
    case Kind::kComplex128:
      return chunk.data_as<std::complex<double>>()[i];
    default:
      return {};
  }
}

inline bool Near(double a, double b, double relative, double absolute) {
  if (std::isnan(b)) return std::isnan(a);
  if (std::isinf(b) || std::isinf(a)) return a == b;
  if (b == 0 && a == 0) return absolute > 0 || std::signbit(a) == std::signbit(b);
  return std::fabs(a - b) <= relative * std::fabs(b) + absolute;
}

// Integers and truth values exactly; reals within a few units in the last place, with the sign of zeros unless
// `any_zero`; complex numbers relative to their modulus.
inline bool Matches(const Chunk& got, const Chunk& expected, int64_t i, bool any_zero) {
  const DType& dtype = expected.dtype();
  if (got.dtype() != dtype) return false;
  if (!dtype.is_floating() && !dtype.is_complex()) {
    return std::memcmp(got.data() + i * dtype.itemsize, expected.data() + i * dtype.itemsize,
                       static_cast<size_t>(dtype.itemsize)) == 0;
  }
  const double relative = dtype.kind == Kind::kFloat16 ? 2e-3 : dtype == kFloat32 || dtype == kComplex64 ? 1e-6 : 3e-15;
  const auto a = Number(got, i), b = Number(expected, i);
  if (!dtype.is_complex()) {
    return Near(a.real(), b.real(), relative, dtype.kind == Kind::kFloat16 ? 1e-7 : any_zero ? 1e-300 : 0);
  }
  // NumPy spreads a NaN of one part over both in some functions.
  if (std::isnan(b.real()) || std::isnan(b.imag())) return std::isnan(a.real()) || std::isnan(a.imag());
  const double slack = std::isfinite(std::abs(b)) ? 4 * relative * std::abs(b) : 1e-300;
  return Near(a.real(), b.real(), relative, slack) && Near(a.imag(), b.imag(), relative, slack);
}

inline std::string Describe(const Chunk& chunk, int64_t i) {
  std::ostringstream text;
  if (chunk.dtype().is_floating() || chunk.dtype().is_complex()) {
    text.precision(17);
    text << Number(chunk, i);
  } else {
    int64_t value = 0;
    std::memcpy(&value, chunk.data() + i * chunk.dtype().itemsize,
                static_cast<size_t>(std::min(chunk.dtype().itemsize, 8)));
    text << value;
  }
  return text.str();
}

}  // namespace swath::kernels
