// Actions: everything that the machines ever ask for. A driver calls Handle with a batch of events and a buffer that it
// owns and reuses, then carries out the actions in order:
//
//   SchedulerActions out;                             WorkerActions out;
//   scheduler.Handle(events, now, &out);              worker.Handle(commands_and_answers, sources, now, &out);
//   commands  -> the worker they name, with           reports  -> the scheduler, as events
//                out.sources                          Execute… -> threads, peers, disk; each answered by one event
//   the rest  -> the client
//
// Handle never blocks and is not thread-safe: one thread at a time. Nothing needs to be done before the next Handle;
// results of carrying out actions come back as events whenever they come.
#pragma once

#include <variant>
#include <vector>

#include "swath/sched/messages.h"

namespace swath::sched {

// ---- Scheduler: commands to workers, and notices to the client
// -----------------------------------------------------------------

// A wanted result is in memory on `worker`. Sent again if it was lost and computed again.
struct ResultReady {
  RunId run;
  graph::TaskId task;
  WorkerId worker;
  Epoch epoch;
};
// A wanted result will never be there. `culprit` is the task that failed (the same, or one that it needed).
struct ResultFailed {
  RunId run;
  graph::TaskId task;
  graph::TaskId culprit;
  ErrorId error;
  FailureKind kind;
};
// Every wanted result has been announced by ResultReady or ResultFailed; values stay until RunReleased. Sent once a
// run. With fail_fast the first failure sends ResultFailed for the failed task (wanted or not), RunEnded, and closes
// the run.
struct RunEnded {
  RunId run;
  bool failed;
};
// The retiring worker holds nothing that others need; it may go. The driver answers with WorkerLost.
struct DismissWorker {
  WorkerId worker;
  Epoch epoch;
};

using SchedulerAction = std::variant<RunTask, ReleaseData, ReturnTask, CancelTask, FetchData, OpenRun, CloseRun,
                                     ResultReady, ResultFailed, RunEnded, DismissWorker>;

struct SchedulerActions {
  std::vector<SchedulerAction> list;
  std::vector<Source> sources;
  void Clear() {
    list.clear();
    sources.clear();
  }
};

// ---- Worker: reports to the scheduler, and work for its driver
// ------------------------------------------------------------------

// Run the task's kernel on the values of its dependencies (Graph::AppendDependencies), all in memory until it is
// answered.
struct Execute {
  TaskRef ref;
  uint32_t rank;
};
// Make a running execution end soon (TaskContext::cancelled). It is still answered; its result is dropped.
struct StopExecution {
  TaskRef ref;
};
struct Fetch {
  Source source;
};
struct Spill {
  TaskRef ref;
};
struct Unspill {
  TaskRef ref;
};
// Forget the value, in memory or on disk. Never while an Execute, Spill or Unspill that needs it is unanswered.
struct Drop {
  TaskRef ref;
};
// Nothing of the run is left here; the driver may forget its graph.
struct ForgetRun {
  RunId run;
};

using WorkerAction =
    std::variant<Execute, TaskFinished, Drop, TaskFailed, TaskReturned, ReplicaAdded, FetchFailed, DataLost,
                 WorkerPaused, WorkerResumed, StopExecution, Fetch, Spill, Unspill, ForgetRun>;

struct WorkerActions {
  std::vector<WorkerAction> list;
  void Clear() { list.clear(); }
};

}  // namespace swath::sched
