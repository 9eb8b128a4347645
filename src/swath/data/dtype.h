// The element types of arrays: NumPy's, with NumPy's promotion rules (NEP 50). Value type, 8 bytes, no allocation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "swath/base/status.h"

namespace swath {

// In the order of NumPy's type numbers where it matters for promotion.
enum class Kind : uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kFloat16,
  kFloat32,
  kFloat64,
  kComplex64,
  kComplex128,
  kDateTime64,
  kTimeDelta64,  // int64 counts of `unit`; NaT = INT64_MIN
  kBytes,        // 'S': itemsize bytes, zero padded
  kUnicode,      // 'U': itemsize/4 UCS-4 code points, zero padded
};

// NumPy's datetime units.
enum class DateUnit : uint8_t { kGeneric, kYear, kMonth, kWeek, kDay, kHour, kMinute, kSecond, kMilli, kMicro, kNano };

struct DType {
  Kind kind = Kind::kFloat64;
  DateUnit unit = DateUnit::kGeneric;  // of kDateTime64 and kTimeDelta64
  int32_t itemsize = 8;                // bytes

  constexpr DType() = default;
  // Of a fixed-size kind; strings and dates have factories of their own.
  constexpr DType(Kind k);  // NOLINT(google-explicit-constructor): DType x = Kind::kInt8 reads naturally
  static constexpr DType Date(Kind k, DateUnit u) {
    DType t(k);
    t.unit = u;
    return t;
  }
  static constexpr DType String(Kind k, int32_t bytes) {
    DType t(k);
    t.itemsize = bytes;
    return t;
  }

  friend bool operator==(const DType&, const DType&) = default;

  // "float64", "datetime64[ns]", "<U5": what numpy.dtype(...).name or .str would accept.
  std::string ToString() const;
  // Accepts names ("float64", "int", "bool"), NumPy type strings ("<f8", "|b1", "<M8[ns]", "<U5") in native byte order.
  static Result<DType> Parse(std::string_view text);

  constexpr bool is_bool() const { return kind == Kind::kBool; }
  constexpr bool is_signed() const { return kind >= Kind::kInt8 && kind <= Kind::kInt64; }
  constexpr bool is_unsigned() const { return kind >= Kind::kUInt8 && kind <= Kind::kUInt64; }
  constexpr bool is_integer() const { return kind >= Kind::kInt8 && kind <= Kind::kUInt64; }
  constexpr bool is_floating() const { return kind >= Kind::kFloat16 && kind <= Kind::kFloat64; }
  constexpr bool is_complex() const { return kind == Kind::kComplex64 || kind == Kind::kComplex128; }
  constexpr bool is_numeric() const { return kind <= Kind::kComplex128; }
  constexpr bool is_date() const { return kind == Kind::kDateTime64 || kind == Kind::kTimeDelta64; }
  constexpr bool is_string() const { return kind == Kind::kBytes || kind == Kind::kUnicode; }
};

namespace internal {
constexpr int32_t kKindItemsize[] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 8, 16, 8, 8, 1, 4};
}
constexpr DType::DType(Kind k) : kind(k), itemsize(internal::kKindItemsize[static_cast<int>(k)]) {}

inline constexpr DType kBool{Kind::kBool}, kInt8{Kind::kInt8}, kInt16{Kind::kInt16}, kInt32{Kind::kInt32},
    kInt64{Kind::kInt64}, kUInt8{Kind::kUInt8}, kUInt16{Kind::kUInt16}, kUInt32{Kind::kUInt32}, kUInt64{Kind::kUInt64},
    kFloat16{Kind::kFloat16}, kFloat32{Kind::kFloat32}, kFloat64{Kind::kFloat64}, kComplex64{Kind::kComplex64},
    kComplex128{Kind::kComplex128};

// numpy.promote_types(a, b). TypeError where NumPy raises one (dates with complex, strings with numbers).
Result<DType> Promote(const DType& a, const DType& b);
// numpy.can_cast(from, to, casting) for "no", "equiv", "safe", "same_kind", "unsafe".
Result<bool> CanCast(const DType& from, const DType& to, std::string_view casting);

}  // namespace swath
