#include "swath/expr/frame/pandas_types.h"

#include <algorithm>
#include <array>
#include <utility>

#include "arrow/type.h"
#include "arrow/type_traits.h"

#include "swath/base/nearest.h"

namespace swath::expr {
namespace {

using arrow::Type;

std::string_view UnitName(arrow::TimeUnit::type unit) {
  constexpr std::string_view kNames[] = {"s", "ms", "us", "ns"};
  return kNames[unit];
}

int BitWidth(const arrow::DataType& type) { return type.id() == Type::BOOL ? 1 : type.bit_width(); }

std::shared_ptr<arrow::DataType> SignedOf(int bits) {
  if (bits <= 8) return arrow::int8();
  if (bits <= 16) return arrow::int16();
  return bits <= 32 ? arrow::int32() : arrow::int64();
}

std::shared_ptr<arrow::DataType> UnsignedOf(int bits) {
  if (bits <= 8) return arrow::uint8();
  if (bits <= 16) return arrow::uint16();
  return bits <= 32 ? arrow::uint32() : arrow::uint64();
}

std::shared_ptr<arrow::DataType> FloatOf(int bits) {
  if (bits <= 16) return arrow::float16();
  return bits <= 32 ? arrow::float32() : arrow::float64();
}

// The smallest float that numpy.promote_types gives an integer of so many bits.
int FloatBitsFor(const arrow::DataType& type) {
  const int bits = BitWidth(type);
  if (KindOf(type) == TypeKind::kFloat) return bits;
  if (bits <= 8) return 16;
  return bits <= 16 ? 32 : 64;
}

std::shared_ptr<arrow::DataType> PromoteIntegers(const arrow::DataType& a, const arrow::DataType& b) {
  const int bits_a = BitWidth(a);
  const int bits_b = BitWidth(b);
  const bool signed_a = KindOf(a) == TypeKind::kSigned;
  const bool signed_b = KindOf(b) == TypeKind::kSigned;
  if (signed_a == signed_b) return signed_a ? SignedOf(std::max(bits_a, bits_b)) : UnsignedOf(std::max(bits_a, bits_b));
  const int unsigned_bits = signed_a ? bits_b : bits_a;
  const int signed_bits = signed_a ? bits_a : bits_b;
  if (unsigned_bits == 64) return arrow::float64();
  return SignedOf(std::max(signed_bits, unsigned_bits * 2));
}

// The type that a Python number of the kind of `weak` takes beside a column of type `strong`.
std::shared_ptr<arrow::DataType> PromoteWeak(const arrow::DataType& strong, const arrow::DataType& weak) {
  const TypeKind kind = KindOf(weak);
  const TypeKind column = KindOf(strong);
  if (kind == TypeKind::kBool) return column == TypeKind::kBool ? arrow::boolean() : strong.GetSharedPtr();
  if (column == TypeKind::kFloat) return strong.GetSharedPtr();
  if (kind == TypeKind::kFloat) return arrow::float64();
  return column == TypeKind::kBool ? arrow::int64() : strong.GetSharedPtr();
}

}  // namespace

TypeKind KindOf(const arrow::DataType& type) {
  const Type::type id = type.id();
  if (id == Type::BOOL) return TypeKind::kBool;
  if (arrow::is_signed_integer(id)) return TypeKind::kSigned;
  if (arrow::is_unsigned_integer(id)) return TypeKind::kUnsigned;
  if (arrow::is_floating(id)) return TypeKind::kFloat;
  if (arrow::is_string(id) || id == Type::STRING_VIEW) return TypeKind::kText;
  if (id == Type::TIMESTAMP) return TypeKind::kTimestamp;
  if (id == Type::DURATION) return TypeKind::kDuration;
  if (arrow::is_date(id)) return TypeKind::kDate;
  if (id == Type::DICTIONARY) return TypeKind::kCategory;
  return id == Type::NA ? TypeKind::kNull : TypeKind::kOther;
}

std::string PandasName(const arrow::DataType& type) {
  switch (KindOf(type)) {
    case TypeKind::kText:
      return "str";
    case TypeKind::kCategory:
      return "category";
    case TypeKind::kNull:
      return "object";
    case TypeKind::kFloat:
      return "float" + std::to_string(type.bit_width());
    case TypeKind::kDuration:
      return "timedelta64[" + std::string(UnitName(static_cast<const arrow::DurationType&>(type).unit())) + "]";
    case TypeKind::kTimestamp: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      const std::string zone = timestamp.timezone().empty() ? "" : ", " + timestamp.timezone();
      return "datetime64[" + std::string(UnitName(timestamp.unit())) + zone + "]";
    }
    default:
      return type.ToString();
  }
}

std::shared_ptr<arrow::DataType> TextType() { return arrow::large_utf8(); }

Result<std::shared_ptr<arrow::DataType>> TypeOfName(std::string_view dtype) {
  static const std::vector<std::pair<std::string, std::shared_ptr<arrow::DataType>>> kTypes = {
      {"int64", arrow::int64()},
      {"int", arrow::int64()},
      {"int32", arrow::int32()},
      {"int16", arrow::int16()},
      {"int8", arrow::int8()},
      {"uint64", arrow::uint64()},
      {"uint32", arrow::uint32()},
      {"uint16", arrow::uint16()},
      {"uint8", arrow::uint8()},
      {"float64", arrow::float64()},
      {"float", arrow::float64()},
      {"float32", arrow::float32()},
      {"float16", arrow::float16()},
      {"bool", arrow::boolean()},
      {"boolean", arrow::boolean()},
      {"str", TextType()},
      {"string", TextType()},
      {"object", TextType()},
      {"category", arrow::dictionary(arrow::int32(), TextType())},
      {"datetime64[ns]", arrow::timestamp(arrow::TimeUnit::NANO)},
      {"datetime64[us]", arrow::timestamp(arrow::TimeUnit::MICRO)},
      {"datetime64[ms]", arrow::timestamp(arrow::TimeUnit::MILLI)},
      {"datetime64[s]", arrow::timestamp(arrow::TimeUnit::SECOND)},
      {"timedelta64[ns]", arrow::duration(arrow::TimeUnit::NANO)},
      {"timedelta64[us]", arrow::duration(arrow::TimeUnit::MICRO)},
  };
  std::vector<std::string> names;
  for (const auto& [name, type] : kTypes) {
    if (name == dtype) return type;
    names.push_back(name);
  }
  return Status::TypeError("data type '", dtype, "' not understood", DidYouMean(dtype, names));
}

std::shared_ptr<arrow::DataType> PromoteNumbers(const arrow::DataType& a, bool weak_a, const arrow::DataType& b,
                                                bool weak_b) {
  if (a.Equals(b)) return a.GetSharedPtr();
  if (weak_a != weak_b) return weak_a ? PromoteWeak(b, a) : PromoteWeak(a, b);
  const TypeKind kind_a = KindOf(a);
  const TypeKind kind_b = KindOf(b);
  if (kind_a == TypeKind::kBool) return b.GetSharedPtr();
  if (kind_b == TypeKind::kBool) return a.GetSharedPtr();
  if (kind_a == TypeKind::kFloat || kind_b == TypeKind::kFloat)
    return FloatOf(std::max(FloatBitsFor(a), FloatBitsFor(b)));
  return PromoteIntegers(a, b);
}

}  // namespace swath::expr
