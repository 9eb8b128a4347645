// Integer division, powers, shifts, bits and divisors. Division by zero gives 0, the overflow of the smallest number
// wraps, as in NumPy.
#include "swath/kernels/array/loop_families.h"
#include "swath/kernels/array/loop_templates.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

template <typename T>
T WrapNegative(T a) {
  return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(a));
}

struct FloorDivide {
  template <typename T>
  T operator()(T a, T b) const {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return WrapNegative(a);
      const T quotient = static_cast<T>(a / b);
      return static_cast<T>(quotient - ((a % b != 0) & ((a < 0) != (b < 0))));
    } else {
      return static_cast<T>(a / b);
    }
  }
};
struct Remainder {
  template <typename T>
  T operator()(T a, T b) const {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return 0;
      const T rest = static_cast<T>(a % b);
      return static_cast<T>(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
    } else {
      return static_cast<T>(a % b);
    }
  }
};
struct Fmod {
  template <typename T>
  T operator()(T a, T b) const {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return 0;
    }
    return static_cast<T>(a % b);
  }
};
struct Reciprocal {
  template <typename T>
  T operator()(T a) const {
    if (a != 0) return static_cast<T>(1 / a);
    // What NumPy's conversion of 1.0 / 0 gives.
    return std::is_signed_v<T> && sizeof(T) >= 4 ? std::numeric_limits<T>::min() : T(0);
  }
};

template <typename T>
const char* Power(const LoopCall& call) {
  const T *a = static_cast<const T*>(call.in[0]), *b = static_cast<const T*>(call.in[1]);
  T* r = static_cast<T*>(call.out);
  if constexpr (std::is_signed_v<T>) {
    bool negative = false;
    for (int64_t i = 0; i < call.n; ++i) negative |= b[i] < 0;
    if (negative) return "Integers to negative integer powers are not allowed.";
  }
  for (int64_t i = 0; i < call.n; ++i) {
    Wrapping<T> base = static_cast<Wrapping<T>>(a[i]), result = 1;
    for (auto left = static_cast<Wrapping<T>>(b[i]); left != 0; left >>= 1) {
      if (left & 1) result *= base;
      base *= base;
    }
    r[i] = static_cast<T>(result);
  }
  return nullptr;
}

struct And {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(a & b);
  }
};
struct Or {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(a | b);
  }
};
struct Xor {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(a ^ b);
  }
};
struct Invert {
  template <typename T>
  T operator()(T a) const {
    return static_cast<T>(~a);
  }
};
struct BoolAnd {
  Bool operator()(Bool a, Bool b) const { return Bool(static_cast<uint8_t>(a) & static_cast<uint8_t>(b)); }
};
struct BoolOr {
  Bool operator()(Bool a, Bool b) const { return Bool(static_cast<uint8_t>(a) | static_cast<uint8_t>(b)); }
};
struct BoolXor {
  Bool operator()(Bool a, Bool b) const { return Bool(static_cast<uint8_t>(a) ^ static_cast<uint8_t>(b)); }
};
struct BoolNot {
  Bool operator()(Bool a) const { return Bool(static_cast<uint8_t>(a) ^ 1); }
};
struct Same {
  template <typename T>
  T operator()(T a) const {
    return a;
  }
};

// Shifts by the width or more (or by a negative number, which is a large unsigned one) shift everything out.
struct LeftShift {
  template <typename T>
  T operator()(T a, T b) const {
    const auto by = static_cast<std::make_unsigned_t<T>>(b);
    return by < sizeof(T) * 8 ? static_cast<T>(static_cast<Wrapping<T>>(a) << by) : T(0);
  }
};
struct RightShift {
  template <typename T>
  T operator()(T a, T b) const {
    const auto by = static_cast<std::make_unsigned_t<T>>(b);
    return by < sizeof(T) * 8 ? static_cast<T>(a >> by) : a < 0 ? static_cast<T>(-1) : T(0);
  }
};
struct BitCount {
  template <typename T>
  uint8_t operator()(T a) const {
    using U = std::make_unsigned_t<T>;
    return static_cast<uint8_t>(std::popcount(static_cast<U>(std::is_signed_v<T> && a < 0 ? WrapNegative(a) : a)));
  }
};

