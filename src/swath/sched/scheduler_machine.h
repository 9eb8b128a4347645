// SchedulerMachine: decides which task runs when and where, and what to do when workers come, go and fail. A pure
// machine: its world is its arguments; no clock, randomness, thread, socket or payload. One thread at a time. Same
// events, same actions.
//
// The way of a task (TaskState): kWaiting → kQueued | kPlaced | kParked → kProcessing → kInMemory → kReleased; back to
// kWaiting when its worker or its value is lost; kErred for good. Every change goes through one table
// (scheduler_transitions.cc).
//
// Costs: 32 bytes a needed task, beside the 12 of graph::Order; O(edges) a task over its life; no allocation an event
// in steady state.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "swath/base/status.h"
#include "swath/sched/actions.h"
#include "swath/sched/events.h"
#include "swath/sched/policy/placement.h"
#include "swath/sched/scheduler_options.h"
#include "swath/sched/scheduler_state.h"
#include "swath/sched/story.h"
#include "swath/sched/worker_set.h"

namespace swath::sched {

class SchedulerMachine {
 public:
  explicit SchedulerMachine(SchedulerOptions options = {});
  SchedulerMachine(const SchedulerMachine&) = delete;
  SchedulerMachine& operator=(const SchedulerMachine&) = delete;

  // Takes a batch of events and appends what is to be done to `out`.
  void Handle(std::span<const SchedulerEvent> events, Time now, SchedulerActions* out);

  // ---- What people and tests ask; no part of the hot path ----
  // Every invariant, in O(everything).
  Status Validate() const;
  // Why the task is where it is: "waiting: 2 inputs missing, first add-1:7 (processing on worker 3)".
  std::string Explain(RunId run, graph::TaskId task) const;
  // Its last transitions, a line each.
  std::string StoryOf(RunId run, graph::TaskId task) const;
  // kReleased when the run is unknown or does not need the task.
  TaskState StateOf(RunId run, graph::TaskId task) const;
  std::vector<WorkerId> HoldersOf(RunId run, graph::TaskId task) const;
  // How often it was sent to a worker; a report of another attempt changes nothing.
  uint32_t AttemptOf(RunId run, graph::TaskId task) const;
  // Absent workers have epoch 0.
  const WorkerRecord& worker(WorkerId worker) const;
  bool has_run(RunId run) const { return runs_.contains(run); }
  int64_t QueuedCount() const;

 private:
  using Cause = TransitionCause;

  // Events.
  void On(const TaskFinished& event);
  void On(const TaskFailed& event);
  void On(const TaskReturned& event);
  void On(const ReplicaAdded& event);
  void On(const FetchFailed& event);
  void On(const DataLost& event);
  void On(const WorkerPaused& event);
  void On(const WorkerResumed& event);
  void On(const WorkerJoined& event);
  void On(const WorkerLost& event);
  void On(const WorkerRetiring& event);
  void On(const GraphSubmitted& event);
  void On(const RunReleased& event);
  void On(const ResultReleased& event);
  void On(const Ticked& event);

  using EnterFunction = void (SchedulerMachine::*)(RunRecord& run, uint32_t rank, const Cause& cause);
  struct TransitionRow {
    TaskState from;
    TaskState to;
    EnterFunction enter;
  };
  static const TransitionRow kTransitions[];

  // Transitions: the table's functions enter the new state; leaving the old one is the same wherever it goes.
  void Transition(RunRecord& run, uint32_t rank, TaskState to, const Cause& cause = {});
  void Leave(RunRecord& run, uint32_t rank, TaskRecord& task);
  void EnterWaiting(RunRecord& run, uint32_t rank, const Cause& cause);
  void EnterQueued(RunRecord& run, uint32_t rank, const Cause& cause);
  void EnterPlaced(RunRecord& run, uint32_t rank, const Cause& cause);
  void EnterParked(RunRecord& run, uint32_t rank, const Cause& cause);
  void EnterProcessing(RunRecord& run, uint32_t rank, const Cause& cause);
  void EnterInMemory(RunRecord& run, uint32_t rank, const Cause& cause);
  void EnterUnneeded(RunRecord& run, uint32_t rank, const Cause& cause);     // kReleased from an active state
  void EnterCancelled(RunRecord& run, uint32_t rank, const Cause& cause);    // kReleased from kProcessing
  void EnterFreed(RunRecord& run, uint32_t rank, const Cause& cause);        // kReleased from kInMemory
  void EnterErred(RunRecord& run, uint32_t rank, const Cause& cause);        // from an active state
  void EnterLostForGood(RunRecord& run, uint32_t rank, const Cause& cause);  // kErred from kInMemory

  // Consequences of transitions, worked off from lists so that long chains need no deep stack.
  void MakeReady(RunRecord& run, uint32_t rank, WorkerId avoid = kNoWorker);
  void Retry(RunRecord& run, uint32_t rank,
             WorkerId avoid = kNoWorker);  // from kProcessing: as soon as its inputs are there
  void Fail(RunRecord& run, uint32_t rank, const TaskError& error);
  void PropagateFailure(RunRecord& run, uint32_t rank, const TaskError& error);
  void DropNeed(RunRecord& run, uint32_t rank);  // one edge less
  void ReleaseInputs(RunRecord& run, uint32_t rank);
  void TakeInputs(RunRecord& run, uint32_t rank);    // the inverse; revives what was released
  void LoseValue(RunRecord& run, uint32_t rank);     // no holder is left
  void Settle(RunRecord& run);                       // empties the run's lists
  void EnsureOpen(RunRecord& run, WorkerId worker);  // the worker has heard of the run
  void Resolve(RunRecord& run, uint32_t rank);       // a wanted task is in memory or erred
  void CloseRunRecord(RunRecord& run);

