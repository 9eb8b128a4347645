// CsvFields: the fields of plain CSV text: records of one number of fields each, without quotes, carriage returns and
// blank lines, which is what most files are. Only where fields end is noted (SIMD, at a byte or two a cycle); nothing
// is copied. Text that is not plain is refused, and Arrow's parser reads it. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "arrow/buffer.h"
#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/ops/csv_options.h"

namespace swath::io {

class CsvFields {
 public:
  static constexpr size_t kPadding = 8;  // bytes behind the text that may be read: numbers are loaded by eight

  CsvFields(const ops::CsvReadOptions& options, int32_t columns, arrow::MemoryPool* pool)
      : sep_(options.sep), quote_(options.quoting ? options.quotechar : '\r'), columns_(columns), pool_(pool) {}

  // Cuts the whole records that `text` begins with; when `last`, the final one needs no newline. False: not plain, or
  // no whole record. `text` must stay, with kPadding readable bytes behind it, while fields are asked for.
  Result<bool> Cut(std::string_view text, bool last);
  int64_t rows() const { return rows_; }
  size_t used_bytes() const { return used_bytes_; }  // of the text, by the records

  std::string_view Field(int64_t row, int32_t column) const {
    const int64_t at = row * columns_ + column;
    const uint32_t begin = at == 0 ? 0 : ends_[at - 1] + 1;
    return {text_ + begin, ends_[at] - begin};
  }

 private:
  Status Reserve(int64_t count);
  bool HasEqualRecords(int64_t size) const;

  const char sep_;
  const char quote_;
  const int32_t columns_;
  arrow::MemoryPool* pool_;
  const char* text_ = nullptr;
  std::unique_ptr<arrow::ResizableBuffer> buffer_;
  uint32_t* ends_ = nullptr;  // in buffer_: the offsets of the separators and newlines
  int64_t capacity_ = 0;
  int64_t rows_ = 0;
  size_t used_bytes_ = 0;
};

}  // namespace swath::io
