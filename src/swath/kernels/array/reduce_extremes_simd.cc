// min, max, any, all, argmin, argmax and their nan forms.
#include "swath/data/date_units.h"
#include "swath/kernels/array/reduce_families.h"
#include "swath/kernels/array/reduce_span.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

// A date as an element type: NaT is its NaN.
struct Date {
  int64_t value;
};

template <typename T>
bool IsNan(T x) {
  if constexpr (std::is_same_v<T, Date>)
    return x.value == kNotATime;
  else
    return !(x == x);
}
template <typename T>
bool Before(T a, T b) {
  if constexpr (std::is_same_v<T, Date>)
    return a.value < b.value;
  else if constexpr (kIsComplex<T>)
    return a.real() < b.real() || (a.real() == b.real() && a.imag() < b.imag());
  else
    return a < b;
}
// Does `x` replace `best`? NaN wins (the first one stays), or loses when it is skipped.
template <typename T, bool kMax, bool kSkip>
bool Better(T x, T best) {
  if (IsNan(best)) return kSkip && !IsNan(x);
  if (IsNan(x)) return !kSkip;
  return kMax ? Before(best, x) : Before(x, best);
}
// What loses against everything.
template <typename T, bool kMax, bool kSkip>
T Worst() {
  if constexpr (std::is_same_v<T, Date>) {
    return {kSkip ? kNotATime : kMax ? INT64_MIN + 1 : INT64_MAX};
  } else if constexpr (kIsComplex<T>) {
    const auto part = Worst<typename T::value_type, kMax, kSkip>();
    return T(part, part);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (kSkip) return std::numeric_limits<T>::quiet_NaN();
    return kMax ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
  } else if constexpr (std::is_same_v<T, Bool>) {
    return Bool(kMax ? 0 : 1);
  } else {
    return kMax ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
  }
}

template <typename T>
constexpr Kind KindOf() {
  if constexpr (std::is_same_v<T, Date>)
    return Kind::kInt64;
  else
    return kKindOf<T>;
}

template <typename T, bool kMax, bool kSkip>
struct Extreme {
  static T* Value(const ReduceState& s) { return static_cast<T*>(s.part[0]); }
  static void Init(const ReduceState& s, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) Value(s)[i] = Worst<T, kMax, kSkip>();
  }
  static void Span(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t, int64_t) {
    const T* x = static_cast<const T*>(data);
    if (n == 0) return;
    T best = x[0];
    if constexpr (std::is_arithmetic_v<T>) {
      best = ExtremeReal<T, kMax, kSkip>(x, n);
    } else {
      for (int64_t i = 1; i < n; ++i) {
        if (Better<T, kMax, kSkip>(x[i], best)) best = x[i];
      }
    }
    if (Better<T, kMax, kSkip>(best, Value(s)[slot])) Value(s)[slot] = best;
  }
  static void Rows(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t) {
    const T* x = static_cast<const T*>(data);
    T* value = Value(s) + slot;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) {
      const T candidate = x[i], best = value[i];
      value[i] = Better<T, kMax, kSkip>(candidate, best) ? candidate : best;
    }
  }
  static void Merge(const ReduceState& s, const ReduceState& o, int64_t slots) { Rows(s, 0, o.part[0], slots, 0); }
  static constexpr ReduceLoops Loops() {
    return {{DType(KindOf<T>()), kFloat64, kFloat64}, 1, false, Init, Span, Rows, Merge, nullptr};
  }
};

template <typename T, bool kMax, bool kSkip>
struct ArgExtreme {
  static T* Value(const ReduceState& s) { return static_cast<T*>(s.part[0]); }
  static int64_t* Index(const ReduceState& s) { return static_cast<int64_t*>(s.part[1]); }
  static void Init(const ReduceState& s, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) {
      Value(s)[i] = Worst<T, kMax, kSkip>();
      Index(s)[i] = -1;
    }
  }
  // Equal values: the smaller index wins, whatever the order of the visits.
  static void Offer(const ReduceState& s, int64_t slot, T x, int64_t index) {
    if (kSkip && IsNan(x)) return;
    T& value = Value(s)[slot];
    int64_t& best = Index(s)[slot];
    const bool better = best < 0 || Better<T, kMax, kSkip>(x, value);
    if (!better && (index >= best || Better<T, kMax, kSkip>(value, x))) return;
    value = x;
    best = index;
  }
  static void Span(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t index, int64_t step) {
    const T* x = static_cast<const T*>(data);
    if constexpr (std::is_arithmetic_v<T>) {
      if (n == 0) return;
      // The extreme by whole vectors, then its first place.
      const T best = ExtremeReal<T, kMax, kSkip>(x, n);
      if (kSkip && IsNan(best)) return;
      if (Index(s)[slot] >= 0 && Better<T, kMax, kSkip>(Value(s)[slot], best)) return;
      int64_t at = 0;
      while (!(x[at] == best || (IsNan(best) && IsNan(x[at])))) ++at;
      if (step < 0) {
        at = n - 1;
        while (!(x[at] == best || (IsNan(best) && IsNan(x[at])))) --at;
      }
      Offer(s, slot, best, index + at * step);
    } else {
      for (int64_t i = 0; i < n; ++i) Offer(s, slot, x[i], index + i * step);
    }
  }
  static void Rows(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t index) {
    const T* x = static_cast<const T*>(data);
    for (int64_t i = 0; i < n; ++i) Offer(s, slot + i, x[i], index);
  }
  static void Merge(const ReduceState& s, const ReduceState& o, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) {
      if (Index(o)[i] >= 0) Offer(s, i, Value(o)[i], Index(o)[i]);
    }
  }
  static constexpr ReduceLoops Loops() {
    return {{DType(KindOf<T>()), swath::kInt64, kFloat64}, 2, false, Init, Span, Rows, Merge, nullptr};
  }
};

