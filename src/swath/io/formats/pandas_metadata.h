// The "pandas" entry of a schema's metadata: which columns are the index. Read and written as pyarrow does.
#pragma once

#include <memory>
#include <vector>

#include "arrow/type_fwd.h"
#include "swath/base/status.h"
#include "swath/io/formats/parquet_source.h"
#include "swath/ops/parquet_options.h"

namespace swath::io {

// The stored index columns; empty without metadata or for a RangeIndex.
Result<std::vector<PandasIndexLevel>> ReadPandasIndex(const arrow::Schema& schema);
// `schema` with the metadata that pandas reads.
std::shared_ptr<arrow::Schema> WithPandasMetadata(const std::shared_ptr<arrow::Schema>& schema, const ops::ParquetWriteOptions& options);

}  // namespace swath::io
