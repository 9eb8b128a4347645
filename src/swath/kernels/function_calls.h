// The kernels "function.calls" and "function.map": they make the calls of ops/function_call.h.
#pragma once

#include <span>

#include "swath/kernels/registry.h"

namespace swath::kernels {

std::span<const KernelEntry> FunctionKernels();

}  // namespace swath::kernels
