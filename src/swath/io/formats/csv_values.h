// Converting the fields of plain CSV text (csv_fields.h) to columns: ints, floats and text, to the very values that
// Arrow's converters give. Short numbers are read eight digits at a time; what is longer, or not digits alone, goes
// through Arrow's parsers one value at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/io/formats/csv_fields.h"

namespace swath::io {

// A set of a few short texts, asked for every field: most answers are known from the length.
class MissingTexts {
 public:
  explicit MissingTexts(const std::vector<std::string>& texts);
  bool Contains(std::string_view text) const {
    if (text.size() >= by_length_.size()) return false;
    for (const std::string& missing : by_length_[text.size()]) {
      if (missing == text) return true;
    }
    return false;
  }

 private:
  std::vector<std::vector<std::string>> by_length_;
};

// Is there a conversion to the type?
bool ConvertsPlain(const arrow::DataType& type);

// The column of `rows` rows; null where a value does not fit the type, or an int is missing: errors are told by Arrow's
// way. Text is not checked to be UTF-8.
Result<std::shared_ptr<arrow::Array>> ConvertPlain(const CsvFields& fields, int32_t column, int64_t rows,
                                                   const arrow::DataType& type, const MissingTexts& missing,
                                                   char decimal_point, arrow::MemoryPool* pool);

}  // namespace swath::io
