#include "swath/io/formats/csv_values.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/type.h"
#include "arrow/util/bit_util.h"
#include "arrow/util/value_parsing.h"

namespace swath::io {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

static_assert(std::endian::native == std::endian::little, "fields are loaded with their first digit in the low byte");

// The number that 1 to 8 digits spell, or nullopt for other characters. May read 8 bytes (CsvFields::kPadding).
//
// The digits are moved to the top bytes, with zeros before them, then neighbours are joined: 8 digits to 4 pairs, to 2
// fours, to one number.
inline std::optional<uint64_t> ParseDigits8(const char* digits, size_t count) {
  uint64_t bytes;
  std::memcpy(&bytes, digits, 8);
  bytes = (bytes ^ 0x3030303030303030ull) << (8 * (8 - count));
  if (((bytes + 0x7676767676767676ull) | bytes) & 0x8080808080808080ull) return std::nullopt;
  bytes = bytes * 10 + (bytes >> 8);
  constexpr uint64_t kPair = 0x000000FF000000FFull;
  return (((bytes & kPair) * 0x000F424000000064ull) + (((bytes >> 16) & kPair) * 0x0000271000000001ull)) >> 32;
}

// Of 1 to 18 digits.
inline std::optional<uint64_t> ParseDigits(const char* digits, size_t count) {
  uint64_t value = 0;
  while (count > 8) {
    const auto high = ParseDigits8(digits, 8);
    if (!high) return std::nullopt;
    value = value * 100'000'000 + *high;
    digits += 8;
    count -= 8;
  }
  static constexpr uint64_t kPowers[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  const auto low = ParseDigits8(digits, count);
  if (!low) return std::nullopt;
  return value * kPowers[count] + *low;
}

constexpr size_t kIntDigitsMax = 18;    // never overflow
constexpr size_t kFloatDigitsMax = 15;  // below 2^53: exact in a double

inline std::optional<int64_t> FastInt(std::string_view field) {
  const bool negative = !field.empty() && field[0] == '-';
  field.remove_prefix(negative);
  if (field.empty() || field.size() > kIntDigitsMax) return std::nullopt;
  const auto value = ParseDigits(field.data(), field.size());
  if (!value) return std::nullopt;
  return negative ? -static_cast<int64_t>(*value) : static_cast<int64_t>(*value);
}

// A decimal number of up to 15 digits is an integer below 2^53 divided by a power of ten up to 10^15. Both are exact
// doubles, so that the quotient is rounded once, correctly (Clinger's fast path).
inline std::optional<double> FastDouble(std::string_view field, char decimal_point) {
  static constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  static constexpr uint64_t kIntPowers[] = {1,
                                            10,
                                            100,
                                            1'000,
                                            10'000,
                                            100'000,
                                            1'000'000,
                                            10'000'000,
                                            100'000'000,
                                            1'000'000'000,
                                            10'000'000'000,
                                            100'000'000'000,
                                            1'000'000'000'000,
                                            10'000'000'000'000,
                                            100'000'000'000'000};
  const bool negative = !field.empty() && field[0] == '-';
  field.remove_prefix(negative);
  if (field.empty() || field.size() > kFloatDigitsMax + 1) return std::nullopt;
  size_t whole = 0;  // digits before the point
  while (whole < field.size() && field[whole] != decimal_point) ++whole;
  const size_t fraction = whole == field.size() ? 0 : field.size() - whole - 1;
  if (whole == 0 || whole > kFloatDigitsMax || (fraction == 0 && whole < field.size())) return std::nullopt;
  auto digits = ParseDigits(field.data(), whole);
  if (!digits) return std::nullopt;
  if (fraction > 0) {
    const auto low = ParseDigits(field.data() + whole + 1, fraction);
    if (!low) return std::nullopt;
    *digits = *digits * kIntPowers[fraction] + *low;
  }
  const double value = static_cast<double>(*digits) / kPowers[fraction];
  return negative ? -value : value;
}

// As Arrow: blanks around a number do not matter.
std::string_view Trim(std::string_view field) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!field.empty() && blank(field.front())) field.remove_prefix(1);
  while (!field.empty() && blank(field.back())) field.remove_suffix(1);
  return field;
}

