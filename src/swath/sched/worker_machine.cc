#include "swath/sched/worker_machine.h"

#include <algorithm>
#include <array>

namespace swath::sched {

using enum WorkerTaskState;

const WorkerMachine::TransitionRow WorkerMachine::kTransitions[] = {
    {kAbsent, kWaiting, nullptr},
    {kAbsent, kReady, &WorkerMachine::EnterReady},
    {kAbsent, kWanted, &WorkerMachine::EnterWanted},
    {kWaiting, kReady, &WorkerMachine::EnterReady},
    {kWaiting, kWanted, &WorkerMachine::EnterWanted},  // no longer to be run here, but a task here reads it
    {kReady, kWaiting, nullptr},                       // an input was spilled meanwhile
    {kReady, kExecuting, nullptr},
    {kReady, kWanted, &WorkerMachine::EnterWanted},
    {kExecuting, kInMemory, &WorkerMachine::EnterInMemory},
    {kExecuting, kWaiting, nullptr},                     // stopped, then assigned again
    {kExecuting, kWanted, &WorkerMachine::EnterWanted},  // failed or stopped, but a task here reads it
    {kWanted, kWaiting, nullptr},                        // assigned: no need to fetch it
    {kWanted, kFetching, nullptr},
    {kFetching, kInMemory, &WorkerMachine::EnterInMemory},
    {kFetching, kWanted, &WorkerMachine::EnterWanted},  // the next source
    {kFetching, kWaiting, nullptr},                     // no source left, but it was assigned meanwhile
    {kInMemory, kSpilling, nullptr},
    {kSpilling, kSpilled, nullptr},
    {kSpilling, kInMemory, &WorkerMachine::EnterInMemory},  // disk full
    {kSpilled, kUnspilling, nullptr},
    {kUnspilling, kInMemory, &WorkerMachine::EnterInMemory},
    {kWaiting, kAbsent, nullptr},
    {kReady, kAbsent, nullptr},
    {kExecuting, kAbsent, nullptr},
    {kWanted, kAbsent, nullptr},
    {kFetching, kAbsent, nullptr},
    {kInMemory, kAbsent, nullptr},
    {kSpilling, kAbsent, nullptr},
    {kSpilled, kAbsent, nullptr},
    {kUnspilling, kAbsent, nullptr},
};

namespace {
constexpr bool UsesMemory(WorkerTaskState s) {
  return s == kFetching || s == kInMemory || s == kSpilling || s == kUnspilling;
}
constexpr bool IsTransfer(WorkerTaskState s) { return s == kFetching || s == kUnspilling; }
}  // namespace

WorkerMachine::WorkerMachine(WorkerOptions options) : options_(options), story_(options.story_capacity) {}

void WorkerMachine::Handle(std::span<const WorkerEvent> events, std::span<const Source> sources, Time now,
                           WorkerActions* out) {
  out_ = out;
  now_ = now;
  sources_ = sources;
  for (const WorkerEvent& event : events) {
    event_index_ = static_cast<uint8_t>(event.index());
    if (const auto* finished = std::get_if<ExecutionFinished>(&event)) {
      On(*finished);
    } else if (const auto* assigned = std::get_if<RunTask>(&event)) {
      On(*assigned);
    } else if (const auto* released = std::get_if<ReleaseData>(&event)) {
      On(*released);
    } else {
      std::visit([this](const auto& e) { On(e); }, event);
    }
  }
  event_index_ = 255;
  if (options_.memory_bytes > 0) {
    StartSpills();
    UpdatePause();
  }
  StartExecutions();
  StartTransfers();
  sources_ = {};
  out_ = nullptr;
}

void WorkerMachine::Transition(WorkerRun& run, graph::TaskId id, WorkerTask& task, WorkerTaskState to) {
  static const auto table = [] {
    std::array<const TransitionRow*, kWorkerTaskStates* kWorkerTaskStates> cells = {};
    for (const TransitionRow& row : kTransitions)
      cells[static_cast<int>(row.from) * kWorkerTaskStates + static_cast<int>(row.to)] = &row;
    return cells;
  }();
  const WorkerTaskState from = task.state;
  const TransitionRow* row = table[static_cast<int>(from) * kWorkerTaskStates + static_cast<int>(to)];
  CHECK(row != nullptr);
  if (story_.enabled()) {
    story_.Record({now_, RefOf(run, id, task), options_.worker, static_cast<uint8_t>(from), static_cast<uint8_t>(to),
                   event_index_});
  }
  executing_ += (to == kExecuting) - (from == kExecuting);
  spills_ += (to == kSpilling) - (from == kSpilling);
  spilling_bytes_ += ((to == kSpilling) - (from == kSpilling)) * task.nbytes;
  memory_bytes_ += (UsesMemory(to) - UsesMemory(from)) * task.nbytes;
  transfers_ += IsTransfer(to) - IsTransfer(from);
  transfer_bytes_ += (IsTransfer(to) - IsTransfer(from)) * task.nbytes;
  task.state = to;
  if (row->enter != nullptr) (this->*row->enter)(run, id, task);
}

void WorkerMachine::EnterReady(WorkerRun& run, graph::TaskId id, WorkerTask& task) {
  ready_.push_back({run.priority, task.rank, run.id, id});
  std::push_heap(ready_.begin(), ready_.end());
}

void WorkerMachine::EnterWanted(WorkerRun& run, graph::TaskId id, WorkerTask& task) { Call(run, id, task, task.rank); }

void WorkerMachine::EnterInMemory(WorkerRun& run, graph::TaskId id, WorkerTask& task) {
  if (options_.memory_bytes > 0) QueueSpill(run, id, task);
  WakeWaiters(run, task);
}

// ---- Records ----

WorkerMachine::WorkerRun* WorkerMachine::FindRun(RunId id) {
  if (last_run_ != nullptr && last_run_->id == id) return last_run_;
  const auto found = runs_.find(id);
  if (found == runs_.end()) return nullptr;
  return last_run_ = found->second.get();
}

WorkerTask* WorkerMachine::Find(const TaskRef& ref, WorkerRun** run) {
  *run = FindRun(ref.run);
  return *run == nullptr ? nullptr : Find(**run, ref.task);
}

WorkerTask& WorkerMachine::Make(WorkerRun& run, const TaskRef& ref, uint32_t rank) {
  WorkerTask& task = run.layers[ref.task.layer()].Make(ref.task.block());
  task.attempt = ref.attempt;
  task.rank = rank;
  ++run.live;
  ++records_;
  return task;
}

// The record goes first: what follows from giving back the tasks that wait for it must not find it any more.
void WorkerMachine::Erase(WorkerRun& run, graph::TaskId id, WorkerTask& task) {
  if (!plans_.empty()) plans_.erase({run.id, id});
  uint32_t node = std::exchange(task.waiters, 0);
  Transition(run, id, task, kAbsent);
  run.layers[id.layer()].Erase(id.block());
  --run.live;
  --records_;
  while (node != 0) {
    const graph::TaskId waiter = waiters_[node].task;
    node = FreeWaiter(node);
    WorkerTask* reader = Find(run, waiter);
    if (reader != nullptr && reader->state == kWaiting) GiveBack(run, waiter, *reader, ReturnReason::kInputMissing);
  }
}

void WorkerMachine::ForgetIfDone(WorkerRun& run) {
  if (!run.closing || run.live > 0) return;
  out_->list.push_back(ForgetRun{run.id});
  last_run_ = nullptr;
  runs_.erase(run.id);
}

// The value is here and nobody, or only the past, wants it.
void WorkerMachine::FreeIfUnwanted(WorkerRun& run, graph::TaskId id, WorkerTask& task) {
  if (!(task.flags & kUnwanted) || task.pins > 0) return;
  switch (task.state) {
    case kInMemory:
    case kSpilled:
      out_->list.push_back(Drop{RefOf(run, id, task)});
      Erase(run, id, task);
      break;
    case kWaiting:
    case kReady:
    case kWanted:
      Erase(run, id, task);
      break;
    default:  // something is under way; its answer comes back here
      break;
  }
}

// ---- Execution ----

void WorkerMachine::StartExecutions() {
  while (executing_ < options_.threads && !ready_.empty() && !(paused_ && executing_ > 0)) {
    const QueueEntry entry = ready_.front();
    std::pop_heap(ready_.begin(), ready_.end());
    ready_.pop_back();
    WorkerRun* run = FindRun(entry.run);
    WorkerTask* task = run == nullptr ? nullptr : Find(*run, entry.task);
    if (task == nullptr || task->state != kReady) continue;
    if (!(task->flags & kPinsInputs) && !PinInputs(*run, entry.task, *task)) {
      Transition(*run, entry.task, *task, kWaiting);
      Gather(*run, entry.task, *task, {});
      continue;
    }
    Transition(*run, entry.task, *task, kExecuting);
    out_->list.push_back(Execute{RefOf(*run, entry.task, *task), task->rank});
  }
}

void WorkerMachine::ReportFinished(WorkerRun& run, graph::TaskId id, WorkerTask& task, int64_t duration_ns) {
  task.flags &= ~(kAssigned | kReplica);
  out_->list.push_back(TaskFinished{options_.worker, options_.epoch, RefOf(run, id, task), task.nbytes, duration_ns});
}

// ---- Execution ends ----

void WorkerMachine::On(const ExecutionFinished& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = Find(event.ref, &run);
  CHECK(task != nullptr && task->state == kExecuting);
  UnpinInputs(*run, event.ref.task, *task);
  task->nbytes = event.nbytes;
  Transition(*run, event.ref.task, *task, kInMemory);
  task->flags &= ~kStopped;
  if (task->flags & kAssigned) {
    ReportFinished(*run, event.ref.task, *task, event.duration_ns);
  } else {
    task->flags |= kUnwanted;  // cancelled; a task here may still read it
    FreeIfUnwanted(*run, event.ref.task, *task);
  }
  if (run->closing) ForgetIfDone(*run);
}

void WorkerMachine::On(const ExecutionFailed& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = Find(event.ref, &run);
  CHECK(task != nullptr && task->state == kExecuting);
  UnpinInputs(*run, event.ref.task, *task);
  const bool stopped = task->flags & kStopped;
  task->flags &= ~kStopped;
  if ((task->flags & kAssigned) && stopped && !run->closing) {  // cancelled, then wanted again
    Transition(*run, event.ref.task, *task, kWaiting);
    Gather(*run, event.ref.task, *task, {});
    return;
  }
  if (task->flags & kAssigned) {
    out_->list.push_back(
        TaskFailed{options_.worker, options_.epoch, RefOf(*run, event.ref.task, *task), event.error, event.kind});
  }
  task->flags &= ~kAssigned;
  ValueGone(*run, event.ref.task, *task);
  if (run->closing) ForgetIfDone(*run);
}

// The value did not come about here. If a task here reads it and somebody else has it, it is fetched.
void WorkerMachine::ValueGone(WorkerRun& run, graph::TaskId id, WorkerTask& task) {
  const auto plan = plans_.find({run.id, id});
  if (task.pins > 0 && !run.closing && plan != plans_.end() && plan->second.next < plan->second.sources.size()) {
    task.nbytes = plan->second.sources[plan->second.next].nbytes;
    Transition(run, id, task, kWanted);
  } else {
    Erase(run, id, task);
  }
}

// ---- Releases ----

void WorkerMachine::On(const ReleaseData& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = event.epoch == options_.epoch ? Find(event.ref, &run) : nullptr;
  if (task == nullptr || task->attempt > event.ref.attempt || (task->flags & kAssigned)) return;
  if (task->state == kExecuting) return;  // stopped already; the answer frees it
  task->flags |= kUnwanted;
  FreeIfUnwanted(*run, event.ref.task, *task);
}

void WorkerMachine::On(const WorkerStopping&) {
  stopping_ = true;
  for (const auto& [run_id, run] : runs_) {
    for (graph::TaskId id : AllTasks(*run)) {
      WorkerTask* task = Find(*run, id);
      const bool unstarted = task != nullptr && (task->state == kWaiting || task->state == kReady);
      if (unstarted) GiveBack(*run, id, *task, ReturnReason::kWorkerStopping);
    }
  }
}

// ---- Runs ----

void WorkerMachine::On(const RunOpened& event) {
  if (event.epoch != options_.epoch || FindRun(event.run) != nullptr) return;
  auto run = std::make_unique<WorkerRun>();
  run->id = event.run;
  run->graph = event.graph;
  run->layers.resize(event.graph->layers().size());
  runs_.emplace(event.run, std::move(run));
}

std::vector<graph::TaskId> WorkerMachine::AllTasks(WorkerRun& run) const {
  std::vector<graph::TaskId> tasks;
  tasks.reserve(run.live);
  for (size_t layer = 0; layer < run.layers.size(); ++layer) {
    run.layers[layer].ForEach(
        [&](int64_t block, const WorkerTask&) { tasks.emplace_back(static_cast<int64_t>(layer), block); });
  }
  return tasks;
}

void WorkerMachine::On(const CloseRun& event) {
  WorkerRun* run = event.epoch == options_.epoch ? FindRun(event.run) : nullptr;
  if (run == nullptr || run->closing) return;
  run->closing = true;
  const std::vector<graph::TaskId> tasks = AllTasks(*run);
  for (graph::TaskId id : tasks) {
    WorkerTask* task = Find(*run, id);
    if (task == nullptr) continue;
    task->flags &= ~kAssigned;
    if (task->state != kWaiting && task->state != kReady) continue;
    UnpinInputs(*run, id, *task);
    Erase(*run, id, *task);
  }
  for (graph::TaskId id : tasks) {
    WorkerTask* task = Find(*run, id);
    if (task == nullptr) continue;
    task->flags |= kUnwanted;
    if (task->state == kExecuting) {
      StopRunning(*run, id, *task);
    } else {
      FreeIfUnwanted(*run, id, *task);
    }
  }
  ForgetIfDone(*run);
}

}  // namespace swath::sched
