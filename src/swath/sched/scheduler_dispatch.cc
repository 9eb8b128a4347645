// Sending tasks to workers. A ready task with inputs is placed in the queue of one worker at once; tasks without inputs
// make new data, so they stay in the run's own queue until some worker has a free slot and room in its byte budget,
// smallest rank first.
#include <algorithm>

#include "swath/sched/scheduler_machine.h"

namespace swath::sched {

namespace {
constexpr size_t kCandidatesMax = 16;
}

int32_t SchedulerMachine::SlotsOf(const WorkerRecord& worker) const {
  switch (worker.status) {
    case WorkerStatus::kRunning:
      return worker.slots;
    case WorkerStatus::kPaused:
      return 1;  // what frees memory must go on
    default:
      return 0;
  }
}

void SchedulerMachine::Refresh(WorkerId id) {
  const WorkerRecord& worker = workers_[id];
  const bool has_room = !worker.budget_full;
  idle_.Put(id, has_room && worker.status == WorkerStatus::kRunning && worker.sent < worker.threads);
  open_.Put(id, has_room && worker.sent < SlotsOf(worker));
}

bool SchedulerMachine::HasRoom(const WorkerRecord& worker, int64_t nbytes) const {
  if (worker.memory_bytes == 0 || worker.sent == 0) return true;
  const double budget = options_.queue_memory_fraction * static_cast<double>(worker.memory_bytes);
  return static_cast<double>(worker.held_bytes + worker.reserved_bytes + nbytes) <= budget;
}

void SchedulerMachine::Dispatch() {
  if (unpark_) Unpark();
  if (retiring_changed_) {
    retiring_changed_ = false;
    const std::vector<WorkerId> retiring = retiring_.members();
    for (WorkerId worker : retiring) Evacuate(worker);
  }
  do {
    while (!dirty_.empty()) {
      const WorkerId worker = dirty_.members().back();
      dirty_.Erase(worker);
      ServeWorker(worker);
    }
    ServeQueue();
  } while (!dirty_.empty());
}

bool SchedulerMachine::PopPlaced(WorkerId id, RunRecord** run, uint32_t* rank) {
  std::vector<RankedTask>& queue = workers_[id].queue;
  while (!queue.empty()) {
    const RankedTask top = queue.front();
    std::pop_heap(queue.begin(), queue.end());
    queue.pop_back();
    *run = FindRun(top.run);
    *rank = top.rank;
    if (*run == nullptr) continue;
    const TaskRecord& task = (*run)->tasks[top.rank];
    if (task.state == TaskState::kPlaced && task.worker == id) return true;
  }
  return false;
}

void SchedulerMachine::ServeWorker(WorkerId id) {
  const WorkerRecord& worker = workers_[id];
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  while (worker.sent < SlotsOf(worker) && PopPlaced(id, &run, &rank)) {
    Transition(*run, rank, TaskState::kProcessing, {.worker = id});
  }
  if (total_placed_ > 0 && idle_.Contains(id) && FirstQueuedRun() == nullptr) {
    while (worker.sent < worker.threads && Steal(id)) {
    }
  }
}

RunRecord* SchedulerMachine::FirstQueuedRun() {
  while (!queued_runs_.empty()) {
    RunRecord* run = queued_runs_.front();
    if (!run->queued.empty()) return run;
    run->in_queue = false;
    queued_runs_.erase(queued_runs_.begin());
  }
  return nullptr;
}

// Idle threads first, in shares, so that few tasks spread over many workers and many neighbours stay together; then the
// slots that keep workers supplied.
void SchedulerMachine::ServeQueue() {
  while (RunRecord* run = FirstQueuedRun()) {
    const WorkerSet& takers = idle_.empty() ? open_ : idle_;
    if (takers.empty()) return;
    const WorkerId id = takers.members().back();
    const WorkerRecord& worker = workers_[id];
    const int32_t free = (idle_.empty() ? SlotsOf(worker) : worker.threads) - worker.sent;
    const auto share = static_cast<int32_t>((run->queued.size() + takers.size() - 1) / takers.size());
    for (int32_t left = std::min(free, std::max(share, 1)); left > 0 && !run->queued.empty(); --left) {
      const uint32_t rank = run->queued.First();
      const graph::TaskId task = run->order->task(rank);
      if (!HasRoom(worker, run->graph->layers()[task.layer()].layer->EstimatedBytes(task.block()))) {
        workers_[id].budget_full = true;
        Refresh(id);
        break;
      }
      Transition(*run, rank, TaskState::kProcessing, {.worker = id});
    }
  }
}

// ---- Where a task goes ----

const LayerRestriction* SchedulerMachine::RestrictionOf(const RunRecord& run, uint32_t rank) const {
  return run.restrictions.empty() ? nullptr : run.restrictions[run.order->task(rank).layer()];
}

bool SchedulerMachine::MayRun(const RunRecord& run, uint32_t rank, WorkerId id) const {
  const WorkerRecord& worker = workers_[id];
  if (worker.status != WorkerStatus::kRunning && worker.status != WorkerStatus::kPaused) return false;
  if (!(run.tasks[rank].flags & kRestricted)) return true;
  const LayerRestriction* restriction = RestrictionOf(run, rank);
  if (!restriction->workers.empty() &&
      std::find(restriction->workers.begin(), restriction->workers.end(), id) == restriction->workers.end()) {
    return false;
  }
  for (size_t i = 0; i < worker.resources.size(); ++i) {
    if (restriction->resources[i] > worker.resources[i]) return false;
  }
  return true;
}

void SchedulerMachine::TakeResources(const RunRecord& run, uint32_t rank, WorkerId worker, int32_t sign) {
  const LayerRestriction* restriction = RestrictionOf(run, rank);
  for (size_t i = 0; i < restriction->resources.size(); ++i)
    workers_[worker].resources[i] -= sign * restriction->resources[i];
  if (sign < 0) unpark_ = true;
}

WorkerId SchedulerMachine::ChooseWorker(RunRecord& run, uint32_t rank, WorkerId avoid) {
  if (present_.size() == 1) return MayRun(run, rank, present_.members()[0]) ? present_.members()[0] : kNoWorker;
  if (avoid == kNoWorker && !run.avoid.empty()) {
    if (const auto found = run.avoid.find(rank); found != run.avoid.end()) avoid = found->second;
  }
  candidates_.clear();
  const auto add = [&](WorkerId id, int64_t local_bytes) {
    for (PlacementCandidate& candidate : candidates_) {
      if (candidate.worker != id) continue;
      candidate.local_bytes += local_bytes;
      return;
    }
    if (candidates_.size() >= kCandidatesMax || id == avoid || !MayRun(run, rank, id)) return;
    const WorkerRecord& worker = workers_[id];
    if (worker.status == WorkerStatus::kRunning) {
      candidates_.push_back({id, local_bytes, worker.sent + worker.placed, worker.threads, worker.held_bytes});
    }
  };
  // An idle worker is always worth a look; then those that hold inputs.
  if (!idle_.empty()) add(idle_.members().back(), 0);
  if (idle_.empty() && !open_.empty()) add(open_.members().back(), 0);
  int64_t input_bytes = 0;
  inputs_.clear();
  run.graph->AppendDependencies(run.order->task(rank), &inputs_);
  for (graph::TaskId id : inputs_) {
    const TaskRecord& input = run.tasks[run.order->RankOf(id)];
    input_bytes += input.nbytes;
    ForEachHolder(input, [&](WorkerId holder) { add(holder, input.nbytes); });
  }
  if (candidates_.empty() || (run.tasks[rank].flags & kRestricted)) {
    for (WorkerId id : present_.members()) add(id, 0);
  }
  if (!cut_links_.empty() && !inputs_.empty()) {
    const auto out_of_reach = [&](const PlacementCandidate& c) { return !CanReachInputs(run, c.worker); };
    std::erase_if(candidates_, out_of_reach);
    if (candidates_.empty()) return ChooseAcrossCut(run, rank, avoid);
  }
  if (candidates_.empty()) {  // a paused worker is better than none, and so is, after that, the one to be avoided
    for (WorkerId id : present_.members()) {
      if (id != avoid && MayRun(run, rank, id)) return id;
    }
    return avoid != kNoWorker && MayRun(run, rank, avoid) ? avoid : kNoWorker;
  }
  const float measured = run.layer_duration_ns[run.order->task(rank).layer()];
  const PlacementCosts costs = {options_.bandwidth_bytes_per_ns,
                                measured > 0 ? measured : static_cast<double>(options_.task_duration_ns)};
  return candidates_[ChoosePlacement(candidates_, input_bytes, costs)].worker;
}

// No running worker near the inputs reaches all of them. One that does, even if it is paused, is better than one that
// would wait for its inputs in vain. If there is none, the inputs lie on both sides of a cut: all such tasks agree on
// one of the holders, running or not, so that their inputs gather there.
WorkerId SchedulerMachine::ChooseAcrossCut(const RunRecord& run, uint32_t rank, WorkerId avoid) {
  const auto grade = [&](WorkerId id) {
    const bool holds = std::any_of(inputs_.begin(), inputs_.end(),
                                   [&](graph::TaskId input) { return Holds(run.tasks[run.order->RankOf(input)], id); });
    const bool reaches = CanReachInputs(run, id);
    const bool runs = workers_[id].status == WorkerStatus::kRunning;
    return (id != avoid) * 8 + reaches * 4 + (reaches && runs) * 2 + holds;
  };
  WorkerId best = kNoWorker;
  for (WorkerId id : present_.members()) {
    if (!MayRun(run, rank, id)) continue;
    const int ahead = best == kNoWorker ? 1 : grade(id) - grade(best);
    if (ahead > 0 || (ahead == 0 && id < best)) best = id;
  }
  return best;
}

bool SchedulerMachine::CanReachInputs(const RunRecord& run, WorkerId worker) const {
  return std::all_of(inputs_.begin(), inputs_.end(), [&](graph::TaskId id) {
    bool reachable = false;
    ForEachHolder(run.tasks[run.order->RankOf(id)], [&](WorkerId holder) {
      reachable |= std::none_of(cut_links_.begin(), cut_links_.end(),
                                [&](const CutLink& link) { return link.fetcher == worker && link.holder == holder; });
    });
    return reachable;
  });
}

void SchedulerMachine::Unpark() {
  unpark_ = false;
  const std::vector<RankedTask> parked = std::exchange(parked_, {});
  for (const RankedTask& entry : parked) {
    RunRecord* run = FindRun(entry.run);
    if (run == nullptr || run->tasks[entry.rank].state != TaskState::kParked) continue;
    Transition(*run, entry.rank, TaskState::kWaiting);
    MakeReady(*run, entry.rank);
  }
}

// ---- Stealing ----

// Takes the best placed task of the worker with the longest queue, if moving its inputs costs less than waiting there.
bool SchedulerMachine::Steal(WorkerId thief) {
  WorkerId victim = kNoWorker;
  for (WorkerId id : present_.members()) {
    if (id == thief || workers_[id].placed == 0) continue;
    if (victim == kNoWorker || workers_[id].placed > workers_[victim].placed) victim = id;
  }
  if (victim == kNoWorker) return false;
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  if (!PopPlaced(victim, &run, &rank)) return false;
  const WorkerRecord& from = workers_[victim];
  int64_t missing_bytes = 0;
  inputs_.clear();
  run->graph->AppendDependencies(run->order->task(rank), &inputs_);
  for (graph::TaskId id : inputs_) {
    const TaskRecord& input = run->tasks[run->order->RankOf(id)];
    if (!Holds(input, thief)) missing_bytes += input.nbytes;
  }
  const float measured = run->layer_duration_ns[run->order->task(rank).layer()];
  const double wait = static_cast<double>(from.sent + from.placed) / std::max(from.threads, 1) *
                      (measured > 0 ? measured : static_cast<double>(options_.task_duration_ns));
  const bool avoided = !run->avoid.empty() && run->avoid.contains(rank) && run->avoid.at(rank) == thief;
  const bool in_vain = !cut_links_.empty() && !CanReachInputs(*run, thief);
  if (avoided || in_vain || !MayRun(*run, rank, thief) ||
      static_cast<double>(missing_bytes) / options_.bandwidth_bytes_per_ns > wait) {
    std::vector<RankedTask>& queue = workers_[victim].queue;  // put the entry back
    queue.push_back({run->submission->priority, run->id, rank});
    std::push_heap(queue.begin(), queue.end());
    return false;
  }
  Transition(*run, rank, TaskState::kWaiting);
  Transition(*run, rank, TaskState::kPlaced, {.worker = thief});
  if (!PopPlaced(thief, &run, &rank)) return false;
  Transition(*run, rank, TaskState::kProcessing, {.worker = thief});
  return true;
}

// Asks for tasks that were sent but may not have started, the last ones first.
void SchedulerMachine::AskBack(WorkerId victim, int32_t count) {
  const std::vector<RankedTask>& touched = workers_[victim].touched;
  for (size_t i = touched.size(); i-- > 0 && count > 0;) {
    RunRecord* run = FindRun(touched[i].run);
    if (run == nullptr) continue;
    TaskRecord& task = run->tasks[touched[i].rank];
    if (task.state != TaskState::kProcessing || task.worker != victim || (task.flags & kReturnAsked)) continue;
    if ((task.flags & kWasReturned) && workers_[victim].status != WorkerStatus::kRetiring) continue;
    task.flags |= kReturnAsked;
    --count;
    out_->list.push_back(ReturnTask{victim, workers_[victim].epoch, RefOf(*run, touched[i].rank)});
  }
}

// ---- Which tasks a worker has to do with ----

void SchedulerMachine::Touch(WorkerId id, const RunRecord& run, uint32_t rank) {
  WorkerRecord& worker = workers_[id];
  worker.touched.push_back({run.submission->priority, run.id, rank});
  if (worker.touched.size() > 2 * static_cast<size_t>(worker.sent + worker.held) + 64) Compact(id);
}

// Forgets entries that are over; at most half of them stay, so that the cost is constant an entry.
void SchedulerMachine::Compact(WorkerId id) {
  WorkerRecord& worker = workers_[id];
  std::erase_if(worker.touched, [&](const RankedTask& entry) {
    const RunRecord* run = FindRun(entry.run);
    if (run == nullptr) return true;
    const TaskRecord& task = run->tasks[entry.rank];
    return !(task.state == TaskState::kProcessing && task.worker == id) && !Holds(task, id);
  });
  if (worker.touched.size() > static_cast<size_t>(worker.sent + worker.held)) {
    std::sort(worker.touched.begin(), worker.touched.end());
    worker.touched.erase(std::unique(worker.touched.begin(), worker.touched.end()), worker.touched.end());
  }
}

}  // namespace swath::sched
