// How the row groups of Parquet files are read as batches: those that the predicate may match, one file after the
// other, with the columns that folder names hold. Used by parquet_source only.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/compute/expression.h"
#include "arrow/type_fwd.h"
#include "parquet/properties.h"

#include "swath/io/formats/hive_keys.h"
#include "swath/io/formats/parquet_file.h"
#include "swath/io/stores/store.h"
#include "swath/ops/scan_source.h"

namespace parquet {
class SchemaDescriptor;
}

namespace swath::io {

struct RowGroups {
  size_t file = 0;
  int begin = 0;
  int end = 0;
};

struct ParquetPlan {
  std::shared_ptr<const Store> store;
  std::vector<ParquetFile> files;
  std::vector<std::vector<RowGroups>> partitions;
  std::shared_ptr<arrow::Schema> schema;  // of all columns, as delivered
  std::vector<std::string> categories;
  std::vector<HiveColumn> hive;  // columns that folder names hold, behind those of the files

  const HiveColumn* FindHive(const std::string& name) const {
    const auto at =
        std::find_if(hive.begin(), hive.end(), [&](const HiveColumn& column) { return column.name == name; });
    return at == hive.end() ? nullptr : &*at;
  }
};

// The columns named are read as dictionaries.
parquet::ArrowReaderProperties ReaderProperties(const std::vector<std::string>& dictionaries,
                                                const parquet::SchemaDescriptor& schema);

// `predicate`: bound to the plan's schema.
std::unique_ptr<ops::BatchReader> OpenParquetBatches(std::shared_ptr<const ParquetPlan> plan,
                                                     std::vector<RowGroups> groups,
                                                     std::shared_ptr<arrow::Schema> schema,
                                                     std::optional<arrow::compute::Expression> predicate,
                                                     arrow::MemoryPool* pool);

}  // namespace swath::io
