// Tasks that a worker was given: their inputs gathered and pinned, the tasks that wait for a value, giving back and
// cancelling.
#include <algorithm>
#include <utility>

#include "swath/sched/worker_machine.h"

namespace swath::sched {

using enum WorkerTaskState;

// ---- Assignment ----

void WorkerMachine::On(const RunTask& event) {
  if (event.epoch != options_.epoch) return;
  WorkerRun* run = nullptr;
  WorkerTask* task = Find(event.ref, &run);
  const std::span<const Source> sources = sources_.subspan(event.first_source, event.source_count);
  if (run == nullptr || run->closing || stopping_) {
    const ReturnReason reason = stopping_ ? ReturnReason::kWorkerStopping : ReturnReason::kInputMissing;
    if (task == nullptr) out_->list.push_back(TaskReturned{options_.worker, options_.epoch, event.ref, reason});
    return;
  }
  run->priority = event.priority;
  if (task == nullptr) {
    task = &Make(*run, event.ref, event.rank);
    task->flags = kAssigned;
    if (event.source_count == 0) {  // all inputs are here; whether one was spilled shows when it starts
      Transition(*run, event.ref.task, *task, kReady);
    } else {
      Transition(*run, event.ref.task, *task, kWaiting);
      Gather(*run, event.ref.task, *task, sources);
    }
    return;
  }
  if (event.ref.attempt <= task->attempt) return;  // doubled or late
  task->attempt = event.ref.attempt;
  task->rank = event.rank;
  task->flags |= kAssigned;
  task->flags &= ~kUnwanted;
  switch (task->state) {
    case kInMemory:
    case kSpilling:
    case kSpilled:
    case kUnspilling:
      ReportFinished(*run, event.ref.task, *task, 0);
      break;
    case kWanted:
      Transition(*run, event.ref.task, *task, kWaiting);
      Gather(*run, event.ref.task, *task, sources);
      break;
    default:  // waits, is ready, runs or is being fetched: whatever comes first is the result
      break;
  }
}

// Pins the inputs and sees to it that they come. The task is kWaiting; it becomes kReady when nothing is missing, and
// is given back when nobody is known to have an input. `sources` are in the order of the inputs.
void WorkerMachine::Gather(WorkerRun& run, graph::TaskId id, WorkerTask& task, std::span<const Source> sources) {
  task.missing = 0;
  task.flags |= kPinsInputs;
  bool hopeless = false;
  inputs_.clear();
  run.graph->AppendDependencies(id, &inputs_);
  for (graph::TaskId input_id : inputs_) {
    size_t count = 0;
    while (count < sources.size() && sources[count].data.task == input_id) ++count;
    WorkerTask* input = Find(run, input_id);
    if (count > 0 && (input == nullptr || input->state < kInMemory)) {
      std::vector<Source>& known = plans_[{run.id, input_id}].sources;
      known.insert(known.end(), sources.begin(), sources.begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (input == nullptr) {
      input = &Make(run, count > 0 ? sources[0].data : TaskRef{input_id, run.id, 0}, task.rank);
      input->nbytes = count > 0 ? sources[0].nbytes : 0;
      hopeless |= count == 0;
      Transition(run, input_id, *input, kWanted);
    }
    sources = sources.subspan(count);
    ++input->pins;
    if (input->state == kInMemory) continue;
    ++task.missing;
    AddWaiter(*input, id);
    if (input->state == kSpilled) Call(run, input_id, *input, task.rank);
  }
  if (hopeless) {
    GiveBack(run, id, task, ReturnReason::kInputMissing);
  } else if (task.missing == 0) {
    Transition(run, id, task, kReady);
  }
}

bool WorkerMachine::PinInputs(WorkerRun& run, graph::TaskId id, WorkerTask& task) {
  inputs_.clear();
  run.graph->AppendDependencies(id, &inputs_);
  for (size_t i = 0; i < inputs_.size(); ++i) {
    WorkerTask* input = Find(run, inputs_[i]);
    if (input == nullptr || input->state != kInMemory) {
      while (i-- > 0) --Find(run, inputs_[i])->pins;
      return false;
    }
    ++input->pins;
  }
  task.flags |= kPinsInputs;
  return true;
}

void WorkerMachine::UnpinInputs(WorkerRun& run, graph::TaskId id, WorkerTask& task) {
  if (!(task.flags & kPinsInputs)) return;
  task.flags &= ~kPinsInputs;
  const bool waits = task.state == kWaiting;
  std::vector<graph::TaskId> inputs = std::move(inputs_);  // freeing an input may come back here
  inputs.clear();
  run.graph->AppendDependencies(id, &inputs);
  for (graph::TaskId input_id : inputs) {
    WorkerTask* input = Find(run, input_id);
    if (input == nullptr) continue;  // it is being erased, and so gives the task back
    if (waits) RemoveWaiter(*input, id);
    if (--input->pins > 0) continue;
    if (input->state == kInMemory && options_.memory_bytes > 0 && !(input->flags & kUnwanted))
      QueueSpill(run, input_id, *input);
    if (input->state == kWanted && !(input->flags & kReplica))
      input->flags |= kUnwanted;  // nobody here reads it any more
    FreeIfUnwanted(run, input_id, *input);
  }
  inputs_ = std::move(inputs);
}

// ---- Waiting for values ----

void WorkerMachine::AddWaiter(WorkerTask& value, graph::TaskId waiter) {
  uint32_t node = free_waiter_;
  if (node != 0) {
    free_waiter_ = waiters_[node].next;
  } else {
    node = static_cast<uint32_t>(waiters_.size());
    waiters_.emplace_back();
  }
  waiters_[node] = {waiter, value.waiters};
  value.waiters = node;
}

uint32_t WorkerMachine::FreeWaiter(uint32_t node) {
  const uint32_t next = waiters_[node].next;
  waiters_[node] = {{}, free_waiter_};
  free_waiter_ = node;
  return next;
}

void WorkerMachine::RemoveWaiter(WorkerTask& value, graph::TaskId waiter) {
  for (uint32_t* link = &value.waiters; *link != 0;) {
    if (waiters_[*link].task == waiter) {
      *link = FreeWaiter(*link);
    } else {
      link = &waiters_[*link].next;
    }
  }
}

void WorkerMachine::WakeWaiters(WorkerRun& run, WorkerTask& value) {
  uint32_t node = std::exchange(value.waiters, 0);
  while (node != 0) {
    const graph::TaskId waiter = waiters_[node].task;
    node = FreeWaiter(node);
    WorkerTask& task = *Find(run, waiter);
    if (--task.missing == 0) Transition(run, waiter, task, kReady);
  }
}

// ---- Giving up tasks ----

void WorkerMachine::GiveBack(WorkerRun& run, graph::TaskId id, WorkerTask& task, ReturnReason reason) {
  task.flags &= ~kAssigned;
  out_->list.push_back(TaskReturned{options_.worker, options_.epoch, RefOf(run, id, task), reason});
  UnpinInputs(run, id, task);
  ValueGone(run, id, task);
}

void WorkerMachine::On(const ReturnTask& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = event.epoch == options_.epoch ? Find(event.ref, &run) : nullptr;
  if (task == nullptr || task->attempt != event.ref.attempt || !(task->flags & kAssigned)) return;
  if (task->state == kWaiting || task->state == kReady) GiveBack(*run, event.ref.task, *task, ReturnReason::kAsked);
}

void WorkerMachine::On(const CancelTask& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = event.epoch == options_.epoch ? Find(event.ref, &run) : nullptr;
  if (task == nullptr || task->attempt > event.ref.attempt) return;
  task->flags &= ~kAssigned;
  switch (task->state) {
    case kWaiting:
    case kReady:
      UnpinInputs(*run, event.ref.task, *task);
      ValueGone(*run, event.ref.task, *task);
      break;
    case kExecuting:
      StopRunning(*run, event.ref.task, *task);
      break;
    default:
      task->flags |= kUnwanted;
      FreeIfUnwanted(*run, event.ref.task, *task);
  }
}

void WorkerMachine::StopRunning(WorkerRun& run, graph::TaskId id, WorkerTask& task) {
  if (task.flags & kStopped) return;
  task.flags |= kStopped;
  out_->list.push_back(StopExecution{RefOf(run, id, task)});
}

}  // namespace swath::sched
