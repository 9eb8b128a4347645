// Complex numbers, with NumPy's formulas: plain products, Smith's division, and the C library's functions.
#include "swath/kernels/array/loop_families.h"
#include "swath/kernels/array/loop_templates.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

struct Add {
  template <typename T>
  T operator()(T a, T b) const {
    return T(a.real() + b.real(), a.imag() + b.imag());
  }
};
struct Subtract {
  template <typename T>
  T operator()(T a, T b) const {
    return T(a.real() - b.real(), a.imag() - b.imag());
  }
};
struct Multiply {
  template <typename T>
  T operator()(T a, T b) const {
    return T(a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real());
  }
};
struct Divide {
  template <typename T>
  T operator()(T a, T b) const {
    using R = typename T::value_type;
    const R c = std::fabs(b.real()), d = std::fabs(b.imag());
    if (c >= d) {
      if (c == 0 && d == 0) return T(a.real() / c, a.imag() / c);
      const R ratio = b.imag() / b.real(), scale = R(1) / (b.real() + b.imag() * ratio);
      return T((a.real() + a.imag() * ratio) * scale, (a.imag() - a.real() * ratio) * scale);
    }
    const R ratio = b.real() / b.imag(), scale = R(1) / (b.imag() + b.real() * ratio);
    return T((a.real() * ratio + a.imag()) * scale, (a.imag() * ratio - a.real()) * scale);
  }
};
struct Negative {
  template <typename T>
  T operator()(T a) const {
    return T(-a.real(), -a.imag());
  }
};
struct Positive {
  template <typename T>
  T operator()(T a) const {
    return a;
  }
};
struct Conjugate {
  template <typename T>
  T operator()(T a) const {
    return T(a.real(), -a.imag());
  }
};
struct Square {
  template <typename T>
  T operator()(T a) const {
    return Multiply{}(a, a);
  }
};
struct Reciprocal {
  template <typename T>
  T operator()(T a) const {
    return Divide{}(T(1), a);
  }
};
struct Real {
  template <typename T>
  auto operator()(T a) const {
    return a.real();
  }
};
struct Imag {
  template <typename T>
  auto operator()(T a) const {
    return a.imag();
  }
};
struct Absolute {
  template <typename T>
  auto operator()(T a) const {
    return std::hypot(a.real(), a.imag());
  }
};
struct Angle {
  template <typename T>
  auto operator()(T a) const {
    return std::atan2(a.imag(), a.real());
  }
};
struct Sign {
  template <typename T>
  T operator()(T a) const {
    using R = typename T::value_type;
    const R size = std::hypot(a.real(), a.imag());
    if (size != size) return T(size, size);
    if (size == 0) return T(0, 0);
    if (size <= std::numeric_limits<R>::max()) return T(a.real() / size, a.imag() / size);
    const R re = std::isinf(a.real()) ? std::copysign(R(1), a.real()) : R(0);
    const R im = std::isinf(a.imag()) ? std::copysign(R(1), a.imag()) : R(0);
    return re != 0 && im != 0 ? T(std::numeric_limits<R>::quiet_NaN(), std::numeric_limits<R>::quiet_NaN()) : T(re, im);
  }
};
struct Rint {
  template <typename T>
  T operator()(T a) const {
    return T(std::rint(a.real()), std::rint(a.imag()));
  }
};

struct Power {
  template <typename T>
  T operator()(T a, T b) const {
    using R = typename T::value_type;
    if (b == T(0)) return T(1, 0);
    if (a == T(0)) {
      if (b.real() > 0) return T(0, 0);
      return T(std::numeric_limits<R>::quiet_NaN(), std::numeric_limits<R>::quiet_NaN());
    }
    if (b.imag() == 0 && b.real() == std::trunc(b.real()) && std::fabs(b.real()) < 100) {
      T result(1, 0), base = a;
      for (auto left = static_cast<int>(std::fabs(b.real())); left != 0; left >>= 1) {
        if (left & 1) result = Multiply{}(result, base);
        base = Multiply{}(base, base);
      }
      return b.real() < 0 ? Divide{}(T(1), result) : result;
    }
    return std::pow(a, b);
  }
};

