// From a Kind to the C++ type that computes it, for block kernels of plain loops. (The tile loops have tables of their
// own: loops.h.)
#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <type_traits>

#include "swath/base/status.h"
#include "swath/data/dtype.h"

namespace swath::kernels {

template <typename T>
constexpr bool kIsComplex = false;
template <typename T>
constexpr bool kIsComplex<std::complex<T>> = true;

template <typename T>
bool IsNan(const T& value) {
  if constexpr (kIsComplex<T>)
    return std::isnan(value.real()) || std::isnan(value.imag());
  else if constexpr (std::is_floating_point_v<T>)
    return std::isnan(value);
  else
    return false;
}

// Calls `call` with a null pointer of the C++ type of `kind`: bools are bytes, dates int64. TypeError for strings and
// for halves, which callers widen before.
template <typename Call>
Status DispatchKind(Kind kind, const Call& call) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kUInt8:
      return call(static_cast<uint8_t*>(nullptr));
    case Kind::kInt8:
      return call(static_cast<int8_t*>(nullptr));
    case Kind::kInt16:
      return call(static_cast<int16_t*>(nullptr));
    case Kind::kInt32:
      return call(static_cast<int32_t*>(nullptr));
    case Kind::kUInt16:
      return call(static_cast<uint16_t*>(nullptr));
    case Kind::kUInt32:
      return call(static_cast<uint32_t*>(nullptr));
    case Kind::kUInt64:
      return call(static_cast<uint64_t*>(nullptr));
    case Kind::kFloat32:
      return call(static_cast<float*>(nullptr));
    case Kind::kFloat64:
      return call(static_cast<double*>(nullptr));
    case Kind::kComplex64:
      return call(static_cast<std::complex<float>*>(nullptr));
    case Kind::kComplex128:
      return call(static_cast<std::complex<double>*>(nullptr));
    case Kind::kInt64:
    case Kind::kDateTime64:
    case Kind::kTimeDelta64:
      return call(static_cast<int64_t*>(nullptr));
    default:
      return Status::TypeError("this operation is not defined for arrays of dtype ", DType(kind).ToString());
  }
}

}  // namespace swath::kernels
