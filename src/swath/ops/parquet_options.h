// ParquetReadOptions and ParquetWriteOptions, with Dask's names and defaults.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

namespace swath::ops {

struct ParquetReadOptions {
  std::optional<std::vector<std::string>> columns = {};
  std::vector<std::string> categories = {};  // read as dictionaries
  // How row groups become partitions. kInfer and kAdaptive: neighbours of one file are joined, and big files cut, to
  // about `blocksize` bytes of uncompressed columns; kTrue: `row_groups_per_partition` each; kFalse: one partition a
  // file.
  enum class SplitRowGroups : uint8_t { kInfer, kAdaptive, kTrue, kFalse } split_row_groups = SplitRowGroups::kInfer;
  int64_t row_groups_per_partition = 1;
  int64_t blocksize = 256 << 20;
  bool aggregate_files = false;                                        // small files may share a partition
  std::vector<std::string> extensions = {".parq", ".parquet", ".pq"};  // of files in a folder
};

struct ParquetWriteOptions {
  std::string compression = "snappy";  // "snappy", "gzip", "brotli", "lz4", "zstd", "none"
  std::optional<int> compression_level = {};
  int64_t row_group_rows = 1 << 20;
  bool use_dictionary = true;
  bool write_statistics = true;
  // The pandas metadata of the files: which columns are the index, with the names that the user sees (empty: none).
  std::vector<std::string> index_columns = {};
  std::vector<std::optional<std::string>> index_names = {};
  bool write_pandas_metadata = true;
  // Columns whose values name folders ("carrier=UA/part.0.parquet") instead of being stored.
  std::vector<std::string> partition_on = {};
};

}  // namespace swath::ops
