// + - * and their like: one instruction an element, whole registers at a time.
#include "swath/kernels/array/loop_families.h"
#include "swath/kernels/array/loop_templates.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

struct Add {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
    else
      return a + b;
  }
};
struct Subtract {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
    else
      return a - b;
  }
};
struct Multiply {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
    else
      return a * b;
  }
};
struct Or {
  Bool operator()(Bool a, Bool b) const { return Bool(static_cast<uint8_t>(a) | static_cast<uint8_t>(b)); }
};
struct And {
  Bool operator()(Bool a, Bool b) const { return Bool(static_cast<uint8_t>(a) & static_cast<uint8_t>(b)); }
};
struct Negative {
  template <typename T>
  T operator()(T a) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(a));
    else
      return -a;
  }
};
struct Positive {
  template <typename T>
  T operator()(T a) const {
    return a;
  }
};
struct Absolute {
  template <typename T>
  T operator()(T a) const {
    if constexpr (std::is_floating_point_v<T>)
      return std::fabs(a);
    else if constexpr (std::is_signed_v<T>)
      return a < 0 ? Negative{}(a) : a;
    else
      return a;
  }
};
struct Square {
  template <typename T>
  T operator()(T a) const {
    return Multiply{}(a, a);
  }
};
struct Sign {
  template <typename T>
  T operator()(T a) const {
    if constexpr (std::is_floating_point_v<T>)
      return a > 0 ? T(1) : a < 0 ? T(-1) : a == 0 ? T(0) : a;
    else if constexpr (std::is_signed_v<T>)
      return static_cast<T>((a > 0) - (a < 0));
    else
      return a > 0;
  }
};

}  // namespace

void AppendArithmetic(LoopRows* rows) {
  AddBinary<Add>(rows, "add", RealTypes{});
  AddBinary<Subtract>(rows, "subtract", RealTypes{});
  AddBinary<Multiply>(rows, "multiply", RealTypes{});
  AddBinary<Or>(rows, "add", Types<Bool>{});
  AddBinary<And>(rows, "multiply", Types<Bool>{});
  AddUnary<Negative>(rows, "negative", RealTypes{});
  AddUnary<Positive>(rows, "positive", RealTypes{});
  AddUnary<Positive>(rows, "conjugate", RealTypes{});
  AddUnary<Positive>(rows, "real", RealTypes{});
  AddUnary<Positive>(rows, "real", Types<Bool>{});
  AddUnary<Absolute>(rows, "absolute", RealTypes{});
  AddUnary<Positive>(rows, "absolute", Types<Bool>{});
  AddUnary<Absolute>(rows, "fabs", FloatTypes{});
  AddUnary<Square>(rows, "square", RealTypes{});
  AddUnary<Sign>(rows, "sign", RealTypes{});
}

}  // namespace swath::kernels::SWATH_SIMD
