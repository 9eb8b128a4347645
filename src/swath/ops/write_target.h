// WriteTarget: a set of files that a table is written to, one a partition. Formats (io/formats) implement it; the table
// pipeline uses it without knowing them. Immutable and thread-safe. A file is written under a temporary name and
// renamed when complete: an error or a cancelled task leaves nothing behind.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"

namespace swath::ops {

// One file. Not thread-safe. Destroyed before Finish succeeded: the temporary file is removed.
class PartitionWriter {
 public:
  virtual ~PartitionWriter() = default;
  virtual Status Write(const std::shared_ptr<arrow::RecordBatch>& batch) = 0;
  // Closes the file and gives it its name; returns its size in bytes.
  virtual Result<int64_t> Finish() = 0;
};

class WriteTarget {
 public:
  virtual ~WriteTarget() = default;
  virtual std::string_view format() const = 0;            // "csv", "parquet"
  virtual std::string Path(int64_t partition) const = 0;  // "out/part.3.parquet"
  virtual Result<std::unique_ptr<PartitionWriter>> Open(int64_t partition, const std::shared_ptr<arrow::Schema>& schema,
                                                        arrow::MemoryPool* pool) const = 0;
  virtual std::string Fingerprint() const = 0;  // for tokens
  virtual std::string ToString() const = 0;     // "to_parquet(out/, snappy)"

  // The time in which a task has a file open. A task begins one, looks whether its run is over, and only then opens.
  class Session {
   public:
    explicit Session(const WriteTarget& target);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

   private:
    const WriteTarget& target_;
  };
  // Waits until no task has a file open: a run that failed or was cancelled is over before those of its tasks that run.
  void Settle() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable settled_;
  mutable int sessions_ = 0;
};

}  // namespace swath::ops
