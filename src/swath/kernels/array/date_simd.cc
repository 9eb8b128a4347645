// datetime64 and timedelta64: int64 counts of one unit (casts between units come before), NaT absorbs everything.
#include <cstring>

#include "swath/data/date_units.h"
#include "swath/kernels/array/loop_families.h"
#include "swath/kernels/array/loop_templates.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

constexpr int64_t kNat = kNotATime;
constexpr Kind kMoment = Kind::kDateTime64, kSpan = Kind::kTimeDelta64;

struct Add {
  int64_t operator()(int64_t a, int64_t b) const {
    return a == kNat || b == kNat ? kNat : static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }
};
struct Subtract {
  int64_t operator()(int64_t a, int64_t b) const {
    return a == kNat || b == kNat ? kNat : static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
  }
};
struct MultiplyCount {
  int64_t operator()(int64_t a, int64_t b) const {
    return a == kNat ? kNat : static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  }
};
struct CountMultiply {
  int64_t operator()(int64_t a, int64_t b) const { return MultiplyCount{}(b, a); }
};
int64_t FromDouble(double value) {
  return value >= -9223372036854775808.0 && value < 9223372036854775808.0 ? static_cast<int64_t>(value) : kNat;
}
struct MultiplyFactor {
  int64_t operator()(int64_t a, double b) const { return a == kNat ? kNat : FromDouble(static_cast<double>(a) * b); }
  int64_t operator()(double a, int64_t b) const { return (*this)(b, a); }
};
struct DivideFactor {
  int64_t operator()(int64_t a, double b) const { return a == kNat ? kNat : FromDouble(static_cast<double>(a) / b); }
};
struct FloorDivideFactor {
  int64_t operator()(int64_t a, double b) const {
    return a == kNat ? kNat : FromDouble(std::floor(static_cast<double>(a) / b));
  }
};
int64_t FloorDiv(int64_t a, int64_t b) {
  if (b == -1) return static_cast<int64_t>(0 - static_cast<uint64_t>(a));
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}
// NumPy cuts off in both divisions by a count.
struct DivideCount {
  int64_t operator()(int64_t a, int64_t b) const {
    if (a == kNat || b == 0) return kNat;
    return b == -1 ? -a : a / b;
  }
};
struct Ratio {
  double operator()(int64_t a, int64_t b) const {
    if (a == kNat || b == kNat) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(a) / static_cast<double>(b);
  }
};
struct WholeRatio {
  int64_t operator()(int64_t a, int64_t b) const { return a == kNat || b == kNat || b == 0 ? 0 : FloorDiv(a, b); }
};
struct Rest {
  int64_t operator()(int64_t a, int64_t b) const {
    if (a == kNat || b == kNat || b == 0) return kNat;
    if (b == -1) return 0;
    const int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
};
struct Negative {
  int64_t operator()(int64_t a) const { return a == kNat ? kNat : -a; }
};
struct Absolute {
  int64_t operator()(int64_t a) const { return a == kNat || a >= 0 ? a : -a; }
};
struct Sign {
  int64_t operator()(int64_t a) const { return a == kNat ? kNat : (a > 0) - (a < 0); }
};
struct Same {
  int64_t operator()(int64_t a) const { return a; }
};
struct IsNat {
  Bool operator()(int64_t a) const { return Bool(a == kNat); }
};
struct IsTime {
  Bool operator()(int64_t a) const { return Bool(a != kNat); }
};
struct Never {
  Bool operator()(int64_t) const { return Bool(0); }
};

struct Equal {
  Bool operator()(int64_t a, int64_t b) const { return Bool((a == b) & (a != kNat)); }
};
struct NotEqual {
  Bool operator()(int64_t a, int64_t b) const { return Bool((a != b) | (a == kNat)); }
};
struct Less {
  Bool operator()(int64_t a, int64_t b) const { return Bool((a < b) & (a != kNat)); }
};
struct LessEqual {
  Bool operator()(int64_t a, int64_t b) const { return Bool((a <= b) & (a != kNat)); }
};
struct Greater {
  Bool operator()(int64_t a, int64_t b) const { return Less{}(b, a); }
};
struct GreaterEqual {
  Bool operator()(int64_t a, int64_t b) const { return LessEqual{}(b, a); }
};
struct Maximum {
  int64_t operator()(int64_t a, int64_t b) const { return a == kNat || b == kNat ? kNat : a > b ? a : b; }
};
struct Minimum {
  int64_t operator()(int64_t a, int64_t b) const { return a < b ? a : b; }
};  // NaT is the smallest number
struct Fmax {
  int64_t operator()(int64_t a, int64_t b) const { return a > b ? a : b; }
};
struct Fmin {
  int64_t operator()(int64_t a, int64_t b) const { return a == kNat ? b : b == kNat || a < b ? a : b; }
};

const char* Clip(const LoopCall& call) {
  const int64_t *a = static_cast<const int64_t*>(call.in[0]), *low = static_cast<const int64_t*>(call.in[1]),
                *high = static_cast<const int64_t*>(call.in[2]);
  int64_t* r = static_cast<int64_t*>(call.out);
#pragma GCC ivdep
  for (int64_t i = 0; i < call.n; ++i) r[i] = Minimum{}(Maximum{}(a[i], low[i]), high[i]);
  return nullptr;
}

const char* CastUnit(const LoopCall& call) {
  const int64_t* a = static_cast<const int64_t*>(call.in[0]);
  int64_t* r = static_cast<int64_t*>(call.out);
  if (call.types[0].kind != call.result.kind) {
    std::memmove(r, a, static_cast<size_t>(call.n) * sizeof(int64_t));
    return nullptr;
  }
  const int64_t factor = UnitFactor(call.types[0].unit, call.result.unit);
  if (factor != 0) {
#pragma GCC ivdep
    for (int64_t i = 0; i < call.n; ++i) r[i] = MultiplyCount{}(a[i], factor);
  } else {
    for (int64_t i = 0; i < call.n; ++i) r[i] = ConvertDate(a[i], call.types[0], call.result);
  }
  return nullptr;
}

template <typename F>
void AddSame(LoopRows* rows, std::string_view op) {
  rows->Add({op, kMoment, kMoment, Binary<int64_t, F>});
  rows->Add({op, kSpan, kSpan, Binary<int64_t, F>});
}

}  // namespace

