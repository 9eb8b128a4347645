#include "swath/kernels/frame/kernels.h"

namespace swath::kernels {

std::span<const KernelEntry> FrameKernels() { return {}; }

}  // namespace swath::kernels
