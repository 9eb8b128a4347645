// Arithmetic where NumPy and Arrow differ, comparisons and logic without nulls.
#include <cmath>
#include <limits>

#include "arrow/array.h"
#include "arrow/array/data.h"
#include "arrow/buffer.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/kernels/frame/column_function.h"
#include "swath/kernels/frame/physical.h"

namespace swath::kernels {
namespace {

struct FloorDivide {
  static double Of(double a, double b) {
    if (b == 0) return a / b;
    return std::floor(a / b);
  }
  static int64_t Of(int64_t a, int64_t b) {
    if (b == 0) return 0;
    if (b == -1) return static_cast<int64_t>(0 - static_cast<uint64_t>(a));  // the lowest integer wraps
    const int64_t quotient = a / b;
    return quotient - ((a % b != 0) && ((a < 0) != (b < 0)));
  }
  static uint64_t Of(uint64_t a, uint64_t b) { return b == 0 ? 0 : a / b; }
};

struct Modulo {
  static double Of(double a, double b) {
    if (b == 0) return std::numeric_limits<double>::quiet_NaN();
    const double rest = std::fmod(a, b);
    if (rest == 0) return std::copysign(0.0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
  }
  static int64_t Of(int64_t a, int64_t b) {
    if (b == 0 || b == -1) return 0;
    const int64_t rest = a % b;
    return rest != 0 && ((rest < 0) != (b < 0)) ? rest + b : rest;
  }
  static uint64_t Of(uint64_t a, uint64_t b) { return b == 0 ? 0 : a % b; }
};

struct Power {
  static double Of(double a, double b) { return std::pow(a, b); }
  static uint64_t Of(uint64_t base, uint64_t exponent) {
    uint64_t result = 1;
    for (; exponent > 0; exponent >>= 1, base *= base) {
      if (exponent & 1) result *= base;
    }
    return result;
  }
  static int64_t Of(int64_t base, int64_t exponent) {
    return static_cast<int64_t>(Of(static_cast<uint64_t>(base), static_cast<uint64_t>(exponent)));
  }
};

template <typename Op, typename T>
Result<std::shared_ptr<arrow::Array>> Loop(const PhysicalColumn& a, const PhysicalColumn& b,
                                           const std::shared_ptr<arrow::DataType>& type, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(a.length * 8, pool));
  auto* out = buffer->mutable_data_as<T>();
  std::vector<uint8_t> valid;
  if (a.null_count + b.null_count > 0) valid.resize(static_cast<size_t>(a.length));
  for (int64_t i = 0; i < a.length; ++i) {
    if (!valid.empty()) valid[static_cast<size_t>(i)] = a.IsValid(i) && b.IsValid(i);
    const bool skip = !valid.empty() && !valid[static_cast<size_t>(i)];
    if constexpr (std::is_same_v<Op, Power>) {  // missing ** 0 and 1 ** missing are 1, as in pandas
      if (skip && ((b.IsValid(i) && b.as<T>()[i] == T{0}) || (a.IsValid(i) && a.as<T>()[i] == T{1}))) {
        valid[static_cast<size_t>(i)] = 1;
        out[i] = T{1};
        continue;
      }
    }
    const T exponent = skip ? T{0} : b.as<T>()[i];
    if constexpr (std::is_same_v<Op, Power> && std::is_same_v<T, int64_t>) {
      if (exponent < 0) return Status::Invalid("Integers to negative integer powers are not allowed.");
    }
    out[i] = skip ? T{0} : Op::Of(a.as<T>()[i], exponent);
  }
  const uint8_t* mask = valid.empty() ? nullptr : valid.data();
  if constexpr (std::is_same_v<T, double>) return FromDoubles(type, out, mask, a.length, pool);
  return FromInts(type, reinterpret_cast<const int64_t*>(out), mask, a.length, pool);
}

// In the class of the (common) type of both arguments, and back to that type.
template <typename Op>
Result<arrow::Datum> Arithmetic(const ColumnCall& call) {
  const auto type = call[0].type();
  ASSIGN_OR_RETURN(const ValueClass value_class, ValueClassOf(*type));
  const auto wide = value_class == ValueClass::kDouble ? arrow::float64()
                    : value_class == ValueClass::kUInt ? arrow::uint64()
                                                       : arrow::int64();
  if (value_class == ValueClass::kText) return Status::TypeError("numbers are needed, not ", type->ToString());
  arrow::MemoryPool* pool = call.context->memory_pool();
  PhysicalColumn sides[2];
  for (size_t i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(auto array, call.Array(i));
    if (arrow::is_temporal(array->type_id()) == false && !array->type()->Equals(*wide)) {
      ASSIGN_OR_RETURN(const arrow::Datum cast, call.CastTo(array, wide));
      array = cast.make_array();
    }
    ASSIGN_OR_RETURN(sides[i], ToPhysical(array, pool));
  }
  std::shared_ptr<arrow::Array> result;
  if (value_class == ValueClass::kDouble) {
    ASSIGN_OR_RETURN(result, (Loop<Op, double>(sides[0], sides[1], type, pool)));
  } else if (value_class == ValueClass::kUInt) {
    ASSIGN_OR_RETURN(result, (Loop<Op, uint64_t>(sides[0], sides[1], type, pool)));
  } else {
    ASSIGN_OR_RETURN(result, (Loop<Op, int64_t>(sides[0], sides[1], type, pool)));
  }
  return arrow::Datum(result);
}

// As NumPy: scaled by a power of ten and rounded half to even.
Result<arrow::Datum> Round(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const int64_t decimals, call.Int(1));
  const auto type = call[0].type();
  ASSIGN_OR_RETURN(const auto array, call.Array(0));
  if (!arrow::is_floating(type->id())) {
    const arrow::compute::RoundOptions options(decimals, arrow::compute::RoundMode::HALF_TO_EVEN);
    return call.Run("round", {array}, &options);
  }
  arrow::MemoryPool* pool = call.context->memory_pool();
  ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(array, pool));
  const double scale = std::pow(10.0, static_cast<double>(std::abs(decimals)));
  std::vector<double> rounded(static_cast<size_t>(column.length));
  std::vector<uint8_t> valid(rounded.size());
  for (int64_t i = 0; i < column.length; ++i) {
    const auto at = static_cast<size_t>(i);
    valid[at] = column.IsValid(i);
    const double x = column.as<double>()[i];
    const double scaled = decimals >= 0 ? x * scale : x / scale;
    if (!std::isfinite(scaled)) {
      rounded[at] = x;
    } else {
      rounded[at] = decimals >= 0 ? std::nearbyint(scaled) / scale : std::nearbyint(scaled) * scale;
    }
  }
  const uint8_t* mask = column.null_count > 0 ? valid.data() : nullptr;
  ASSIGN_OR_RETURN(auto result, FromDoubles(type, rounded.data(), mask, column.length, pool));
  return arrow::Datum(result);
}

