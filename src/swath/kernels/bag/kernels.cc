#include "swath/kernels/bag/kernels.h"

#include "swath/ops/bag_pipeline.h"

namespace swath::kernels {
namespace {

constexpr KernelEntry kKernels[] = {
    {ops::BagPipeline::kOp, RunBagPipeline},
    {ops::BagMerge::kOp, RunBagMerge},
    {ops::BagConcat::kOp, RunBagConcat},
};

}  // namespace

std::span<const KernelEntry> BagKernels() { return kKernels; }

}  // namespace swath::kernels
