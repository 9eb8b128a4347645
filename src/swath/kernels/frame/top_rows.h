// TopRows: the first n rows by some sort keys, kept while batches stream by. State: at most a few times n rows. Not
// thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/kernels/registry.h"
#include "swath/ops/table_pipeline.h"

namespace swath::kernels {

class TopRows {
 public:
  TopRows(const ops::TopSink& sink, std::shared_ptr<arrow::Schema> schema, TaskContext* context);
  Status Consume(const std::shared_ptr<arrow::RecordBatch>& batch);
  Result<std::shared_ptr<arrow::Table>> Finish();

 private:
  Status Cut();
  Result<std::shared_ptr<arrow::Table>> Best();

  const ops::TopSink& sink_;
  std::shared_ptr<arrow::Schema> schema_;
  TaskContext* context_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  int64_t rows_ = 0;
  bool latest_first_ = false;  // the input is a keep-last result
};

}  // namespace swath::kernels
