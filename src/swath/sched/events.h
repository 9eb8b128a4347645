// Events: everything that the machines ever learn. They read no clock: the driver says what time it is.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "swath/graph/graph.h"
#include "swath/graph/order.h"
#include "swath/sched/messages.h"

namespace swath::sched {

// ---- Scheduler
// ------------------------------------------------------------------------------------------------------------

struct WorkerJoined {
  WorkerId worker;
  Epoch epoch;  // larger than any before with this WorkerId
  int32_t threads = 1;
  int32_t slots = 0;  // tasks sent at most at once; 0: twice the threads. In-process drivers take many: fewer calls
  int64_t memory_bytes = 0;  // for results and running tasks; 0: not limited
  Resources resources = {};
};

// The worker is gone for good under this epoch: connection closed, heartbeats missed, process dead, or dismissed.
// `culprit` (run != 0) names the task that caused the death, when the driver knows: only then does it count against a
// task.
struct WorkerLost {
  WorkerId worker;
  Epoch epoch;
  TaskRef culprit = {};
  ErrorId error = 0;  // what to tell if the culprit has no retries left
};

// Empty this worker without losing anything; answered by DismissWorker.
struct WorkerRetiring {
  WorkerId worker;
  Epoch epoch;
};

// Where the tasks of a layer may run.
struct LayerRestriction {
  int32_t layer = 0;
  std::vector<WorkerId> workers;  // empty: all
  Resources resources = {};       // taken while a task runs
};

// A graph and how it is to be run. Given over to the machine, which takes the counts out of `order`.
struct Submission {
  std::shared_ptr<const graph::Graph> graph;
  std::shared_ptr<graph::Order> order = {};  // of `graph`, made by the driver outside of any lock; null: made in Handle
  int32_t priority = 0;                      // larger first; equal: first come first served
  int32_t retries = 0;                       // for failures; losing a worker is not a failure
  bool fail_fast = true;                     // the first failure ends the run; else only what depends on it fails
  std::vector<LayerRestriction> restrictions = {};
};
struct GraphSubmitted {
  RunId run;
  std::shared_ptr<Submission> submission;
};
// The client gives up the run (cancel) or has taken its results (release). Final at once; no notice of the run comes
// after it.
struct RunReleased {
  RunId run;
};
// One wanted result is no longer wanted.
struct ResultReleased {
  RunId run;
  graph::TaskId task;
};
// Time passes: balances load and retries what was put off. Every 100 ms or so; drivers of one worker need not send it.
struct Ticked {};

using SchedulerEvent = std::variant<TaskFinished, TaskFailed, TaskReturned, ReplicaAdded, FetchFailed, DataLost,
                                    WorkerPaused, WorkerResumed, WorkerJoined, WorkerLost, WorkerRetiring,
                                    GraphSubmitted, RunReleased, ResultReleased, Ticked>;

// ---- Worker
// ---------------------------------------------------------------------------------------------------------------

// What OpenRun asks for; the graph is the same on all sides.
struct RunOpened {
  Epoch epoch;
  RunId run;
  std::shared_ptr<const graph::Graph> graph;
};

// Answers to the worker machine's own actions: exactly one for every Execute, Fetch, Spill and Unspill, even after
// Stop….
struct ExecutionFinished {
  TaskRef ref;
  int64_t nbytes;  // of the result, which the driver now holds
  int64_t duration_ns;
};
struct ExecutionFailed {  // also when it was stopped
  TaskRef ref;
  ErrorId error;
  FailureKind kind = FailureKind::kError;
};
struct FetchFinished {  // the driver now holds the value
  TaskRef ref;
  int64_t nbytes;
};
struct FetchBroken {
  TaskRef ref;
  FetchProblem problem;
};
struct SpillFinished {  // the value is on disk and no longer in memory
  TaskRef ref;
};
struct SpillFailed {  // it stays in memory (disk full)
  TaskRef ref;
};
struct UnspillFinished {  // the value is in memory again; its file is gone
  TaskRef ref;
};
struct UnspillFailed {  // the file is damaged: the value is lost
  TaskRef ref;
};
// Memory that is really in use, where that is more than the values known here (allocators, user code). Sent now and
// then by drivers with a memory limit: it also makes the machine try again to spill after a full disk.
struct MemoryMeasured {
  int64_t used_bytes;
};
// The pool needs `bytes`: spill at least so much.
struct MemoryShort {
  int64_t bytes;
};
// The worker is about to go: give back what has not started.
struct WorkerStopping {};

using WorkerEvent = std::variant<RunTask, ExecutionFinished, ReleaseData, ExecutionFailed, FetchFinished, FetchBroken,
                                 ReturnTask, CancelTask, FetchData, RunOpened, CloseRun, SpillFinished, SpillFailed,
                                 UnspillFinished, UnspillFailed, MemoryMeasured, MemoryShort, WorkerStopping>;

}  // namespace swath::sched
