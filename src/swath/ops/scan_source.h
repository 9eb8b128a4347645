// ScanSource: a table on storage, as the optimizer and the table pipeline see it. Formats (io/formats) implement it and
// tell the optimizer what they can push down. Immutable and thread-safe; WithX returns a new source. No data is read
// before Open.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/compute/type_fwd.h"
#include "arrow/type_fwd.h"

#include "swath/base/status.h"

namespace swath::ops {

// Record batches of one partition, in row order. Not thread-safe.
class BatchReader {
 public:
  virtual ~BatchReader() = default;
  // The next batch, or null at the end. Columns are those of the source's schema(), in its order.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Next() = 0;
};

class ScanSource {
 public:
  virtual ~ScanSource() = default;
  virtual std::string_view format() const = 0;                       // "csv", "parquet", "memory"
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;  // after projection
  virtual int64_t partition_count() const = 0;
  virtual std::string PartitionName(int64_t partition) const = 0;  // "flights-01.csv [0, 64 MiB)"
  virtual int64_t EstimatedBytes(int64_t partition) const = 0;     // in memory, after projection
  // Exact rows where metadata tell (Parquet footers), else nullopt.
  virtual Result<std::optional<int64_t>> RowCount(int64_t partition) const { return std::nullopt; }

  // The number that the first row of a partition has in an index of row numbers: 0, or what a writer recorded (pandas'
  // RangeIndex).
  virtual int64_t FirstRowNumber(int64_t) const { return 0; }

  // Reads only these columns, in this order.
  virtual Result<std::shared_ptr<const ScanSource>> WithColumns(std::vector<std::string> columns) const = 0;
  // May skip rows for which `predicate` is not true (row groups by their statistics). The caller still filters. Null
  // when the format cannot use it.
  virtual Result<std::shared_ptr<const ScanSource>> WithPredicate(const arrow::compute::Expression& predicate) const {
    return nullptr;
  }

  // Delivers these text columns as dictionaries, where they are stored so: schema() says which. Null when none is.
  virtual Result<std::shared_ptr<const ScanSource>> WithDictionaries(const std::vector<std::string>& columns) const {
    return nullptr;
  }

  virtual Result<std::unique_ptr<BatchReader>> Open(int64_t partition, arrow::MemoryPool* pool) const = 0;
  // Structural identity for tokens: paths with size and modification time, options, columns, predicate.
  virtual std::string Fingerprint() const = 0;
  virtual std::string ToString()
      const = 0;  // one line for plans: "read_csv(flights-*.csv, columns=[carrier, dep_delay])"
};

}  // namespace swath::ops
