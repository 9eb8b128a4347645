// Transcendental functions. The C library has vector forms of them (libmvec; at most 4 units in the last place, IEEE
// special values as the scalar forms): the attribute below tells the compiler, which then calls _ZGVeN8v_exp and its
// like in vectorised loops.
#include "swath/kernels/array/loop_families.h"
#include "swath/kernels/array/loop_templates.h"

#if defined(__x86_64__) && defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
#define SWATH_VECTOR_FORM __attribute__((simd("notinbranch")))
#else
#define SWATH_VECTOR_FORM
#endif
// A macro, because a declaration is the only place for the attribute, and each function needs two.
#define SWATH_MATH(name)                          \
  SWATH_VECTOR_FORM double name(double) noexcept; \
  SWATH_VECTOR_FORM float name##f(float) noexcept;
#define SWATH_MATH2(name)                                 \
  SWATH_VECTOR_FORM double name(double, double) noexcept; \
  SWATH_VECTOR_FORM float name##f(float, float) noexcept;
// clang-format off: macros without semicolons
extern "C" {
SWATH_MATH(exp)
SWATH_MATH(exp2)
SWATH_MATH(expm1)
SWATH_MATH(log)
SWATH_MATH(log2)
SWATH_MATH(log10)
SWATH_MATH(log1p)
SWATH_MATH(sin)
SWATH_MATH(cos)
SWATH_MATH(tan)
SWATH_MATH(asin)
SWATH_MATH(acos)
SWATH_MATH(atan)
SWATH_MATH(sinh)
SWATH_MATH(cosh)
SWATH_MATH(tanh)
SWATH_MATH(asinh)
SWATH_MATH(acosh)
SWATH_MATH(atanh)
SWATH_MATH(cbrt)
SWATH_MATH2(atan2)
SWATH_MATH2(hypot)
SWATH_MATH2(pow)
}
// clang-format on

