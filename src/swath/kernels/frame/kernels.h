// The kernels of tables, as rows of the plain list in kernels/registry.cc.
#pragma once

#include <span>

#include "swath/kernels/registry.h"

namespace swath::kernels {

// Static storage; the same span at every call.
std::span<const KernelEntry> FrameKernels();

}  // namespace swath::kernels
