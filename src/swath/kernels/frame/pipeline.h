// The kernels of ops/table_pipeline.h and ops/table_ops.h.
#pragma once

#include <span>

#include "swath/kernels/registry.h"

namespace swath::kernels {

Result<Value> RunTablePipeline(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);
Result<Value> RunMergeGroups(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);
Result<Value> RunConcat(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);
Result<Value> RunZip(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);
Result<Value> RunMergeCounts(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);
Result<Value> RunStackRow(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);

}  // namespace swath::kernels
