// sum, prod, mean, var, std, count_nonzero and their nan forms.
#include "swath/data/date_units.h"
#include "swath/kernels/array/reduce_families.h"
#include "swath/kernels/array/reduce_span.h"

namespace swath::kernels::SWATH_SIMD {
namespace {

template <typename T>
bool IsNan(T x) {
  return !(x == x);
}

// total + x with the rounding error kept (Neumaier 1974), so that a sum over many spans stays exact to a few units in
// the last place.
template <typename W>
void AddCompensated(W& total, W& compensation, W x) {
  if constexpr (std::is_floating_point_v<W>) {
    const W sum = total + x;
    const W error = std::fabs(total) >= std::fabs(x) ? (total - sum) + x : (x - sum) + total;
    // Infinities would leave NaN in the compensation.
    compensation += error == error ? error : W(0);
    total = sum;
  } else if constexpr (kIsComplex<W>) {
    using R = typename W::value_type;
    R re = total.real(), im = total.imag(), cre = compensation.real(), cim = compensation.imag();
    AddCompensated(re, cre, x.real());
    AddCompensated(im, cim, x.imag());
    total = W(re, im);
    compensation = W(cre, cim);
  } else {
    total = static_cast<W>(static_cast<Wrapping<W>>(total) + static_cast<Wrapping<W>>(x));
  }
}

template <typename W>
W PlainAdd(W a, W b) {
  if constexpr (std::is_integral_v<W>)
    return static_cast<W>(static_cast<Wrapping<W>>(a) + static_cast<Wrapping<W>>(b));
  else if constexpr (kIsComplex<W>)
    return W(a.real() + b.real(), a.imag() + b.imag());
  else
    return a + b;
}
template <typename W>
W PlainMultiply(W a, W b) {
  if constexpr (std::is_integral_v<W>)
    return static_cast<W>(static_cast<Wrapping<W>>(a) * static_cast<Wrapping<W>>(b));
  else if constexpr (kIsComplex<W>)
    return W(a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real());
  else
    return a * b;
}

template <typename T, bool kSkip, bool kCount>
struct Sum {
  using W = Wide<T>;
  static W* Total(const ReduceState& s) { return static_cast<W*>(s.part[0]); }
  static W* Compensation(const ReduceState& s) { return static_cast<W*>(s.part[1]); }
  static int64_t* Count(const ReduceState& s) { return static_cast<int64_t*>(s.part[2]); }

  static void Init(const ReduceState& s, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) {
      Total(s)[i] = Compensation(s)[i] = W(0);
      if (kCount) Count(s)[i] = 0;
    }
  }
  static void Span(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t, int64_t) {
    const T* x = static_cast<const T*>(data);
    AddCompensated(Total(s)[slot], Compensation(s)[slot], SumSpan<T, kSkip>(x, n));
    if constexpr (kCount) {
      int64_t seen = n;
      if constexpr (kSkip) {
        for (int64_t i = 0; i < n; ++i) seen -= IsNan(x[i]);
      }
      Count(s)[slot] += seen;
    }
  }
  static void Rows(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t) {
    const T* x = static_cast<const T*>(data);
    W* total = Total(s) + slot;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) {
      const W wide = W(x[i]);
      total[i] = PlainAdd(total[i], kSkip && IsNan(x[i]) ? W(0) : wide);
    }
    if constexpr (kCount) {
      int64_t* count = Count(s) + slot;
#pragma GCC ivdep
      for (int64_t i = 0; i < n; ++i) count[i] += kSkip && IsNan(x[i]) ? 0 : 1;
    }
  }
  static void Merge(const ReduceState& s, const ReduceState& o, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) {
      AddCompensated(Total(s)[i], Compensation(s)[i], Total(o)[i]);
      if (kCount) Count(s)[i] += Count(o)[i];
    }
  }
  static void Settle(const ReduceState& s, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) {
      Total(s)[i] = PlainAdd(Total(s)[i], Compensation(s)[i]);
      Compensation(s)[i] = W(0);
    }
  }
  static constexpr ReduceLoops Loops() {
    return {
        {DType(kKindOf<W>), DType(kKindOf<W>), swath::kInt64}, kCount ? 3 : 2, true, Init, Span, Rows, Merge, Settle};
  }
};

