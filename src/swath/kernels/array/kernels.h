// The kernels of arrays, as rows of the plain list in kernels/registry.cc.
#pragma once

#include <span>

#include "swath/kernels/registry.h"

namespace swath::kernels {

// Static storage; the same span at every call.
std::span<const KernelEntry> ArrayKernels();

}  // namespace swath::kernels
