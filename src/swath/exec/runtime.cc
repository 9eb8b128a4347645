#include "swath/exec/runtime.h"

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <utility>

#include <unistd.h>

#include "swath/base/config.h"
#include "swath/base/cpu.h"
#include "swath/exec/local_runtime.h"
#include "swath/exec/sync_runtime.h"

namespace swath::exec {
namespace {

// Stands for a setting that is wrong: every Submit fails with the reason.
class InvalidRuntime : public graph::Runtime {
 public:
  explicit InvalidRuntime(Status reason) : reason_(std::move(reason)) {}
  Result<std::shared_ptr<graph::Run>> Submit(std::shared_ptr<const graph::Graph>, const graph::RunOptions&) override {
    return reason_;
  }
  int thread_count() const override { return 0; }
  std::string name() const override { return "invalid"; }

 private:
  Status reason_;
};

struct DefaultSlot {
  const pid_t process = getpid();
  std::mutex mutex;
  ConfigValue scheduler, workers;
  std::shared_ptr<graph::Runtime> runtime;
};

// The slot of this process. Slots are never destroyed: static collections may compute at exit, and in a forked child
// the parent's runtime has no threads, may have locked locks, and must not be touched again.
DefaultSlot& Slot() {
  static std::atomic<DefaultSlot*> slot{nullptr};
  DefaultSlot* seen = slot.load(std::memory_order_acquire);
  while (seen == nullptr || seen->process != getpid()) {
    auto* made = new DefaultSlot;
    if (slot.compare_exchange_strong(seen, made, std::memory_order_acq_rel)) return *made;
    delete made;
  }
  return *seen;
}

}  // namespace

// Before libraries take their globals down at exit (OpenBLAS its buffers), no thread may be inside a kernel: waits for
// the tasks that a cancelled run left behind. What computes later gets a new runtime.
void StopDefaultRuntime() {
  DefaultSlot& slot = Slot();
  std::shared_ptr<graph::Runtime> runtime;
  {
    std::lock_guard lock(slot.mutex);
    runtime = std::exchange(slot.runtime, nullptr);
  }
}

namespace {

Result<std::shared_ptr<graph::Runtime>> FromConfig(const Config& config) {
  ASSIGN_OR_RETURN(const std::string scheduler, config.GetString("scheduler"));
  return MakeRuntime(scheduler);
}

}  // namespace

Result<std::shared_ptr<graph::Runtime>> MakeRuntime(std::string_view scheduler, int threads) {
  if (scheduler == "sync" || scheduler == "synchronous" || scheduler == "single-threaded") {
    return std::make_shared<SyncRuntime>();
  }
  // "processes": the same threads; RunOptions::python_in_processes sends Python functions to children.
  if (scheduler == "threads" || scheduler == "threading" || scheduler == "processes" ||
      scheduler == "multiprocessing") {
    if (threads <= 0) {
      const auto config = Config::Current();
      int64_t configured = CpuCount();
      if (!config->Get("num-workers").is_null()) {
        ASSIGN_OR_RETURN(configured, config->GetInt("num-workers"));
      }
      if (configured < 1 || configured > 4096)
        return Status::Invalid("config num-workers is ", configured, "; it must be from 1 to 4096");
      threads = static_cast<int>(configured);
    }
    return LocalRuntime::Make(
        {.threads = threads, .pool = nullptr, .find_kernel = kernels::FindKernel, .spill_folder = {}});
  }
  return Status::Invalid("unknown scheduler '", scheduler, "'; use 'threads', 'processes' or 'sync'");
}

std::shared_ptr<graph::Runtime> DefaultRuntime() {
  [[maybe_unused]] static const int registered = std::atexit(StopDefaultRuntime);
  DefaultSlot& slot = Slot();
  const auto config = Config::Current();
  ConfigValue scheduler = config->Get("scheduler");
  ConfigValue workers = config->Get("num-workers");
  std::shared_ptr<graph::Runtime> old;  // destroyed without the lock
  std::lock_guard lock(slot.mutex);
  if (slot.runtime && slot.scheduler == scheduler && slot.workers == workers) return slot.runtime;
  auto made = FromConfig(*config);
  old = std::exchange(slot.runtime, made.ok() ? *made : std::make_shared<InvalidRuntime>(made.status()));
  slot.scheduler = std::move(scheduler);
  slot.workers = std::move(workers);
  return slot.runtime;
}

}  // namespace swath::exec
