// The "pandas" entry of a schema's metadata: which columns are the index. Read and written as pyarrow does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/io/formats/parquet_source.h"
#include "swath/ops/parquet_options.h"

namespace swath::io {

// The stored index columns; empty without metadata or for a RangeIndex.
Result<std::vector<PandasIndexLevel>> ReadPandasIndex(const arrow::Schema& schema);
// The start of a RangeIndex that counts in ones, from the text of the "pandas" entry; 0 without one.
int64_t PandasRangeStart(const std::string& pandas_entry);
// `schema` with the metadata that pandas reads.
std::shared_ptr<arrow::Schema> WithPandasMetadata(const std::shared_ptr<arrow::Schema>& schema,
                                                  const ops::ParquetWriteOptions& options);

}  // namespace swath::io
