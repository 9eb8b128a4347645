// HiveWriter: the rows of one partition as files in folders named after the values of some columns:
// "out/carrier=UA/part.3.parquet". The rows are held until the end, then written value by value: one file is open at a
// time, whatever the number of values. Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/ops/write_target.h"

namespace swath::io {

class HiveWriter : public ops::PartitionWriter {
 public:
  // Opens the file for the rows of a folder ("carrier=UA/month=3"), which have the columns of the schema.
  using OpenFile = std::function<Result<std::unique_ptr<ops::PartitionWriter>>(const std::string& folder,
                                                                               const std::shared_ptr<arrow::Schema>&)>;
  HiveWriter(std::vector<std::string> keys, std::shared_ptr<arrow::Schema> schema, OpenFile open,
             arrow::MemoryPool* pool)
      : keys_(std::move(keys)), schema_(std::move(schema)), open_(std::move(open)), pool_(pool) {}

  Status Write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    batches_.push_back(batch);
    return Status::OK();
  }
  Result<int64_t> Finish() override;

 private:
  std::vector<std::string> keys_;
  std::shared_ptr<arrow::Schema> schema_;
  OpenFile open_;
  arrow::MemoryPool* pool_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
};

}  // namespace swath::io