template <typename T, bool kSkip>
struct Prod {
  using W = Wide<T>;
  static W* Total(const ReduceState& s) { return static_cast<W*>(s.part[0]); }
  static void Init(const ReduceState& s, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) Total(s)[i] = W(1);
  }
  static W Factor(T x) { return kSkip && IsNan(x) ? W(1) : W(x); }
  static void Span(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t, int64_t) {
    const T* x = static_cast<const T*>(data);
    W lanes[8] = {W(1), W(1), W(1), W(1), W(1), W(1), W(1), W(1)};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
      for (int64_t l = 0; l < 8; ++l) lanes[l] = PlainMultiply(lanes[l], Factor(x[i + l]));
    }
    for (; i < n; ++i) lanes[0] = PlainMultiply(lanes[0], Factor(x[i]));
    for (int64_t l = 1; l < 8; ++l) lanes[0] = PlainMultiply(lanes[0], lanes[l]);
    Total(s)[slot] = PlainMultiply(Total(s)[slot], lanes[0]);
  }
  static void Rows(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t) {
    const T* x = static_cast<const T*>(data);
    W* total = Total(s) + slot;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) total[i] = PlainMultiply(total[i], Factor(x[i]));
  }
  static void Merge(const ReduceState& s, const ReduceState& o, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) Total(s)[i] = PlainMultiply(Total(s)[i], Total(o)[i]);
  }
  static constexpr ReduceLoops Loops() {
    return {{DType(kKindOf<W>), kFloat64, kFloat64}, 1, false, Init, Span, Rows, Merge, nullptr};
  }
};

// Count, mean and sum of squared deviations: exact merging by Chan, Golub and LeVeque (1979); within a span two passes
// in cache. The mean keeps its rounding error beside it: means of blocks that are large against their spread differ by
// little more than that error.
template <typename T, bool kSkip>
struct Spread {
  using W = Wide<T>;
  static int64_t* Count(const ReduceState& s) { return static_cast<int64_t*>(s.part[0]); }
  static W* Mean(const ReduceState& s) { return static_cast<W*>(s.part[1]); }
  static double* M2(const ReduceState& s) { return static_cast<double*>(s.part[2]); }
  static W* Low(const ReduceState& s) { return static_cast<W*>(s.part[3]); }
  static double Norm(W x) {
    if constexpr (kIsComplex<W>)
      return x.real() * x.real() + x.imag() * x.imag();
    else
      return x * x;
  }
  static void Init(const ReduceState& s, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) {
      Count(s)[i] = 0;
      Mean(s)[i] = Low(s)[i] = W(0);
      M2(s)[i] = 0;
    }
  }
  // mean += step, exactly.
  static void Move(W& mean, W& low, W step) {
    const W rest = low + step, moved = mean + rest;
    low = rest - (moved - mean);
    mean = moved;
  }
  static void Join(const ReduceState& s, int64_t slot, int64_t count, W mean, double m2, W low) {
    if (count == 0) return;
    const int64_t before = Count(s)[slot];
    Count(s)[slot] = before + count;
    M2(s)[slot] += m2;
    if (before == 0) {
      Mean(s)[slot] = mean;
      Low(s)[slot] = low;
      return;
    }
    const double weight = static_cast<double>(count) / static_cast<double>(before + count);
    const W delta = (mean - Mean(s)[slot]) + (low - Low(s)[slot]);
    M2(s)[slot] += Norm(delta) * static_cast<double>(before) * weight;
    Move(Mean(s)[slot], Low(s)[slot], delta * weight);
  }
  static void Span(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t, int64_t) {
    const T* x = static_cast<const T*>(data);
    int64_t count = n;
    if constexpr (kSkip) {
      for (int64_t i = 0; i < n; ++i) count -= IsNan(x[i]);
    }
    if (count == 0) return;
    const W mean = SumSpan<T, kSkip>(x, n) / static_cast<double>(count);
    double m2[8] = {};
    W rest[8] = {};
    const auto add = [&](int64_t l, T value) {
      const W deviation = W(value) - mean;
      const bool drop = kSkip && IsNan(value);
      m2[l] += drop ? 0.0 : Norm(deviation);
      rest[l] += drop ? W(0) : deviation;
    };
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
      for (int64_t l = 0; l < 8; ++l) add(l, x[i + l]);
    }
    for (; i < n; ++i) add(0, x[i]);
    const W low = (((rest[0] + rest[1]) + (rest[2] + rest[3])) + ((rest[4] + rest[5]) + (rest[6] + rest[7]))) /
                  static_cast<double>(count);
    const double squares = ((m2[0] + m2[1]) + (m2[2] + m2[3])) + ((m2[4] + m2[5]) + (m2[6] + m2[7]));
    Join(s, slot, count, mean, squares - Norm(low) * static_cast<double>(count), low);
  }
  static void Rows(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t) {
    const T* x = static_cast<const T*>(data);
    int64_t* count = Count(s) + slot;
    W* mean = Mean(s) + slot;
    W* low = Low(s) + slot;
    double* m2 = M2(s) + slot;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) {
      if (kSkip && IsNan(x[i])) continue;
      count[i] += 1;
      const double share = 1.0 / static_cast<double>(count[i]);
      const W delta = (W(x[i]) - mean[i]) - low[i];
      m2[i] += Norm(delta) * (1.0 - share);
      Move(mean[i], low[i], delta * share);
    }
  }
  static void Merge(const ReduceState& s, const ReduceState& o, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) Join(s, i, Count(o)[i], Mean(o)[i], M2(o)[i], Low(o)[i]);
  }
  static constexpr ReduceLoops Loops() {
    return {{swath::kInt64, DType(kKindOf<W>), swath::kFloat64, DType(kKindOf<W>)},
            4,
            false,
            Init,
            Span,
            Rows,
            Merge,
            nullptr};
  }
};

