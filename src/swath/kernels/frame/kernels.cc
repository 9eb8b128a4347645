#include "swath/kernels/frame/kernels.h"

#include "swath/kernels/frame/cut_rows.h"
#include "swath/kernels/frame/pipeline.h"
#include "swath/ops/table_ops.h"
#include "swath/ops/table_pipeline.h"

namespace swath::kernels {
namespace {

constexpr KernelEntry kKernels[] = {
    {ops::TablePipeline::kOp, RunTablePipeline},
    {ops::MergeGroupsParams::kOp, RunMergeGroups},
    {ops::TableConcatParams::kOp, RunConcat},
    {ops::CutRowsParams::kOp, CutRows},
    {ops::ZipParams::kOp, RunZip},
    {ops::MergeCountsParams::kOp, RunMergeCounts},
    {ops::StackRowParams::kOp, RunStackRow},
};

}  // namespace

std::span<const KernelEntry> FrameKernels() { return kKernels; }

}  // namespace swath::kernels
