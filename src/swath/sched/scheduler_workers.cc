// Workers that join, pause, die and retire.
#include <algorithm>

#include "swath/sched/scheduler_machine.h"

namespace swath::sched {

namespace {
constexpr Time kCutRememberedNs = 60'000'000'000;
}

void SchedulerMachine::On(const WorkerJoined& event) {
  if (event.worker >= workers_.size()) workers_.resize(event.worker + size_t{1});
  if (event.epoch <= workers_[event.worker].epoch) return;  // an old incarnation
  if (workers_[event.worker].status != WorkerStatus::kAbsent) RemoveWorker(event.worker);
  WorkerRecord& worker = workers_[event.worker];
  worker = {};
  worker.status = WorkerStatus::kRunning;
  worker.epoch = event.epoch;
  worker.threads = std::max(event.threads, 1);
  worker.slots = event.slots > 0 ? std::max(event.slots, worker.threads) : 2 * worker.threads;
  worker.memory_bytes = event.memory_bytes;
  worker.resources = event.resources;
  present_.Insert(event.worker);
  Refresh(event.worker);
  dirty_.Insert(event.worker);
  unpark_ = true;
  retiring_changed_ = true;
}

void SchedulerMachine::On(const WorkerLost& event) {
  if (Current(event.worker, event.epoch) == nullptr) return;
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  TaskRecord* culprit = event.culprit.run == 0 ? nullptr : Attempted(event.culprit, &run, &rank);
  if (culprit != nullptr && culprit->state == TaskState::kProcessing && culprit->worker == event.worker) {
    if (++culprit->deaths > options_.allowed_deaths || (culprit->flags & kImpure)) {
      Fail(*run, rank, {event.culprit.task, event.error, FailureKind::kCrashed});
      Settle(*run);
    }
  }
  RemoveWorker(event.worker);
}

// Tasks first, then values, then new starts: a task must not start again on the strength of a value that goes with the
// worker.
void SchedulerMachine::RemoveWorker(WorkerId id) {
  WorkerRecord& worker = workers_[id];
  worker.status = WorkerStatus::kAbsent;
  present_.Erase(id);
  retiring_.Erase(id);
  Refresh(id);
  std::erase_if(moves_, [&](const Move& move) { return move.from == id || move.to == id; });
  const std::vector<RankedTask> touched = std::exchange(worker.touched, {});
  std::vector<RankedTask> again;
  for (const RankedTask& entry : touched) {
    RunRecord* run = FindRun(entry.run);
    if (run == nullptr) continue;
    const TaskRecord& task = run->tasks[entry.rank];
    if (task.state != TaskState::kProcessing || task.worker != id) continue;
    if (task.flags & kSent) {
      Fail(*run, entry.rank, {run->order->task(entry.rank), 0, FailureKind::kLost});
    } else {
      Transition(*run, entry.rank, TaskState::kWaiting);
      again.push_back(entry);
    }
  }
  for (const RankedTask& entry : touched) {
    RunRecord* run = FindRun(entry.run);
    if (run == nullptr || !Holds(run->tasks[entry.rank], id)) continue;
    RemoveHolder(*run, entry.rank, id);
    if (run->tasks[entry.rank].worker == kNoWorker) LoseValue(*run, entry.rank);
  }
  Displace(id);
  for (const auto& [run_id, run] : runs_) Settle(*run);
  for (const RankedTask& entry : again) {
    RunRecord* run = FindRun(entry.run);
    const TaskRecord& task = run->tasks[entry.rank];
    if (task.state == TaskState::kWaiting && task.waiting == 0) MakeReady(*run, entry.rank);
  }
  CHECK(worker.sent == 0 && worker.held == 0 && worker.placed == 0);
  CHECK(worker.held_bytes == 0 && worker.reserved_bytes == 0);
  retiring_changed_ = true;
}

void SchedulerMachine::Displace(WorkerId id) {
  RunRecord* run = nullptr;
  uint32_t rank = 0;
  std::vector<std::pair<RunId, uint32_t>> displaced;
  while (PopPlaced(id, &run, &rank)) {
    Transition(*run, rank, TaskState::kWaiting);
    displaced.emplace_back(run->id, rank);
  }
  for (const auto& [run_id, displaced_rank] : displaced) MakeReady(*FindRun(run_id), displaced_rank);
}

void SchedulerMachine::On(const WorkerPaused& event) {
  WorkerRecord* worker = Current(event.worker, event.epoch);
  if (worker == nullptr || worker->status != WorkerStatus::kRunning) return;
  worker->status = WorkerStatus::kPaused;
  Refresh(event.worker);
  Displace(event.worker);  // comes back here if there is nobody else
  dirty_.Insert(event.worker);
}

void SchedulerMachine::On(const WorkerResumed& event) {
  WorkerRecord* worker = Current(event.worker, event.epoch);
  if (worker == nullptr || worker->status != WorkerStatus::kPaused) return;
  worker->status = WorkerStatus::kRunning;
  Refresh(event.worker);
  dirty_.Insert(event.worker);
  unpark_ = true;
}

// ---- Retirement ----

void SchedulerMachine::On(const WorkerRetiring& event) {
  WorkerRecord* worker = Current(event.worker, event.epoch);
  if (worker == nullptr || worker->status == WorkerStatus::kRetiring) return;
  worker->status = WorkerStatus::kRetiring;
  Refresh(event.worker);
  retiring_.Insert(event.worker);
  retiring_changed_ = true;
  Displace(event.worker);
  AskBack(event.worker, worker->sent);
  std::erase_if(moves_, [&](const Move& move) { return move.to == event.worker; });
}

// Values with another holder are freed here; the others are copied to a refuge first.
void SchedulerMachine::Evacuate(WorkerId id) {
  const std::vector<RankedTask> touched = workers_[id].touched;
  for (const RankedTask& entry : touched) {
    RunRecord* run = FindRun(entry.run);
    if (run == nullptr || !Holds(run->tasks[entry.rank], id)) continue;
    const TaskRecord& task = run->tasks[entry.rank];
    bool safe = false;
    ForEachHolder(task, [&](WorkerId holder) { safe |= workers_[holder].status != WorkerStatus::kRetiring; });
    // Of several retiring holders, all but one are free to drop it.
    if (safe || task.replicas != 0) {
      SendRelease(id, RefOf(*run, entry.rank));
      RemoveHolder(*run, entry.rank, id);
      continue;
    }
    const bool under_way = std::any_of(moves_.begin(), moves_.end(), [&](const Move& move) {
      return move.run == run->id && move.rank == entry.rank && move.attempt == task.attempt;
    });
    const WorkerId refuge = under_way ? kNoWorker : ChooseRefuge(id);
    if (refuge == kNoWorker) continue;
    moves_.push_back({run->id, entry.rank, task.attempt, id, refuge});
    EnsureOpen(*run, refuge);
    out_->list.push_back(
        FetchData{refuge, workers_[refuge].epoch, {RefOf(*run, entry.rank), id, workers_[id].epoch, task.nbytes}});
  }
  WorkerRecord& worker = workers_[id];
  if (worker.sent == 0 && worker.held == 0 && !worker.dismissed) {
    worker.dismissed = true;
    out_->list.push_back(DismissWorker{id, worker.epoch});
  }
}

// The emptiest running worker, by share of its memory where that is known; a paused one, which can spill, if there is
// no other.
WorkerId SchedulerMachine::ChooseRefuge(WorkerId from) const {
  WorkerId best = kNoWorker;
  double best_fill = 0;
  for (WorkerId id : present_.members()) {
    const WorkerRecord& worker = workers_[id];
    if (id == from || worker.status == WorkerStatus::kRetiring) continue;
    const double share =
        static_cast<double>(worker.held_bytes) / static_cast<double>(std::max<int64_t>(worker.memory_bytes, 1));
    const double fill = share + (worker.status == WorkerStatus::kPaused ? 1e18 : 0);
    if (best == kNoWorker || fill < best_fill) {
      best = id;
      best_fill = fill;
    }
  }
  return best;
}

void SchedulerMachine::On(const Ticked&) {
  unpark_ = true;
  retiring_changed_ = true;
  std::erase_if(cut_links_, [&](const CutLink& link) { return now_ - link.seen > kCutRememberedNs; });
  for (WorkerId id : idle_.members()) dirty_.Insert(id);
  auto idle_threads = int32_t{0};
  for (WorkerId id : idle_.members()) idle_threads += workers_[id].threads - workers_[id].sent;
  // Tasks that lie unstarted at a busy worker while others have nothing to do come back.
  for (WorkerId id : present_.members()) {
    if (idle_threads <= 0) break;
    const WorkerRecord& worker = workers_[id];
    const bool paused = worker.status == WorkerStatus::kPaused;
    const int32_t surplus = worker.sent - (paused ? 1 : worker.threads);
    if (surplus <= 0 || worker.status == WorkerStatus::kRetiring) continue;
    const int32_t count = std::min(paused ? surplus : (surplus + 1) / 2, idle_threads);
    AskBack(id, count);
    idle_threads -= count;
  }
}

}  // namespace swath::sched