  // Values.
  bool Holds(const TaskRecord& task, WorkerId worker) const;
  void AddHolder(RunRecord& run, uint32_t rank, WorkerId worker);
  void RemoveHolder(RunRecord& run, uint32_t rank, WorkerId worker);   // the last one leaves task.worker == kNoWorker
  void GiveUpReplica(RunRecord& run, uint32_t rank, WorkerId worker);  // the same with all consequences
  void FreeHolder(WorkerId worker, int64_t nbytes);
  void SendRelease(WorkerId worker, const TaskRef& ref);
  template <typename Function>
  void ForEachHolder(const TaskRecord& task, Function&& function) const {
    if (task.worker == kNoWorker) return;
    function(task.worker);
    for (uint32_t i = task.replicas; i != 0; i = replicas_[i].next) function(replicas_[i].worker);
  }

  // Dispatch (scheduler_dispatch.cc).
  void Dispatch();
  void ServeWorker(WorkerId worker);
  void ServeQueue();
  bool Steal(WorkerId thief);
  void AskBack(WorkerId victim, int32_t count);
  bool HasRoom(const WorkerRecord& worker, int64_t nbytes) const;
  WorkerId ChooseWorker(RunRecord& run, uint32_t rank, WorkerId avoid);
  WorkerId ChooseAcrossCut(const RunRecord& run, uint32_t rank, WorkerId avoid);
  bool ReadsImpure(const RunRecord& run, uint32_t rank, WorkerId worker);  // an impure value that it does not hold
  bool MayRun(const RunRecord& run, uint32_t rank, WorkerId worker) const;
  const LayerRestriction* RestrictionOf(const RunRecord& run, uint32_t rank) const;
  RunRecord* FirstQueuedRun();
  bool CanReachInputs(const RunRecord& run, WorkerId worker) const;  // of the task whose inputs are in inputs_
  void AppendSources(RunRecord& run, uint32_t rank, WorkerId worker);
  void Refresh(WorkerId worker);  // its membership in idle_ and open_
  int32_t SlotsOf(const WorkerRecord& worker) const;
  bool PopPlaced(WorkerId worker, RunRecord** run, uint32_t* rank);
  void TakeResources(const RunRecord& run, uint32_t rank, WorkerId worker, int32_t sign);
  void Touch(WorkerId worker, const RunRecord& run, uint32_t rank);
  void Compact(WorkerId worker);
  void Unpark();

  // Workers (scheduler_workers.cc).
  WorkerRecord* Current(WorkerId worker, Epoch epoch);  // null: another incarnation
  void RemoveWorker(WorkerId worker);
  void Displace(WorkerId worker);  // its placed tasks go elsewhere
  void Evacuate(WorkerId worker);
  WorkerId ChooseRefuge(WorkerId from) const;

  RunRecord* FindRun(RunId run);
  const RunRecord* FindRun(RunId run) const;
  TaskRef RefOf(const RunRecord& run, uint32_t rank) const {
    return {run.order->task(rank), run.id, run.tasks[rank].attempt};
  }
  // The record of a report's task, if the report is about its present attempt.
  TaskRecord* Attempted(const TaskRef& ref, RunRecord** run, uint32_t* rank);

  SchedulerOptions options_;
  std::unordered_map<RunId, std::unique_ptr<RunRecord>> runs_;
  RunRecord* last_run_ = nullptr;        // cache of FindRun
  std::vector<RunRecord*> queued_runs_;  // with queued tasks, or until recently; best first
  std::vector<WorkerRecord> workers_;    // by WorkerId
  WorkerSet present_;                    // not kAbsent
  WorkerSet idle_;                       // may take queued tasks, and have a thread free
  WorkerSet open_;                       // may take queued tasks
  WorkerSet dirty_;                      // may have something to be sent
  WorkerSet retiring_;
  std::vector<Replica> replicas_{1};  // [0] is no replica
  uint32_t free_replica_ = 0;
  std::vector<RankedTask> parked_;
  std::vector<Move> moves_;
  std::vector<CutLink> cut_links_;  // seen lately; few or none
  std::vector<RunId> doomed_;       // to be closed after the event at hand
  bool retiring_changed_ = false;
  bool closing_ = false;  // CloseRun tells workers to free all: no message for each value
  int64_t total_placed_ = 0;
  bool unpark_ = false;                         // a parked task may find a worker now
  std::vector<graph::TaskId> inputs_;           // scratch
  std::vector<graph::TaskId> outputs_;          // scratch
  std::vector<PlacementCandidate> candidates_;  // scratch
  Story story_;
  Time now_ = 0;
  uint8_t event_index_ = 255;
  SchedulerActions* out_ = nullptr;
};

}  // namespace swath::sched
