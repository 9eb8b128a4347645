// Cells of a CSV file as pandas writes them: shortest floats that read back the same ("1.0", "1e-05"), True and False, dates without a time
// when a column has only midnights, quotes only where needed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"
#include "swath/base/status.h"
#include "swath/ops/csv_options.h"

namespace swath::io {

// Appends the text of one column's cells; chosen by the column's type.
class CellWriter {
 public:
  virtual ~CellWriter() = default;
  // TypeError for a type that has no text (lists, structs).
  static Result<std::unique_ptr<CellWriter>> Make(const std::shared_ptr<arrow::Array>& column, const ops::CsvWriteOptions& options);
  virtual void Append(int64_t row, std::string* out) const = 0;
};

// Appends `text`, quoted as the options say.
void AppendQuoted(std::string_view text, const ops::CsvWriteOptions& options, std::string* out);

}  // namespace swath::io
