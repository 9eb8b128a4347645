// Kernels that only hand values on: "source.values".
#pragma once

#include <span>

#include "swath/kernels/registry.h"

namespace swath::kernels {

std::span<const KernelEntry> ValueKernels();

}  // namespace swath::kernels
