// Comparisons, truth values and classification: results are bytes 0 and 1.
#include "swath/kernels/array/loop_families.h"
#include "swath/kernels/array/loop_templates.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

Bool ToBool(bool value) { return Bool(value); }

// Complex numbers compare by real, then imaginary part; a NaN anywhere makes every order false.
template <typename T>
bool LessThan(T a, T b) {
  if constexpr (kIsComplex<T>) {
    return a.real() < b.real() ? a.imag() == a.imag() && b.imag() == b.imag()
                               : a.real() == b.real() && a.imag() < b.imag();
  } else {
    return a < b;
  }
}
template <typename T>
bool LessOrEqual(T a, T b) {
  if constexpr (kIsComplex<T>) {
    return a.real() < b.real() ? a.imag() == a.imag() && b.imag() == b.imag()
                               : a.real() == b.real() && a.imag() <= b.imag();
  } else {
    return a <= b;
  }
}

struct Equal {
  template <typename T>
  Bool operator()(T a, T b) const {
    return ToBool(a == b);
  }
};
struct NotEqual {
  template <typename T>
  Bool operator()(T a, T b) const {
    return ToBool(!(a == b));
  }
};
struct Less {
  template <typename T>
  Bool operator()(T a, T b) const {
    return ToBool(LessThan(a, b));
  }
};
struct LessEqual {
  template <typename T>
  Bool operator()(T a, T b) const {
    return ToBool(LessOrEqual(a, b));
  }
};
struct Greater {
  template <typename T>
  Bool operator()(T a, T b) const {
    return ToBool(LessThan(b, a));
  }
};
struct GreaterEqual {
  template <typename T>
  Bool operator()(T a, T b) const {
    return ToBool(LessOrEqual(b, a));
  }
};

// int64 against uint64, exactly: a negative number is below every unsigned one.
struct MixedEqual {
  Bool operator()(int64_t a, uint64_t b) const { return ToBool(a >= 0 && static_cast<uint64_t>(a) == b); }
  Bool operator()(uint64_t a, int64_t b) const { return (*this)(b, a); }
};
struct MixedNotEqual {
  template <typename A, typename B>
  Bool operator()(A a, B b) const {
    return ToBool(MixedEqual{}(a, b) == Bool(0));
  }
};
struct MixedLess {
  Bool operator()(int64_t a, uint64_t b) const { return ToBool(a < 0 || static_cast<uint64_t>(a) < b); }
  Bool operator()(uint64_t a, int64_t b) const { return ToBool(b > 0 && a < static_cast<uint64_t>(b)); }
};
struct MixedGreater {
  template <typename A, typename B>
  Bool operator()(A a, B b) const {
    return MixedLess{}(b, a);
  }
};
struct MixedLessEqual {
  template <typename A, typename B>
  Bool operator()(A a, B b) const {
    return ToBool(MixedLess{}(b, a) == Bool(0));
  }
};
struct MixedGreaterEqual {
  template <typename A, typename B>
  Bool operator()(A a, B b) const {
    return ToBool(MixedLess{}(a, b) == Bool(0));
  }
};

template <typename F>
void AddMixed(LoopRows* rows, std::string_view op) {
  rows->Add({op, Kind::kInt64, Kind::kUInt64, BinaryOf<int64_t, uint64_t, F>});
  rows->Add({op, Kind::kUInt64, Kind::kInt64, BinaryOf<uint64_t, int64_t, F>});
}

template <typename T>
bool Truth(T a) {
  return a != T(0);
}

struct LogicalAnd {
  template <typename T>
  Bool operator()(T a, T b) const {
    return ToBool(Truth(a) & Truth(b));
  }
};
struct LogicalOr {
  template <typename T>
  Bool operator()(T a, T b) const {
    return ToBool(Truth(a) | Truth(b));
  }
};
struct LogicalXor {
  template <typename T>
  Bool operator()(T a, T b) const {
    return ToBool(Truth(a) != Truth(b));
  }
};
struct LogicalNot {
  template <typename T>
  Bool operator()(T a) const {
    return ToBool(!Truth(a));
  }
};

struct IsNan {
  template <typename T>
  Bool operator()(T a) const {
    return ToBool(!(a == a));
  }
};
template <typename T>
bool Finite(T a) {
  if constexpr (std::is_floating_point_v<T>)
    return std::fabs(a) <= std::numeric_limits<T>::max();
  else if constexpr (kIsComplex<T>)
    return Finite(a.real()) && Finite(a.imag());
  else
    return true;
}
struct IsFinite {
  template <typename T>
  Bool operator()(T a) const {
    return ToBool(Finite(a));
  }
};
struct IsInf {
  template <typename T>
  Bool operator()(T a) const {
    if constexpr (std::is_floating_point_v<T>)
      return ToBool(std::fabs(a) > std::numeric_limits<T>::max());
    else if constexpr (kIsComplex<T>)
      return ToBool((*this)(a.real()) != Bool(0) || (*this)(a.imag()) != Bool(0));
    else
      return Bool(0);
  }
};
struct SignBit {
  Bool operator()(float a) const { return Bool(std::bit_cast<uint32_t>(a) >> 31); }
  Bool operator()(double a) const { return Bool(static_cast<uint8_t>(std::bit_cast<uint64_t>(a) >> 63)); }
};

template <typename F>
void AddComparison(LoopRows* rows, std::string_view op) {
  AddBinary<F>(rows, op, Types<Bool>{});
  AddBinary<F>(rows, op, RealTypes{});
  AddBinary<F>(rows, op, ComplexTypes{});
}
template <typename F>
void AddTest(LoopRows* rows, std::string_view op) {
  AddUnary<F>(rows, op, Types<Bool>{});
  AddUnary<F>(rows, op, RealTypes{});
  AddUnary<F>(rows, op, ComplexTypes{});
}

}  // namespace

void AppendComparisons(LoopRows* rows) {
  AddComparison<Equal>(rows, "equal");
  AddComparison<NotEqual>(rows, "not_equal");
  AddComparison<Less>(rows, "less");
  AddComparison<LessEqual>(rows, "less_equal");
  AddComparison<Greater>(rows, "greater");
  AddComparison<GreaterEqual>(rows, "greater_equal");
  AddMixed<MixedEqual>(rows, "equal");
  AddMixed<MixedNotEqual>(rows, "not_equal");
  AddMixed<MixedLess>(rows, "less");
  AddMixed<MixedLessEqual>(rows, "less_equal");
  AddMixed<MixedGreater>(rows, "greater");
  AddMixed<MixedGreaterEqual>(rows, "greater_equal");
  AddComparison<LogicalAnd>(rows, "logical_and");
  AddComparison<LogicalOr>(rows, "logical_or");
  AddComparison<LogicalXor>(rows, "logical_xor");
  AddTest<LogicalNot>(rows, "logical_not");
  AddTest<IsNan>(rows, "isnan");
  AddTest<IsFinite>(rows, "isfinite");
  AddTest<IsInf>(rows, "isinf");
  AddUnary<SignBit>(rows, "signbit", FloatTypes{});
}

}  // namespace swath::kernels::SWATH_SIMD
