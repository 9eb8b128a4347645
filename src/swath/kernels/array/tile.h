// The kernel "array.tile" (parameters and contract: ops/tile_program.h).
#pragma once

#include <span>

#include "swath/kernels/registry.h"

namespace swath::kernels {

std::span<const KernelEntry> TileKernels();

}  // namespace swath::kernels
