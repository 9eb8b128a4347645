#include "swath/data/dtype.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace swath {
namespace {

constexpr std::array<std::string_view, 16> kKindNames = {
    "bool",   "int8",    "int16",   "int32",   "int64",     "uint8",      "uint16",     "uint32",
    "uint64", "float16", "float32", "float64", "complex64", "complex128", "datetime64", "timedelta64"};
constexpr std::array<std::string_view, 11> kUnitNames = {"generic", "Y", "M",  "W",  "D", "h",
                                                         "m",       "s", "ms", "us", "ns"};

struct DTypeAlias {
  std::string_view text;
  Kind kind;
};
constexpr DTypeAlias kAliases[] = {
    {"int", Kind::kInt64},
    {"float", Kind::kFloat64},
    {"complex", Kind::kComplex128},
    {"bool_", Kind::kBool},
    {"?", Kind::kBool},
    {"b1", Kind::kBool},
    {"half", Kind::kFloat16},
    {"single", Kind::kFloat32},
    {"double", Kind::kFloat64},
    {"byte", Kind::kInt8},
    {"ubyte", Kind::kUInt8},
    {"short", Kind::kInt16},
    {"ushort", Kind::kUInt16},
    {"intc", Kind::kInt32},
    {"uintc", Kind::kUInt32},
    {"intp", Kind::kInt64},
    {"uintp", Kind::kUInt64},
    {"uint", Kind::kUInt64},
    {"longlong", Kind::kInt64},
    {"ulonglong", Kind::kUInt64},
    {"long", Kind::kInt64},
    {"ulong", Kind::kUInt64},
    {"csingle", Kind::kComplex64},
    {"cdouble", Kind::kComplex128},
    {"i1", Kind::kInt8},
    {"i2", Kind::kInt16},
    {"i4", Kind::kInt32},
    {"i8", Kind::kInt64},
    {"u1", Kind::kUInt8},
    {"u2", Kind::kUInt16},
    {"u4", Kind::kUInt32},
    {"u8", Kind::kUInt64},
    {"f2", Kind::kFloat16},
    {"f4", Kind::kFloat32},
    {"f8", Kind::kFloat64},
    {"c8", Kind::kComplex64},
    {"c16", Kind::kComplex128},
    {"b", Kind::kInt8},
    {"B", Kind::kUInt8},
    {"h", Kind::kInt16},
    {"H", Kind::kUInt16},
    {"i", Kind::kInt32},
    {"I", Kind::kUInt32},
    {"l", Kind::kInt64},
    {"L", Kind::kUInt64},
    {"q", Kind::kInt64},
    {"Q", Kind::kUInt64},
    {"e", Kind::kFloat16},
    {"f", Kind::kFloat32},
    {"d", Kind::kFloat64},
    {"F", Kind::kComplex64},
    {"D", Kind::kComplex128},
};

Status NotUnderstood(std::string_view text) {
  return Status::TypeError("data type '", text,
                           "' not understood; accepted are names such as \"float64\", \"datetime64[ns]\" and "
                           "NumPy type strings such as \"<f8\", \"<M8[ns]\", \"<U5\" in native byte order");
}

// The unit in "[ns]", generic for nothing; nullopt when it is none.
std::optional<DateUnit> ParseUnit(std::string_view text) {
  if (text.empty()) return DateUnit::kGeneric;
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  const auto it = std::find(kUnitNames.begin(), kUnitNames.end(), text == "\xce\xbcs" ? "us" : text);
  if (it == kUnitNames.end()) return std::nullopt;
  return static_cast<DateUnit>(it - kUnitNames.begin());
}

std::optional<DType> ParseDate(std::string_view text) {
  const std::pair<std::string_view, Kind> prefixes[] = {{"datetime64", Kind::kDateTime64},
                                                        {"timedelta64", Kind::kTimeDelta64},
                                                        {"M8", Kind::kDateTime64},
                                                        {"m8", Kind::kTimeDelta64}};
  for (const auto& [prefix, kind] : prefixes) {
    if (!text.starts_with(prefix)) continue;
    const auto unit = ParseUnit(text.substr(prefix.size()));
    if (unit) return DType::Date(kind, *unit);
  }
  return std::nullopt;
}

std::optional<DType> ParseString(std::string_view text) {
  if (text.empty() || (text[0] != 'S' && text[0] != 'U')) return std::nullopt;
  int32_t length = 0;
  const char* end = text.data() + text.size();
  if (text.size() > 1) {
    const auto [rest, error] = std::from_chars(text.data() + 1, end, length);
    if (error != std::errc() || rest != end || length < 0 || length > INT32_MAX / 4) return std::nullopt;
  }
  return text[0] == 'S' ? DType::String(Kind::kBytes, length) : DType::String(Kind::kUnicode, 4 * length);
}

DType SignedOf(int bytes) { return bytes <= 1 ? kInt8 : bytes == 2 ? kInt16 : bytes == 4 ? kInt32 : kInt64; }

// The smallest float that NumPy takes for an integer (or bool).
DType FloatFor(const DType& type) {
  if (type.is_floating()) return type;
  if (type.is_bool() || type.itemsize == 1) return kFloat16;
  return type.itemsize == 2 ? kFloat32 : kFloat64;
}

DType PromoteNumeric(const DType& a, const DType& b) {
  if (a == b || b.is_bool()) return a;
  if (a.is_bool()) return b;
  if (a.is_complex() || b.is_complex()) {
    const auto real_bytes = [](const DType& t) { return t.is_complex() ? t.itemsize / 2 : FloatFor(t).itemsize; };
    return std::max(real_bytes(a), real_bytes(b)) <= 4 ? kComplex64 : kComplex128;
  }
  if (a.is_floating() || b.is_floating()) {
    const DType x = FloatFor(a), y = FloatFor(b);
    return x.itemsize >= y.itemsize ? x : y;
  }
  if (a.is_signed() == b.is_signed()) return a.itemsize >= b.itemsize ? a : b;
  const DType& s = a.is_signed() ? a : b;
  const DType& u = a.is_signed() ? b : a;
  if (u.itemsize < s.itemsize) return s;
  return u.itemsize == 8 ? kFloat64 : SignedOf(u.itemsize * 2);
}

// Characters of the longest text of a number, as NumPy counts them.
int32_t TextLength(const DType& type) {
  if (type.is_bool()) return 5;
  if (type.is_floating()) return 32;
  if (type.is_complex()) return 64;
  constexpr int32_t kSigned[] = {4, 6, 11, 21}, kUnsigned[] = {3, 5, 10, 20};
  const int log_bytes = type.itemsize == 1 ? 0 : type.itemsize == 2 ? 1 : type.itemsize == 4 ? 2 : 3;
  return (type.is_signed() ? kSigned : kUnsigned)[log_bytes];
}

int32_t Characters(const DType& type) {
  return type.kind == Kind::kUnicode ? type.itemsize / 4 : type.kind == Kind::kBytes ? type.itemsize : TextLength(type);
}

DType PromoteString(const DType& a, const DType& b) {
  const int32_t length = std::max(Characters(a), Characters(b));
  const bool unicode = a.kind == Kind::kUnicode || b.kind == Kind::kUnicode;
  return unicode ? DType::String(Kind::kUnicode, 4 * length) : DType::String(Kind::kBytes, length);
}

bool IsNonlinear(DateUnit unit) { return unit == DateUnit::kYear || unit == DateUnit::kMonth; }
// Years and months have no fixed length in the other units.
bool UnitsMix(DateUnit a, DateUnit b) {
  return a == DateUnit::kGeneric || b == DateUnit::kGeneric || IsNonlinear(a) == IsNonlinear(b);
}

std::string UnitText(DateUnit unit) { return "[" + std::string(kUnitNames[static_cast<size_t>(unit)]) + "]"; }

Status NoCommon(const DType& a, const DType& b) {
  return Status::TypeError(
      "The DTypes ", a.ToString(), " and ", b.ToString(),
      " do not have a common DType. For example they cannot be stored in a single array unless the dtype is "
      "`object`.");
}

Result<DType> PromoteDates(const DType& a, const DType& b) {
  const DateUnit unit = std::max(a.unit, b.unit);
  if (a.is_date() && b.is_date()) {
    if (a.kind == Kind::kTimeDelta64 && b.kind == Kind::kTimeDelta64 && !UnitsMix(a.unit, b.unit)) {
      return Status::TypeError("Cannot get a common metadata divisor for Numpy timedelta64 metadata ", UnitText(a.unit),
                               " and ", UnitText(b.unit), " because they have incompatible nonlinear base time units.");
    }
    const bool moment = a.kind == Kind::kDateTime64 || b.kind == Kind::kDateTime64;
    return DType::Date(moment ? Kind::kDateTime64 : Kind::kTimeDelta64, unit);
  }
  const DType& date = a.is_date() ? a : b;
  const DType& other = a.is_date() ? b : a;
  const bool count = other.is_bool() || (other.is_integer() && other != kUInt64);
  if (date.kind == Kind::kTimeDelta64 && count) return date;
  return NoCommon(a, b);
}

enum class Casting : uint8_t { kNo, kEquiv, kSafe, kSameKind, kUnsafe };

// The strictest casting rule that allows the cast.
Casting DateCasting(const DType& from, const DType& to) {
  if (from.kind != to.kind) {
    if (to.kind != Kind::kTimeDelta64) return Casting::kUnsafe;
    if (from == kUInt64) return Casting::kSameKind;
    return from.is_bool() || from.is_integer() ? Casting::kSafe : Casting::kUnsafe;
  }
  if (from.unit == to.unit) return Casting::kNo;
  if (from.unit == DateUnit::kGeneric) return Casting::kSafe;
  if (to.unit == DateUnit::kGeneric) return Casting::kUnsafe;
  if (from.kind == Kind::kTimeDelta64 && !UnitsMix(from.unit, to.unit)) return Casting::kUnsafe;
  return from.unit < to.unit ? Casting::kSafe : Casting::kSameKind;
}

Casting StringCasting(const DType& from, const DType& to) {
  if (!to.is_string()) return Casting::kUnsafe;
  if (from.kind == Kind::kUnicode && to.kind == Kind::kBytes) return Casting::kUnsafe;
  if (from == to) return Casting::kNo;
  return Characters(from) <= Characters(to) ? Casting::kSafe : Casting::kSameKind;
}

Casting NumericCasting(const DType& from, const DType& to) {
  if (from == to) return Casting::kNo;
  if (PromoteNumeric(from, to) == to) return Casting::kSafe;
  if (from.is_complex()) return to.is_complex() ? Casting::kSameKind : Casting::kUnsafe;
  if (from.is_floating()) return to.is_floating() || to.is_complex() ? Casting::kSameKind : Casting::kUnsafe;
  if (from.is_signed()) return to.is_unsigned() || to.is_bool() ? Casting::kUnsafe : Casting::kSameKind;
  return to.is_bool() ? Casting::kUnsafe : Casting::kSameKind;
}

}  // namespace

