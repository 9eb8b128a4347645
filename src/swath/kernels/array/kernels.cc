#include "swath/kernels/array/kernels.h"

#include <vector>

#include "swath/kernels/array/block_kernels.h"
#include "swath/kernels/array/tile.h"

namespace swath::kernels {
namespace {

// One line a family.
std::vector<KernelEntry> ListArrayKernels() {
  std::vector<KernelEntry> entries;
  for (std::span<const KernelEntry> family : {
           TileKernels(),
           CombineKernels(),
           RearrangeKernels(),
           TakeKernels(),
           ContractKernels(),
           CumulativeKernels(),
           BlockFunctionKernels(),
       }) {
    entries.insert(entries.end(), family.begin(), family.end());
  }
  return entries;
}

}  // namespace

std::span<const KernelEntry> ArrayKernels() {
  static const std::vector<KernelEntry> entries = ListArrayKernels();
  return entries;
}

}  // namespace swath::kernels
