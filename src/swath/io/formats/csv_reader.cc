#include "swath/io/formats/csv_reader.h"

#include <algorithm>
#include <cstring>

#include "arrow/array.h"
#include "arrow/array/array_dict.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/exec.h"
#include "arrow/csv/converter.h"
#include "arrow/io/interfaces.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/utf8.h"

#include "swath/io/formats/csv_lexer.h"

namespace swath::io {
namespace {

constexpr size_t kPieceBytes = (1 << 20) - CsvFields::kPadding;
constexpr int kPlainTries = 4;  // pieces that were not plain, until no more are tried

// The offset of record number `row` (blank lines do not count).
size_t OffsetOfRow(const CsvLexer& lexer, std::string_view text, int64_t row, bool skip_blank_lines) {
  size_t offset = 0;
  while (offset < text.size()) {
    CsvLexer::State state = CsvLexer::kPlain;
    const int64_t length = lexer.FindRecordEnd(&state, '\n', text.substr(offset));
    const std::string_view record = length < 0 ? text.substr(offset) : text.substr(offset, static_cast<size_t>(length));
    const bool blank = record.find_first_not_of("\r\n") == std::string_view::npos;
    if (!(blank && skip_blank_lines) && row-- == 0) return offset;
    offset += record.size();
  }
  return offset;
}

std::string Shown(std::string_view text) {
  std::string shown(text.substr(0, 60));
  while (!shown.empty() && (shown.back() == '\n' || shown.back() == '\r')) shown.pop_back();
  return text.size() > 60 ? shown + "…" : shown;
}

std::string DtypeName(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::DOUBLE:
      return "float64";
    case arrow::Type::FLOAT:
      return "float32";
    case arrow::Type::LARGE_STRING:
      return "str";
    default:
      return type.ToString();
  }
}

}  // namespace

CsvReader::CsvReader(std::shared_ptr<const CsvPlan> plan, CsvRange range, std::vector<int> columns,
                     std::shared_ptr<arrow::Schema> schema, std::shared_ptr<arrow::io::InputStream> text,
                     arrow::MemoryPool* pool)
    : plan_(std::move(plan)),
      range_(range),
      columns_(std::move(columns)),
      schema_(std::move(schema)),
      text_(std::move(text)),
      pool_(pool),
      parse_options_(plan_->parse),
      fields_(plan_->options, static_cast<int32_t>(plan_->columns.size()), pool),
      missing_(plan_->convert.null_values),
      plain_tries_(kPlainTries),
      piece_offset_(range.begin),
      read_until_(range.begin),
      rows_left_(plan_->options.nrows.value_or(INT64_MAX)) {
  const bool skip = plan_->options.on_bad_lines == ops::CsvReadOptions::BadLines::kSkip;
  parse_options_.invalid_row_handler = [this, skip](const arrow::csv::InvalidRow& row) {
    if (skip) return arrow::csv::InvalidRowResult::Skip;
    bad_row_ = BadRow{row.expected_columns, row.actual_columns, std::string(row.text)};
    return arrow::csv::InvalidRowResult::Error;
  };
  const auto plain = [this](int column) { return ConvertsPlain(*plan_->columns[static_cast<size_t>(column)].type); };
  if (plan_->options.escapechar || !std::all_of(columns_.begin(), columns_.end(), plain)) plain_tries_ = 0;
}

CsvReader::~CsvReader() = default;

// Tops the piece up: the bytes that are left of the last one, then fresh ones.
Status CsvReader::Fill() {
  if (piece_used_ > 0) {
    piece_offset_ += static_cast<int64_t>(piece_used_);
    std::memmove(piece_data(), piece_data() + piece_used_, piece_size_ - piece_used_);
    piece_size_ -= piece_used_;
    piece_used_ = 0;
  }
  const size_t wanted_size = std::max(kPieceBytes, piece_size_ * 2);  // twice: a record did not fit
  const auto capacity = static_cast<int64_t>(wanted_size + CsvFields::kPadding);
  if (!piece_) {
    ASSIGN_OR_RETURN(piece_, arrow::AllocateResizableBuffer(capacity, pool_));
  } else if (piece_->size() < capacity) {
    RETURN_IF_ERROR(piece_->Resize(capacity));
  }
  while (!at_end_ && piece_size_ < wanted_size) {
    auto wanted = static_cast<int64_t>(wanted_size - piece_size_);
    if (range_.end >= 0) wanted = std::min(wanted, range_.end - read_until_);
    auto got = wanted > 0 ? text_->Read(wanted, piece_data() + piece_size_) : Result<int64_t>(0);
    if (!got.ok()) return got.status().WithMessage("cannot read '", path(), "': ", got.status().message());
    if (*got == 0) at_end_ = true;
    piece_size_ += static_cast<size_t>(*got);
    read_until_ += *got;
    if (range_.end >= 0 && read_until_ >= range_.end) at_end_ = true;
  }
  return Status::OK();
}

