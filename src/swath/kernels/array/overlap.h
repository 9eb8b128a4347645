// The kernel "array.overlap" (contract: ops/overlap.h).
#pragma once

#include <span>

#include "swath/kernels/registry.h"

namespace swath::kernels {

std::span<const KernelEntry> OverlapKernels();

}  // namespace swath::kernels
