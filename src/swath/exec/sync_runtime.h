// SyncRuntime: runs a graph depth first on the calling thread, only the needed tasks, and drops each value when its
// last dependent has run. Simple enough to be the oracle of every other runtime; also what `scheduler="sync"` means for
// debugging. Thread-safe: runs are independent, and one run advances on one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "arrow/type_fwd.h"

#include "swath/exec/task_runner.h"
#include "swath/graph/runtime.h"

namespace swath::exec {

class SyncRuntime : public graph::Runtime {
 public:
  // Kernels allocate from `pool`; null: the process's.
  explicit SyncRuntime(arrow::MemoryPool* pool = nullptr, KernelFinder find_kernel = kernels::FindKernel);

  // Checks that every op has a kernel. Nothing runs before the run's WaitFor or Results, which run tasks on their
  // caller's thread; WaitFor looks at its timeout between tasks.
  Result<std::shared_ptr<graph::Run>> Submit(std::shared_ptr<const graph::Graph> graph,
                                             const graph::RunOptions& options) override;
  int thread_count() const override { return 1; }
  std::string name() const override { return "sync"; }

 private:
  arrow::MemoryPool* pool_;
  KernelFinder find_kernel_;
};

}  // namespace swath::exec