constexpr char kEqual[] = "equal", kNotEqual[] = "not_equal", kLess[] = "less", kLessEqual[] = "less_equal",
               kGreater[] = "greater", kGreaterEqual[] = "greater_equal";

template <const char* kFunction, bool kMissing>
Result<arrow::Datum> Compare(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const arrow::Datum result, call.Run(kFunction, {call[0], call[1]}));
  return call.WithoutNulls(result, kMissing);
}

constexpr char kAnd[] = "and", kOr[] = "or", kXor[] = "xor", kBitAnd[] = "bit_wise_and", kBitOr[] = "bit_wise_or",
               kBitXor[] = "bit_wise_xor";

template <const char* kBools, const char* kInts>
Result<arrow::Datum> Logic(const ColumnCall& call) {
  if (call[0].type()->id() != arrow::Type::BOOL) return call.Run(kInts, {call[0], call[1]});
  ASSIGN_OR_RETURN(const arrow::Datum a, call.WithoutNulls(call[0]));
  ASSIGN_OR_RETURN(const arrow::Datum b, call.WithoutNulls(call[1]));
  return call.Run(kBools, {a, b});
}

Result<arrow::Datum> Invert(const ColumnCall& call) {
  if (call[0].type()->id() != arrow::Type::BOOL) return call.Run("bit_wise_not", {call[0]});
  ASSIGN_OR_RETURN(const arrow::Datum a, call.WithoutNulls(call[0]));
  return call.Run("invert", {a});
}

constexpr TableFunction kFunctions[] = {
    {"floordiv", 2, ResultType::kFirst, Arithmetic<FloorDivide>},
    {"mod", 2, ResultType::kFirst, Arithmetic<Modulo>},
    {"pow", 2, ResultType::kFirst, Arithmetic<Power>},
    {"round", 2, ResultType::kFirst, Round},
    {"eq", 2, ResultType::kBool, Compare<kEqual, false>},
    {"ne", 2, ResultType::kBool, Compare<kNotEqual, true>},
    {"lt", 2, ResultType::kBool, Compare<kLess, false>},
    {"le", 2, ResultType::kBool, Compare<kLessEqual, false>},
    {"gt", 2, ResultType::kBool, Compare<kGreater, false>},
    {"ge", 2, ResultType::kBool, Compare<kGreaterEqual, false>},
    {"and", 2, ResultType::kFirst, Logic<kAnd, kBitAnd>},
    {"or", 2, ResultType::kFirst, Logic<kOr, kBitOr>},
    {"xor", 2, ResultType::kFirst, Logic<kXor, kBitXor>},
    {"invert", 1, ResultType::kFirst, Invert},
};

}  // namespace

std::span<const TableFunction> NumberFunctions() { return kFunctions; }

}  // namespace swath::kernels
