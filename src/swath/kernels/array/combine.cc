// array.combine: merges partials (partial.h) and finishes them. The inputs are few and already reduced, so that plain
// loops do.
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

#include "swath/kernels/array/block_kernels.h"
#include "swath/kernels/array/kind_types.h"
#include "swath/kernels/array/partial.h"
#include "swath/kernels/array/strided.h"
#include "swath/ops/reduction.h"

namespace swath::kernels {
namespace {

template <typename T>
bool Less(const T& a, const T& b) {
  if constexpr (kIsComplex<T>)
    return a.real() < b.real() || (a.real() == b.real() && a.imag() < b.imag());
  else
    return a < b;
}

struct Merge {
  std::string_view base;  // without "nan"
  bool skips_nan = false;
  bool is_date = false;
};

constexpr int64_t kNaT = std::numeric_limits<int64_t>::min();

// Does `value` stand for "missing" in an order (NaN, NaT)?
template <typename T>
bool IsMissing(const T& value, bool is_date) {
  if constexpr (std::is_same_v<T, int64_t>)
    return is_date && value == kNaT;
  else
    return IsNan(value);
}

template <typename T>
T Better(const Merge& merge, const T& a, const T& b) {
  if (IsMissing(a, merge.is_date)) return merge.skips_nan ? b : a;
  if (IsMissing(b, merge.is_date)) return merge.skips_nan ? a : b;
  return merge.base == "min" ? (Less(b, a) ? b : a) : (Less(a, b) ? b : a);
}

template <typename T>
void MergePlain(const Merge& merge, const T* from, T* into, int64_t count) {
  if (merge.base == "min" || merge.base == "max") {
    for (int64_t i = 0; i < count; ++i) into[i] = Better(merge, into[i], from[i]);
  } else if (merge.base == "prod") {
    for (int64_t i = 0; i < count; ++i) into[i] = static_cast<T>(into[i] * from[i]);
  } else if (merge.base == "any" || merge.base == "all") {
    if constexpr (std::is_same_v<T, uint8_t>) {
      for (int64_t i = 0; i < count; ++i) into[i] = merge.base == "any" ? into[i] | from[i] : into[i] & from[i];
    }
  } else if constexpr (std::is_same_v<T, int64_t>) {
    for (int64_t i = 0; i < count; ++i) {
      const bool missing = merge.is_date && (into[i] == kNaT || from[i] == kNaT);
      into[i] = missing ? kNaT : static_cast<int64_t>(static_cast<uint64_t>(into[i]) + static_cast<uint64_t>(from[i]));
    }
  } else {
    for (int64_t i = 0; i < count; ++i) into[i] = static_cast<T>(into[i] + from[i]);
  }
}

// Chan, Golub, LeVeque (1979): the pairwise update of count, mean and Σ|x - mean|². The mean is kept with its rounding
// error.
template <typename T>
struct SpreadParts {
  using Real = std::conditional_t<std::is_same_v<T, float> || std::is_same_v<T, std::complex<float>>, float, double>;
  int64_t* count;
  T* mean;
  Real* m2;
  T* low;

