// WorkerMachine: what one worker does with the tasks and values it was given: fetch inputs with bounded flight, execute
// on a bounded number of threads, hold results, spill them when memory is short and read them back, give back, cancel.
// A pure machine, like the scheduler's: events in, actions out; one thread at a time; a new one for each epoch.
//
// The way of a task (WorkerTaskState): kWaiting → kReady → kExecuting → kInMemory; of a value from elsewhere: kWanted →
// kFetching → kInMemory; under memory pressure kInMemory → kSpilling → kSpilled → kUnspilling → kInMemory.
//
// Spilled first are the values of the smallest rank that nothing here uses at the moment: ranks are a depth-first
// order, so these lie deepest on its stack and are needed last. When nothing at all can go on within the limits, one
// step beyond them is made.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "swath/base/status.h"
#include "swath/sched/actions.h"
#include "swath/sched/events.h"
#include "swath/sched/scheduler_options.h"
#include "swath/sched/story.h"
#include "swath/sched/worker_tasks.h"

namespace swath::sched {

class WorkerMachine {
 public:
  explicit WorkerMachine(WorkerOptions options);
  WorkerMachine(const WorkerMachine&) = delete;
  WorkerMachine& operator=(const WorkerMachine&) = delete;

  // `sources` are those that the RunTask commands of the batch refer to (SchedulerActions::sources).
  void Handle(std::span<const WorkerEvent> events, std::span<const Source> sources, Time now, WorkerActions* out);

  // ---- What people and tests ask ----
  Status Validate() const;
  std::string Explain(RunId run, graph::TaskId task) const;
  std::string StoryOf(RunId run, graph::TaskId task) const;
  WorkerTaskState StateOf(RunId run, graph::TaskId task) const;
  uint32_t AttemptOf(RunId run, graph::TaskId task) const;  // 0: absent
  bool idle() const { return executing_ == 0 && transfers_ == 0 && spills_ == 0; }
  bool empty() const { return runs_.empty(); }
  bool paused() const { return paused_; }
  int64_t memory_bytes() const { return memory_bytes_; }
  const WorkerOptions& options() const { return options_; }

 private:
  struct WorkerRun {
    RunId id = 0;
    std::shared_ptr<const graph::Graph> graph;
    std::vector<WorkerTasks> layers;
    int64_t live = 0;  // records
    int32_t priority = 0;
    bool closing = false;
  };
  // A task found again by name; it may have moved on since.
  struct QueueEntry {
    int32_t priority;
    uint32_t rank;
    RunId run;
    graph::TaskId task;
    bool operator<(const QueueEntry& other) const {  // heap: first to run on top
      if (priority != other.priority) return priority < other.priority;
      if (run != other.run) return run > other.run;
      return rank > other.rank;
    }
  };
  struct Waiter {
    graph::TaskId task;
    uint32_t next;
  };
  struct FetchPlan {
    std::vector<Source> sources;
    size_t next = 0;  // to be tried; the one before is being tried
  };
  struct RefHash {
    size_t operator()(const std::pair<RunId, graph::TaskId>& key) const {
      return std::hash<graph::TaskId>{}(key.second) ^ key.first * size_t{0xD6E8FEB86659FD93};
    }
  };
  using Key = std::pair<RunId, graph::TaskId>;

  void On(const RunTask& event);
  void On(const ReturnTask& event);
  void On(const CancelTask& event);
  void On(const ReleaseData& event);
  void On(const FetchData& event);
  void On(const RunOpened& event);
  void On(const CloseRun& event);
  void On(const ExecutionFinished& event);
  void On(const ExecutionFailed& event);
  void On(const FetchFinished& event);
  void On(const FetchBroken& event);
  void On(const SpillFinished& event);
  void On(const SpillFailed& event);
  void On(const UnspillFinished& event);
  void On(const UnspillFailed& event);
  void On(const MemoryMeasured& event);
  void On(const MemoryShort& event);
  void On(const WorkerStopping& event);

