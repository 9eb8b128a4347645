// The plain list of all kernels: op name -> function. A kernel is pure data -> data: it gets the op's parameters, the
// values of its dependencies in Layer order, and a context; it never starts threads, opens files itself or knows
// graphs.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/ops/op_params.h"

namespace swath::ops {
class PythonExecutor;
}

namespace swath::kernels {

// Where a kernel puts what does not fit: written in large blocks, checksummed, read back once. Given by exec.
class SpillSink {
 public:
  virtual ~SpillSink() = default;
  // Takes `value` out of memory; the returned id reads it back.
  virtual Result<int64_t> Write(const Value& value) = 0;
  virtual Result<Value> Read(int64_t id) = 0;
  virtual void Remove(int64_t id) = 0;
};

struct TaskContext {
  int64_t block = 0;  // the task's number in its layer
  arrow::MemoryPool* memory_pool = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
  SpillSink* spill = nullptr;               // null: nothing can be spilled
  int64_t memory_budget_bytes = INT64_MAX;  // of the task's own state; beyond it, spill
  ops::PythonExecutor* python = nullptr;    // child processes for Python functions (ops/python_call.h)
  bool python_in_processes = false;         // the run asks for them

  // Kernels call it between tiles or batches (at least every few milliseconds).
  Status CheckCancelled() const {
    return cancelled && cancelled->load(std::memory_order_relaxed) ? Status::Cancelled("the computation was cancelled")
                                                                   : Status::OK();
  }
};

using Kernel = Result<Value> (*)(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context);

struct KernelEntry {
  std::string_view op;
  Kernel kernel;
};

// All kernels, in the order of registry.cc.
std::span<const KernelEntry> AllKernels();
// The kernel of an op; KeyError when there is none.
Result<Kernel> FindKernel(std::string_view op);
// Initialises Arrow's registries and ours, once. Called by every runtime before its first task.
void InitializeKernels();

}  // namespace swath::kernels
