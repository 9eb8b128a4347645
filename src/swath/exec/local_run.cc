#include "swath/exec/local_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "swath/base/env.h"
#include "swath/ops/function_call.h"
#include "swath/ops/values.h"

namespace swath::exec {
namespace {

constexpr sched::RunId kRun = 1;
constexpr sched::WorkerId kWorker = 0;
constexpr sched::Epoch kEpoch = 1;
// Tasks that the worker machine may ask for at once. Enough for batches of tiny tasks; fewer where results are large,
// because the inputs of what was asked for must stay in memory.
constexpr int64_t kExecutionsMax = 32;
constexpr int64_t kBatchTasks = 64;
constexpr int64_t kBatchNs = 20'000;
constexpr int64_t kUnknownTaskNs = 50'000;
constexpr int64_t kWakeNs = 5'000;  // what waking a thread costs, about

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

int64_t LargestEstimate(const graph::Graph& graph) {
  int64_t largest = 0;
  for (const graph::LayerNode& node : graph.layers()) {
    const int64_t count = node.layer->task_count();
    for (const int64_t block : {int64_t{0}, count / 2, count - 1}) {
      if (block >= 0 && block < count) largest = std::max(largest, node.layer->EstimatedBytes(block));
    }
  }
  return largest;
}

int32_t ExecutionsAtOnce(const graph::Graph& graph, const LocalResources& resources) {
  const int64_t threads = resources.threads->thread_count();
  const int64_t largest = LargestEstimate(graph);
  if (largest == 0) return static_cast<int32_t>(std::max(kExecutionsMax, threads * 2));
  return static_cast<int32_t>(
      std::clamp(resources.pool->limit_bytes() / 16 / largest, threads * 2, std::max(kExecutionsMax, threads * 2)));
}

int64_t SpillableBytes(const LocalResources& resources) {
  const int64_t limit = resources.pool->limit_bytes();
  return resources.spill == nullptr || limit == INT64_MAX ? 0 : limit;
}

int64_t TaskBudget(const LocalResources& resources) {
  const int64_t limit = resources.pool->limit_bytes();
  return limit == INT64_MAX ? INT64_MAX : limit / (2 * resources.threads->thread_count());
}

sched::WorkerOptions WorkerOptionsFor(const graph::Graph& graph, const LocalResources& resources) {
  sched::WorkerOptions options;
  options.worker = kWorker;
  options.epoch = kEpoch;
  options.threads = ExecutionsAtOnce(graph, resources);
  options.memory_bytes = SpillableBytes(resources);
  options.spill_fraction = resources.spill_fraction;
  options.story_capacity = 0;
  return options;
}

sched::SchedulerOptions SchedulerOptionsForRun() {
  sched::SchedulerOptions options;
  options.story_capacity = 0;
  return options;
}

}  // namespace

LocalRun::Held LocalRun::nothing_{};

LocalRun::LocalRun(TaskRunner runner, const graph::RunOptions& options, std::shared_ptr<LocalResources> resources)
    : resources_(std::move(resources)),
      runner_(std::move(runner)),
      depth_(CurrentDepth() + 1),
      budget_bytes_(TaskBudget(*resources_)),
      python_in_processes_(options.python_in_processes),
      log_(graph::RunLog::Open(runner_.graph_pointer())),
      order_(std::make_shared<graph::Order>(runner_.graph())),
      slots_(new Held*[order_->task_count()]()),
      layer_ns_(new std::atomic<int32_t>[runner_.graph().layers().size()]()),
      scheduler_(SchedulerOptionsForRun()),
      worker_(WorkerOptionsFor(runner_.graph(), *resources_)) {
  for (const graph::LayerNode& node : runner_.graph().layers()) {
    const std::string_view op = node.layer->call().op;
    layer_holds_inputs_.push_back(op == ops::ValuesParams::kOp);
    layer_calls_functions_.push_back(op == ops::FunctionCalls::kOp || op == ops::FunctionMap::kOp);
  }
  auto submission = std::make_shared<sched::Submission>();
  submission->graph = runner_.graph_pointer();
  submission->order = order_;
  submission->retries = options.retries;
  const int32_t executions = ExecutionsAtOnce(runner_.graph(), *resources_);
  scheduler_events_.emplace_back(sched::WorkerJoined{.worker = kWorker,
                                                     .epoch = kEpoch,
                                                     .threads = executions,
                                                     .slots = executions,
                                                     .memory_bytes = SpillableBytes(*resources_)});
  scheduler_events_.emplace_back(sched::GraphSubmitted{.run = kRun, .submission = std::move(submission)});
}

LocalRun::~LocalRun() {
  for (uint32_t rank = 0; rank < order_->task_count(); ++rank) {
    if (slots_[rank] != nullptr) DropLocked(rank);
  }
  for (const auto& [rank, id] : spilled_) resources_->spill->Remove(id);
  Destroy(&garbage_);
}

void LocalRun::Start() {
  std::vector<Held*> garbage;
  bool has_work = false;
  {
    std::lock_guard lock(mutex_);
    PumpLocked();
    has_work = !ready_.empty();
    TakeGarbageLocked(&garbage);
  }
  Destroy(&garbage);
  if (!has_work) return;
  resources_->threads->Add(shared_from_this(), depth_);
  resources_->threads->Wake(1);
}

// ---- waiting ----

bool LocalRun::WaitFor(std::chrono::nanoseconds timeout) {
  const MemoryGate::PauseScope outside;
  const ThreadPool::BlockingScope blocking;
  std::unique_lock lock(mutex_);
  const auto done = [&] { return done_; };
  if (timeout >= std::chrono::hours(24 * 365)) {
    changed_.wait(lock, done);
    return true;
  }
  return changed_.wait_for(lock, timeout, done);
}

Result<std::vector<Value>> LocalRun::Results() {
  WaitFor(std::chrono::nanoseconds::max());
  std::vector<std::pair<size_t, int64_t>> on_disk;
  std::vector<Value> results;
  {
    std::lock_guard lock(mutex_);
    RETURN_IF_ERROR(status_);
    if (have_results_) return results_;
    const auto& wanted = runner_.graph().wanted();
    results.resize(wanted.size());
    for (size_t i = 0; i < wanted.size(); ++i) {
      const uint32_t rank = order_->RankOf(wanted[i]);
      if (slots_[rank] != nullptr) {
        results[i] = slots_[rank]->value;
      } else if (const auto it = spilled_.find(rank); it != spilled_.end()) {
        on_disk.emplace_back(i, it->second);
      }
    }
  }
  for (const auto& [index, id] : on_disk) {
    ASSIGN_OR_RETURN(results[index], resources_->spill->Read(id));
  }
  std::vector<Held*> garbage;
  {
    std::lock_guard lock(mutex_);
    if (!have_results_) {
      results_ = std::move(results);
      have_results_ = true;
      if (!forgotten_) scheduler_events_.emplace_back(sched::RunReleased{kRun});
      PumpLocked();
    }
    TakeGarbageLocked(&garbage);
    results = results_;
  }
  Destroy(&garbage);
  return results;
}

void LocalRun::Cancel(Status reason) {
  std::vector<Held*> garbage;
  {
    std::lock_guard lock(mutex_);
    if (done_) return;
    scheduler_events_.emplace_back(sched::RunReleased{kRun});
    CloseLocked(std::move(reason));
    PumpLocked();
    TakeGarbageLocked(&garbage);
  }
  Destroy(&garbage);
}

graph::Progress LocalRun::progress() const {
  const int64_t total = order_->task_count();
  return {.tasks_done = std::min(total, tasks_done_.load(std::memory_order_relaxed)),
          .tasks_total = total,
          .bytes_in_memory = bytes_in_memory_.load(std::memory_order_relaxed),
          .bytes_spilled = bytes_spilled_.load(std::memory_order_relaxed)};
}

// ---- taking work ----

bool LocalRun::Work() {
  Batch batch;
  std::vector<Held*> garbage;
  {
    std::lock_guard lock(mutex_);
    TakeBatchLocked(&batch);
  }
  if (batch.tasks.empty()) return false;
  const auto self = shared_from_this();  // the pool may forget us while we work
  for (int round = 0; round < 64 && !batch.tasks.empty(); ++round) {
    Execute(&batch);
    {
      std::lock_guard lock(mutex_);
      ApplyLocked(&batch);
      if (round < 63) TakeBatchLocked(&batch);
      TakeGarbageLocked(&garbage);
    }
    Destroy(&garbage);
  }
  return true;
}

int64_t LocalRun::ReadyNsLocked() const {
  if (ready_.empty()) return 0;
  const int32_t ns = layer_ns_[static_cast<size_t>(ready_.front().ref.task.layer())].load(std::memory_order_relaxed);
  return (ns == 0 ? kUnknownTaskNs : ns) * static_cast<int64_t>(ready_.size());
}

void LocalRun::TakeBatchLocked(Batch* batch) {
  batch->tasks.clear();
  batch->homogeneous = true;
  int64_t batch_ns = 0;
  const auto share = static_cast<int64_t>(ready_.size()) / resources_->threads->thread_count() + 1;
  while (!ready_.empty() && static_cast<int64_t>(batch->tasks.size()) < kBatchTasks) {
    const int64_t layer = ready_.front().ref.task.layer();
    const int32_t known = layer_ns_[static_cast<size_t>(layer)].load(std::memory_order_relaxed);
    const int64_t task_ns = known == 0 ? kUnknownTaskNs : known;
    if (!batch->tasks.empty()) {
      if (batch_ns + task_ns > kBatchNs) break;
      if (task_ns > 1000 && static_cast<int64_t>(batch->tasks.size()) >= share)
        break;  // others can do it at the same time
      if (batch->tasks.front().ref.task.layer() != layer) batch->homogeneous = false;
    }
    batch_ns += task_ns;
    batch->tasks.push_back(ready_.front());
    std::pop_heap(ready_.begin(), ready_.end());
    ready_.pop_back();
  }
  if (ReadyNsLocked() > kWakeNs) resources_->threads->Wake(static_cast<int>(ready_.size()));
}

// ---- deciding: the machines ----

void LocalRun::ApplyLocked(Batch* batch) {
  for (auto& [index, error] : batch->errors) {
    std::get<sched::ExecutionFailed>(batch->events[index]).error = StoreErrorLocked(std::move(error));
  }
  batch->errors.clear();
  worker_events_.insert(worker_events_.end(), batch->events.begin(), batch->events.end());
  batch->events.clear();
  PumpLocked(batch->now_ns);
}

sched::ErrorId LocalRun::StoreErrorLocked(Status error) {
  errors_.push_back(std::move(error));
  return errors_.size();
}

void LocalRun::PumpLocked(int64_t now_ns) {
  const sched::Time now = now_ns != 0 ? now_ns : SystemClock().now_ns();
  while (!scheduler_events_.empty() || !worker_events_.empty()) {
    if (!scheduler_events_.empty()) {
      scheduler_actions_.Clear();
      scheduler_.Handle(scheduler_events_, now, &scheduler_actions_);
      scheduler_events_.clear();
      for (const sched::SchedulerAction& action : scheduler_actions_.list) OnSchedulerActionLocked(action);
    }
    if (!worker_events_.empty()) {
      worker_actions_.Clear();
      worker_.Handle(worker_events_, scheduler_actions_.sources, now, &worker_actions_);
      worker_events_.clear();
      for (const sched::WorkerAction& action : worker_actions_.list) OnWorkerActionLocked(action);
    }
    if (done_ && !ready_.empty()) AnswerReadyLocked();
  }
}

void LocalRun::OnSchedulerActionLocked(const sched::SchedulerAction& action) {
  std::visit(Overloaded{
                 [&](const sched::OpenRun& open) {
                   worker_events_.emplace_back(sched::RunOpened{open.epoch, open.run, runner_.graph_pointer()});
                 },
                 [&](const sched::ResultReady&) {},
                 [&](const sched::ResultFailed& failed) {
                   if (!done_)
                     CloseLocked(failed.error == 0 ? Status::Cancelled("the computation was cancelled")
                                                   : errors_[failed.error - 1]);
                 },
                 [&](const sched::RunEnded& ended) {
                   if (done_) return;
                   CHECK(!ended.failed);
                   done_ = true;
                   resources_->threads->Remove(this);
                   changed_.notify_all();
                 },
                 [&](const sched::DismissWorker&) {},
                 [&](const auto& command) { worker_events_.emplace_back(command); },
             },
             action);
}

void LocalRun::OnWorkerActionLocked(const sched::WorkerAction& action) {
  std::visit(Overloaded{
                 [&](const sched::Execute& execute) {
                   ready_.push_back({execute.rank, execute.ref});
                   std::push_heap(ready_.begin(), ready_.end());
                 },
                 [&](const sched::Drop& drop) {
                   DropLocked(RankOf(drop.ref));
                   if (log_) log_->Note(graph::TaskEvent::Kind::kReleased, drop.ref.task);
                 },
                 [&](const sched::StopExecution&) {},  // the run's flag is up already, or the result will be dropped
                 [&](const sched::Fetch&) { CHECK(false); },  // there is one worker
                 [&](const sched::Spill& spill) {
                   ++spills_pending_;
                   resources_->io->AddWrite([self = shared_from_this(), ref = spill.ref] { self->SpillJob(ref); });
                 },
                 [&](const sched::Unspill& unspill) {
                   resources_->io->AddRead([self = shared_from_this(), ref = unspill.ref] { self->UnspillJob(ref); });
                 },
                 [&](const sched::ForgetRun&) { forgotten_ = true; },
                 [&](const auto& report) { scheduler_events_.emplace_back(report); },
             },
             action);
}

void LocalRun::DropLocked(uint32_t rank) {
  if (Held* held = std::exchange(slots_[rank], nullptr); held != nullptr && held != &nothing_) {
    resources_->pool->Account(MemoryClass::kResult, -held->nbytes);
    bytes_in_memory_.fetch_sub(held->nbytes, std::memory_order_relaxed);
    garbage_.push_back(held);
  }
  if (const auto it = spilled_.find(rank); it != spilled_.end()) {
    resources_->spill->Remove(it->second);
    spilled_.erase(it);
  }
}

// The run is over, not well: what runs sees the flag, what is ready is answered without running.
void LocalRun::CloseLocked(Status reason) {
  cancelled_.store(true, std::memory_order_relaxed);
  status_ = std::move(reason);
  done_ = true;
  resources_->threads->Remove(this);
  changed_.notify_all();
}

void LocalRun::AnswerReadyLocked() {
  for (const ReadyTask& task : ready_) worker_events_.emplace_back(sched::ExecutionFailed{.ref = task.ref, .error = 0});
  ready_.clear();
}

void LocalRun::Destroy(std::vector<Held*>* garbage) {
  for (Held* held : *garbage) delete held;
  garbage->clear();
}

}  // namespace swath::exec
