// LocalRun: running tasks. No lock is held here.
#include <algorithm>
#include <chrono>
#include <utility>

#include "swath/base/env.h"
#include "swath/base/metrics.h"
#include "swath/exec/local_run.h"
#include "swath/ops/function_call.h"

namespace swath::exec {
namespace {

thread_local int run_depth = 0;

// A waiting thread looks again this often for what nobody announces (memory freed outside of runs).
constexpr std::chrono::milliseconds kMemoryPatience{5};
constexpr int64_t kTinyTaskNs = 2000;

}  // namespace

int LocalRun::CurrentDepth() { return run_depth; }

void LocalRun::Execute(Batch* batch) {
  const int outer_depth = std::exchange(run_depth, depth_);
  resources_->gate.Enter();
  const auto count = static_cast<int64_t>(batch->tasks.size());
  const int64_t layer = batch->tasks.front().ref.task.layer();
  int64_t mean_ns = layer_ns_[static_cast<size_t>(layer)].load(std::memory_order_relaxed);
  // Reading the clock costs as much as a tiny task: known tiny ones are timed now and then.
  const bool timed =
      log_ != nullptr || !batch->homogeneous || mean_ns == 0 || mean_ns > kTinyTaskNs || ++batch->untimed % 16 == 0;
  const int64_t begin = timed ? SystemClock().now_ns() : 0;
  int64_t last = begin;
  {
    const ops::CallBatch calls;
    for (const ReadyTask& task : batch->tasks) {
      if (log_) log_->Note(graph::TaskEvent::Kind::kStarted, task.ref.task);
      ExecuteOne(task, batch);
      if (log_) NoteEnd(task, *batch);
      if (batch->homogeneous) continue;
      const int64_t now = SystemClock().now_ns();
      NoteDuration(task.ref.task.layer(), now - last);
      last = now;
    }
  }
  if (timed) {
    batch->now_ns = SystemClock().now_ns();
    mean_ns = (batch->now_ns - begin) / count;
    if (batch->homogeneous) NoteDuration(layer, mean_ns);
  }
  resources_->gate.Leave();
  run_depth = outer_depth;
  for (sched::WorkerEvent& event : batch->events) {
    if (auto* finished = std::get_if<sched::ExecutionFinished>(&event)) finished->duration_ns = mean_ns;
  }
  tasks_done_.fetch_add(count - static_cast<int64_t>(batch->errors.size()), std::memory_order_relaxed);
}

void LocalRun::NoteEnd(const ReadyTask& task, const Batch& batch) {
  const auto* finished = std::get_if<sched::ExecutionFinished>(&batch.events.back());
  if (finished == nullptr) return log_->Note(graph::TaskEvent::Kind::kFailed, task.ref.task);
  log_->Note(graph::TaskEvent::Kind::kFinished, task.ref.task, finished->nbytes,
             log_->keep_values() ? slots_[task.rank]->value : Value());
}

void LocalRun::NoteDuration(int64_t layer, int64_t task_ns) {
  std::atomic<int32_t>& mean = layer_ns_[static_cast<size_t>(layer)];
  const int64_t old = mean.load(std::memory_order_relaxed);
  const int64_t now = old == 0 ? task_ns : (3 * old + task_ns) / 4;
  mean.store(static_cast<int32_t>(std::clamp<int64_t>(now, 1, INT32_MAX)), std::memory_order_relaxed);
}

void LocalRun::ExecuteOne(const ReadyTask& task, Batch* batch) {
  Result<Value> result = cancelled_.load(std::memory_order_relaxed) ? Status::Cancelled("the computation was cancelled")
                                                                    : RunKernel(task, batch);
  if (!result.ok() && result.status().IsOutOfMemory() && LayerOf(task).pure()) result = RunAlone(task, batch);
  if (result.ok()) {
    Store(task.rank, *std::move(result), batch, task.ref);
    return;
  }
  const auto kind = result.status().IsOutOfMemory() ? sched::FailureKind::kOutOfMemory : sched::FailureKind::kError;
  batch->errors.emplace_back(batch->events.size(), result.status());
  batch->events.emplace_back(sched::ExecutionFailed{.ref = task.ref, .error = 0, .kind = kind});
}

void LocalRun::CollectInputs(const ReadyTask& task, Batch* batch) {
  batch->dependencies.clear();
  batch->inputs.clear();
  runner_.graph().AppendDependencies(task.ref.task, &batch->dependencies);
  for (const graph::TaskId dependency : batch->dependencies) {
    const Held* held = slots_[order_->RankOf(dependency)];
    CHECK(held != nullptr);  // the worker machine holds what it lets run
    batch->inputs.push_back(held->value);
  }
}

// Sets aside what the task says that it needs; waits for others to free it; goes without when nobody else could.
Result<MemoryReservation> LocalRun::ReserveFor(const ReadyTask& task) {
  const graph::Layer& layer = LayerOf(task);
  int64_t bytes = layer.EstimatedBytes(task.ref.task.block()) + layer.EstimatedScratchBytes(task.ref.task.block());
  if (bytes <= 0) return MemoryReservation();
  bytes = std::min(bytes, resources_->pool->limit_bytes());  // an estimate; the allocation itself may fit or fail
  while (true) {
    auto reservation = resources_->pool->Reserve(bytes);
    if (reservation.ok()) return reservation;
    if (cancelled_.load(std::memory_order_relaxed)) return Status::Cancelled("the computation was cancelled");
    ops::EndCallBatch();  // what we keep, others may need to end their tasks
    if (resources_->gate.inside() <= 1) return resources_->pool->Reserve(0);
    // Not inside while we wait: if all wait, the last one sees itself alone.
    const MemoryGate::PauseScope outside;
    resources_->gate.WaitForLeave(kMemoryPatience);
  }
}

Result<Value> LocalRun::RunKernel(const ReadyTask& task, Batch* batch) {
  ASSIGN_OR_RETURN(MemoryReservation reservation, ReserveFor(task));
  CollectInputs(task, batch);
  if (!layer_calls_functions_[static_cast<size_t>(task.ref.task.layer())]) ops::EndCallBatch();
  kernels::TaskContext context{.memory_pool = resources_->pool,
                               .cancelled = &cancelled_,
                               .spill = resources_->spill.get(),
                               .memory_budget_bytes = budget_bytes_,
                               .python = resources_->python.get(),
                               .python_in_processes = python_in_processes_};
  const ReservationScope scope(&reservation);
  Result<Value> result = runner_.Run(task.ref.task, batch->inputs, &context);
  batch->inputs.clear();
  return result;
}

// The task did not fit beside others: once more with the memory of all.
Result<Value> LocalRun::RunAlone(const ReadyTask& task, Batch* batch) {
  static Counter& alone = GetCounter("exec.tasks_run_alone", "Tasks run again alone because memory was short");
  alone.Add();
  ops::EndCallBatch();
  resources_->gate.Leave();
  resources_->gate.EnterAlone();
  Result<Value> result = RunKernel(task, batch);
  resources_->gate.LeaveAlone();
  resources_->gate.Enter();
  return result;
}

void LocalRun::Store(uint32_t rank, Value value, Batch* batch, const sched::TaskRef& ref) {
  int64_t nbytes = 0;
  if (value.empty()) {
    slots_[rank] = &nothing_;
  } else {
    nbytes = layer_holds_inputs_[static_cast<size_t>(ref.task.layer())] ? 0 : value.nbytes();
    slots_[rank] = new Held{std::move(value), nbytes};
    resources_->pool->Account(MemoryClass::kResult, nbytes);
    bytes_in_memory_.fetch_add(nbytes, std::memory_order_relaxed);
  }
  batch->events.emplace_back(sched::ExecutionFinished{.ref = ref, .nbytes = nbytes, .duration_ns = 0});
}

}  // namespace swath::exec
