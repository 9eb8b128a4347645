// The array kernels that work on whole blocks (parameters: ops/array_blocks.h), as rows of the list in kernels.cc.
#pragma once

#include <span>

#include "swath/kernels/registry.h"

namespace swath::kernels {

std::span<const KernelEntry> RearrangeKernels();      // array.pass, array.view, array.concat, array.reshape
std::span<const KernelEntry> ContractKernels();       // array.contract
std::span<const KernelEntry> CombineKernels();        // array.combine (parameters: ops/reduction.h)
std::span<const KernelEntry> TakeKernels();           // array.take (parameters: ops/take.h)
std::span<const KernelEntry> BlockFunctionKernels();  // array.block_function (parameters: ops/block_function.h)
std::span<const KernelEntry> CumulativeKernels();     // array.carries, array.cumulative

}  // namespace swath::kernels
