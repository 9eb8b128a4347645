#include "swath/sched/scheduler_machine.h"

#include <algorithm>

namespace swath::sched {

SchedulerMachine::SchedulerMachine(SchedulerOptions options) : options_(options), story_(options.story_capacity) {}

void SchedulerMachine::Handle(std::span<const SchedulerEvent> events, Time now, SchedulerActions* out) {
  out_ = out;
  now_ = now;
  for (const SchedulerEvent& event : events) {
    event_index_ = static_cast<uint8_t>(event.index());
    if (const auto* finished = std::get_if<TaskFinished>(&event)) {
      On(*finished);
    } else {
      std::visit([this](const auto& e) { On(e); }, event);
    }
    for (size_t i = 0; i < doomed_.size(); ++i) {
      if (RunRecord* run = FindRun(doomed_[i])) CloseRunRecord(*run);
    }
    doomed_.clear();
  }
  event_index_ = 255;
  Dispatch();
  out_ = nullptr;
}

RunRecord* SchedulerMachine::FindRun(RunId run) {
  if (last_run_ != nullptr && last_run_->id == run) return last_run_;
  const auto found = runs_.find(run);
  if (found == runs_.end()) return nullptr;
  return last_run_ = found->second.get();
}

const RunRecord* SchedulerMachine::FindRun(RunId run) const {
  const auto found = runs_.find(run);
  return found == runs_.end() ? nullptr : found->second.get();
}

WorkerRecord* SchedulerMachine::Current(WorkerId worker, Epoch epoch) {
  if (worker >= workers_.size()) return nullptr;
  WorkerRecord& record = workers_[worker];
  return record.status != WorkerStatus::kAbsent && record.epoch == epoch ? &record : nullptr;
}

TaskRecord* SchedulerMachine::Attempted(const TaskRef& ref, RunRecord** run, uint32_t* rank) {
  *run = FindRun(ref.run);
  if (*run == nullptr) return nullptr;
  *rank = (*run)->order->RankOf(ref.task);
  if (*rank == graph::Order::kNoRank) return nullptr;
  TaskRecord& task = (*run)->tasks[*rank];
  return task.attempt == ref.attempt ? &task : nullptr;
}

// ---- Reports about tasks ----

void SchedulerMachine::On(const TaskFinished& event) {
  if (Current(event.worker, event.epoch) == nullptr) return;
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  TaskRecord* task = Attempted(event.ref, &run, &rank);
  if (run == nullptr) return;  // closed: CloseRun has freed the value
  if (task != nullptr && task->state == TaskState::kProcessing && task->worker == event.worker) {
    float& mean = run->layer_duration_ns[event.ref.task.layer()];
    const auto duration = static_cast<float>(event.duration_ns);
    mean = mean == 0 ? duration : mean + (duration - mean) / 8;
    Transition(*run, rank, TaskState::kInMemory, {.worker = event.worker, .nbytes = event.nbytes});
    Settle(*run);
    retiring_changed_ = true;
  } else if (task == nullptr || task->state != TaskState::kInMemory || !Holds(*task, event.worker)) {
    SendRelease(event.worker, event.ref);  // a late result that nobody waits for
  }
}

void SchedulerMachine::On(const TaskFailed& event) {
  if (Current(event.worker, event.epoch) == nullptr) return;
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  TaskRecord* task = Attempted(event.ref, &run, &rank);
  if (task == nullptr || task->state != TaskState::kProcessing || task->worker != event.worker) return;
  if (task->failures < run->submission->retries && !(task->flags & kImpure)) {
    ++task->failures;
    Retry(*run, rank);
  } else {
    Fail(*run, rank, {event.ref.task, event.error, event.kind});
  }
  Settle(*run);
  retiring_changed_ = true;
}

void SchedulerMachine::On(const TaskReturned& event) {
  if (Current(event.worker, event.epoch) == nullptr) return;
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  TaskRecord* task = Attempted(event.ref, &run, &rank);
  if (task == nullptr || task->state != TaskState::kProcessing || task->worker != event.worker) return;
  task->flags &= ~kSent;  // it has not run
  bool elsewhere = event.reason == ReturnReason::kWorkerStopping;
  // An input that does not come is made again where it can be reached (FetchFailed), and the task stays where most of
  // its inputs are: if both moved, they might miss each other for ever. An input that can not be made again makes the
  // task move.
  if (event.reason == ReturnReason::kInputMissing) elsewhere = ReadsImpure(*run, rank, event.worker);
  if (event.reason == ReturnReason::kAsked) task->flags |= kWasReturned;
  Retry(*run, rank, elsewhere ? event.worker : kNoWorker);
  Settle(*run);
  retiring_changed_ = true;
}

bool SchedulerMachine::ReadsImpure(const RunRecord& run, uint32_t rank, WorkerId worker) {
  inputs_.clear();
  run.graph->AppendDependencies(run.order->task(rank), &inputs_);
  return std::any_of(inputs_.begin(), inputs_.end(), [&](graph::TaskId id) {
    const TaskRecord& input = run.tasks[run.order->RankOf(id)];
    return (input.flags & kImpure) && !Holds(input, worker);
  });
}

// ---- Reports about values ----

void SchedulerMachine::On(const ReplicaAdded& event) {
  if (Current(event.worker, event.epoch) == nullptr) return;
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  TaskRecord* task = Attempted(event.ref, &run, &rank);
  if (run == nullptr) return;
  if (task == nullptr || task->state != TaskState::kInMemory) {
    SendRelease(event.worker, event.ref);
    return;
  }
  if (!Holds(*task, event.worker)) AddHolder(*run, rank, event.worker);
  std::erase_if(moves_,
                [&](const Move& move) { return move.run == run->id && move.rank == rank && move.to == event.worker; });
  retiring_changed_ = true;
}

void SchedulerMachine::On(const FetchFailed& event) {
  if (Current(event.worker, event.epoch) == nullptr) return;
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  TaskRecord* task = Attempted(event.ref, &run, &rank);
  if (run != nullptr) {  // of whatever attempt: a worker that was fetching an older one may answer for that
    std::erase_if(
        moves_, [&](const Move& move) { return move.run == run->id && move.rank == rank && move.to == event.worker; });
  }
  if (task == nullptr || task->state != TaskState::kInMemory || !Holds(*task, event.holder)) return;
  if (Current(event.holder, event.holder_epoch) == nullptr) return;
  const int32_t allowed = options_.allowed_fetch_failures * (task->flags & kImpure ? 4 : 1);
  const bool unreachable = event.problem == FetchProblem::kUnreachable;
  if (unreachable) {
    std::erase_if(cut_links_, [&](const CutLink& l) { return l.fetcher == event.worker && l.holder == event.holder; });
    cut_links_.push_back({event.worker, event.holder, now_});
  }
  if (unreachable && ++run->fetch_failures[rank] < static_cast<uint32_t>(allowed)) return;
  // The holder answers that it has nothing, or can not be reached from where the value is needed: make it anew
  // elsewhere.
  run->fetch_failures.erase(rank);
  run->avoid[rank] = event.holder;
  SendRelease(event.holder, event.ref);
  GiveUpReplica(*run, rank, event.holder);
}

void SchedulerMachine::On(const DataLost& event) {
  if (Current(event.worker, event.epoch) == nullptr) return;
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  TaskRecord* task = Attempted(event.ref, &run, &rank);
  if (task == nullptr || task->state != TaskState::kInMemory || !Holds(*task, event.worker)) return;
  GiveUpReplica(*run, rank, event.worker);
}

// ---- Runs ----

void SchedulerMachine::On(const GraphSubmitted& event) {
  if (runs_.contains(event.run)) return;
  Submission& submission = *event.submission;
  if (submission.order == nullptr) submission.order = std::make_shared<graph::Order>(*submission.graph);
  const graph::Order& order = *submission.order;
  auto owned = std::make_unique<RunRecord>(event.run, order.task_count());
  RunRecord& run = *owned;
  run.submission = event.submission;
  run.graph = submission.graph.get();
  run.order = &order;
  const auto& layers = run.graph->layers();
  run.layer_flags.resize(layers.size());
  run.layer_duration_ns.resize(layers.size());
  for (size_t i = 0; i < layers.size(); ++i) run.layer_flags[i] = layers[i].layer->pure() ? 0 : kImpure;
  for (const LayerRestriction& restriction : submission.restrictions) {
    run.restrictions.resize(layers.size(), nullptr);
    run.restrictions[restriction.layer] = &restriction;
    run.layer_flags[restriction.layer] |= kRestricted;
  }
  runs_[event.run] = std::move(owned);
  last_run_ = &run;
  {
    const std::vector<uint32_t> reads = submission.order->TakeDependencyCounts();
    const std::vector<uint32_t> read_by = submission.order->TakeDependentCounts();
    for (uint32_t rank = 0; rank < order.task_count(); ++rank) {
      TaskRecord& task = run.tasks[rank];
      task.waiting = reads[rank];
      task.needed_by = read_by[rank];
      task.flags = run.layer_flags[order.task(rank).layer()] | (reads[rank] == 0 ? kRoot : 0);
      task.state = TaskState::kWaiting;
    }
  }
  for (graph::TaskId wanted : run.graph->wanted()) {
    TaskRecord& task = run.tasks[order.RankOf(wanted)];
    if (task.flags & kWanted) continue;
    task.flags |= kWanted;
    ++task.needed_by;
    ++run.unresolved;
  }
  for (uint32_t rank = 0; rank < order.task_count(); ++rank) {
    if (run.tasks[rank].waiting == 0) MakeReady(run, rank);
  }
  if (run.unresolved == 0) {
    run.ended = true;
    out_->list.push_back(RunEnded{run.id, false});
  }
}

void SchedulerMachine::On(const RunReleased& event) {
  if (RunRecord* run = FindRun(event.run)) CloseRunRecord(*run);
}

void SchedulerMachine::On(const ResultReleased& event) {
  RunRecord* run = FindRun(event.run);
  if (run == nullptr) return;
  const uint32_t rank = run->order->RankOf(event.task);
  if (rank == graph::Order::kNoRank || !(run->tasks[rank].flags & kWanted)) return;
  TaskRecord& task = run->tasks[rank];
  const bool resolved = task.state == TaskState::kInMemory || task.state == TaskState::kErred;
  task.flags &= ~kWanted;
  if (!resolved) Resolve(*run, rank);
  DropNeed(*run, rank);
  Settle(*run);
  retiring_changed_ = true;
}

void SchedulerMachine::CloseRunRecord(RunRecord& run) {
  for (WorkerId worker = 0; worker < run.opened_on.size(); ++worker) {
    if (Current(worker, run.opened_on[worker])) out_->list.push_back(CloseRun{worker, run.opened_on[worker], run.id});
  }
  closing_ = true;
  for (uint32_t rank = 0; rank < run.tasks.size(); ++rank) {
    TaskRecord& task = run.tasks[rank];
    if (task.state == TaskState::kReleased || task.state == TaskState::kWaiting) continue;
    Leave(run, rank, task);
    task.state = TaskState::kReleased;
  }
  closing_ = false;
  std::erase(queued_runs_, &run);
  std::erase_if(moves_, [&](const Move& move) { return move.run == run.id; });
  std::erase_if(parked_, [&](const RankedTask& task) { return task.run == run.id; });
  retiring_changed_ = true;
  last_run_ = nullptr;
  runs_.erase(run.id);
}

}  // namespace swath::sched
