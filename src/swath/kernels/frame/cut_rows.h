// The kernel of ops::CutRowsParams.
#pragma once

#include "swath/kernels/registry.h"

namespace swath::kernels {

Result<Value> CutRows(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);

}  // namespace swath::kernels
