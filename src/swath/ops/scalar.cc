#include "swath/ops/scalar.h"

#include <bit>
#include <cmath>
#include <limits>

#include "swath/data/date_units.h"
#include "swath/data/float16.h"

namespace swath::ops {
namespace {

std::string FloatText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[40];
  for (int digits = 1; digits <= 17; ++digits) {  // the shortest text that reads back as the same number
    snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (strtod(buffer, nullptr) == value) break;
  }
  return buffer;
}

int64_t WrapTo(int64_t value, const DType& to) {
  switch (to.kind) {
    case Kind::kInt8:
      return static_cast<int8_t>(value);
    case Kind::kInt16:
      return static_cast<int16_t>(value);
    case Kind::kInt32:
      return static_cast<int32_t>(value);
    case Kind::kUInt8:
      return static_cast<uint8_t>(value);
    case Kind::kUInt16:
      return static_cast<uint16_t>(value);
    case Kind::kUInt32:
      return static_cast<uint32_t>(value);
    default:
      return value;
  }
}

// As x86 converts: out of range is INT64_MIN; above 2^63 as an unsigned number.
int64_t CutOff(double value, const DType& to) {
  if (to == kUInt64 && value >= 9223372036854775808.0 && value < 18446744073709551616.0) {
    return std::bit_cast<int64_t>(static_cast<uint64_t>(value));
  }
  if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) return INT64_MIN;
  return static_cast<int64_t>(value);
}

double RoundTo(double value, const DType& to) {
  if (to.kind == Kind::kFloat16) return HalfToFloat(HalfFromDouble(value));
  return to.kind == Kind::kFloat32 || to.kind == Kind::kComplex64 ? static_cast<double>(static_cast<float>(value))
                                                                  : value;
}

bool FitsInteger(const ScalarConstant& value, const DType& to) {
  if (to.is_signed()) {
    const int bits = to.itemsize * 8;
    if (value.dtype == kUInt64 && value.i < 0) return false;
    return bits == 64 || (value.i >= -(int64_t{1} << (bits - 1)) && value.i < (int64_t{1} << (bits - 1)));
  }
  if (value.dtype == kUInt64) return to.itemsize == 8 || static_cast<uint64_t>(value.i) >> (to.itemsize * 8) == 0;
  return value.i >= 0 && (to.itemsize == 8 || value.i >> (to.itemsize * 8) == 0);
}

}  // namespace

std::string ScalarConstant::ToString() const {
  if (dtype.is_bool()) return i ? "True" : "False";
  if (dtype.is_complex()) return "(" + FloatText(re) + (im < 0 || std::signbit(im) ? "" : "+") + FloatText(im) + "j)";
  if (dtype.is_floating()) return FloatText(re);
  if (dtype.is_date() && i == INT64_MIN) return "NaT";
  return dtype == kUInt64 ? std::to_string(static_cast<uint64_t>(i)) : std::to_string(i);
}

Result<ScalarConstant> CastScalar(const ScalarConstant& value, const DType& to) {
  const DType& from = value.dtype;
  if (from == to) return value;
  ScalarConstant out{to, 0, 0, 0};
  if (from.is_string() || to.is_string()) {
    return Status::TypeError("cannot cast the scalar ", value.ToString(), " of ", from.ToString(), " to ",
                             to.ToString());
  }
  if (from.is_date() && to.is_date()) {
    out.i = from.kind == to.kind ? ConvertDate(value.i, from, to) : value.i;
    return out;
  }
  const bool from_float = from.is_floating() || from.is_complex();
  if (to.is_bool()) {
    out.i = from_float ? value.re != 0 || value.im != 0 : value.i != 0;
  } else if (to.is_integer() || to.is_date()) {
    out.i = from_float ? WrapTo(CutOff(value.re, to), to) : WrapTo(value.i, to);
  } else {
    const double exact =
        from == kUInt64 ? static_cast<double>(static_cast<uint64_t>(value.i)) : static_cast<double>(value.i);
    out.re = RoundTo(from_float ? value.re : exact, to);
    if (to.is_complex()) out.im = RoundTo(value.im, to);
  }
  return out;
}

Result<ScalarConstant> CastWeakScalar(const ScalarConstant& value, const DType& to) {
  if (value.dtype.is_integer() && to.is_integer() && !FitsInteger(value, to)) {
    return Status::Invalid("Python integer ", value.ToString(), " out of bounds for ", to.ToString());
  }
  return CastScalar(value, to);
}

}  // namespace swath::ops
