#include "swath/kernels/array/scalar_bytes.h"

#include <complex>
#include <cstring>

#include "swath/data/float16.h"

namespace swath::kernels {
namespace {

template <typename T>
void Write(T value, uint8_t* out) {
  std::memcpy(out, &value, sizeof value);
}

}  // namespace

void WriteScalar(const ops::ScalarConstant& value, uint8_t* out) {
  switch (value.dtype.kind) {
    case Kind::kFloat16:
      return Write(HalfFromDouble(value.re), out);
    case Kind::kFloat32:
      return Write(static_cast<float>(value.re), out);
    case Kind::kFloat64:
      return Write(value.re, out);
    case Kind::kComplex64:
      return Write(std::complex<float>(static_cast<float>(value.re), static_cast<float>(value.im)), out);
    case Kind::kComplex128:
      return Write(std::complex<double>(value.re, value.im), out);
    default:  // little-endian: the low bytes of the count
      std::memcpy(out, &value.i, static_cast<size_t>(value.dtype.itemsize < 8 ? value.dtype.itemsize : 8));
  }
}

}  // namespace swath::kernels
