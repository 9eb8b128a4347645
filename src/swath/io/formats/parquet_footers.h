// ParquetFooters: the metadata of files, read once, several at a time, and kept while path, size and modification time stay the same.
// Thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "swath/base/status.h"
#include "swath/io/stores/store.h"

namespace parquet {
class FileMetaData;
}  // namespace parquet

namespace swath::io {

// One footer a file, in order. Invalid "'x.parquet' is not a Parquet file: …".
Result<std::vector<std::shared_ptr<parquet::FileMetaData>>> ReadFooters(const Store& store, const std::vector<FileInfo>& files);

}  // namespace swath::io
