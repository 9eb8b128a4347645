#include "swath/io/formats/csv_format.h"

#include <charconv>
#include <cmath>
#include <ctime>

#include "arrow/array.h"
#include "arrow/compute/api.h"
#include "arrow/type.h"

namespace swath::io {
namespace {

using Quoting = ops::CsvWriteOptions::Quoting;

// A cell that is no text: quoted only when everything is.
void AppendPlain(std::string_view text, const ops::CsvWriteOptions& options, std::string* out) {
  if (options.quoting == Quoting::kAll) {
    *out += options.quotechar;
    *out += text;
    *out += options.quotechar;
  } else {
    *out += text;
  }
}

class MissingAware : public CellWriter {
 public:
  MissingAware(std::shared_ptr<arrow::Array> column, const ops::CsvWriteOptions& options) : column_(std::move(column)), options_(options) {}
  void Append(int64_t row, std::string* out) const final {
    if (column_->IsNull(row)) AppendPlain(options_.na_rep, options_, out);
    else AppendValue(row, out);
  }

 protected:
  virtual void AppendValue(int64_t row, std::string* out) const = 0;
  std::shared_ptr<arrow::Array> column_;
  const ops::CsvWriteOptions& options_;
};

template <typename ArrayType>
class IntegerCells : public MissingAware {
 public:
  using MissingAware::MissingAware;
  void AppendValue(int64_t row, std::string* out) const override {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<const ArrayType&>(*column_).Value(row)).ptr;
    AppendPlain({buffer, static_cast<size_t>(end - buffer)}, options_, out);
  }
};

// Python's repr: the shortest digits that read back, an exponent below 1e-4 and from 1e16 on.
template <typename ArrayType>
class FloatCells : public MissingAware {
 public:
  using MissingAware::MissingAware;
  void AppendValue(int64_t row, std::string* out) const override {
    const auto value = static_cast<const ArrayType&>(*column_).Value(row);
    if (std::isnan(value)) return AppendPlain(options_.na_rep, options_, out);
    if (std::isinf(value)) return AppendPlain(value > 0 ? "inf" : "-inf", options_, out);
    char buffer[64];
    const double size = std::abs(static_cast<double>(value));
    const bool scientific = size != 0 && (size < 1e-4 || size >= 1e16);
    auto end = std::to_chars(buffer, buffer + sizeof buffer - 2, value, scientific ? std::chars_format::scientific : std::chars_format::fixed).ptr;
    std::string_view text(buffer, static_cast<size_t>(end - buffer));
    if (!scientific && text.find('.') == std::string_view::npos) {
      *end++ = '.';
      *end++ = '0';
      text = {buffer, static_cast<size_t>(end - buffer)};
    }
    AppendPlain(text, options_, out);
  }
};

class BoolCells : public MissingAware {
 public:
  using MissingAware::MissingAware;
  void AppendValue(int64_t row, std::string* out) const override {
    AppendPlain(static_cast<const arrow::BooleanArray&>(*column_).Value(row) ? "True" : "False", options_, out);
  }
};

class TextCells : public MissingAware {
 public:
  using MissingAware::MissingAware;
  void AppendValue(int64_t row, std::string* out) const override {
    AppendQuoted(static_cast<const arrow::LargeStringArray&>(*column_).GetView(row), options_, out);
  }
};

int64_t UnitsPerSecond(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 1;
    case arrow::TimeUnit::MILLI: return 1'000;
    case arrow::TimeUnit::MICRO: return 1'000'000;
    default: return 1'000'000'000;
  }
}

