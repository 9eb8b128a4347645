#include "swath/exec/sync_runtime.h"

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "swath/data/memory_pool.h"
#include "swath/exec/python_children.h"
#include "swath/graph/task_log.h"
#include "swath/ops/function_call.h"

namespace swath::exec {
namespace {

using graph::TaskId;

class SyncRun : public graph::Run {
 public:
  SyncRun(TaskRunner runner, const graph::RunOptions& options, arrow::MemoryPool* pool)
      : runner_(std::move(runner)),
        retries_(options.retries),
        python_in_processes_(options.python_in_processes),
        pool_(pool) {
    log_ = graph::RunLog::Open(runner_.graph_pointer());
    CountUses();
    const auto& wanted = runner_.graph().wanted();
    for (auto it = wanted.rbegin(); it != wanted.rend(); ++it) stack_.push_back(*it);
  }

  bool WaitFor(std::chrono::nanoseconds timeout) override {
    std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    const auto end = timeout < std::chrono::steady_clock::time_point::max() - now
                         ? now + timeout
                         : std::chrono::steady_clock::time_point::max();
    const ops::CallBatch calls;
    while (!done()) {
      Step();
      if (std::chrono::steady_clock::now() >= end) break;
    }
    return done();
  }

  Result<std::vector<Value>> Results() override {
    std::lock_guard lock(mutex_);
    {
      const ops::CallBatch calls;
      while (!done()) Step();
    }
    RETURN_IF_ERROR(error_);
    std::vector<Value> results;
    for (TaskId task : runner_.graph().wanted()) results.push_back(values_.at(task));
    return results;
  }

  void Cancel() override { cancelled_.store(true, std::memory_order_relaxed); }

  graph::Progress progress() const override {
    return {.tasks_done = tasks_done_.load(std::memory_order_relaxed),
            .tasks_total = tasks_total_,
            .bytes_in_memory = bytes_.load(std::memory_order_relaxed)};
  }

 private:
  bool done() const { return stack_.empty() || !error_.ok(); }

  // How often each needed task's value will be read: by needed tasks, and once for ever when it is wanted.
  void CountUses() {
    std::unordered_set<TaskId> seen;
    std::vector<TaskId> open;
    const auto use = [&](TaskId task) {
      ++uses_[task];
      if (seen.insert(task).second) open.push_back(task);
    };
    for (TaskId task : runner_.graph().wanted()) use(task);
    std::vector<TaskId> dependencies;
    while (!open.empty()) {
      const TaskId task = open.back();
      open.pop_back();
      dependencies.clear();
      runner_.graph().AppendDependencies(task, &dependencies);
      for (TaskId dependency : dependencies) use(dependency);
    }
    tasks_total_ = static_cast<int64_t>(seen.size());
  }

  // Runs the task on top of the stack, or puts its missing dependencies there.
  void Step() {
    if (cancelled_.load(std::memory_order_relaxed)) {
      Fail(Status::Cancelled("the computation was cancelled"));
      return;
    }
    const TaskId task = stack_.back();
    if (values_.contains(task)) {
      stack_.pop_back();
      return;
    }
    dependencies_.clear();
    runner_.graph().AppendDependencies(task, &dependencies_);
    bool ready = true;
    for (auto it = dependencies_.rbegin(); it != dependencies_.rend(); ++it) {
      if (values_.contains(*it)) continue;
      stack_.push_back(*it);
      ready = false;
    }
    if (!ready) return;
    stack_.pop_back();
    Execute(task);
  }

  void Note(graph::TaskEvent::Kind kind, TaskId task, const Value& value = {}) {
    if (log_) log_->Note(kind, task, value.nbytes(), value);
  }

  void Execute(TaskId task) {
    Note(graph::TaskEvent::Kind::kStarted, task);
    std::vector<Value> inputs;
    for (TaskId dependency : dependencies_) inputs.push_back(values_.at(dependency));
    for (int attempt = 0;; ++attempt) {
      kernels::TaskContext context{.memory_pool = pool_,
                                   .cancelled = &cancelled_,
                                   .python = python_.get(),
                                   .python_in_processes = python_in_processes_};
      Result<Value> result = runner_.Run(task, inputs, &context);
      if (!result.ok() && attempt < retries_ && !cancelled_.load(std::memory_order_relaxed)) continue;
      Note(result.ok() ? graph::TaskEvent::Kind::kFinished : graph::TaskEvent::Kind::kFailed, task,
           result.ok() ? *result : Value());
      if (!result.ok()) return Fail(result.status());
      bytes_.fetch_add(result->nbytes(), std::memory_order_relaxed);
      values_.emplace(task, *std::move(result));
      break;
    }
    tasks_done_.fetch_add(1, std::memory_order_relaxed);
    for (TaskId dependency : dependencies_) {
      if (--uses_.at(dependency) > 0) continue;
      const auto it = values_.find(dependency);
      bytes_.fetch_sub(it->second.nbytes(), std::memory_order_relaxed);
      values_.erase(it);
      Note(graph::TaskEvent::Kind::kReleased, dependency);
    }
  }

  void Fail(Status error) {
    error_ = std::move(error);
    values_.clear();
    bytes_.store(0, std::memory_order_relaxed);
  }

  TaskRunner runner_;
  const int retries_;
  const bool python_in_processes_;
  arrow::MemoryPool* const pool_;
  std::unique_ptr<graph::RunLog> log_;  // null: nobody wants to know
  const std::shared_ptr<ops::PythonExecutor> python_ = PythonChildren();
  std::atomic<bool> cancelled_{false};
  std::atomic<int64_t> tasks_done_{0};
  std::atomic<int64_t> bytes_{0};
  int64_t tasks_total_ = 0;

  std::mutex mutex_;  // guards what follows
  std::unordered_map<TaskId, int64_t> uses_;
  std::unordered_map<TaskId, Value> values_;
  std::vector<TaskId> stack_;
  std::vector<TaskId> dependencies_;
  Status error_;
};

}  // namespace

SyncRuntime::SyncRuntime(arrow::MemoryPool* pool, KernelFinder find_kernel)
    : pool_(pool), find_kernel_(std::move(find_kernel)) {
  kernels::InitializeKernels();
}

Result<std::shared_ptr<graph::Run>> SyncRuntime::Submit(std::shared_ptr<const graph::Graph> graph,
                                                        const graph::RunOptions& options) {
  RETURN_IF_ERROR(ApplyConfiguredMemoryLimit());
  ASSIGN_OR_RETURN(TaskRunner runner, TaskRunner::Make(std::move(graph), find_kernel_));
  return std::make_shared<SyncRun>(std::move(runner), options, pool_ ? pool_ : Pool());
}

}  // namespace swath::exec
