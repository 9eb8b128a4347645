#include "swath/kernels/function_calls.h"

#include "swath/ops/function_call.h"

namespace swath::kernels {
namespace {

Result<Value> Make(const ops::FunctionCall& call, std::span<const Value> inputs, const TaskContext& context) {
  RETURN_IF_ERROR(context.CheckCancelled());
  Result<Value> result = call.Call(inputs, {.block = context.block,
                                            .memory_pool = context.memory_pool,
                                            .cancelled = context.cancelled,
                                            .python = context.python,
                                            .python_in_processes = context.python_in_processes});
  if (!result.ok() && !call.location().empty()) return WithLocation(result.status(), call.location());
  return result;
}

Result<Value> CallOne(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& calls = static_cast<const ops::FunctionCalls&>(params).calls;
  CHECK(context.block >= 0 && context.block < static_cast<int64_t>(calls.size()));
  return Make(*calls[static_cast<size_t>(context.block)], inputs, context);
}

Result<Value> CallMap(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  return Make(*static_cast<const ops::FunctionMap&>(params).call, inputs, context);
}

constexpr KernelEntry kKernels[] = {
    {ops::FunctionCalls::kOp, CallOne},
    {ops::FunctionMap::kOp, CallMap},
};

}  // namespace

std::span<const KernelEntry> FunctionKernels() { return kKernels; }

}  // namespace swath::kernels