class TimestampCells : public MissingAware {
 public:
  TimestampCells(std::shared_ptr<arrow::Array> column, const ops::CsvWriteOptions& options) : MissingAware(std::move(column), options) {
    const auto& type = static_cast<const arrow::TimestampType&>(*column_->type());
    per_second_ = UnitsPerSecond(type.unit());
    has_zone_ = !type.timezone().empty();
    const auto& values = static_cast<const arrow::TimestampArray&>(*column_);
    for (int64_t row = 0; row < values.length(); ++row) {
      if (values.IsNull(row)) continue;
      if (values.Value(row) % (86'400 * per_second_) != 0) dates_only_ = false;
      if (values.Value(row) % per_second_ != 0) whole_seconds_ = false;
    }
  }
  void AppendValue(int64_t row, std::string* out) const override {
    const int64_t value = static_cast<const arrow::TimestampArray&>(*column_).Value(row);
    int64_t second = value / per_second_, rest = value % per_second_;
    if (rest < 0) {
      rest += per_second_;
      --second;
    }
    const std::time_t time = second;
    std::tm parts{};
    gmtime_r(&time, &parts);
    char buffer[128];
    const char* format = !options_.date_format.empty() ? options_.date_format.c_str() : dates_only_ ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S";
    std::string text(buffer, std::strftime(buffer, sizeof buffer, format, &parts));
    if (options_.date_format.empty() && !dates_only_) {
      if (!whole_seconds_) {
        const bool nanos = per_second_ == 1'000'000'000 && rest % 1000 != 0;
        const std::string digits = std::to_string(nanos ? rest : rest * 1'000'000 / per_second_);
        text += "." + std::string((nanos ? 9 : 6) - digits.size(), '0') + digits;
      }
      if (has_zone_) text += "+00:00";
    }
    AppendQuoted(text, options_, out);
  }

 private:
  int64_t per_second_;
  bool has_zone_, dates_only_ = true, whole_seconds_ = true;
};

class DurationCells : public MissingAware {
 public:
  using MissingAware::MissingAware;
  // "1 days 02:03:04", with a fraction when there is one, as pandas shows a Timedelta.
  void AppendValue(int64_t row, std::string* out) const override {
    const int64_t per_second = UnitsPerSecond(static_cast<const arrow::DurationType&>(*column_->type()).unit());
    const int64_t value = static_cast<const arrow::DurationArray&>(*column_).Value(row), day = 86'400 * per_second;
    int64_t days = value / day, rest = value % day;
    if (rest < 0) {
      rest += day;
      --days;
    }
    const int64_t seconds = rest / per_second, fraction = rest % per_second;
    char buffer[96];
    std::string text(buffer, static_cast<size_t>(std::snprintf(buffer, sizeof buffer, "%lld days %s%02lld:%02lld:%02lld", static_cast<long long>(days),
                                                               days < 0 ? "+" : "", static_cast<long long>(seconds / 3600),
                                                               static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60))));
    if (fraction != 0) {
      const bool nanos = per_second == 1'000'000'000 && fraction % 1000 != 0;
      const std::string digits = std::to_string(nanos ? fraction : fraction * 1'000'000 / per_second);
      text += "." + std::string((nanos ? 9 : 6) - digits.size(), '0') + digits;
    }
    AppendQuoted(text, options_, out);
  }
};

class DictionaryCells : public CellWriter {
 public:
  DictionaryCells(std::shared_ptr<arrow::Array> column, std::unique_ptr<CellWriter> values, const ops::CsvWriteOptions& options)
      : column_(std::move(column)), values_(std::move(values)), options_(options) {}
  void Append(int64_t row, std::string* out) const override {
    if (column_->IsNull(row)) AppendPlain(options_.na_rep, options_, out);
    else values_->Append(static_cast<const arrow::DictionaryArray&>(*column_).GetValueIndex(row), out);
  }

 private:
  std::shared_ptr<arrow::Array> column_;
  std::unique_ptr<CellWriter> values_;
  const ops::CsvWriteOptions& options_;
};

}  // namespace

void AppendQuoted(std::string_view text, const ops::CsvWriteOptions& options, std::string* out) {
  const char special[] = {options.sep, options.quotechar, '\n', '\r'};
  const bool needed = text.find_first_of(std::string_view(special, sizeof special)) != std::string_view::npos;
  if (options.quoting == Quoting::kNone || (options.quoting == Quoting::kMinimal && !needed)) {
    *out += text;
    return;
  }
  *out += options.quotechar;
  for (const char c : text) {
    if (c == options.quotechar) *out += c;
    *out += c;
  }
  *out += options.quotechar;
}

Result<std::unique_ptr<CellWriter>> CellWriter::Make(const std::shared_ptr<arrow::Array>& column, const ops::CsvWriteOptions& options) {
  using arrow::Type;
  switch (column->type_id()) {
    case Type::BOOL: return std::make_unique<BoolCells>(column, options);
    case Type::INT8: return std::make_unique<IntegerCells<arrow::Int8Array>>(column, options);
    case Type::INT16: return std::make_unique<IntegerCells<arrow::Int16Array>>(column, options);
    case Type::INT32: return std::make_unique<IntegerCells<arrow::Int32Array>>(column, options);
    case Type::INT64: return std::make_unique<IntegerCells<arrow::Int64Array>>(column, options);
    case Type::UINT8: return std::make_unique<IntegerCells<arrow::UInt8Array>>(column, options);
    case Type::UINT16: return std::make_unique<IntegerCells<arrow::UInt16Array>>(column, options);
    case Type::UINT32: return std::make_unique<IntegerCells<arrow::UInt32Array>>(column, options);
    case Type::UINT64: return std::make_unique<IntegerCells<arrow::UInt64Array>>(column, options);
    case Type::FLOAT: return std::make_unique<FloatCells<arrow::FloatArray>>(column, options);
    case Type::DOUBLE: return std::make_unique<FloatCells<arrow::DoubleArray>>(column, options);
    case Type::LARGE_STRING: return std::make_unique<TextCells>(column, options);
    case Type::TIMESTAMP: return std::make_unique<TimestampCells>(column, options);
    case Type::DURATION: return std::make_unique<DurationCells>(column, options);
    case Type::DICTIONARY: {
      ASSIGN_OR_RETURN(auto values, Make(static_cast<const arrow::DictionaryArray&>(*column).dictionary(), options));
      return std::make_unique<DictionaryCells>(column, std::move(values), options);
    }
    default: {
      auto text = arrow::compute::Cast(*column, arrow::large_utf8());
      if (!text.ok()) return Status::TypeError("a column of type ", column->type()->ToString(), " cannot be written as CSV");
      return std::make_unique<TextCells>(*text, options);
    }
  }
}

}  // namespace swath::io