struct Sqrt {
  template <typename T>
  T operator()(T a) const {
    return std::sqrt(a);
  }
};
struct Exp {
  template <typename T>
  T operator()(T a) const {
    return std::exp(a);
  }
};
struct Exp2 {
  template <typename T>
  T operator()(T a) const {
    return std::exp(T(a.real() * typename T::value_type(M_LN2), a.imag() * typename T::value_type(M_LN2)));
  }
};
// exp(a + bi) - 1 without cancellation: expm1(a) cos b - 2 sin(b/2)^2 + i exp(a) sin b.
struct Expm1 {
  template <typename T>
  T operator()(T a) const {
    const auto half = std::sin(a.imag() / 2);
    return T(std::expm1(a.real()) * std::cos(a.imag()) - 2 * half * half, std::exp(a.real()) * std::sin(a.imag()));
  }
};
struct Log {
  template <typename T>
  T operator()(T a) const {
    return std::log(a);
  }
};
struct Log2 {
  template <typename T>
  T operator()(T a) const {
    const T l = std::log(a);
    return T(l.real() * typename T::value_type(M_LOG2E), l.imag() * typename T::value_type(M_LOG2E));
  }
};
struct Log10 {
  template <typename T>
  T operator()(T a) const {
    const T l = std::log(a);
    return T(l.real() * typename T::value_type(M_LOG10E), l.imag() * typename T::value_type(M_LOG10E));
  }
};
struct Log1p {
  template <typename T>
  T operator()(T a) const {
    return T(std::log(std::hypot(a.real() + 1, a.imag())), std::atan2(a.imag(), a.real() + 1));
  }
};
struct Sin {
  template <typename T>
  T operator()(T a) const {
    return std::sin(a);
  }
};
struct Cos {
  template <typename T>
  T operator()(T a) const {
    return std::cos(a);
  }
};
struct Tan {
  template <typename T>
  T operator()(T a) const {
    return std::tan(a);
  }
};
struct Asin {
  template <typename T>
  T operator()(T a) const {
    return std::asin(a);
  }
};
struct Acos {
  template <typename T>
  T operator()(T a) const {
    return std::acos(a);
  }
};
struct Atan {
  template <typename T>
  T operator()(T a) const {
    return std::atan(a);
  }
};
struct Sinh {
  template <typename T>
  T operator()(T a) const {
    return std::sinh(a);
  }
};
struct Cosh {
  template <typename T>
  T operator()(T a) const {
    return std::cosh(a);
  }
};
struct Tanh {
  template <typename T>
  T operator()(T a) const {
    return std::tanh(a);
  }
};
struct Asinh {
  template <typename T>
  T operator()(T a) const {
    return std::asinh(a);
  }
};
struct Acosh {
  template <typename T>
  T operator()(T a) const {
    return std::acosh(a);
  }
};
struct Atanh {
  template <typename T>
  T operator()(T a) const {
    return std::atanh(a);
  }
};

}  // namespace

void AppendComplex(LoopRows* rows) {
  const ComplexTypes complex;
  AddBinary<Add>(rows, "add", complex);
  AddBinary<Subtract>(rows, "subtract", complex);
  AddBinary<Multiply>(rows, "multiply", complex);
  AddBinary<Divide>(rows, "divide", complex);
  AddBinary<Power>(rows, "power", complex);
  AddBinary<Power>(rows, "float_power", complex);
  AddUnary<Negative>(rows, "negative", complex);
  AddUnary<Positive>(rows, "positive", complex);
  AddUnary<Conjugate>(rows, "conjugate", complex);
  AddUnary<Square>(rows, "square", complex);
  AddUnary<Reciprocal>(rows, "reciprocal", complex);
  AddUnary<Real>(rows, "real", complex);
  AddUnary<Imag>(rows, "imag", complex);
  AddUnary<Absolute>(rows, "absolute", complex);
  AddUnary<Angle>(rows, "angle", complex);
  AddUnary<Sign>(rows, "sign", complex);
  AddUnary<Rint>(rows, "rint", complex);
  AddUnary<Sqrt>(rows, "sqrt", complex);
  AddUnary<Exp>(rows, "exp", complex);
  AddUnary<Exp2>(rows, "exp2", complex);
  AddUnary<Expm1>(rows, "expm1", complex);
  AddUnary<Log>(rows, "log", complex);
  AddUnary<Log2>(rows, "log2", complex);
  AddUnary<Log10>(rows, "log10", complex);
  AddUnary<Log1p>(rows, "log1p", complex);
  AddUnary<Sin>(rows, "sin", complex);
  AddUnary<Cos>(rows, "cos", complex);
  AddUnary<Tan>(rows, "tan", complex);
  AddUnary<Asin>(rows, "arcsin", complex);
  AddUnary<Acos>(rows, "arccos", complex);
  AddUnary<Atan>(rows, "arctan", complex);
  AddUnary<Sinh>(rows, "sinh", complex);
  AddUnary<Cosh>(rows, "cosh", complex);
  AddUnary<Tanh>(rows, "tanh", complex);
  AddUnary<Asinh>(rows, "arcsinh", complex);
  AddUnary<Acosh>(rows, "arccosh", complex);
  AddUnary<Atanh>(rows, "arctanh", complex);
}

}  // namespace swath::kernels::SWATH_SIMD
