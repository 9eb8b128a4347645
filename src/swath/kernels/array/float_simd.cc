// Division, remainders, rounding and the parts of floats, as NumPy defines them (npy_math).
#include "swath/kernels/array/loop_families.h"
#include "swath/kernels/array/loop_templates.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

struct Divide {
  template <typename T>
  T operator()(T a, T b) const {
    return a / b;
  }
};
struct Reciprocal {
  template <typename T>
  T operator()(T a) const {
    return T(1) / a;
  }
};
struct Sqrt {
  double operator()(double a) const { return __builtin_sqrt(a); }
  float operator()(float a) const { return __builtin_sqrtf(a); }
};
struct Rint {
  template <typename T>
  T operator()(T a) const {
    return std::rint(a);
  }
};
struct Floor {
  template <typename T>
  T operator()(T a) const {
    return std::floor(a);
  }
};
struct Ceil {
  template <typename T>
  T operator()(T a) const {
    return std::ceil(a);
  }
};
struct Trunc {
  template <typename T>
  T operator()(T a) const {
    return std::trunc(a);
  }
};
struct Fmod {
  template <typename T>
  T operator()(T a, T b) const {
    return std::fmod(a, b);
  }
};

// npy_divmod: the quotient is snapped to an integer, the remainder has the sign of b.
template <typename T>
T DivideWithRemainder(T a, T b, T* remainder) {
  T mod = std::fmod(a, b);
  if (b == 0) {
    *remainder = mod;
    return a / b;
  }
  T div = (a - mod) / b;
  if (mod != 0) {
    if ((b < 0) != (mod < 0)) {
      mod += b;
      div -= T(1);
    }
  } else {
    mod = std::copysign(T(0), b);
  }
  *remainder = mod;
  if (div == 0) return std::copysign(T(0), a / b);
  T floored = std::floor(div);
  if (div - floored > T(0.5)) floored += T(1);
  return floored;
}
struct FloorDivide {
  template <typename T>
  T operator()(T a, T b) const {
    T mod;
    return DivideWithRemainder(a, b, &mod);
  }
};
struct Remainder {
  template <typename T>
  T operator()(T a, T b) const {
    T mod;
    DivideWithRemainder(a, b, &mod);
    return mod;
  }
};

struct CopySign {
  template <typename T>
  T operator()(T a, T b) const {
    return std::copysign(a, b);
  }
};
struct NextAfter {
  template <typename T>
  T operator()(T a, T b) const {
    return std::nextafter(a, b);
  }
};
struct Spacing {
  template <typename T>
  T operator()(T a) const {
    if (!(std::fabs(a) <= std::numeric_limits<T>::max())) return std::numeric_limits<T>::quiet_NaN();
    if (a == 0) return std::numeric_limits<T>::denorm_min();
    const T away = std::copysign(std::numeric_limits<T>::infinity(), a);
    return std::nextafter(a, away) - a;
  }
};
// float16 on its bits: going through float32 would find float32's neighbours.
uint16_t NextHalf(uint16_t a, uint16_t b) {
  const auto is_nan = [](uint16_t h) { return (h & 0x7fff) > 0x7c00; };
  // As a signed number that grows with the value.
  const auto order = [](uint16_t h) { return h & 0x8000 ? -(h & 0x7fff) : static_cast<int>(h); };
  if (is_nan(a) || is_nan(b)) return is_nan(a) ? a : b;
  if (order(a) == order(b)) return b;
  if ((a & 0x7fff) == 0) return static_cast<uint16_t>((b & 0x8000) | 1);
  const bool away = (order(b) > order(a)) == ((a & 0x8000) == 0);
  return static_cast<uint16_t>(away ? a + 1 : a - 1);
}
// npy_half_spacing: the step towards plus infinity.
uint16_t HalfSpacing(uint16_t h) {
  const int exponent = h & 0x7c00, fraction = h & 0x03ff;
  if (exponent == 0x7c00) return 0x7e00;
  if (h == 0x7bff) return 0x7c00;
  const int below = (h & 0x8000) && fraction == 0 ? 1 : 0;  // a power of two from below: the finer step
  if (exponent > 0x2800 + 0x0400 * below) return static_cast<uint16_t>(exponent - 0x2800 - 0x0400 * below);
  if (exponent > 0x0400) return static_cast<uint16_t>(1 << ((exponent >> 10) - 1 - below));
  return 1;
}
const char* NextHalves(const LoopCall& call) {
  const uint16_t *a = static_cast<const uint16_t*>(call.in[0]), *b = static_cast<const uint16_t*>(call.in[1]);
  for (int64_t i = 0; i < call.n; ++i) static_cast<uint16_t*>(call.out)[i] = NextHalf(a[i], b[i]);
  return nullptr;
}
const char* HalfSpacings(const LoopCall& call) {
  const uint16_t* a = static_cast<const uint16_t*>(call.in[0]);
  for (int64_t i = 0; i < call.n; ++i) static_cast<uint16_t*>(call.out)[i] = HalfSpacing(a[i]);
  return nullptr;
}