  struct TransitionRow {
    WorkerTaskState from;
    WorkerTaskState to;
    void (WorkerMachine::*enter)(WorkerRun& run, graph::TaskId id, WorkerTask& task);  // null: nothing more to do
  };
  static const TransitionRow kTransitions[];
  void Transition(WorkerRun& run, graph::TaskId id, WorkerTask& task, WorkerTaskState to);
  void EnterReady(WorkerRun& run, graph::TaskId id, WorkerTask& task);
  void EnterInMemory(WorkerRun& run, graph::TaskId id, WorkerTask& task);
  void EnterWanted(WorkerRun& run, graph::TaskId id, WorkerTask& task);

  WorkerRun* FindRun(RunId id);
  WorkerTask* Find(WorkerRun& run, graph::TaskId id) { return run.layers[id.layer()].Find(id.block()); }
  WorkerTask* Find(const TaskRef& ref, WorkerRun** run);
  WorkerTask& Make(WorkerRun& run, const TaskRef& ref, uint32_t rank);
  void Erase(WorkerRun& run, graph::TaskId id, WorkerTask& task);  // and gives back the tasks that wait for it
  void ForgetIfDone(WorkerRun& run);

  void Gather(WorkerRun& run, graph::TaskId id, WorkerTask& task, std::span<const Source> sources);
  bool PinInputs(WorkerRun& run, graph::TaskId id,
                 WorkerTask& task);  // false, and nothing pinned: one is not in memory
  void UnpinInputs(WorkerRun& run, graph::TaskId id, WorkerTask& task);
  void WakeWaiters(WorkerRun& run, WorkerTask& task);
  void AddWaiter(WorkerTask& value, graph::TaskId waiter);
  void RemoveWaiter(WorkerTask& value, graph::TaskId waiter);
  uint32_t FreeWaiter(uint32_t node);  // returns the next one
  void GiveBack(WorkerRun& run, graph::TaskId id, WorkerTask& task, ReturnReason reason);
  void FreeIfUnwanted(WorkerRun& run, graph::TaskId id, WorkerTask& task);
  void ReportFinished(WorkerRun& run, graph::TaskId id, WorkerTask& task, int64_t duration_ns);
  void Call(WorkerRun& run, graph::TaskId id, WorkerTask& task, uint32_t rank);
  void StopRunning(WorkerRun& run, graph::TaskId id, WorkerTask& task);
  void ValueGone(WorkerRun& run, graph::TaskId id, WorkerTask& task);

  void QueueSpill(WorkerRun& run, graph::TaskId id, WorkerTask& task);
  void CompactSpillQueue();
  std::vector<graph::TaskId> AllTasks(WorkerRun& run) const;

  void StartExecutions();
  void StartTransfers();
  bool MayTransfer(int64_t nbytes) const;
  void StartSpills();
  void UpdatePause();
  TaskRef RefOf(const WorkerRun& run, graph::TaskId id, const WorkerTask& task) const {
    return {id, run.id, task.attempt};
  }

  WorkerOptions options_;
  std::unordered_map<RunId, std::unique_ptr<WorkerRun>> runs_;
  WorkerRun* last_run_ = nullptr;
  std::vector<QueueEntry> ready_;           // heap
  std::vector<QueueEntry> transfer_queue_;  // heap
  std::vector<QueueEntry> spill_queue_;     // heap in the same order; kept only with a memory limit
  std::unordered_map<Key, FetchPlan, RefHash> plans_;
  std::vector<Waiter> waiters_{1};  // pool; [0] is none
  uint32_t free_waiter_ = 0;
  std::vector<graph::TaskId> inputs_;  // scratch
  int64_t records_ = 0;
  std::span<const Source> sources_;  // of the batch at hand
  Story story_;
  WorkerActions* out_ = nullptr;
  Time now_ = 0;
  Time spill_again_at_ = 0;  // after a failure
  int32_t executing_ = 0;
  int32_t transfers_ = 0;  // fetches and unspills in flight
  int32_t spills_ = 0;
  int64_t transfer_bytes_ = 0;
  int64_t memory_bytes_ = 0;  // values in memory or on their way into it
  int64_t spilling_bytes_ = 0;
  int64_t measured_bytes_ = 0;
  int64_t spill_extra_bytes_ = 0;  // asked for by MemoryShort
  uint8_t event_index_ = 255;
  bool paused_ = false;
  bool stopping_ = false;
};

}  // namespace swath::sched