Result<ArrayPtr> ConvertInts(const CsvFields& fields, int32_t column, int64_t rows, const MissingTexts& missing,
                             arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> values, arrow::AllocateBuffer(rows * 8, pool));
  auto* out = values->mutable_data_as<int64_t>();
  for (int64_t row = 0; row < rows; ++row) {
    const std::string_view field = fields.Field(row, column);
    if (const auto value = FastInt(field)) [[likely]] {
      out[row] = *value;
      continue;
    }
    const std::string_view trimmed = Trim(field);
    if (missing.Contains(field) ||
        !arrow::internal::ParseValue<arrow::Int64Type>(trimmed.data(), trimmed.size(), &out[row])) {
      return nullptr;
    }
  }
  return std::make_shared<arrow::Int64Array>(rows, std::move(values));
}

Result<ArrayPtr> ConvertDoubles(const CsvFields& fields, int32_t column, int64_t rows, const MissingTexts& missing,
                                char decimal_point, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> values, arrow::AllocateBuffer(rows * 8, pool));
  std::shared_ptr<arrow::Buffer> valid;
  auto* out = values->mutable_data_as<double>();
  int64_t nulls = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const std::string_view field = fields.Field(row, column);
    if (const auto value = FastDouble(field, decimal_point)) [[likely]] {
      out[row] = *value;
      continue;
    }
    if (missing.Contains(field)) {
      if (!valid) {
        ASSIGN_OR_RETURN(valid, arrow::AllocateBitmap(rows, pool));
        arrow::bit_util::SetBitsTo(valid->mutable_data(), 0, rows, true);
      }
      arrow::bit_util::ClearBit(valid->mutable_data(), row);
      out[row] = 0;
      ++nulls;
      continue;
    }
    const std::string_view trimmed = Trim(field);
    if (!arrow::internal::StringToFloat(trimmed.data(), trimmed.size(), decimal_point, &out[row])) return nullptr;
  }
  return std::make_shared<arrow::DoubleArray>(rows, std::move(values), std::move(valid), nulls);
}

Result<ArrayPtr> ConvertTexts(const CsvFields& fields, int32_t column, int64_t rows, const MissingTexts& missing,
                              arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> offsets, arrow::AllocateBuffer((rows + 1) * 8, pool));
  std::shared_ptr<arrow::Buffer> valid;
  auto* offset = offsets->mutable_data_as<int64_t>();
  int64_t total = 0;
  int64_t nulls = 0;
  for (int64_t row = 0; row < rows; ++row) {
    offset[row] = total;
    const std::string_view field = fields.Field(row, column);
    if (missing.Contains(field)) {
      if (!valid) {
        ASSIGN_OR_RETURN(valid, arrow::AllocateBitmap(rows, pool));
        arrow::bit_util::SetBitsTo(valid->mutable_data(), 0, rows, true);
      }
      arrow::bit_util::ClearBit(valid->mutable_data(), row);
      ++nulls;
    } else {
      total += static_cast<int64_t>(field.size());
    }
  }
  offset[rows] = total;
  // Every field is copied with 8 bytes, then as far as it is longer: those behind are the next one's.
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::ResizableBuffer> bytes, arrow::AllocateResizableBuffer(total + 8, pool));
  auto* out = bytes->mutable_data_as<char>();
  for (int64_t row = 0; row < rows; ++row) {
    const auto size = static_cast<size_t>(offset[row + 1] - offset[row]);
    const char* field = fields.Field(row, column).data();
    char* to = out + offset[row];
    std::memcpy(to, field, 8);
    if (size > 8) std::memcpy(to + 8, field + 8, size - 8);
  }
  RETURN_IF_ERROR(bytes->Resize(total, /*shrink_to_fit=*/false));
  return std::make_shared<arrow::LargeStringArray>(rows, std::move(offsets), std::move(bytes), std::move(valid), nulls);
}

}  // namespace

MissingTexts::MissingTexts(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (by_length_.size() <= text.size()) by_length_.resize(text.size() + 1);
    by_length_[text.size()].push_back(text);
  }
}

bool ConvertsPlain(const arrow::DataType& type) {
  return type.id() == arrow::Type::INT64 || type.id() == arrow::Type::DOUBLE || type.id() == arrow::Type::LARGE_STRING;
}

Result<ArrayPtr> ConvertPlain(const CsvFields& fields, int32_t column, int64_t rows, const arrow::DataType& type,
                              const MissingTexts& missing, char decimal_point, arrow::MemoryPool* pool) {
  switch (type.id()) {
    case arrow::Type::INT64:
      return ConvertInts(fields, column, rows, missing, pool);
    case arrow::Type::DOUBLE:
      return ConvertDoubles(fields, column, rows, missing, decimal_point, pool);
    default:
      CHECK(type.id() == arrow::Type::LARGE_STRING);
      return ConvertTexts(fields, column, rows, missing, pool);
  }
}

}  // namespace swath::io