std::string DType::ToString() const {
  if (is_string()) {
    return kind == Kind::kBytes ? "|S" + std::to_string(itemsize) : "<U" + std::to_string(itemsize / 4);
  }
  std::string text(kKindNames[static_cast<size_t>(kind)]);
  if (is_date() && unit != DateUnit::kGeneric) text += UnitText(unit);
  return text;
}

Result<DType> DType::Parse(std::string_view text) {
  std::string_view rest = text;
  if (!rest.empty() && rest.front() == '>') {
    return Status::TypeError("data type '", text,
                             "' is in big-endian byte order; only native byte order is supported: convert it first, "
                             "for example with x.astype(x.dtype.newbyteorder('='))");
  }
  if (!rest.empty() && (rest.front() == '<' || rest.front() == '|' || rest.front() == '=')) rest.remove_prefix(1);
  for (size_t k = 0; k < 14; ++k) {
    if (rest == kKindNames[k]) return DType(static_cast<Kind>(k));
  }
  for (const DTypeAlias& alias : kAliases) {
    if (rest == alias.text) return DType(alias.kind);
  }
  if (auto date = ParseDate(rest)) return *date;
  if (auto string = ParseString(rest)) return *string;
  return NotUnderstood(text);
}

Result<DType> Promote(const DType& a, const DType& b) {
  if (a == b) return a;
  if (a.is_date() || b.is_date()) return PromoteDates(a, b);
  if (a.is_string() || b.is_string()) return PromoteString(a, b);
  return PromoteNumeric(a, b);
}

Result<bool> CanCast(const DType& from, const DType& to, std::string_view casting) {
  constexpr std::array<std::string_view, 5> kNames = {"no", "equiv", "safe", "same_kind", "unsafe"};
  const auto it = std::find(kNames.begin(), kNames.end(), casting);
  if (it == kNames.end()) {
    return Status::Invalid("casting must be one of 'no', 'equiv', 'safe', 'same_kind', or 'unsafe' (got '", casting,
                           "')");
  }
  const auto allowed = static_cast<Casting>(it - kNames.begin());
  Casting needed;
  if (from.is_string()) {
    needed = StringCasting(from, to);
  } else if (from.is_date() || to.is_date()) {
    needed = DateCasting(from, to);
  } else if (to.is_string()) {
    needed = Characters(from) <= Characters(to) ? Casting::kSafe : Casting::kSameKind;
  } else {
    needed = NumericCasting(from, to);
  }
  return needed <= allowed;
}

}  // namespace swath
