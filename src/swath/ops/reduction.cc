#include "swath/ops/reduction.h"

#include <algorithm>

namespace swath::ops {
namespace {

constexpr ReductionOp kReductions[] = {
    // name, has_identity, skips_nan, takes_ddof, gives_index, takes_dtype
    {"sum", true, false, false, false, true, "the sum; bools and small integers in 64 bits"},
    {"prod", true, false, false, false, true, "the product; bools and small integers in 64 bits"},
    {"min", false, false, false, false, false, "the smallest; NaN wins"},
    {"max", false, false, false, false, false, "the largest; NaN wins"},
    {"any", true, false, false, false, false, "is any element true?"},
    {"all", true, false, false, false, false, "are all elements true?"},
    {"mean", true, false, false, false, true, "the arithmetic mean; integers in float64; NaN of nothing"},
    {"var", true, false, true, false, true, "the variance: mean of |x - mean|**2, divided by count - ddof"},
    {"std", true, false, true, false, true, "the square root of the variance"},
    {"argmin", false, false, false, true, false,
     "the index of the first smallest element; of the first NaN when there is one"},
    {"argmax", false, false, false, true, false,
     "the index of the first largest element; of the first NaN when there is one"},
    {"count_nonzero", true, false, false, false, false, "how many elements are not 0"},
    {"nansum", true, true, false, false, true, "the sum, NaN taken as 0"},
    {"nanprod", true, true, false, false, true, "the product, NaN taken as 1"},
    {"nanmin", false, true, false, false, false, "the smallest that is not NaN; NaN when all are"},
    {"nanmax", false, true, false, false, false, "the largest that is not NaN; NaN when all are"},
    {"nanmean", true, true, false, false, true, "the mean of what is not NaN"},
    {"nanvar", true, true, true, false, true, "the variance of what is not NaN"},
    {"nanstd", true, true, true, false, true, "the standard deviation of what is not NaN"},
    {"nanargmin", false, true, false, true, false,
     "the index of the first smallest element that is not NaN; an error when all are"},
    {"nanargmax", false, true, false, true, false,
     "the index of the first largest element that is not NaN; an error when all are"},
};

std::string_view BaseName(const ReductionOp& op) { return op.skips_nan ? op.name.substr(3) : op.name; }

Status NotReducible(const ReductionOp& op, const DType& in) {
  const std::string text = "dtype('" + in.ToString() + "')";
  if (in.kind == Kind::kDateTime64)
    return Status::TypeError("ufunc 'add' cannot use operands with types ", text, " and ", text);
  return Status::TypeError("cannot compute the ", op.name, " of ", text, "; accepted are bool, numbers",
                           op.takes_ddof ? "" : " and timedelta64");
}

DType WideInteger(const DType& in) { return in.is_unsigned() ? kUInt64 : kInt64; }

Result<ReductionTypes> ResolveSum(const ReductionOp& op, const DType& in, std::optional<DType> requested) {
  const bool product = BaseName(op) == "prod";
  if (in.is_string() || in.kind == Kind::kDateTime64 || (product && in.is_date())) return NotReducible(op, in);
  DType type = requested.value_or(in.is_bool() || in.is_integer() ? WideInteger(in) : in);
  if (type.is_string() || type.kind == Kind::kDateTime64) return NotReducible(op, type);
  return ReductionTypes{type, type, type};
}

Result<ReductionTypes> ResolveMean(const ReductionOp& op, const DType& in, std::optional<DType> requested) {
  const bool spread = op.takes_ddof;
  if (in.is_string() || in.kind == Kind::kDateTime64 || (spread && in.is_date())) return NotReducible(op, in);
  DType type = requested.value_or(in.is_bool() || in.is_integer() ? kFloat64 : in);
  if (type.is_string() || type.kind == Kind::kDateTime64 || (spread && type.is_date())) return NotReducible(op, type);
  // numpy.mean(x, dtype=int) divides the integer sum and casts back.
  if (spread && (type.is_bool() || type.is_integer())) {
    return ReductionTypes{kFloat64, kFloat64, kFloat64};
  }
  DType result = type;
  if (spread && type.is_complex()) result = type == kComplex64 ? kFloat32 : kFloat64;
  return ReductionTypes{type, type, result};
}

}  // namespace

std::span<const ReductionOp> ReductionOps() { return kReductions; }

Result<const ReductionOp*> FindReduction(std::string_view name) {
  if (name == "amin") name = "min";
  if (name == "amax") name = "max";
  for (const ReductionOp& op : kReductions) {
    if (op.name == name) return &op;
  }
  return Status::KeyError("no reduction '", name, "'; see ops/reduction.cc for the list");
}

Result<ReductionTypes> ResolveReduction(const ReductionOp& op, const DType& in, std::optional<DType> requested) {
  if (requested && !op.takes_dtype) return Status::TypeError(op.name, "() takes no dtype");
  const std::string_view name = BaseName(op);
  if (name == "sum" || name == "prod") return ResolveSum(op, in, requested);
  if (name == "mean" || name == "var" || name == "std") return ResolveMean(op, in, requested);
  if (in.is_string()) {
    if (name == "min" || name == "max") {
      return Status::TypeError("ufunc '", name == "min" ? "minimum" : "maximum",
                               "' did not contain a loop with signature matching types (dtype('", in.ToString(),
                               "'), dtype('", in.ToString(), "')) -> None");
    }
    return NotReducible(op, in);
  }
  if (name == "min" || name == "max") return ReductionTypes{in, in, in};
  if (name == "argmin" || name == "argmax") return ReductionTypes{in, in, kInt64};
  if (name == "count_nonzero") return ReductionTypes{in, kInt64, kInt64};
  return ReductionTypes{in, kBool, kBool};  // any, all
}

Status CheckReductionShape(const ReductionOp& op, std::span<const int64_t> shape, std::span<const int32_t> axes) {
  if (op.has_identity) return Status::OK();
  const bool empty = std::any_of(axes.begin(), axes.end(), [&](int32_t axis) { return shape[axis] == 0; });
  if (!empty) return Status::OK();
  if (op.gives_index) return Status::Invalid("attempt to get ", BaseName(op), " of an empty sequence");
  const std::string_view name = BaseName(op);
  return Status::Invalid("zero-size array to reduction operation ",
                         name == "min" ? (op.skips_nan ? "fmin" : "minimum") : (op.skips_nan ? "fmax" : "maximum"),
                         " which has no identity");
}

std::string CombineParams::ToString() const {
  std::string text = "combine(" + std::string(reduction);
  if (finish) text += ", finish -> " + result.ToString();
  return text + ")";
}

}  // namespace swath::ops
