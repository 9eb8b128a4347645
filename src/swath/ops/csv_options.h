// CsvReadOptions and CsvWriteOptions: how text becomes a table and back, with pandas' (and Dask's) names and defaults.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

namespace swath::ops {

struct CsvReadOptions {
  char sep = ',';
  // The row with the names, counted after `skiprows`; nullopt: there is none. The default 0 is pandas' "infer": with
  // `names` given and header_inferred set, there is none.
  std::optional<int32_t> header = 0;
  bool header_inferred = true;
  std::vector<std::string> names = {};    // replace those of the header
  std::vector<std::string> usecols = {};  // empty: all; the result is in file order, as in pandas
  // The type of every column, or per column (large_string for str, dictionary for "category"). The rest is inferred.
  std::shared_ptr<arrow::DataType> dtype = {};
  std::map<std::string, std::shared_ptr<arrow::DataType>> dtypes = {};
  std::vector<std::string> parse_dates = {};  // become timestamp[us], or timestamp[us, UTC] when the text has an offset
  std::string date_format = {};               // strptime's; empty: ISO 8601
  bool assume_missing = false;                // integer columns that are inferred become float64
  std::vector<std::string> na_values = {};    // in addition to the default ones
  bool keep_default_na = true;
  bool na_filter = true;
  std::vector<std::string> true_values = {},
                           false_values = {};  // in addition to True, TRUE, true and False, FALSE, false
  char quotechar = '"';
  bool quoting = true;  // false: csv.QUOTE_NONE
  bool doublequote = true;
  std::optional<char> escapechar = {};
  std::optional<char> comment = {};  // the rest of such a line is left out; the file is then one partition
  char decimal = '.';
  bool skipinitialspace = false;  // the file is then one partition, as with another encoding
  bool skip_blank_lines = true;
  int64_t skiprows = 0;               // lines at the head of each file
  std::optional<int64_t> nrows = {};  // of each file; such a file is one partition
  enum class BadLines : uint8_t { kError, kSkip } on_bad_lines = BadLines::kError;
  std::string encoding = "utf-8";        // "utf-8", "utf-8-sig", "latin-1", "ascii"
  std::string compression = "infer";     // by suffix: .gz .bz2 .zst .lz4 .br; or "gzip" "bz2" "zstd" …, "none"
  int64_t blocksize = 64 << 20;          // bytes of a partition; 0: one partition a file
  int64_t sample = 256000;               // bytes of the first file that types are inferred from
  std::string include_path_column = {};  // not empty: a dictionary column of this name with the file of each row
};

struct CsvWriteOptions {
  char sep = ',';
  std::string na_rep = {};
  bool header = true;
  bool header_first_partition_only = false;  // set for single_file
  bool single_file = false;                  // all partitions to one file (the caller sends them to one task)
  char quotechar = '"';
  enum class Quoting : uint8_t { kMinimal, kAll, kNone } quoting = Quoting::kMinimal;
  std::string lineterminator = "\n";
  std::string date_format = {};       // strftime's; empty: as pandas shows the column
  std::string compression = "infer";  // by suffix; "gzip", "zstd", …, "none"
  // The name of a column in the header where it differs (index columns without a name are written as "").
  std::map<std::string, std::string> header_names = {};
};

}  // namespace swath::ops