struct Mantissa {
  template <typename T>
  T operator()(T a) const {
    int exponent;
    return std::frexp(a, &exponent);
  }
};
struct Exponent {
  template <typename T>
  int32_t operator()(T a) const {
    if (!(std::fabs(a) <= std::numeric_limits<T>::max())) return 0;
    int exponent;
    (void)std::frexp(a, &exponent);
    return exponent;
  }
};
struct Fraction {
  template <typename T>
  T operator()(T a) const {
    if (std::fabs(a) > std::numeric_limits<T>::max()) return std::copysign(T(0), a);
    return std::copysign(a - std::trunc(a), a);
  }
};
struct Ldexp {
  template <typename T>
  T operator()(T a, int64_t exponent) const {
    return std::ldexp(a, static_cast<int>(exponent > 100000 ? 100000 : exponent < -100000 ? -100000 : exponent));
  }
};
struct Heaviside {
  template <typename T>
  T operator()(T a, T at_zero) const {
    return a != a ? a : a == 0 ? at_zero : a < 0 ? T(0) : T(1);
  }
};
struct DegreesToRadians {
  template <typename T>
  T operator()(T a) const {
    return a * T(3.14159265358979323846 / 180.0);
  }
};
struct RadiansToDegrees {
  template <typename T>
  T operator()(T a) const {
    return a * T(180.0 / 3.14159265358979323846);
  }
};
struct Zero {
  template <typename T>
  T operator()(T) const {
    return T(0);
  }
};
struct AngleOfReal {
  template <typename T>
  T operator()(T a) const {
    return std::signbit(a) ? (a != a ? a : T(3.14159265358979323846)) : (a != a ? a : T(0));
  }
};

// numpy.round: scale by a power of ten, round, scale back.
// Complex numbers are two reals each (kParts = 2).
template <typename T, int64_t kParts>
const char* Round(const LoopCall& call) {
  const T* a = static_cast<const T*>(call.in[0]);
  const int64_t* decimals = static_cast<const int64_t*>(call.in[1]);
  T* r = static_cast<T*>(call.out);
  const int64_t n = call.n * kParts;
  if (n == 0) return nullptr;
  const int64_t places = decimals[0];  // a constant
  const T scale = static_cast<T>(std::pow(10.0, static_cast<double>(places < 0 ? -places : places)));
  if (places == 0) {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) r[i] = std::rint(a[i]);
  } else if (places > 0) {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) r[i] = std::rint(a[i] * scale) / scale;
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) r[i] = std::rint(a[i] / scale) * scale;
  }
  return nullptr;
}

}  // namespace

void AppendFloats(LoopRows* rows) {
  const FloatTypes floats;
  AddBinary<Divide>(rows, "divide", floats);
  AddUnary<Reciprocal>(rows, "reciprocal", floats);
  AddUnary<Sqrt>(rows, "sqrt", floats);
  AddUnary<Rint>(rows, "rint", floats);
  AddUnary<Floor>(rows, "floor", floats);
  AddUnary<Ceil>(rows, "ceil", floats);
  AddUnary<Trunc>(rows, "trunc", floats);
  AddBinary<Fmod>(rows, "fmod", floats);
  AddBinary<FloorDivide>(rows, "floor_divide", floats);
  AddBinary<Remainder>(rows, "remainder", floats);
  AddBinary<CopySign>(rows, "copysign", floats);
  AddBinary<NextAfter>(rows, "nextafter", floats);
  AddUnary<Spacing>(rows, "spacing", floats);
  AddUnary<Mantissa>(rows, "frexp_mantissa", floats);
  AddUnary<Exponent>(rows, "frexp_exponent", floats);
  AddUnary<Fraction>(rows, "modf_fractional", floats);
  AddUnary<Trunc>(rows, "modf_integral", floats);
  rows->Add({"ldexp", Kind::kFloat32, Kind::kInt64, BinaryOf<float, int64_t, Ldexp>});
  rows->Add({"ldexp", Kind::kFloat64, Kind::kInt64, BinaryOf<double, int64_t, Ldexp>});
  AddBinary<Heaviside>(rows, "heaviside", floats);
  AddUnary<DegreesToRadians>(rows, "deg2rad", floats);
  AddUnary<RadiansToDegrees>(rows, "rad2deg", floats);
  AddUnary<Zero>(rows, "imag", RealTypes{});
  AddUnary<Zero>(rows, "imag", Types<Bool>{});
  AddUnary<AngleOfReal>(rows, "angle", floats);
  rows->Add({"nextafter", Kind::kFloat16, Kind::kFloat16, NextHalves});
  rows->Add({"spacing", Kind::kFloat16, Kind::kFloat16, HalfSpacings});
  rows->Add({"round", Kind::kFloat32, Kind::kInt64, Round<float, 1>});
  rows->Add({"round", Kind::kFloat64, Kind::kInt64, Round<double, 1>});
  rows->Add({"round", Kind::kComplex64, Kind::kInt64, Round<float, 2>});
  rows->Add({"round", Kind::kComplex128, Kind::kInt64, Round<double, 2>});
}

}  // namespace swath::kernels::SWATH_SIMD
