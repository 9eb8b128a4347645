// Which workers hold which values. One holder stands in the task's record; further ones in a pool of list nodes.
#include <algorithm>

#include "swath/sched/scheduler_machine.h"

namespace swath::sched {

bool SchedulerMachine::Holds(const TaskRecord& task, WorkerId worker) const {
  if (task.state != TaskState::kInMemory) return false;
  if (task.worker == worker) return true;
  for (uint32_t i = task.replicas; i != 0; i = replicas_[i].next) {
    if (replicas_[i].worker == worker) return true;
  }
  return false;
}

void SchedulerMachine::AddHolder(RunRecord& run, uint32_t rank, WorkerId worker) {
  TaskRecord& task = run.tasks[rank];
  ++workers_[worker].held;
  workers_[worker].held_bytes += task.nbytes;
  if (task.worker == kNoWorker) {
    task.worker = worker;
    return;
  }
  uint32_t node = free_replica_;
  if (node != 0) {
    free_replica_ = replicas_[node].next;
  } else {
    node = static_cast<uint32_t>(replicas_.size());
    replicas_.emplace_back();
  }
  replicas_[node] = {worker, task.replicas};
  task.replicas = node;
  Touch(worker, run, rank);
}

void SchedulerMachine::FreeHolder(WorkerId worker, int64_t nbytes) {
  WorkerRecord& record = workers_[worker];
  --record.held;
  record.held_bytes -= nbytes;
  if (!record.budget_full) return;
  record.budget_full = false;
  Refresh(worker);
}

void SchedulerMachine::RemoveHolder(RunRecord& run, uint32_t rank, WorkerId worker) {
  TaskRecord& task = run.tasks[rank];
  FreeHolder(worker, task.nbytes);
  uint32_t* link = &task.replicas;
  if (task.worker == worker) {
    if (task.replicas == 0) {
      task.worker = kNoWorker;
      return;
    }
    task.worker = replicas_[task.replicas].worker;
  } else {
    while (replicas_[*link].worker != worker) link = &replicas_[*link].next;
  }
  const uint32_t node = *link;
  *link = replicas_[node].next;
  replicas_[node] = {kNoWorker, free_replica_};
  free_replica_ = node;
}

void SchedulerMachine::GiveUpReplica(RunRecord& run, uint32_t rank, WorkerId worker) {
  RemoveHolder(run, rank, worker);
  if (run.tasks[rank].worker == kNoWorker) LoseValue(run, rank);
  Settle(run);
  retiring_changed_ = true;
}

void SchedulerMachine::SendRelease(WorkerId worker, const TaskRef& ref) {
  out_->list.push_back(ReleaseData{worker, workers_[worker].epoch, ref});
}

void SchedulerMachine::AppendSources(RunRecord& run, uint32_t rank, WorkerId worker) {
  inputs_.clear();
  run.graph->AppendDependencies(run.order->task(rank), &inputs_);
  for (graph::TaskId id : inputs_) {
    const uint32_t input_rank = run.order->RankOf(id);
    const TaskRecord& input = run.tasks[input_rank];
    if (Holds(input, worker)) continue;
    ForEachHolder(input, [&](WorkerId holder) {
      out_->sources.push_back({RefOf(run, input_rank), holder, workers_[holder].epoch, input.nbytes});
    });
  }
}

}  // namespace swath::sched
