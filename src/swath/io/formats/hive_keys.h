// The columns that folder names hold ("out/carrier=UA/month=3/part.0.parquet"), as Hive, Spark, Dask and pyarrow write
// them: each is a category column of the values that occur, of text or, where all are, of integers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"

namespace swath::io {

inline constexpr std::string_view kHiveMissing = "__HIVE_DEFAULT_PARTITION__";

using HivePairs = std::vector<std::pair<std::string, std::string>>;  // key and value, outer folder first

// Of the folders of a path; `from`: where the part of the path begins that may hold them.
HivePairs HivePairsOf(std::string_view path, size_t from);
// "key=value", with the characters escaped that a folder name cannot have; null: the missing value.
std::string HiveFolder(std::string_view key, const std::string* value);

// One such column over all files.
struct HiveColumn {
  std::string name;
  std::shared_ptr<arrow::Array> values;  // distinct, in the order of the files
  std::vector<int32_t> codes;            // by file; -1: missing
  std::shared_ptr<arrow::DataType> type() const;
  std::shared_ptr<arrow::Scalar> Value(size_t file) const;  // of the type of `values`
  Result<std::shared_ptr<arrow::Array>> Column(size_t file, int64_t rows, arrow::MemoryPool* pool) const;
};

// Invalid when the files do not have the same keys.
Result<std::vector<HiveColumn>> HiveColumns(const std::vector<std::string>& paths, const std::vector<HivePairs>& pairs);

}  // namespace swath::io
