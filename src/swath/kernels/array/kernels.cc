#include "swath/kernels/array/kernels.h"

namespace swath::kernels {

std::span<const KernelEntry> ArrayKernels() { return {}; }

}  // namespace swath::kernels
