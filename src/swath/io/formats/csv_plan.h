// CsvPlan: what all partitions of a CSV scan share: the files, how fields are cut and what each column becomes.
// Immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arrow/csv/options.h"
#include "arrow/io/type_fwd.h"
#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/io/stores/store.h"
#include "swath/ops/csv_options.h"

namespace swath::io {

struct CsvColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;  // of the result
  bool inferred = true;
};

// The rows before the data of one file.
struct CsvHead {
  std::vector<std::string> names;  // of the header, made unique; "0", "1", … without one
  int64_t data_start = 0;          // of the first data record, in bytes of the (uncompressed) text
};

struct CsvPlan {
  std::shared_ptr<const Store> store;
  std::vector<FileInfo> files;
  ops::CsvReadOptions options;
  std::vector<CsvColumn> columns;  // all of the file, in its order
  arrow::csv::ParseOptions parse;
  arrow::csv::ConvertOptions convert;
};

// Has `path` to be read from its start, by one task: compressed, another encoding, text that is filtered, a limit of
// rows?
bool IsStream(const std::string& path, const ops::CsvReadOptions& options);
// The UTF-8 text of a file from its start: decompressed, converted, without comments.
Result<std::shared_ptr<arrow::io::InputStream>> OpenText(const Store& store, const std::string& path,
                                                         const ops::CsvReadOptions& options);
// Parses the head of a text. `complete`: `text` is the whole file. Invalid when the header is not within `text`.
Result<CsvHead> ParseHead(std::string_view text, bool complete, const std::string& path,
                          const ops::CsvReadOptions& options);
// Checks options, expands `paths`, reads the head of the first file and decides the columns.
Result<std::shared_ptr<const CsvPlan>> MakeCsvPlan(const std::vector<std::string>& paths,
                                                   const ops::CsvReadOptions& options);
// The converter's type for a column: categories are read as text and then encoded.
std::shared_ptr<arrow::DataType> ParsedType(const std::shared_ptr<arrow::DataType>& type);

}  // namespace swath::io
