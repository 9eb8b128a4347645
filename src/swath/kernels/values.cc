#include "swath/kernels/values.h"

#include "swath/ops/values.h"

namespace swath::kernels {
namespace {

Result<Value> SourceValues(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& values = static_cast<const ops::ValuesParams&>(params).values;
  CHECK(inputs.empty());
  CHECK(context.block >= 0 && context.block < static_cast<int64_t>(values.size()));
  return values[static_cast<size_t>(context.block)];
}

// Does nothing: what tasks cost without their work (benchmarks/native/tasks_swath.cc).
Result<Value> Noop(const ops::OpParams&, std::span<const Value>, TaskContext&) { return Value(); }

constexpr KernelEntry kKernels[] = {
    {ops::ValuesParams::kOp, SourceValues},
    {"noop", Noop},
};

}  // namespace

std::span<const KernelEntry> ValueKernels() { return kKernels; }

}  // namespace swath::kernels