void AppendDates(LoopRows* rows) {
  rows->Add({"add", kMoment, kSpan, Binary<int64_t, Add>});
  rows->Add({"add", kSpan, kMoment, Binary<int64_t, Add>});
  rows->Add({"add", kSpan, kSpan, Binary<int64_t, Add>});
  rows->Add({"subtract", kMoment, kSpan, Binary<int64_t, Subtract>});
  AddSame<Subtract>(rows, "subtract");
  rows->Add({"multiply", kSpan, Kind::kInt64, Binary<int64_t, MultiplyCount>});
  rows->Add({"multiply", Kind::kInt64, kSpan, Binary<int64_t, CountMultiply>});
  rows->Add({"multiply", kSpan, Kind::kFloat64, BinaryOf<int64_t, double, MultiplyFactor>});
  rows->Add({"multiply", Kind::kFloat64, kSpan, BinaryOf<double, int64_t, MultiplyFactor>});
  rows->Add({"divide", kSpan, Kind::kInt64, Binary<int64_t, DivideCount>});
  rows->Add({"divide", kSpan, Kind::kFloat64, BinaryOf<int64_t, double, DivideFactor>});
  rows->Add({"divide", kSpan, kSpan, Binary<int64_t, Ratio>});
  rows->Add({"floor_divide", kSpan, Kind::kInt64, Binary<int64_t, DivideCount>});
  rows->Add({"floor_divide", kSpan, Kind::kFloat64, BinaryOf<int64_t, double, FloorDivideFactor>});
  rows->Add({"floor_divide", kSpan, kSpan, Binary<int64_t, WholeRatio>});
  rows->Add({"remainder", kSpan, kSpan, Binary<int64_t, Rest>});
  rows->Add({"negative", kSpan, kSpan, Unary<int64_t, Negative>});
  rows->Add({"positive", kSpan, kSpan, Unary<int64_t, Same>});
  rows->Add({"absolute", kSpan, kSpan, Unary<int64_t, Absolute>});
  rows->Add({"sign", kSpan, kSpan, Unary<int64_t, Sign>});
  for (const Kind kind : {kMoment, kSpan}) {
    rows->Add({"isnat", kind, kind, Unary<int64_t, IsNat>});
    rows->Add({"isnan", kind, kind, Unary<int64_t, IsNat>});
    rows->Add({"isfinite", kind, kind, Unary<int64_t, IsTime>});
    rows->Add({"isinf", kind, kind, Unary<int64_t, Never>});
    rows->Add({"nan_to_num", kind, kind, Unary<int64_t, Same>});
    rows->Add({"real", kind, kind, Unary<int64_t, Same>});
    rows->Add({"clip", kind, kind, Clip});
    rows->Add({"cast", kind, kMoment, CastUnit});
    rows->Add({"cast", kind, kSpan, CastUnit});
  }
  AddSame<Equal>(rows, "equal");
  AddSame<NotEqual>(rows, "not_equal");
  AddSame<Less>(rows, "less");
  AddSame<LessEqual>(rows, "less_equal");
  AddSame<Greater>(rows, "greater");
  AddSame<GreaterEqual>(rows, "greater_equal");
  AddSame<Maximum>(rows, "maximum");
  AddSame<Minimum>(rows, "minimum");
  AddSame<Fmax>(rows, "fmax");
  AddSame<Fmin>(rows, "fmin");
}

}  // namespace swath::kernels::SWATH_SIMD
