// Reading Parquet files as partitions of row groups. Footers are read once (in parallel, and kept while the files do
// not change).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "swath/base/status.h"
#include "swath/ops/parquet_options.h"
#include "swath/ops/scan_source.h"

namespace swath::io {

// What the pandas metadata of the files say about the index.
struct PandasIndexLevel {
  std::string column;  // empty: a RangeIndex, not stored as a column
  std::optional<std::string> name;
};

struct ParquetDataset {
  std::shared_ptr<const ops::ScanSource> source;
  std::vector<PandasIndexLevel> index;  // empty: no pandas metadata, or a RangeIndex
};

// `paths`: files, globs or folders. FileNotFound when nothing is there; Invalid when a file is not Parquet or its
// schema differs.
Result<ParquetDataset> OpenParquet(const std::vector<std::string>& paths, const ops::ParquetReadOptions& options = {});
Result<std::shared_ptr<const ops::ScanSource>> MakeParquetSource(const std::vector<std::string>& paths,
                                                                 const ops::ParquetReadOptions& options = {});

}  // namespace swath::io
