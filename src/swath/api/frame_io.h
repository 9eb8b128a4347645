// Tables from and to storage and memory. All functions throw swath::Error classes (api/error.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "swath/api/dataframe.h"
#include "swath/base/units.h"
#include "swath/ops/scan_source.h"
#include "swath/ops/write_target.h"

namespace swath {

using namespace literals;  // NOLINT(google-build-using-namespace): 64_MiB in options

// pandas.read_csv's options that apply to blocks of files; names follow C++ where pandas' are not identifiers.
struct ReadCsvOptions {
  int64_t blocksize = 64_MiB;  // bytes of a partition; <= 0: one partition a file
  char sep = ',';
  bool header = true;                     // the first row holds the names
  std::vector<std::string> names = {};    // of the columns, instead of the header's
  std::vector<std::string> usecols = {};  // read only these; empty: all
  std::vector<int64_t> usecols_positions = {};
  std::map<std::string, std::shared_ptr<arrow::DataType>> dtype = {};  // "" is for all columns
  std::vector<std::string> parse_dates = {};
  std::vector<std::string> na_values = {};  // besides the default ones
  bool keep_default_na = true;
  char quotechar = '"';
  bool doublequote = true;
  std::optional<char> escapechar = {};
  int64_t skiprows = 0;
  char decimal = '.';
  std::vector<std::string> true_values = {};
  std::vector<std::string> false_values = {};
  bool skip_blank_lines = true;
  bool assume_missing = false;  // integer columns not named in `dtype` become floats
  std::string compression = "infer";
  int64_t sample = 256000;               // bytes that the dtypes are inferred from
  std::string include_path_column = {};  // the name of a column with each row's path; empty: none
};

struct ReadParquetOptions {
  std::vector<std::string> columns = {};               // empty: all
  std::optional<std::vector<std::string>> index = {};  // columns of the index; none: as the files' pandas metadata say
  int64_t blocksize =
      0;  // bytes of a partition, of whole row groups; 0: the default, about 256 MiB; negative: one partition a file
};

// Paths may be globs. FileNotFoundError for a missing file, OSError for a pattern that matches nothing.
DataFrame read_csv(const std::string& path, const ReadCsvOptions& options = {});
DataFrame read_csv(const std::vector<std::string>& paths, const ReadCsvOptions& options = {});
DataFrame read_parquet(const std::string& path, const ReadParquetOptions& options = {});
DataFrame read_parquet(const std::vector<std::string>& paths, const ReadParquetOptions& options = {});
// A table of any other source of record batches.
DataFrame from_scan(std::shared_ptr<const ops::ScanSource> source);

struct FromTableOptions {
  int64_t npartitions = 1;
  std::vector<int64_t> offsets = {};    // instead: partition p holds the rows [offsets[p], offsets[p + 1])
  std::vector<std::string> index = {};  // columns that are the index; empty: rows counted from 0
  std::vector<std::optional<std::string>> labels = {};  // the index's names; empty: those of its columns
  expr::Divisions divisions = {};
};
// Keeps a reference, copies nothing.
DataFrame from_table(const std::shared_ptr<arrow::Table>& table, const FromTableOptions& options = {});

struct WriteOptions {
  bool index = true;  // write the index columns (never the row numbers of files)
  // "none", "snappy" (default of Parquet), "zstd", "gzip", "lz4", "brotli", "bz2" (CSV only). Empty: the default; of
  // CSV it follows from the suffix of the file's name.
  std::string compression = {};
  char sep = ',';  // of CSV
  bool header = true;
  std::string na_rep = {};
  int64_t row_group_rows = 0;                  // of Parquet; 0: the writer's choice
  std::vector<std::string> partition_on = {};  // of Parquet: columns whose values name folders: "carrier=UA/…"
};
// Each partition becomes one file, written under a temporary name and renamed when complete. `paths`: one a partition,
// or
std::vector<std::string> to_parquet(const DataFrame& frame, const std::string& path, const WriteOptions& options = {});
std::vector<std::string> to_csv(const DataFrame& frame, const std::string& path, const WriteOptions& options = {});
// The writing itself, lazily: one row a partition with its path, rows and bytes. `paths`: one a partition.
DataFrame write(const DataFrame& frame, const std::string& format, const std::vector<std::string>& paths,
                const WriteOptions& options = {});
DataFrame write(const DataFrame& frame, std::shared_ptr<const ops::WriteTarget> target);

}  // namespace swath
