// Questions about the scheduler machine: invariants, stories, "why is this waiting".
#include <array>
#include <sstream>

#include "swath/sched/scheduler_machine.h"

namespace swath::sched {

std::string_view ToString(TaskState state) {
  constexpr std::array<std::string_view, kTaskStates> names = {"released", "waiting",    "queued",   "placed",
                                                               "parked",   "processing", "inmemory", "erred"};
  return names[static_cast<size_t>(state)];
}

std::string_view ToString(WorkerStatus status) {
  constexpr std::array<std::string_view, 4> names = {"absent", "running", "paused", "retiring"};
  return names[static_cast<size_t>(status)];
}

TaskState SchedulerMachine::StateOf(RunId run_id, graph::TaskId task) const {
  const RunRecord* run = FindRun(run_id);
  if (run == nullptr) return TaskState::kReleased;
  const uint32_t rank = run->order->RankOf(task);
  return rank == graph::Order::kNoRank ? TaskState::kReleased : run->tasks[rank].state;
}

std::vector<WorkerId> SchedulerMachine::HoldersOf(RunId run_id, graph::TaskId task) const {
  std::vector<WorkerId> holders;
  if (StateOf(run_id, task) != TaskState::kInMemory) return holders;
  const RunRecord* run = FindRun(run_id);
  ForEachHolder(run->tasks[run->order->RankOf(task)], [&](WorkerId holder) { holders.push_back(holder); });
  return holders;
}

uint32_t SchedulerMachine::AttemptOf(RunId run_id, graph::TaskId task) const {
  const RunRecord* run = FindRun(run_id);
  if (run == nullptr) return 0;
  const uint32_t rank = run->order->RankOf(task);
  return rank == graph::Order::kNoRank ? 0 : run->tasks[rank].attempt;
}

const WorkerRecord& SchedulerMachine::worker(WorkerId worker) const {
  static const WorkerRecord absent;
  return worker < workers_.size() ? workers_[worker] : absent;
}

int64_t SchedulerMachine::QueuedCount() const {
  int64_t count = 0;
  for (const auto& [id, run] : runs_) count += run->queued.size();
  return count;
}

std::string SchedulerMachine::StoryOf(RunId run, graph::TaskId task) const {
  std::ostringstream out;
  for (const StoryEntry& entry : story_.Of(run, task)) {
    out << entry.time << " ns: " << ToString(static_cast<TaskState>(entry.from)) << " -> "
        << ToString(static_cast<TaskState>(entry.to)) << ", attempt " << entry.ref.attempt;
    if (entry.worker != kNoWorker) out << ", worker " << entry.worker;
    if (entry.cause != 255) out << ", on event " << static_cast<int>(entry.cause);
    out << '\n';
  }
  return out.str();
}

std::string SchedulerMachine::Explain(RunId run_id, graph::TaskId id) const {
  const RunRecord* run = FindRun(run_id);
  if (run == nullptr) return "run " + std::to_string(run_id) + " is unknown or closed";
  const uint32_t rank = run->order->RankOf(id);
  if (rank == graph::Order::kNoRank) return run->graph->KeyOf(id) + " is not needed for any wanted result";
  const TaskRecord& task = run->tasks[rank];
  std::ostringstream out;
  out << run->graph->KeyOf(id) << " is " << ToString(task.state);
  switch (task.state) {
    case TaskState::kWaiting: {
      std::vector<graph::TaskId> inputs;
      run->graph->AppendDependencies(id, &inputs);
      out << ": " << task.waiting << " of " << inputs.size() << " inputs are missing";
      for (graph::TaskId input : inputs) {
        const TaskRecord& record = run->tasks[run->order->RankOf(input)];
        if (record.state == TaskState::kInMemory) continue;
        out << ", first " << run->graph->KeyOf(input) << " (" << ToString(record.state);
        if (record.state == TaskState::kProcessing) out << " on worker " << record.worker;
        out << ")";
        break;
      }
      break;
    }
    case TaskState::kQueued:
      out << ": it makes new data, and "
          << (present_.empty() ? "there is no worker" : "no worker has a free slot and room for its result");
      break;
    case TaskState::kPlaced:
      out << " on worker " << task.worker << " (" << ToString(workers_[task.worker].status) << "), which has "
          << workers_[task.worker].sent << " tasks";
      break;
    case TaskState::kParked:
      out << ": none of " << present_.size() << " workers may take it"
          << (task.flags & kRestricted ? " (its layer is restricted to certain workers or resources)" : "");
      break;
    case TaskState::kProcessing:
      out << " on worker " << task.worker << ", attempt " << task.attempt
          << (task.flags & kReturnAsked ? ", asked back" : "");
      break;
    case TaskState::kInMemory: {
      out << ": " << task.nbytes << " bytes on workers";
      ForEachHolder(task, [&](WorkerId holder) { out << ' ' << holder; });
      out << ", needed by " << task.needed_by;
      break;
    }
    case TaskState::kErred:
      out << " because of " << run->graph->KeyOf(run->errors.at(rank).culprit);
      break;
    case TaskState::kReleased:
      out << ": nothing needs it now";
      break;
  }
  return out.str();
}

namespace {
struct WorkerSums {
  int32_t sent = 0, placed = 0, held = 0;
  int64_t held_bytes = 0, reserved_bytes = 0;
};
}  // namespace

Status SchedulerMachine::Validate() const {
  std::vector<WorkerSums> sums(workers_.size());
  std::vector<graph::TaskId> inputs;
  for (const auto& [run_id, run] : runs_) {
    std::vector<uint32_t> needed_by(run->tasks.size(), 0);
    uint32_t unresolved = 0, on_workers = 0, queued = 0;
    for (uint32_t rank = 0; rank < run->tasks.size(); ++rank) {
      const TaskRecord& task = run->tasks[rank];
      const auto wrong = [&, run_id = run_id, &run = run](std::string_view what) {
        return Status::UnknownError("invariant broken: ", what, "\n", Explain(run_id, run->order->task(rank)), "\n",
                                    StoryOf(run_id, run->order->task(rank)));
      };
      uint32_t missing = 0;
      inputs.clear();
      run->graph->AppendDependencies(run->order->task(rank), &inputs);
      for (graph::TaskId input : inputs) {
        const uint32_t input_rank = run->order->RankOf(input);
        needed_by[input_rank] += IsActive(task.state);
        missing += run->tasks[input_rank].state != TaskState::kInMemory;
      }
      if (IsActive(task.state) && task.waiting != missing)
        return wrong("waiting differs from the number of missing inputs");
      if (task.state == TaskState::kWaiting && missing == 0) return wrong("waits for nothing");
      if (IsReady(task.state) && missing > 0) return wrong("ready without its inputs");
      if (run->queued.Contains(rank) != (task.state == TaskState::kQueued)) return wrong("queue and state disagree");
      needed_by[rank] += (task.flags & kWanted) != 0;
      unresolved += (task.flags & kWanted) && task.state != TaskState::kInMemory && task.state != TaskState::kErred;
      queued += task.state == TaskState::kQueued;
      on_workers += task.state == TaskState::kProcessing || task.state == TaskState::kInMemory;
      const bool has_worker = task.state == TaskState::kPlaced || task.state == TaskState::kProcessing;
      if (has_worker && workers_[task.worker].status == WorkerStatus::kAbsent) return wrong("is on an absent worker");
      if (task.state == TaskState::kPlaced) ++sums[task.worker].placed;
      if (task.state == TaskState::kProcessing) {
        ++sums[task.worker].sent;
        sums[task.worker].reserved_bytes += task.nbytes;
      }
      if (task.state == TaskState::kInMemory) {
        if (task.worker == kNoWorker) return wrong("in memory nowhere");
        bool absent = false;
        ForEachHolder(task, [&](WorkerId holder) {
          absent |= workers_[holder].status == WorkerStatus::kAbsent;
          ++sums[holder].held;
          sums[holder].held_bytes += task.nbytes;
        });
        if (absent) return wrong("held by an absent worker");
      }
    }
    for (uint32_t rank = 0; rank < run->tasks.size(); ++rank) {
      const TaskRecord& task = run->tasks[rank];
      if (task.needed_by != needed_by[rank]) {
        return Status::UnknownError("needed_by is ", task.needed_by, ", but ", needed_by[rank],
                                    " edges need it: ", Explain(run_id, run->order->task(rank)), "\n",
                                    StoryOf(run_id, run->order->task(rank)));
      }
      const bool kept = IsActive(task.state) || task.state == TaskState::kInMemory;
      if (kept && task.needed_by == 0)
        return Status::UnknownError("kept for nobody: ", Explain(run_id, run->order->task(rank)));
      if (task.state == TaskState::kReleased && task.needed_by > 0) {
        return Status::UnknownError("released but needed: ", Explain(run_id, run->order->task(rank)));
      }
    }
    if (!run->to_release.empty() || !run->to_revive.empty() || !run->to_fail.empty())
      return Status::UnknownError("unsettled consequences");
    if (unresolved != run->unresolved || on_workers != run->on_workers || queued != run->queued.size()) {
      return Status::UnknownError("counts of run ", run_id, ": unresolved ", run->unresolved, " (", unresolved,
                                  "), on workers ", run->on_workers, " (", on_workers, "), queued ", run->queued.size(),
                                  " (", queued, ")");
    }
  }
  int64_t placed = 0;
  for (WorkerId id = 0; id < workers_.size(); ++id) {
    const WorkerRecord& worker = workers_[id];
    const WorkerSums& sum = sums[id];
    placed += sum.placed;
    if (worker.sent != sum.sent || worker.placed != sum.placed || worker.held != sum.held ||
        worker.held_bytes != sum.held_bytes || worker.reserved_bytes != sum.reserved_bytes) {
      return Status::UnknownError("sums of worker ", id, ": sent ", worker.sent, " (", sum.sent, "), placed ",
                                  worker.placed, " (", sum.placed, "), held ", worker.held, " (", sum.held,
                                  "), held bytes ", worker.held_bytes, " (", sum.held_bytes, "), reserved bytes ",
                                  worker.reserved_bytes, " (", sum.reserved_bytes, ")");
    }
  }
  if (placed != total_placed_) return Status::UnknownError("placed in all: ", total_placed_, ", counted ", placed);
  return Status::OK();
}

}  // namespace swath::sched
