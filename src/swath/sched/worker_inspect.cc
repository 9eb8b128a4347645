// Questions about the worker machine: invariants, stories, "why is this waiting".
#include <array>
#include <map>
#include <sstream>

#include "swath/sched/worker_machine.h"

namespace swath::sched {

using enum WorkerTaskState;

std::string_view ToString(WorkerTaskState state) {
  constexpr std::array<std::string_view, kWorkerTaskStates> names = {
      "absent", "waiting", "ready", "executing", "wanted", "fetching", "inmemory", "spilling", "spilled", "unspilling"};
  return names[static_cast<size_t>(state)];
}

WorkerTaskState WorkerMachine::StateOf(RunId run_id, graph::TaskId id) const {
  const auto run = runs_.find(run_id);
  if (run == runs_.end()) return kAbsent;
  const WorkerTask* task = run->second->layers[id.layer()].Find(id.block());
  return task == nullptr ? kAbsent : task->state;
}

uint32_t WorkerMachine::AttemptOf(RunId run_id, graph::TaskId id) const {
  const auto run = runs_.find(run_id);
  if (run == runs_.end()) return 0;
  const WorkerTask* task = run->second->layers[id.layer()].Find(id.block());
  return task == nullptr ? 0 : task->attempt;
}

std::string WorkerMachine::StoryOf(RunId run, graph::TaskId task) const {
  std::ostringstream out;
  for (const StoryEntry& entry : story_.Of(run, task)) {
    out << entry.time << " ns: " << ToString(static_cast<WorkerTaskState>(entry.from)) << " -> "
        << ToString(static_cast<WorkerTaskState>(entry.to)) << ", attempt " << entry.ref.attempt;
    if (entry.cause != 255) out << ", on event " << static_cast<int>(entry.cause);
    out << '\n';
  }
  return out.str();
}

std::string WorkerMachine::Explain(RunId run_id, graph::TaskId id) const {
  const auto found = runs_.find(run_id);
  if (found == runs_.end())
    return "run " + std::to_string(run_id) + " is not open on worker " + std::to_string(options_.worker);
  const WorkerRun& run = *found->second;
  const WorkerTask* task = run.layers[id.layer()].Find(id.block());
  std::ostringstream out;
  out << run.graph->KeyOf(id) << " is " << ToString(StateOf(run_id, id)) << " on worker " << options_.worker;
  if (task == nullptr) return out.str();
  out << ", attempt " << task->attempt;
  if (task->state == kWaiting) {
    out << ": " << task->missing << " inputs are missing";
    std::vector<graph::TaskId> inputs;
    run.graph->AppendDependencies(id, &inputs);
    for (graph::TaskId input : inputs) {
      if (StateOf(run_id, input) == kInMemory) continue;
      out << ", first " << run.graph->KeyOf(input) << " (" << ToString(StateOf(run_id, input)) << ")";
      break;
    }
  } else if (task->state == kReady) {
    out << ": " << executing_ << " of " << options_.threads << " threads are busy"
        << (paused_ ? ", paused for memory" : "");
  } else if (task->state == kWanted || task->state == kSpilled) {
    out << ": " << transfers_ << " transfers under way, " << memory_bytes_ << " bytes in memory";
  }
  if (task->flags & kUnwanted) out << ", to be dropped";
  if (task->pins > 0) out << ", pinned " << task->pins << " times";
  return out.str();
}

Status WorkerMachine::Validate() const {
  int32_t executing = 0, transfers = 0, spills = 0;
  int64_t memory = 0, transfer_bytes = 0, spilling = 0, records = 0;
  for (const auto& [run_id, run] : runs_) {
    std::map<graph::TaskId, uint32_t> pins;
    std::vector<std::pair<graph::TaskId, const WorkerTask*>> tasks;
    for (size_t layer = 0; layer < run->layers.size(); ++layer) {
      run->layers[layer].ForEach([&](int64_t block, const WorkerTask& task) {
        tasks.emplace_back(graph::TaskId(static_cast<int64_t>(layer), block), &task);
      });
    }
    records += static_cast<int64_t>(tasks.size());
    if (run->live != static_cast<int64_t>(tasks.size()))
      return Status::UnknownError("run ", run_id, " counts ", run->live, " records");
    if (run->closing && tasks.empty())
      return Status::UnknownError("run ", run_id, " is closed and empty, but not forgotten");
    for (const auto& [id, task] : tasks) {
      const auto wrong = [&, run_id = run_id, id = id](std::string_view what) {
        return Status::UnknownError("invariant broken: ", what, "\n", Explain(run_id, id), "\n", StoryOf(run_id, id));
      };
      executing += task->state == kExecuting;
      transfers += task->state == kFetching || task->state == kUnspilling;
      spills += task->state == kSpilling;
      if (task->state == kSpilling) spilling += task->nbytes;
      if (task->state == kFetching || task->state == kUnspilling) transfer_bytes += task->nbytes;
      const bool here = task->state == kInMemory || task->state == kSpilling;
      if (here || task->state == kFetching || task->state == kUnspilling) memory += task->nbytes;
      if (task->state == kInMemory && task->waiters != 0) return wrong("somebody waits for a value that is in memory");
      if ((task->state == kWaiting || task->state == kReady) && !(task->flags & kAssigned))
        return wrong("nobody assigned it");
      const bool quiet = task->state == kInMemory || task->state == kSpilled || task->state == kWanted;
      if (quiet && (task->flags & kUnwanted) && task->pins == 0) return wrong("unwanted, but kept");
      if (quiet && (task->flags & kAssigned)) return wrong("its end was not reported");
      if (!(task->flags & kPinsInputs)) {
        if (task->state == kExecuting || task->state == kWaiting) return wrong("its inputs are not pinned");
        continue;
      }
      std::vector<graph::TaskId> inputs;
      run->graph->AppendDependencies(id, &inputs);
      uint32_t missing = 0;
      for (graph::TaskId input : inputs) {
        ++pins[input];
        missing += StateOf(run_id, input) != kInMemory;
      }
      if (task->state == kWaiting && (missing != task->missing || missing == 0))
        return wrong("missing differs from the inputs");
      if (task->state != kWaiting && missing > 0) return wrong("goes on without its inputs");
    }
    for (const auto& [id, task] : tasks) {
      if (pins[id] != task->pins) {
        return Status::UnknownError("pins are ", task->pins, ", counted ", pins[id], ": ", Explain(run_id, id), "\n",
                                    StoryOf(run_id, id));
      }
    }
  }
  if (executing != executing_ || transfers != transfers_ || spills != spills_ || memory != memory_bytes_ ||
      records != records_ || transfer_bytes != transfer_bytes_ || spilling != spilling_bytes_) {
    return Status::UnknownError("counts of worker ", options_.worker, ": executing ", executing_, " (", executing,
                                "), transfers ", transfers_, " (", transfers, "), spills ", spills_, " (", spills,
                                "), memory ", memory_bytes_, " (", memory, "), records ", records_, " (", records, ")");
  }
  return Status::OK();
}

}  // namespace swath::sched