template <typename T>
std::make_unsigned_t<T> Magnitude(T a) {
  return static_cast<std::make_unsigned_t<T>>(std::is_signed_v<T> && a < 0 ? WrapNegative(a) : a);
}
struct Gcd {
  template <typename T>
  T operator()(T a, T b) const {
    auto x = Magnitude(a), y = Magnitude(b);
    while (y != 0) {
      const auto rest = static_cast<decltype(x)>(x % y);
      x = y;
      y = rest;
    }
    return static_cast<T>(x);
  }
};
struct Lcm {
  template <typename T>
  T operator()(T a, T b) const {
    const auto divisor = static_cast<std::make_unsigned_t<T>>(Gcd{}(a, b));
    if (divisor == 0) return 0;
    return static_cast<T>(static_cast<Wrapping<T>>(Magnitude(a) / divisor) * static_cast<Wrapping<T>>(Magnitude(b)));
  }
};

template <typename... Ts>
void AddPower(LoopRows* rows, Types<Ts...>) {
  (rows->Add({"power", kKindOf<Ts>, kKindOf<Ts>, Power<Ts>}), ...);
}

// Integers rounded to places before the point: to the nearest multiple, halves to even, as numpy.round.
template <typename T>
const char* Round(const LoopCall& call) {
  const T* a = static_cast<const T*>(call.in[0]);
  T* r = static_cast<T*>(call.out);
  const int64_t places = call.n > 0 ? *static_cast<const int64_t*>(call.in[1]) : 0;
  const double scale = places < 0 ? std::pow(10.0, static_cast<double>(-places)) : 1;
  for (int64_t i = 0; i < call.n; ++i) {
    r[i] =
        places < 0 ? static_cast<T>(static_cast<int64_t>(std::rint(static_cast<double>(a[i]) / scale) * scale)) : a[i];
  }
  return nullptr;
}
template <typename... Ts>
void AddRound(LoopRows* rows, Types<Ts...>) {
  (rows->Add({"round", kKindOf<Ts>, Kind::kInt64, Round<Ts>}), ...);
}

}  // namespace

void AppendIntegers(LoopRows* rows) {
  const IntegerTypes integers;
  AddBinary<FloorDivide>(rows, "floor_divide", integers);
  AddBinary<Remainder>(rows, "remainder", integers);
  AddBinary<Fmod>(rows, "fmod", integers);
  AddUnary<Reciprocal>(rows, "reciprocal", integers);
  AddPower(rows, integers);
  AddBinary<And>(rows, "bitwise_and", integers);
  AddBinary<Or>(rows, "bitwise_or", integers);
  AddBinary<Xor>(rows, "bitwise_xor", integers);
  AddUnary<Invert>(rows, "invert", integers);
  AddBinary<BoolAnd>(rows, "bitwise_and", Types<Bool>{});
  AddBinary<BoolOr>(rows, "bitwise_or", Types<Bool>{});
  AddBinary<BoolXor>(rows, "bitwise_xor", Types<Bool>{});
  AddUnary<BoolNot>(rows, "invert", Types<Bool>{});
  AddBinary<LeftShift>(rows, "left_shift", integers);
  AddBinary<RightShift>(rows, "right_shift", integers);
  AddUnary<BitCount>(rows, "bitwise_count", integers);
  AddBinary<Gcd>(rows, "gcd", integers);
  AddBinary<Lcm>(rows, "lcm", integers);
  AddRound(rows, integers);
  for (const std::string_view op : {"floor", "ceil", "trunc"}) {
    AddUnary<Same>(rows, op, integers);
    AddUnary<Same>(rows, op, Types<Bool>{});
  }
}

}  // namespace swath::kernels::SWATH_SIMD
