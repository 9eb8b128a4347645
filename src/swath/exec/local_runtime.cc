#include "swath/exec/local_runtime.h"

#include <utility>

#include "swath/base/config.h"
#include "swath/base/cpu.h"
#include "swath/exec/local_run.h"
#include "swath/exec/python_children.h"

namespace swath::exec {
namespace {

// What the user holds: keeps the runtime alive, and cancels the run when it is dropped before the end.
class LocalRunHandle : public graph::Run {
 public:
  LocalRunHandle(std::shared_ptr<LocalRuntime> runtime, std::shared_ptr<LocalRun> run)
      : runtime_(std::move(runtime)), run_(std::move(run)) {}
  ~LocalRunHandle() override { run_->Cancel(Status::Cancelled("the computation was dropped before its end")); }

  bool WaitFor(std::chrono::nanoseconds timeout) override { return run_->WaitFor(timeout); }
  Result<std::vector<Value>> Results() override { return run_->Results(); }
  void Cancel() override { run_->Cancel(Status::Cancelled("the computation was cancelled")); }
  graph::Progress progress() const override { return run_->progress(); }

 private:
  std::shared_ptr<LocalRuntime> runtime_;
  std::shared_ptr<LocalRun> run_;
};

}  // namespace

Result<std::shared_ptr<LocalRuntime>> LocalRuntime::Make(LocalOptions options) {
  const auto config = Config::Current();
  ASSIGN_OR_RETURN(const bool spill, config->GetBool("memory.spill"));
  ASSIGN_OR_RETURN(const double target, config->GetDouble("memory.target"));
  ASSIGN_OR_RETURN(const int64_t io_threads, config->GetInt("spill.threads"));
  if (!(target > 0 && target <= 1))
    return Status::Invalid("config memory.target is ", target, "; it must be above 0 and at most 1");
  if (options.threads <= 0) options.threads = CpuCount();
  auto resources = std::make_shared<LocalResources>();
  resources->pool = options.pool != nullptr ? options.pool : Pool();
  if (spill) resources->spill = std::make_shared<SpillStore>(options.spill_folder, resources->pool);
  resources->spill_fraction = target;
  resources->io = std::make_unique<IoQueue>(static_cast<int>(io_threads));
  resources->threads = std::make_unique<ThreadPool>(options.threads);
  resources->python = PythonChildren();
  kernels::InitializeKernels();
  std::shared_ptr<LocalRuntime> runtime(new LocalRuntime(std::move(options), std::move(resources)));
  runtime->reclaimer_ = runtime->resources_->pool->AddReclaimer(
      10, [raw = runtime.get()](int64_t wanted) { return raw->Reclaim(wanted); });  // removed before the runtime goes
  return runtime;
}

LocalRuntime::LocalRuntime(LocalOptions options, std::shared_ptr<LocalResources> resources)
    : options_(std::move(options)), resources_(std::move(resources)) {}

LocalRuntime::~LocalRuntime() {
  // No handle is left, so every run is done; threads may still be finishing what was cancelled.
  resources_->pool->RemoveReclaimer(reclaimer_);
  resources_->threads->Stop();
  resources_->io->Stop();
}

int LocalRuntime::thread_count() const { return resources_->threads->thread_count(); }

Result<std::shared_ptr<graph::Run>> LocalRuntime::Submit(std::shared_ptr<const graph::Graph> graph,
                                                         const graph::RunOptions& options) {
  if (options_.pool == nullptr) RETURN_IF_ERROR(ApplyConfiguredMemoryLimit());
  graph::RunOptions run_options = options;
  if (run_options.retries == 0) {
    ASSIGN_OR_RETURN(const int64_t retries, Config::Current()->GetInt("retries"));
    run_options.retries = static_cast<int>(retries);
  }
  ASSIGN_OR_RETURN(TaskRunner runner, TaskRunner::Make(std::move(graph), options_.find_kernel));
  auto run = std::make_shared<LocalRun>(std::move(runner), run_options, resources_);
  {
    std::lock_guard lock(mutex_);
    std::erase_if(runs_, [](const std::weak_ptr<LocalRun>& old) { return old.expired(); });
    runs_.push_back(run);
  }
  run->Start();
  return std::make_shared<LocalRunHandle>(shared_from_this(), std::move(run));
}

int64_t LocalRuntime::Reclaim(int64_t wanted) {
  if (resources_->spill == nullptr) return 0;
  std::vector<std::shared_ptr<LocalRun>> runs;
  {
    std::lock_guard lock(mutex_);
    for (const std::weak_ptr<LocalRun>& weak : runs_) {
      if (auto run = weak.lock()) runs.push_back(std::move(run));
    }
  }
  int64_t freed = 0;
  for (const auto& run : runs) {
    if (freed >= wanted) break;
    freed += run->Reclaim(wanted - freed);
  }
  return freed;
}

}  // namespace swath::exec
