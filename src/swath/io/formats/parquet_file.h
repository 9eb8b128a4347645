// What one Parquet file holds, by its footer. Footers are read once and kept while file size and modification time
// stay.
#pragma once

#include <memory>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/io/stores/store.h"

namespace parquet {
class FileMetaData;
}

namespace swath::io {

struct ParquetFile {
  FileInfo info;
  std::shared_ptr<parquet::FileMetaData> footer;
};

// In parallel; the first error in file order.
Result<std::vector<ParquetFile>> ReadFooters(const Store& store, const std::vector<FileInfo>& files);

}  // namespace swath::io