  explicit SpreadParts(const std::vector<Chunk>& parts)
      : count(At<int64_t>(parts[0])), mean(At<T>(parts[1])), m2(At<Real>(parts[2])), low(At<T>(parts[3])) {}
  // Of the partial that is read nothing is written.
  template <typename U>
  static U* At(const Chunk& chunk) {
    return const_cast<U*>(chunk.data_as<U>());
  }
};

template <typename T>
void MergeSpread(const SpreadParts<T>& from, const SpreadParts<T>& into, int64_t n) {
  using Real = typename SpreadParts<T>::Real;
  for (int64_t i = 0; i < n; ++i) {
    if (from.count[i] == 0) continue;
    const int64_t before = into.count[i], total = before + from.count[i];
    into.count[i] = total;
    into.m2[i] += from.m2[i];
    if (before == 0) {
      into.mean[i] = from.mean[i];
      into.low[i] = from.low[i];
      continue;
    }
    const T delta = (from.mean[i] - into.mean[i]) + (from.low[i] - into.low[i]);
    const Real share = static_cast<Real>(from.count[i]) / static_cast<Real>(total);
    into.m2[i] += static_cast<Real>(std::norm(delta)) * static_cast<Real>(before) * share;
    const T rest = into.low[i] + delta * share, moved = into.mean[i] + rest;
    into.low[i] = rest - (moved - into.mean[i]);
    into.mean[i] = moved;
  }
}

template <typename T>
void MergeIndex(const Merge& merge, const T* from, const int64_t* from_index, T* into, int64_t* index, int64_t n) {
  const bool least = merge.base == "argmin";
  for (int64_t i = 0; i < n; ++i) {
    if (from_index[i] < 0) continue;
    bool take = index[i] < 0;
    if (!take) {
      const bool missing = IsMissing(into[i], merge.is_date), from_missing = IsMissing(from[i], merge.is_date);
      if (missing || from_missing) {  // the first NaN wins (nan… partials hold none)
        take = from_missing && (!missing || from_index[i] < index[i]);
      } else if (Less(from[i], into[i]) || Less(into[i], from[i])) {
        take = least ? Less(from[i], into[i]) : Less(into[i], from[i]);
      } else {
        take = from_index[i] < index[i];
      }
    }
    if (!take) continue;
    into[i] = from[i];
    index[i] = from_index[i];
  }
}

// A partial as a list of contiguous chunks; halves widened to floats.
Result<std::vector<Chunk>> Parts(const Value& value, PartialForm form, arrow::MemoryPool* pool) {
  std::vector<Chunk> parts;
  const auto add = [&](const Chunk& chunk) -> Status {
    const DType wide = chunk.dtype().kind == Kind::kFloat16 ? kFloat32 : chunk.dtype();
    ASSIGN_OR_RETURN(Chunk part, ToContiguousOf(chunk, wide, pool));
    parts.push_back(std::move(part));
    return Status::OK();
  };
  if (const Chunk* chunk = value.chunk()) {
    RETURN_IF_ERROR(add(*chunk));
  } else {
    CHECK(value.pieces());
    for (const Value& piece : value.pieces()->values) RETURN_IF_ERROR(add(*piece.chunk()));
  }
  if (form == PartialForm::kSpread && parts.size() == 3) {
    ASSIGN_OR_RETURN(Chunk low, Chunk::Allocate(parts[1].dtype(), parts[1].shape(), pool));
    std::fill_n(low.mutable_data(), low.nbytes(), uint8_t{0});
    parts.push_back(std::move(low));
  }
  return parts;
}

Result<Chunk> Copy(const Chunk& chunk, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(Chunk copy, Chunk::Allocate(chunk.dtype(), chunk.shape(), pool));
  if (chunk.nbytes() > 0) std::copy_n(chunk.data(), chunk.nbytes(), copy.mutable_data());
  return copy;
}

Status MergeInto(PartialForm form, const Merge& merge, const std::vector<Chunk>& from, std::vector<Chunk>* into) {
  if (from.size() != into->size() || from[0].size() != (*into)[0].size()) {
    return Status::UnknownError("partials of one reduction differ in shape");
  }
  const int64_t n = from[0].size();
  if (n == 0) return Status::OK();
  std::vector<Chunk>& to = *into;
  switch (form) {
    case PartialForm::kPlain:
      return DispatchKind(to[0].dtype().kind, [&]<typename T>(T*) {
        MergePlain<T>(merge, from[0].data_as<T>(), to[0].mutable_data_as<T>(), n);
        return Status::OK();
      });
    case PartialForm::kMean:
      for (int64_t i = 0; i < n; ++i) to[1].mutable_data_as<int64_t>()[i] += from[1].data_as<int64_t>()[i];
      return DispatchKind(to[0].dtype().kind, [&]<typename T>(T*) {
        MergePlain<T>({.base = "sum", .is_date = merge.is_date}, from[0].data_as<T>(), to[0].mutable_data_as<T>(), n);
        return Status::OK();
      });
    case PartialForm::kSpread:
      return DispatchKind(to[1].dtype().kind, [&]<typename T>(T*) {
        if constexpr (std::is_floating_point_v<T> || kIsComplex<T>)
          MergeSpread<T>(SpreadParts<T>(from), SpreadParts<T>(to), n);
        return Status::OK();
      });
    default:
      return DispatchKind(to[0].dtype().kind, [&]<typename T>(T*) {
        MergeIndex<T>(merge, from[0].data_as<T>(), from[1].data_as<int64_t>(), to[0].mutable_data_as<T>(),
                      to[1].mutable_data_as<int64_t>(), n);
        return Status::OK();
      });
  }
}

// total / count in the accumulator's dtype: floats and complex divide, integers and dates as NumPy's true_divide cast
// back.
Status FinishMean(const Chunk& total, const Chunk& count, bool is_date, Chunk* out) {
  const int64_t* counts = count.data_as<int64_t>();
  return DispatchKind(total.dtype().kind, [&]<typename T>(T*) {
    const T* sums = total.data_as<T>();
    T* means = out->mutable_data_as<T>();
    for (int64_t i = 0; i < total.size(); ++i) {
      if constexpr (std::is_floating_point_v<T> || kIsComplex<T>) {
        means[i] = sums[i] / static_cast<decltype(std::real(T{}))>(counts[i]);
      } else {
        const double mean = static_cast<double>(sums[i]) / static_cast<double>(counts[i]);
        const bool missing = counts[i] == 0 || IsMissing(sums[i], is_date);
        means[i] = missing ? static_cast<T>(is_date ? kNaT : 0) : static_cast<T>(mean);
      }
    }
    return Status::OK();
  });
}

// As NumPy divides: by max(count - ddof, 0), so 0 degrees of freedom give NaN or inf; the nan forms give NaN.
template <typename Real>
void FinishSpread(const int64_t* count, const Real* m2, const ops::CombineParams& p, Real* out, int64_t n) {
  const bool root = p.reduction.ends_with("std"), skips_nan = p.reduction.starts_with("nan");
  for (int64_t i = 0; i < n; ++i) {
    const int64_t freedom = std::max<int64_t>(count[i] - p.ddof, 0);
    const Real variance =
        freedom == 0 && skips_nan ? std::numeric_limits<Real>::quiet_NaN() : m2[i] / static_cast<Real>(freedom);
    out[i] = root ? std::sqrt(variance) : variance;
  }
}

Result<Chunk> FinishParts(const ops::CombineParams& p, PartialForm form, bool is_date, std::vector<Chunk> parts,
                          arrow::MemoryPool* pool) {
  switch (form) {
    case PartialForm::kPlain:
      return parts[0];
    case PartialForm::kMean: {
      ASSIGN_OR_RETURN(Chunk mean, Chunk::Allocate(parts[0].dtype(), parts[0].shape(), pool));
      RETURN_IF_ERROR(FinishMean(parts[0], parts[1], is_date, &mean));
      return mean;
    }
    case PartialForm::kSpread: {
      ASSIGN_OR_RETURN(Chunk spread, Chunk::Allocate(parts[2].dtype(), parts[2].shape(), pool));
      const int64_t n = spread.size();
      if (spread.dtype().kind == Kind::kFloat32) {
        FinishSpread(parts[0].data_as<int64_t>(), parts[2].data_as<float>(), p, spread.mutable_data_as<float>(), n);
      } else {
        CHECK(spread.dtype().kind == Kind::kFloat64);
        FinishSpread(parts[0].data_as<int64_t>(), parts[2].data_as<double>(), p, spread.mutable_data_as<double>(), n);
      }
      return spread;
    }
    default: {
      const int64_t* index = parts[1].data_as<int64_t>();
      for (int64_t i = 0; i < parts[1].size(); ++i) {
        if (index[i] < 0) return Status::Invalid("All-NaN slice encountered");
      }
      return parts[1];
    }
  }
}

Result<Value> Combine(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& p = static_cast<const ops::CombineParams&>(params);
  CHECK(!inputs.empty());
  const PartialForm form = PartialFormOf(p.reduction);
  Merge merge{.base = p.reduction, .skips_nan = p.reduction.starts_with("nan"), .is_date = p.accumulator.is_date()};
  if (merge.skips_nan) merge.base.remove_prefix(3);

  ASSIGN_OR_RETURN(std::vector<Chunk> parts, Parts(inputs[0], form, context.memory_pool));
  if (inputs.size() > 1) {  // never write into an input
    for (Chunk& part : parts) {
      ASSIGN_OR_RETURN(part, Copy(part, context.memory_pool));
    }
  }
  for (const Value& input : inputs.subspan(1)) {
    ASSIGN_OR_RETURN(const std::vector<Chunk> from, Parts(input, form, context.memory_pool));
    RETURN_IF_ERROR(MergeInto(form, merge, from, &parts));
    RETURN_IF_ERROR(context.CheckCancelled());
  }
  if (!p.finish) {
    if (parts.size() == 1) return parts[0];
    Pieces pieces;
    for (Chunk& part : parts) pieces.values.emplace_back(std::move(part));
    return pieces;
  }
  ASSIGN_OR_RETURN(Chunk finished, FinishParts(p, form, merge.is_date, std::move(parts), context.memory_pool));
  ASSIGN_OR_RETURN(finished, ToContiguousOf(finished, p.result, context.memory_pool));
  if (p.keepdims) return finished;
  Shape shape;
  for (int32_t axis = 0; axis < finished.ndim(); ++axis) {
    if (std::find(p.axes.begin(), p.axes.end(), axis) == p.axes.end()) shape.push_back(finished.shape()[axis]);
  }
  return finished.Reshape(std::move(shape));
}

constexpr KernelEntry kKernels[] = {{ops::CombineParams::kOp, Combine}};

}  // namespace

std::span<const KernelEntry> CombineKernels() { return kKernels; }

}  // namespace swath::kernels
