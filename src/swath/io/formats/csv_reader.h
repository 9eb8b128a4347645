// CsvReader: the batches of one partition of a CSV scan: reads pieces of about a megabyte, cuts them into fields and
// converts the wanted columns. Whole records are taken from each piece; the rest is carried to the next. Plain pieces
// (csv_fields.h) of plain types go a fast way, which gives the same arrays; Arrow's parser and converters take the
// others, and tell what is wrong. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/buffer.h"
#include "arrow/csv/parser.h"
#include "arrow/io/type_fwd.h"
#include "arrow/type_fwd.h"

#include "swath/io/formats/csv_fields.h"
#include "swath/io/formats/csv_plan.h"
#include "swath/io/formats/csv_values.h"
#include "swath/ops/scan_source.h"

namespace arrow::csv {
class Converter;
}

namespace swath::io {

struct CsvRange {
  int64_t file = 0;
  int64_t begin = 0;  // of the text; the first record starts here
  int64_t end = -1;   // behind the last record; -1: to the end of the text
};

class CsvReader : public ops::BatchReader {
 public:
  // `columns`: positions in plan->columns; `text` stands at range.begin.
  CsvReader(std::shared_ptr<const CsvPlan> plan, CsvRange range, std::vector<int> columns,
            std::shared_ptr<arrow::Schema> schema, std::shared_ptr<arrow::io::InputStream> text,
            arrow::MemoryPool* pool);
  ~CsvReader() override;
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override;

 private:
  struct BadRow {
    int32_t expected = 0;
    int32_t actual = 0;
    std::string text;
  };

  Status Fill();
  // The batch of the piece if it is plain, else null.
  Result<std::shared_ptr<arrow::RecordBatch>> ConvertPlainPiece();
  Status Parse();
  Result<std::shared_ptr<arrow::RecordBatch>> Convert();
  Result<std::shared_ptr<arrow::RecordBatch>> MakeBatch(int64_t rows, arrow::ArrayVector arrays) const;
  Result<std::shared_ptr<arrow::Array>> ConvertColumn(size_t number);
  Status RaggedRow() const;
  Status WrongValue(int column, const Status& cause) const;
  Result<int64_t> LineAt(size_t offset_in_piece) const;
  std::string_view piece() const { return {piece_data(), piece_size_}; }
  char* piece_data() const { return reinterpret_cast<char*>(piece_->mutable_data()); }
  const std::string& path() const { return plan_->files[static_cast<size_t>(range_.file)].path; }

  std::shared_ptr<const CsvPlan> plan_;
  const CsvRange range_;
  const std::vector<int> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::io::InputStream> text_;
  arrow::MemoryPool* pool_;
  arrow::csv::ParseOptions parse_options_;
  CsvFields fields_;
  const MissingTexts missing_;
  int plain_tries_;  // left: then all pieces are Arrow's
  std::vector<std::shared_ptr<arrow::csv::Converter>> converters_;
  std::unique_ptr<arrow::csv::BlockParser> parser_;
  std::unique_ptr<arrow::ResizableBuffer> piece_;
  size_t piece_size_ = 0;     // bytes in piece_
  size_t piece_used_ = 0;     // of them, taken by the last Parse
  int64_t piece_offset_ = 0;  // of piece_ in the text
  int64_t read_until_ = 0;    // offset in the text
  bool at_end_ = false;
  int64_t rows_left_;
  std::optional<BadRow> bad_row_;
};

}  // namespace swath::io
