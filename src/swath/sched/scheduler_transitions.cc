// How tasks change state: the table, what leaving and entering a state does, and what follows for inputs and
// dependents.
#include <algorithm>
#include <array>

#include "swath/sched/scheduler_machine.h"

namespace swath::sched {

using enum TaskState;

const SchedulerMachine::TransitionRow SchedulerMachine::kTransitions[] = {
    {kReleased, kWaiting, &SchedulerMachine::EnterWaiting},  // needed again
    {kWaiting, kQueued, &SchedulerMachine::EnterQueued},
    {kWaiting, kPlaced, &SchedulerMachine::EnterPlaced},
    {kWaiting, kParked, &SchedulerMachine::EnterParked},
    {kWaiting, kReleased, &SchedulerMachine::EnterUnneeded},
    {kWaiting, kErred, &SchedulerMachine::EnterErred},
    {kQueued, kProcessing, &SchedulerMachine::EnterProcessing},
    {kQueued, kWaiting, &SchedulerMachine::EnterWaiting},
    {kQueued, kReleased, &SchedulerMachine::EnterUnneeded},
    {kQueued, kErred, &SchedulerMachine::EnterErred},
    {kPlaced, kProcessing, &SchedulerMachine::EnterProcessing},
    {kPlaced, kWaiting, &SchedulerMachine::EnterWaiting},  // input lost, worker gone or paused, stolen
    {kPlaced, kReleased, &SchedulerMachine::EnterUnneeded},
    {kPlaced, kErred, &SchedulerMachine::EnterErred},
    {kParked, kWaiting, &SchedulerMachine::EnterWaiting},
    {kParked, kReleased, &SchedulerMachine::EnterUnneeded},
    {kParked, kErred, &SchedulerMachine::EnterErred},
    {kProcessing, kInMemory, &SchedulerMachine::EnterInMemory},
    {kProcessing, kWaiting, &SchedulerMachine::EnterWaiting},  // worker lost, returned, failed with retries left
    {kProcessing, kReleased, &SchedulerMachine::EnterCancelled},
    {kProcessing, kErred, &SchedulerMachine::EnterErred},
    {kInMemory, kReleased, &SchedulerMachine::EnterFreed},
    {kInMemory, kWaiting, &SchedulerMachine::EnterWaiting},    // lost
    {kInMemory, kErred, &SchedulerMachine::EnterLostForGood},  // lost, and must not run twice
};

void SchedulerMachine::Transition(RunRecord& run, uint32_t rank, TaskState to, const Cause& cause) {
  static const auto table = [] {
    std::array<EnterFunction, kTaskStates* kTaskStates> cells = {};
    for (const TransitionRow& row : kTransitions)
      cells[static_cast<int>(row.from) * kTaskStates + static_cast<int>(row.to)] = row.enter;
    return cells;
  }();
  TaskRecord& task = run.tasks[rank];
  const EnterFunction enter = table[static_cast<int>(task.state) * kTaskStates + static_cast<int>(to)];
  CHECK(enter != nullptr);
  if (story_.enabled()) {
    const WorkerId worker = cause.worker == kNoWorker ? task.worker : cause.worker;
    story_.Record(
        {now_, RefOf(run, rank), worker, static_cast<uint8_t>(task.state), static_cast<uint8_t>(to), event_index_});
  }
  Leave(run, rank, task);
  task.state = to;
  (this->*enter)(run, rank, cause);
}

void SchedulerMachine::Leave(RunRecord& run, uint32_t rank, TaskRecord& task) {
  switch (task.state) {
    case kQueued:
      run.queued.Erase(rank);
      break;
    case kPlaced:
      --workers_[task.worker].placed;
      --total_placed_;
      if (task.flags & kRestricted) TakeResources(run, rank, task.worker, -1);
      break;
    case kProcessing: {
      WorkerRecord& worker = workers_[task.worker];
      --worker.sent;
      worker.reserved_bytes -= task.nbytes;
      worker.budget_full = false;
      if (task.flags & kRestricted) TakeResources(run, rank, task.worker, -1);
      task.flags &= ~kReturnAsked;
      --run.on_workers;
      Refresh(task.worker);
      dirty_.Insert(task.worker);
      break;
    }
    case kInMemory:
      ForEachHolder(task, [&](WorkerId holder) {
        if (!closing_) SendRelease(holder, RefOf(run, rank));
      });
      while (task.worker != kNoWorker) RemoveHolder(run, rank, task.worker);
      run.unresolved += (task.flags & kWanted) != 0;
      --run.on_workers;
      break;
    default:
      break;
  }
}

// ---- Entering a state ----

void SchedulerMachine::EnterWaiting(RunRecord&, uint32_t, const Cause&) {}

void SchedulerMachine::EnterQueued(RunRecord& run, uint32_t rank, const Cause&) {
  run.queued.Insert(rank);
  if (run.in_queue) return;
  run.in_queue = true;
  const auto before = [](const RunRecord* a, const RunRecord* b) {
    if (a->submission->priority != b->submission->priority) return a->submission->priority > b->submission->priority;
    return a->id < b->id;
  };
  queued_runs_.insert(std::upper_bound(queued_runs_.begin(), queued_runs_.end(), &run, before), &run);
}

void SchedulerMachine::EnterPlaced(RunRecord& run, uint32_t rank, const Cause& cause) {
  TaskRecord& task = run.tasks[rank];
  WorkerRecord& worker = workers_[cause.worker];
  task.worker = cause.worker;
  ++worker.placed;
  ++total_placed_;
  if (task.flags & kRestricted) TakeResources(run, rank, cause.worker, 1);
  worker.queue.push_back({run.submission->priority, run.id, rank});
  std::push_heap(worker.queue.begin(), worker.queue.end());
  dirty_.Insert(cause.worker);
}

void SchedulerMachine::EnterParked(RunRecord& run, uint32_t rank, const Cause&) {
  parked_.push_back({run.submission->priority, run.id, rank});
}

void SchedulerMachine::EnterProcessing(RunRecord& run, uint32_t rank, const Cause& cause) {
  TaskRecord& task = run.tasks[rank];
  WorkerRecord& worker = workers_[cause.worker];
  const graph::TaskId id = run.order->task(rank);
  task.worker = cause.worker;
  ++task.attempt;
  task.nbytes = run.graph->layers()[id.layer()].layer->EstimatedBytes(id.block());
  task.flags |= (task.flags & kImpure) ? kSent : 0;
  ++run.on_workers;
  ++worker.sent;
  worker.reserved_bytes += task.nbytes;
  if (task.flags & kRestricted) TakeResources(run, rank, cause.worker, 1);
  Touch(cause.worker, run, rank);
  Refresh(cause.worker);
  EnsureOpen(run, cause.worker);
  const auto first_source = static_cast<uint32_t>(out_->sources.size());
  if (present_.size() > 1 && !(task.flags & kRoot)) AppendSources(run, rank, cause.worker);
  out_->list.push_back(RunTask{cause.worker,
                               worker.epoch,
                               {id, run.id, task.attempt},
                               rank,
                               run.submission->priority,
                               first_source,
                               static_cast<uint32_t>(out_->sources.size()) - first_source});
}

void SchedulerMachine::EnsureOpen(RunRecord& run, WorkerId worker) {
  if (worker >= run.opened_on.size()) run.opened_on.resize(workers_.size(), 0);
  if (run.opened_on[worker] == workers_[worker].epoch) return;
  run.opened_on[worker] = workers_[worker].epoch;
  out_->list.push_back(OpenRun{worker, workers_[worker].epoch, run.id});
}

void SchedulerMachine::EnterInMemory(RunRecord& run, uint32_t rank, const Cause& cause) {
  TaskRecord& task = run.tasks[rank];
  task.worker = kNoWorker;
  task.replicas = 0;
  task.nbytes = cause.nbytes;
  task.flags &= ~kWasReturned;
  ++run.on_workers;
  AddHolder(run, rank, cause.worker);
  ReleaseInputs(run, rank);
  outputs_.clear();
  run.graph->AppendDependents(run.order->task(rank), &outputs_);
  for (graph::TaskId output : outputs_) {
    const uint32_t reader = run.order->RankOf(output);
    if (reader == graph::Order::kNoRank || !IsActive(run.tasks[reader].state)) continue;
    if (--run.tasks[reader].waiting == 0 && run.tasks[reader].state == kWaiting) MakeReady(run, reader);
  }
  if (task.flags & kWanted) {
    out_->list.push_back(ResultReady{run.id, run.order->task(rank), cause.worker, workers_[cause.worker].epoch});
    Resolve(run, rank);
  }
  if (task.needed_by == 0) run.to_release.push_back(rank);
}

void SchedulerMachine::EnterUnneeded(RunRecord& run, uint32_t rank, const Cause&) { ReleaseInputs(run, rank); }

void SchedulerMachine::EnterCancelled(RunRecord& run, uint32_t rank, const Cause&) {
  const TaskRecord& task = run.tasks[rank];
  out_->list.push_back(CancelTask{task.worker, workers_[task.worker].epoch, RefOf(run, rank)});
  ReleaseInputs(run, rank);
}

void SchedulerMachine::EnterFreed(RunRecord&, uint32_t, const Cause&) { retiring_changed_ = true; }

void SchedulerMachine::EnterErred(RunRecord& run, uint32_t rank, const Cause& cause) {
  ReleaseInputs(run, rank);
  PropagateFailure(run, rank, cause.error);
}

void SchedulerMachine::EnterLostForGood(RunRecord& run, uint32_t rank, const Cause& cause) {
  PropagateFailure(run, rank, cause.error);
}

// ---- What follows ----

void SchedulerMachine::MakeReady(RunRecord& run, uint32_t rank, WorkerId avoid) {
  const TaskRecord& task = run.tasks[rank];
  if (avoid != kNoWorker) run.avoid[rank] = avoid;
  if ((task.flags & (kRoot | kRestricted)) == kRoot && (run.avoid.empty() || !run.avoid.contains(rank))) {
    Transition(run, rank, kQueued);
    return;
  }
  const WorkerId worker = ChooseWorker(run, rank, avoid);
  Transition(run, rank, worker == kNoWorker ? kParked : kPlaced, {.worker = worker});
}

void SchedulerMachine::Retry(RunRecord& run, uint32_t rank, WorkerId avoid) {
  Transition(run, rank, kWaiting);
  if (run.tasks[rank].waiting == 0) MakeReady(run, rank, avoid);
}

void SchedulerMachine::Fail(RunRecord& run, uint32_t rank, const TaskError& error) {
  Transition(run, rank, kErred, {.error = error});
}

void SchedulerMachine::PropagateFailure(RunRecord& run, uint32_t rank, const TaskError& error) {
  const graph::TaskId id = run.order->task(rank);
  const bool wanted = run.tasks[rank].flags & kWanted;
  run.any_failed = true;
  run.errors[rank] = error;
  if (run.submission->fail_fast) {
    if (std::find(doomed_.begin(), doomed_.end(), run.id) != doomed_.end()) return;
    out_->list.push_back(ResultFailed{run.id, id, error.culprit, error.error, error.kind});
    if (!run.ended) out_->list.push_back(RunEnded{run.id, true});
    run.ended = true;
    doomed_.push_back(run.id);
    return;
  }
  if (wanted) {
    out_->list.push_back(ResultFailed{run.id, id, error.culprit, error.error, error.kind});
    Resolve(run, rank);
  }
  outputs_.clear();
  run.graph->AppendDependents(id, &outputs_);
  for (graph::TaskId output : outputs_) {
    const uint32_t reader = run.order->RankOf(output);
    if (reader != graph::Order::kNoRank && IsActive(run.tasks[reader].state)) run.to_fail.push_back({reader, error});
  }
}

void SchedulerMachine::Resolve(RunRecord& run, uint32_t) {
  if (--run.unresolved > 0 || run.ended) return;
  run.ended = true;
  out_->list.push_back(RunEnded{run.id, run.any_failed});
}

void SchedulerMachine::DropNeed(RunRecord& run, uint32_t rank) {
  if (--run.tasks[rank].needed_by == 0) run.to_release.push_back(rank);
}

void SchedulerMachine::ReleaseInputs(RunRecord& run, uint32_t rank) {
  if (run.tasks[rank].flags & kRoot) return;
  inputs_.clear();
  run.graph->AppendDependencies(run.order->task(rank), &inputs_);
  for (graph::TaskId input : inputs_) DropNeed(run, run.order->RankOf(input));
}

void SchedulerMachine::TakeInputs(RunRecord& run, uint32_t rank) {
  TaskRecord& task = run.tasks[rank];
  task.waiting = 0;
  inputs_.clear();
  run.graph->AppendDependencies(run.order->task(rank), &inputs_);
  for (graph::TaskId id : inputs_) {
    const uint32_t input_rank = run.order->RankOf(id);
    TaskRecord& input = run.tasks[input_rank];
    ++input.needed_by;
    task.waiting += input.state != kInMemory;
    if (input.state == kErred) {
      run.to_fail.push_back({rank, run.errors.at(input_rank)});
    } else if (input.state == kReleased) {
      Transition(run, input_rank, kWaiting);
      run.to_revive.push_back(input_rank);
    }
  }
}

void SchedulerMachine::LoseValue(RunRecord& run, uint32_t rank) {
  TaskRecord& task = run.tasks[rank];
  outputs_.clear();
  run.graph->AppendDependents(run.order->task(rank), &outputs_);
  for (graph::TaskId output : outputs_) {
    const uint32_t reader = run.order->RankOf(output);
    if (reader == graph::Order::kNoRank || !IsActive(run.tasks[reader].state)) continue;
    ++run.tasks[reader].waiting;
    if (IsReady(run.tasks[reader].state)) Transition(run, reader, kWaiting);
  }
  if (task.needed_by == 0) {
    Transition(run, rank, kReleased);
  } else if (task.flags & kSent) {
    Fail(run, rank, {run.order->task(rank), 0, FailureKind::kLost});
  } else {
    Transition(run, rank, kWaiting);
    run.to_revive.push_back(rank);
  }
}

// Revives come first: until its inputs are taken, a revived task may neither fail nor be released.
void SchedulerMachine::Settle(RunRecord& run) {
  while (!run.to_release.empty() || !run.to_revive.empty() || !run.to_fail.empty()) {
    if (!run.to_revive.empty()) {
      const uint32_t rank = run.to_revive.back();
      run.to_revive.pop_back();
      TakeInputs(run, rank);
      if (run.tasks[rank].flags & kSent) {
        run.to_fail.push_back({rank, {run.order->task(rank), 0, FailureKind::kLost}});
      } else if (run.tasks[rank].waiting == 0) {
        MakeReady(run, rank);
      }
    } else if (!run.to_fail.empty()) {
      const auto [rank, error] = run.to_fail.back();
      run.to_fail.pop_back();
      if (IsActive(run.tasks[rank].state)) {
        const TaskRecord& task = run.tasks[rank];
        if (task.state == kProcessing) {
          out_->list.push_back(CancelTask{task.worker, workers_[task.worker].epoch, RefOf(run, rank)});
        }
        Fail(run, rank, error);
      }
    } else {
      const uint32_t rank = run.to_release.back();
      run.to_release.pop_back();
      const TaskRecord& task = run.tasks[rank];
      if (task.needed_by == 0 && (task.state == kInMemory || IsActive(task.state))) Transition(run, rank, kReleased);
    }
  }
}

}  // namespace swath::sched
