// The kernels of bags.
#pragma once

#include <span>

#include "swath/kernels/registry.h"

namespace swath::kernels {

Result<Value> RunBagPipeline(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);
Result<Value> RunBagMerge(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);
Result<Value> RunBagConcat(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);

std::span<const KernelEntry> BagKernels();

}  // namespace swath::kernels