Status CsvReader::Parse() {
  parser_ =
      std::make_unique<arrow::csv::BlockParser>(pool_, parse_options_, static_cast<int32_t>(plan_->columns.size()), -1);
  while (true) {
    uint32_t used = 0;
    const Status status = at_end_ ? parser_->ParseFinal(piece(), &used) : parser_->Parse(piece(), &used);
    if (!status.ok()) {
      if (bad_row_) return RaggedRow();
      return status.WithMessage("'", path(), "': ", status.message());
    }
    piece_used_ = used;
    if (used > 0 || at_end_) return Status::OK();
    RETURN_IF_ERROR(Fill());  // a record longer than the piece
  }
}

Result<std::shared_ptr<arrow::RecordBatch>> CsvReader::Next() {
  if (converters_.empty()) {
    for (const int column : columns_) {
      const auto& type = plan_->columns[static_cast<size_t>(column)].type;
      ASSIGN_OR_RETURN(auto converter, arrow::csv::Converter::Make(ParsedType(type), plan_->convert, pool_));
      converters_.push_back(std::move(converter));
    }
  }
  while (rows_left_ > 0) {
    RETURN_IF_ERROR(Fill());
    if (piece_size_ == 0) return nullptr;
    if (plain_tries_ > 0) {
      ASSIGN_OR_RETURN(auto batch, ConvertPlainPiece());
      if (batch) return batch;
      --plain_tries_;
    }
    RETURN_IF_ERROR(Parse());
    if (parser_->num_rows() > 0) return Convert();
    if (piece_used_ == 0) return nullptr;
  }
  return nullptr;
}

Result<std::shared_ptr<arrow::RecordBatch>> CsvReader::Convert() {
  const int64_t rows = std::min<int64_t>(parser_->num_rows(), rows_left_);
  rows_left_ -= rows;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  arrays.reserve(columns_.size() + 1);
  for (size_t i = 0; i < columns_.size(); ++i) {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array, ConvertColumn(i));
    arrays.push_back(array->length() > rows ? array->Slice(0, rows) : std::move(array));
  }
  return MakeBatch(rows, std::move(arrays));
}

Result<std::shared_ptr<arrow::RecordBatch>> CsvReader::ConvertPlainPiece() {
  ASSIGN_OR_RETURN(const bool plain, fields_.Cut(piece(), at_end_));
  if (!plain) return nullptr;
  const int64_t rows = std::min(fields_.rows(), rows_left_);
  arrow::ArrayVector arrays;
  bool any_text = false;
  for (const int c : columns_) {
    const arrow::DataType& type = *plan_->columns[static_cast<size_t>(c)].type;
    any_text |= type.id() == arrow::Type::LARGE_STRING;
    ASSIGN_OR_RETURN(auto array, ConvertPlain(fields_, c, rows, type, missing_, plan_->convert.decimal_point, pool_));
    if (!array) return nullptr;
    arrays.push_back(std::move(array));
  }
  // Separators are ASCII: the whole is UTF-8 when, and only when, each field is.
  if (any_text && !arrow::util::ValidateUTF8(piece().substr(0, fields_.used_bytes()))) return nullptr;
  rows_left_ -= rows;
  piece_used_ = fields_.used_bytes();
  return MakeBatch(rows, std::move(arrays));
}

Result<std::shared_ptr<arrow::RecordBatch>> CsvReader::MakeBatch(int64_t rows, arrow::ArrayVector arrays) const {
  if (schema_->num_fields() > static_cast<int>(arrays.size())) {  // include_path_column, always last
    ASSIGN_OR_RETURN(auto indices, arrow::MakeArrayFromScalar(arrow::Int32Scalar(0), rows, pool_));
    ASSIGN_OR_RETURN(auto values, arrow::MakeArrayFromScalar(arrow::LargeStringScalar(path()), 1, pool_));
    arrays.push_back(std::make_shared<arrow::DictionaryArray>(schema_->fields().back()->type(), indices, values));
  }
  return arrow::RecordBatch::Make(schema_, rows, std::move(arrays));
}