template <typename T>
struct CountNonzero {
  static int64_t* Count(const ReduceState& s) { return static_cast<int64_t*>(s.part[0]); }
  static void Init(const ReduceState& s, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) Count(s)[i] = 0;
  }
  static void Span(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t, int64_t) {
    const T* x = static_cast<const T*>(data);
    int64_t seen = 0;
    for (int64_t i = 0; i < n; ++i) seen += x[i] != T(0);
    Count(s)[slot] += seen;
  }
  static void Rows(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t) {
    const T* x = static_cast<const T*>(data);
    int64_t* count = Count(s) + slot;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) count[i] += x[i] != T(0);
  }
  static void Merge(const ReduceState& s, const ReduceState& o, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) Count(s)[i] += Count(o)[i];
  }
  static constexpr ReduceLoops Loops() {
    return {{swath::kInt64, kFloat64, kFloat64}, 1, false, Init, Span, Rows, Merge, nullptr};
  }
};

// Sums of spans of time: NaT absorbs.
template <bool kCount>
struct SpanSum {
  static int64_t* Part(const ReduceState& s, int part) { return static_cast<int64_t*>(s.part[part]); }
  static void Init(const ReduceState& s, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) {
      Part(s, 0)[i] = Part(s, 1)[i] = 0;
      if (kCount) Part(s, 2)[i] = 0;
    }
  }
  static void AddOne(const ReduceState& s, int64_t slot, int64_t x, int64_t count) {
    int64_t& total = Part(s, 0)[slot];
    total = total == kNotATime || x == kNotATime ? kNotATime : PlainAdd(total, x);
    if (kCount) Part(s, 2)[slot] += count;
  }
  static void Span(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; ++i) AddOne(s, slot, static_cast<const int64_t*>(data)[i], 1);
  }
  static void Rows(const ReduceState& s, int64_t slot, const void* data, int64_t n, int64_t) {
    for (int64_t i = 0; i < n; ++i) AddOne(s, slot + i, static_cast<const int64_t*>(data)[i], 1);
  }
  static void Merge(const ReduceState& s, const ReduceState& o, int64_t slots) {
    for (int64_t i = 0; i < slots; ++i) AddOne(s, i, Part(o, 0)[i], kCount ? Part(o, 2)[i] : 0);
  }
  static void Settle(const ReduceState&, int64_t) {}
  static constexpr ReduceLoops Loops() {
    return {{swath::kInt64, swath::kInt64, swath::kInt64}, kCount ? 3 : 2, true, Init, Span, Rows, Merge, Settle};
  }
};

template <typename T>
void AddSums(ReduceRows* rows) {
  constexpr bool kNan = std::is_floating_point_v<T> || kIsComplex<T>;
  constexpr Kind kind = kKindOf<T>;
  rows->Add("sum", kind, Sum<T, false, false>::Loops());
  rows->Add("nansum", kind, Sum<T, kNan, false>::Loops());
  rows->Add("mean", kind, Sum<T, false, true>::Loops());
  rows->Add("nanmean", kind, Sum<T, kNan, true>::Loops());
  rows->Add("prod", kind, Prod<T, false>::Loops());
  rows->Add("nanprod", kind, Prod<T, kNan>::Loops());
  rows->Add("count_nonzero", kind, CountNonzero<T>::Loops());
  if constexpr (kNan) {
    for (const std::string_view name : {"var", "std"}) rows->Add(name, kind, Spread<T, false>::Loops());
    for (const std::string_view name : {"nanvar", "nanstd"}) rows->Add(name, kind, Spread<T, true>::Loops());
  }
}
template <typename... Ts>
void AddAllSums(ReduceRows* rows, Types<Ts...>) {
  (AddSums<Ts>(rows), ...);
}

}  // namespace

void AppendSums(ReduceRows* rows) {
  AddAllSums(rows, RealTypes{});
  AddAllSums(rows, ComplexTypes{});
  rows->Add("count_nonzero", Kind::kBool, CountNonzero<Bool>::Loops());
  rows->Add("count_nonzero", Kind::kDateTime64, CountNonzero<int64_t>::Loops());
  rows->Add("count_nonzero", Kind::kTimeDelta64, CountNonzero<int64_t>::Loops());
  rows->Add("sum", Kind::kTimeDelta64, SpanSum<false>::Loops());
  // NumPy's nan forms know no NaT.
  rows->Add("nansum", Kind::kTimeDelta64, SpanSum<false>::Loops());
  rows->Add("mean", Kind::kTimeDelta64, SpanSum<true>::Loops());
  rows->Add("nanmean", Kind::kTimeDelta64, SpanSum<true>::Loops());
}

}  // namespace swath::kernels::SWATH_SIMD