template <typename T, bool kAny>
struct Truth {
  static uint8_t* Value(const ReduceState& s) { return static_cast<uint8_t*>(s.part[0]); }
  static void Init(const ReduceState& s, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) Value(s)[i] = !kAny;
  }
  static void Span(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t, int64_t) {
    const T* x = static_cast<const T*>(data);
    uint8_t value = Value(s)[slot];
    if (value == kAny) return;
    for (int64_t i = 0; i < n; ++i) {
      const uint8_t truth = x[i] != T(0);
      value = kAny ? value | truth : value & truth;
    }
    Value(s)[slot] = value;
  }
  static void Rows(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t) {
    const T* x = static_cast<const T*>(data);
    uint8_t* value = Value(s) + slot;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) {
      const uint8_t truth = x[i] != T(0);
      value[i] = kAny ? value[i] | truth : value[i] & truth;
    }
  }
  static void Merge(const ReduceState& s, const ReduceState& o, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) {
      const uint8_t other = Value(o)[i];
      Value(s)[i] = kAny ? Value(s)[i] | other : Value(s)[i] & other;
    }
  }
  static constexpr ReduceLoops Loops() {
    return {{swath::kBool, kFloat64, kFloat64}, 1, false, Init, Span, Rows, Merge, nullptr};
  }
};

template <typename T>
void AddExtremes(ReduceRows* rows, Kind kind) {
  constexpr bool kNan = !std::is_integral_v<T> && !std::is_same_v<T, Bool>;
  rows->Add("min", kind, Extreme<T, false, false>::Loops());
  rows->Add("max", kind, Extreme<T, true, false>::Loops());
  rows->Add("nanmin", kind, Extreme<T, false, kNan>::Loops());
  rows->Add("nanmax", kind, Extreme<T, true, kNan>::Loops());
  rows->Add("argmin", kind, ArgExtreme<T, false, false>::Loops());
  rows->Add("argmax", kind, ArgExtreme<T, true, false>::Loops());
  constexpr bool kNanIndex = kNan && !std::is_same_v<T, Date>;  // NumPy's nanargmin knows no NaT
  rows->Add("nanargmin", kind, ArgExtreme<T, false, kNanIndex>::Loops());
  rows->Add("nanargmax", kind, ArgExtreme<T, true, kNanIndex>::Loops());
}
template <typename T>
void AddTruth(ReduceRows* rows, Kind kind) {
  rows->Add("any", kind, Truth<T, true>::Loops());
  rows->Add("all", kind, Truth<T, false>::Loops());
}
template <typename... Ts>
void AddAllOf(ReduceRows* rows, Types<Ts...>) {
  (AddExtremes<Ts>(rows, kKindOf<Ts>), ...);
  (AddTruth<Ts>(rows, kKindOf<Ts>), ...);
}

}  // namespace

void AppendExtremes(ReduceRows* rows) {
  AddAllOf(rows, Types<Bool>{});
  AddAllOf(rows, RealTypes{});
  AddAllOf(rows, ComplexTypes{});
  for (const Kind kind : {Kind::kDateTime64, Kind::kTimeDelta64}) {
    AddExtremes<Date>(rows, kind);
    AddTruth<int64_t>(rows, kind);
  }
  // A sum of bools kept as bool is their "or", a product their "and".
  rows->Add("sum", Kind::kBool, Truth<Bool, true>::Loops());
  rows->Add("prod", Kind::kBool, Truth<Bool, false>::Loops());
  rows->Add("nansum", Kind::kBool, Truth<Bool, true>::Loops());
  rows->Add("nanprod", Kind::kBool, Truth<Bool, false>::Loops());
}

}  // namespace swath::kernels::SWATH_SIMD