Result<std::shared_ptr<arrow::Array>> CsvReader::ConvertColumn(size_t number) {
  const CsvColumn& column = plan_->columns[static_cast<size_t>(columns_[number])];
  auto converted = converters_[number]->Convert(*parser_, columns_[number]);
  if (!converted.ok()) return WrongValue(columns_[number], converted.status());
  std::shared_ptr<arrow::Array> array = std::move(*converted);
  if (arrow::is_integer(array->type_id()) && array->null_count() > 0) {
    return WrongValue(columns_[number], Status::OK());
  }
  if (column.type->id() == arrow::Type::DICTIONARY) {
    arrow::compute::ExecContext context(pool_);
    ASSIGN_OR_RETURN(
        const arrow::Datum encoded,
        arrow::compute::DictionaryEncode(array, arrow::compute::DictionaryEncodeOptions::Defaults(), &context));
    array = encoded.make_array();
  }
  return array;
}

Result<int64_t> CsvReader::LineAt(size_t offset_in_piece) const {
  int64_t line = 1 + std::count(piece_data(), piece_data() + offset_in_piece, '\n');
  ASSIGN_OR_RETURN(const auto text, OpenText(*plan_->store, path(), plan_->options));
  std::vector<char> buffer(1 << 20);
  for (int64_t left = piece_offset_; left > 0;) {
    ASSIGN_OR_RETURN(const int64_t got, text->Read(std::min<int64_t>(left, 1 << 20), buffer.data()));
    if (got == 0) break;
    line += std::count(buffer.data(), buffer.data() + got, '\n');
    left -= got;
  }
  return line;
}

Status CsvReader::RaggedRow() const {
  const size_t offset = piece().find(bad_row_->text);
  ASSIGN_OR_RETURN(const int64_t line, LineAt(offset == std::string_view::npos ? 0 : offset));
  return Status::Invalid("'", path(), "', line ", line, ": expected ", bad_row_->expected, " fields, saw ",
                         bad_row_->actual, ": '", Shown(bad_row_->text),
                         "'; pass on_bad_lines='skip' to leave such rows out");
}

// Finds the value that made the conversion fail, one record after the other: only errors pay for it.
Status CsvReader::WrongValue(int column_index, const Status& cause) const {
  const CsvColumn& column = plan_->columns[static_cast<size_t>(column_index)];
  ASSIGN_OR_RETURN(auto text_converter, arrow::csv::Converter::Make(arrow::large_utf8(), plan_->convert));
  ASSIGN_OR_RETURN(auto converter, arrow::csv::Converter::Make(ParsedType(column.type), plan_->convert));
  ASSIGN_OR_RETURN(const auto as_float, arrow::csv::Converter::Make(arrow::float64(), plan_->convert));
  const bool all_floats = as_float->Convert(*parser_, column_index).ok();
  int64_t row = 0;
  int64_t bad = -1;
  std::string value;
  const Status visited =
      parser_->VisitColumn(column_index, [&](const uint8_t* data, uint32_t size, bool, bool missing) {
        const std::string field(reinterpret_cast<const char*>(data), size);
        std::string quoted = "\"";
        for (const char c : field) quoted += c == '"' ? "\"\"" : std::string(1, c);
        arrow::csv::BlockParser one(arrow::csv::ParseOptions::Defaults(), 1);
        uint32_t used = 0;
        RETURN_IF_ERROR(one.ParseFinal(quoted + "\"\n", &used));
        auto array = converter->Convert(one, 0);
        const bool wrong = missing
                               ? arrow::is_integer(*ParsedType(column.type))
                               : !array.ok() || (arrow::is_integer((*array)->type_id()) && (*array)->null_count() > 0);
        if (!wrong) {
          ++row;
          return Status::OK();
        }
        bad = row;
        value = field;
        return Status::Cancelled("found");
      });
  if (bad < 0)
    return visited.ok() ? cause.WithMessage("'", path(), "', column '", column.name, "': ", cause.message()) : visited;
  const size_t offset = OffsetOfRow(CsvLexer(plan_->options), piece(), bad, plan_->options.skip_blank_lines);
  ASSIGN_OR_RETURN(const int64_t line, LineAt(offset));
  const bool missing = cause.ok();
  std::string advice = "pass dtype={'" + column.name + "': '" + (all_floats ? "float64" : "str") + "'}";
  if (all_floats && column.inferred) advice += " or assume_missing=True";
  return Status::Invalid(
      "'", path(), "', line ", line, ", column '", column.name, "': ", missing ? "a missing value" : "the value", " '",
      Shown(value), "' does not fit ", DtypeName(*column.type),
      column.inferred ? ", the dtype inferred from the head of the first file; " : ", the dtype asked for; ", advice);
}

}  // namespace swath::io
