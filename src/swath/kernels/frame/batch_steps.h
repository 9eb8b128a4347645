// BatchSteps: the filters and projections of a pipeline, bound once to the types of its batches and then run batch by
// batch. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arrow/compute/expression.h"
#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/kernels/registry.h"
#include "swath/ops/table_pipeline.h"

namespace swath::kernels {

class BatchSteps {
 public:
  // `input`: the schema of the batches, with the row column (if any). `scalars`: one-row Partitions, seen as "$0",
  // "$1", ….
  static Result<BatchSteps> Make(const ops::TablePipeline& pipeline, std::shared_ptr<arrow::Schema> input,
                                 std::span<const Value> scalars, arrow::MemoryPool* pool);
  const std::shared_ptr<arrow::Schema>& output() const { return output_; }
  Result<std::shared_ptr<arrow::RecordBatch>> Run(std::shared_ptr<arrow::RecordBatch> batch) const;

 private:
  struct Step {
    bool filter = false;
    std::vector<arrow::compute::Expression> expressions;  // bound
    std::shared_ptr<arrow::Schema> input;                 // of the batch, then the scalars
    std::shared_ptr<arrow::Schema> output;
    ops::CallSites sites;                             // of the unbound expressions
    std::vector<arrow::compute::Expression> unbound;  // for errors only
  };
  Result<std::shared_ptr<arrow::RecordBatch>> RunStep(const Step& step,
                                                      const std::shared_ptr<arrow::RecordBatch>& batch) const;
  arrow::compute::ExecBatch InputOf(const Step& step, const arrow::RecordBatch& batch) const;
  // `failure` of a step with the line that wrote the call in which it fails, where that is known.
  Status Blame(const Step& step, const arrow::RecordBatch& batch, const Status& failure) const;

  std::vector<Step> steps_;
  std::vector<std::shared_ptr<arrow::Scalar>> scalars_;
  std::shared_ptr<arrow::Schema> output_;
  arrow::MemoryPool* pool_ = nullptr;
};

// Rows of `batch` for which `mask` (bool) is true. All or none of them cost nothing.
Result<std::shared_ptr<arrow::RecordBatch>> FilterBatch(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                        const std::shared_ptr<arrow::Array>& mask,
                                                        arrow::MemoryPool* pool);

}  // namespace swath::kernels