namespace swath::kernels::SWATH_SIMD {
namespace {

// The tail of a call is padded to a whole vector, so that an element's value does not depend on its place in the block.
template <typename T, typename F>
const char* Map(const LoopCall& call) {
  constexpr int64_t kStep = 64 / sizeof(T);
  const T* a = static_cast<const T*>(call.in[0]);
  T* r = static_cast<T*>(call.out);
  const int64_t whole = call.n / kStep * kStep;
#pragma GCC ivdep
  for (int64_t i = 0; i < whole; ++i) r[i] = F{}(a[i]);
  if (whole == call.n) return nullptr;
  T in[kStep], out[kStep];
  for (int64_t i = 0; i < kStep; ++i) in[i] = whole + i < call.n ? a[whole + i] : T(1);
#pragma GCC unroll 1
  for (int64_t i = 0; i < kStep; ++i) out[i] = F{}(in[i]);
  for (int64_t i = 0; whole + i < call.n; ++i) r[whole + i] = out[i];
  return nullptr;
}

template <typename T, typename F>
const char* Map2(const LoopCall& call) {
  constexpr int64_t kStep = 64 / sizeof(T);
  const T *a = static_cast<const T*>(call.in[0]), *b = static_cast<const T*>(call.in[1]);
  T* r = static_cast<T*>(call.out);
  const int64_t whole = call.n / kStep * kStep;
#pragma GCC ivdep
  for (int64_t i = 0; i < whole; ++i) r[i] = F{}(a[i], b[i]);
  if (whole == call.n) return nullptr;
  T x[kStep], y[kStep], out[kStep];
  for (int64_t i = 0; i < kStep; ++i) {
    x[i] = whole + i < call.n ? a[whole + i] : T(1);
    y[i] = whole + i < call.n ? b[whole + i] : T(1);
  }
#pragma GCC unroll 1
  for (int64_t i = 0; i < kStep; ++i) out[i] = F{}(x[i], y[i]);
  for (int64_t i = 0; whole + i < call.n; ++i) r[whole + i] = out[i];
  return nullptr;
}

struct Exp {
  double operator()(double x) const { return ::exp(x); }
  float operator()(float x) const { return ::expf(x); }
};
struct Exp2 {
  double operator()(double x) const { return ::exp2(x); }
  float operator()(float x) const { return ::exp2f(x); }
};
struct Expm1 {
  double operator()(double x) const { return ::expm1(x); }
  float operator()(float x) const { return ::expm1f(x); }
};
struct Log {
  double operator()(double x) const { return ::log(x); }
  float operator()(float x) const { return ::logf(x); }
};
struct Log2 {
  double operator()(double x) const { return ::log2(x); }
  float operator()(float x) const { return ::log2f(x); }
};
struct Log10 {
  double operator()(double x) const { return ::log10(x); }
  float operator()(float x) const { return ::log10f(x); }
};
struct Log1p {
  double operator()(double x) const { return ::log1p(x); }
  float operator()(float x) const { return ::log1pf(x); }
};
struct Sin {
  double operator()(double x) const { return ::sin(x); }
  float operator()(float x) const { return ::sinf(x); }
};
struct Cos {
  double operator()(double x) const { return ::cos(x); }
  float operator()(float x) const { return ::cosf(x); }
};
struct Tan {
  double operator()(double x) const { return ::tan(x); }
  float operator()(float x) const { return ::tanf(x); }
};
struct Asin {
  double operator()(double x) const { return ::asin(x); }
  float operator()(float x) const { return ::asinf(x); }
};
struct Acos {
  double operator()(double x) const { return ::acos(x); }
  float operator()(float x) const { return ::acosf(x); }
};
struct Atan {
  double operator()(double x) const { return ::atan(x); }
  float operator()(float x) const { return ::atanf(x); }
};
struct Sinh {
  double operator()(double x) const { return ::sinh(x); }
  float operator()(float x) const { return ::sinhf(x); }
};
struct Cosh {
  double operator()(double x) const { return ::cosh(x); }
  float operator()(float x) const { return ::coshf(x); }
};
struct Tanh {
  double operator()(double x) const { return ::tanh(x); }
  float operator()(float x) const { return ::tanhf(x); }
};
struct Asinh {
  double operator()(double x) const { return ::asinh(x); }
  float operator()(float x) const { return ::asinhf(x); }
};
struct Acosh {
  double operator()(double x) const { return ::acosh(x); }
  float operator()(float x) const { return ::acoshf(x); }
};
struct Atanh {
  double operator()(double x) const { return ::atanh(x); }
  float operator()(float x) const { return ::atanhf(x); }
};
struct Cbrt {
  double operator()(double x) const { return ::cbrt(x); }
  float operator()(float x) const { return ::cbrtf(x); }
};
struct Atan2 {
  double operator()(double y, double x) const { return ::atan2(y, x); }
  float operator()(float y, float x) const { return ::atan2f(y, x); }
};
struct Hypot {
  double operator()(double x, double y) const { return ::hypot(x, y); }
  float operator()(float x, float y) const { return ::hypotf(x, y); }
};
struct Pow {
  double operator()(double x, double y) const { return ::pow(x, y); }
  float operator()(float x, float y) const { return ::powf(x, y); }
};
// log(exp(x) + exp(y)) around the larger; equal infinities stay themselves.
struct LogAddExp {
  template <typename T>
  T operator()(T x, T y) const {
    const T high = x > y ? x : y, low = x > y ? y : x;
    const T sum = high + Log1p{}(Exp{}(low - high));
    return x == y ? x + T(0.693147180559945309417) : sum;
  }
};
struct LogAddExp2 {
  template <typename T>
  T operator()(T x, T y) const {
    const T high = x > y ? x : y, low = x > y ? y : x;
    const T sum = high + T(1.44269504088896340736) * Log1p{}(Exp2{}(low - high));
    return x == y ? x + T(1) : sum;
  }
};

template <typename F>
void AddMap(LoopRows* rows, std::string_view op) {
  rows->Add({op, Kind::kFloat32, Kind::kFloat32, Map<float, F>});
  rows->Add({op, Kind::kFloat64, Kind::kFloat64, Map<double, F>});
}
template <typename F>
void AddMap2(LoopRows* rows, std::string_view op) {
  rows->Add({op, Kind::kFloat32, Kind::kFloat32, Map2<float, F>});
  rows->Add({op, Kind::kFloat64, Kind::kFloat64, Map2<double, F>});
}

}  // namespace

void AppendMath(LoopRows* rows) {
  AddMap<Exp>(rows, "exp");
  AddMap<Exp2>(rows, "exp2");
  AddMap<Expm1>(rows, "expm1");
  AddMap<Log>(rows, "log");
  AddMap<Log2>(rows, "log2");
  AddMap<Log10>(rows, "log10");
  AddMap<Log1p>(rows, "log1p");
  AddMap<Sin>(rows, "sin");
  AddMap<Cos>(rows, "cos");
  AddMap<Tan>(rows, "tan");
  AddMap<Asin>(rows, "arcsin");
  AddMap<Acos>(rows, "arccos");
  AddMap<Atan>(rows, "arctan");
  AddMap<Sinh>(rows, "sinh");
  AddMap<Cosh>(rows, "cosh");
  AddMap<Tanh>(rows, "tanh");
  AddMap<Asinh>(rows, "arcsinh");
  AddMap<Acosh>(rows, "arccosh");
  AddMap<Atanh>(rows, "arctanh");
  AddMap<Cbrt>(rows, "cbrt");
  AddMap2<Atan2>(rows, "arctan2");
  AddMap2<Hypot>(rows, "hypot");
  AddMap2<Pow>(rows, "power");
  AddMap2<Pow>(rows, "float_power");
  AddMap2<LogAddExp>(rows, "logaddexp");
  AddMap2<LogAddExp2>(rows, "logaddexp2");
}

}  // namespace swath::kernels::SWATH_SIMD
