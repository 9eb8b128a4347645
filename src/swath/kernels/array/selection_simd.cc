// where, clip, minimum, maximum, fmin, fmax, nan_to_num.
#include <cstring>

#include "swath/kernels/array/loop_families.h"
#include "swath/kernels/array/loop_templates.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

template <typename T>
bool AtLeast(T a, T b) {
  if constexpr (kIsComplex<T>) {
    return a.real() > b.real() ? a.imag() == a.imag() && b.imag() == b.imag()
                               : a.real() == b.real() && a.imag() >= b.imag();
  } else {
    return a >= b;
  }
}
template <typename T>
bool IsNan(T a) {
  return !(a == a);
}

// A NaN among the arguments is the result, as in NumPy: the first one.
struct Maximum {
  template <typename T>
  T operator()(T a, T b) const {
    return AtLeast(a, b) | IsNan(a) ? a : b;
  }
};
struct Minimum {
  template <typename T>
  T operator()(T a, T b) const {
    return AtLeast(b, a) | IsNan(a) ? a : b;
  }
};
struct Fmax {
  template <typename T>
  T operator()(T a, T b) const {
    return AtLeast(a, b) | IsNan(b) ? a : b;
  }
};
struct Fmin {
  template <typename T>
  T operator()(T a, T b) const {
    return AtLeast(b, a) | IsNan(b) ? a : b;
  }
};

template <typename T>
const char* Clip(const LoopCall& call) {
  const T *a = static_cast<const T*>(call.in[0]), *low = static_cast<const T*>(call.in[1]),
          *high = static_cast<const T*>(call.in[2]);
  T* r = static_cast<T*>(call.out);
#pragma GCC ivdep
  for (int64_t i = 0; i < call.n; ++i) r[i] = Minimum{}(Maximum{}(a[i], low[i]), high[i]);
  return nullptr;
}

struct Wide {
  uint64_t low, high;
};

template <typename T>
const char* Where(const LoopCall& call) {
  const uint8_t* condition = static_cast<const uint8_t*>(call.in[0]);
  const T *x = static_cast<const T*>(call.in[1]), *y = static_cast<const T*>(call.in[2]);
  T* r = static_cast<T*>(call.out);
  if constexpr (std::is_same_v<T, Wide>) {
    for (int64_t i = 0; i < call.n; ++i) r[i] = condition[i] ? x[i] : y[i];
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < call.n; ++i) {
      const T a = x[i], b = y[i];
      r[i] = condition[i] ? a : b;
    }
  }
  return nullptr;
}

const char* WhereBytes(const LoopCall& call) {
  const uint8_t* condition = static_cast<const uint8_t*>(call.in[0]);
  const int64_t size = call.result.itemsize;
  for (int64_t i = 0; i < call.n; ++i) {
    std::memcpy(static_cast<char*>(call.out) + i * size,
                static_cast<const char*>(call.in[condition[i] ? 1 : 2]) + i * size, static_cast<size_t>(size));
  }
  return nullptr;
}

template <typename T>
struct NanToNum {
  T operator()(T a) const {
    constexpr T kMax = std::numeric_limits<T>::max();
    return a != a ? T(0) : a > kMax ? kMax : a < -kMax ? -kMax : a;
  }
};
struct Finite {
  template <typename T>
  T operator()(T a) const {
    if constexpr (std::is_floating_point_v<T>)
      return NanToNum<T>{}(a);
    else if constexpr (kIsComplex<T>)
      return T((*this)(a.real()), (*this)(a.imag()));
    else
      return a;
  }
};

template <typename F>
void AddChoice(LoopRows* rows, std::string_view op) {
  AddBinary<F>(rows, op, Types<Bool>{});
  AddBinary<F>(rows, op, RealTypes{});
  AddBinary<F>(rows, op, ComplexTypes{});
}
template <typename... Ts>
void AddClip(LoopRows* rows, Types<Ts...>) {
  (rows->Add({"clip", kKindOf<Ts>, kKindOf<Ts>, Clip<Ts>}), ...);
}

}  // namespace

void AppendSelections(LoopRows* rows) {
  AddChoice<Maximum>(rows, "maximum");
  AddChoice<Minimum>(rows, "minimum");
  AddChoice<Fmax>(rows, "fmax");
  AddChoice<Fmin>(rows, "fmin");
  AddClip(rows, Types<Bool>{});
  AddClip(rows, RealTypes{});
  AddClip(rows, ComplexTypes{});
  AddUnary<Finite>(rows, "nan_to_num", Types<Bool>{});
  AddUnary<Finite>(rows, "nan_to_num", RealTypes{});
  AddUnary<Finite>(rows, "nan_to_num", ComplexTypes{});
  for (const Kind kind : {Kind::kBool, Kind::kInt8, Kind::kUInt8})
    rows->Add({"where", Kind::kBool, kind, Where<uint8_t>});
  for (const Kind kind : {Kind::kInt16, Kind::kUInt16, Kind::kFloat16})
    rows->Add({"where", Kind::kBool, kind, Where<uint16_t>});
  for (const Kind kind : {Kind::kInt32, Kind::kUInt32}) rows->Add({"where", Kind::kBool, kind, Where<uint32_t>});
  rows->Add({"where", Kind::kBool, Kind::kFloat32, Where<float>});
  rows->Add({"where", Kind::kBool, Kind::kFloat64, Where<double>});
  for (const Kind kind : {Kind::kInt64, Kind::kUInt64, Kind::kComplex64, Kind::kDateTime64, Kind::kTimeDelta64}) {
    rows->Add({"where", Kind::kBool, kind, Where<uint64_t>});
  }
  rows->Add({"where", Kind::kBool, Kind::kComplex128, Where<Wide>});
  rows->Add({"where", Kind::kBool, Kind::kBytes, WhereBytes});
  rows->Add({"where", Kind::kBool, Kind::kUnicode, WhereBytes});
}

}  // namespace swath::kernels::SWATH_SIMD
