// Where the batches of a table task come from: scan partitions opened one after the other, or the task's input values.
// Not thread-safe.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/kernels/registry.h"
#include "swath/ops/table_pipeline.h"

namespace arrow {
class TableBatchReader;
}

namespace swath::kernels {

class BatchSource {
 public:
  static Result<std::unique_ptr<BatchSource>> Make(const ops::TablePipeline& pipeline, std::span<const Value> inputs,
                                                   TaskContext* context);
  virtual ~BatchSource() = default;
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;
  // The next batch, or null at the end. Checks for cancellation.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Next() = 0;
};

// The tables among `values`, with Pieces opened and spilled parts read; empty values are left out.
Status CollectTables(std::span<const Value> values, TaskContext* context,
                     std::vector<std::shared_ptr<arrow::Table>>* tables);

}  // namespace swath::kernels
