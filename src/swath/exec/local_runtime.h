// LocalRuntime: graphs on the threads of this process. Many threads may submit at once, and tasks may submit (nested
// compute). Idle, it costs nothing: no thread is started before the first run, and sleeping threads wait for ever.
// Memory: every task's estimate is set aside before it runs; results beyond config memory.target of the limit are
// spilled, the one needed last first; a task that runs out of memory beside others runs once more alone before it
// fails. A child after fork() must not use its parent's runtime (DefaultRuntime makes a new one there).
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "swath/exec/task_runner.h"
#include "swath/graph/runtime.h"

namespace swath {
class MemoryPool;
}

namespace swath::exec {

class LocalRun;
struct LocalResources;

struct LocalOptions {
  int threads = 0;             // <= 0: the cores that the process may use
  MemoryPool* pool = nullptr;  // null: the process's, whose limit then follows the config
  KernelFinder find_kernel = kernels::FindKernel;
  std::string spill_folder = {};  // empty: config temporary-directory
};

class LocalRuntime : public graph::Runtime, public std::enable_shared_from_this<LocalRuntime> {
 public:
  // Reads config memory.spill, memory.target, spill.threads.
  static Result<std::shared_ptr<LocalRuntime>> Make(LocalOptions options = {});
  ~LocalRuntime() override;

  Result<std::shared_ptr<graph::Run>> Submit(std::shared_ptr<const graph::Graph> graph,
                                             const graph::RunOptions& options) override;
  int thread_count() const override;
  std::string name() const override { return "threads"; }

 private:
  LocalRuntime(LocalOptions options, std::shared_ptr<LocalResources> resources);
  int64_t Reclaim(int64_t wanted);

  const LocalOptions options_;
  const std::shared_ptr<LocalResources> resources_;
  int64_t reclaimer_ = 0;
  std::mutex mutex_;
  std::vector<std::weak_ptr<LocalRun>> runs_;
};

}  // namespace swath::exec
