// Messages between the scheduler machine and worker machines, as fixed-size values without payloads. A driver carries
// them: by a call (exec/local_runtime), by a socket (cluster), by a simulated network (tests/sim).
//
// Commands go from the scheduler to a worker and stand in the imperative; reports go back and stand in the past. Each
// carries the worker's epoch (its incarnation: grows with every joining of the same WorkerId) and, about a task, its
// attempt (grows with every start of the task). A message of another epoch changes nothing. A report of another attempt
// changes nothing either, and makes the scheduler free what the worker still holds. So messages may be late, doubled or
// swapped; a driver must only see to it that (1) a message is delivered sooner or later, or else the worker is declared
// lost and joins again under a new epoch, and (2) a worker hears of a run (OpenRun) before anything of it, and of
// nothing after CloseRun.
#pragma once

#include <array>
#include <cstdint>

#include "swath/graph/task_id.h"

namespace swath::sched {

using Time = int64_t;       // nanoseconds on a steady clock
using WorkerId = uint32_t;  // small dense numbers, given by the driver; a worker that comes back may keep its number
using Epoch = uint32_t;     // from 1
using RunId = uint32_t;     // one submitted graph; from 1, never used again
using ErrorId = uint64_t;   // an error that the driver stores; machines only pass the number on
inline constexpr WorkerId kNoWorker = UINT32_MAX;

// Countable things besides threads that a worker has and a task may need (GPUs, licences); the driver names them.
using Resources = std::array<int32_t, 4>;

// One attempt at one task.
struct TaskRef {
  graph::TaskId task;
  RunId run = 0;
  uint32_t attempt = 0;
  friend bool operator==(const TaskRef&, const TaskRef&) = default;
};

// Where an input of a task can be fetched.
struct Source {
  TaskRef data;
  WorkerId holder = kNoWorker;
  Epoch holder_epoch = 0;
  int64_t nbytes = 0;
};

// ---- Commands: scheduler -> worker
// ---------------------------------------------------------------------------------------

// The worker will get tasks of this run; the driver gives it the graph (event RunOpened).
struct OpenRun {
  WorkerId worker;
  Epoch epoch;
  RunId run;
};
// Stop everything of the run and free all its values. Also how a run is cancelled.
struct CloseRun {
  WorkerId worker;
  Epoch epoch;
  RunId run;
};
// Run a task. Inputs that the worker does not hold stand in the sources of the batch: [first_source, first_source +
// source_count), several in a row for the same input when there are replicas.
struct RunTask {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
  uint32_t rank;     // among the tasks of its run: smaller first
  int32_t priority;  // of the run: larger first
  uint32_t first_source = 0;
  uint32_t source_count = 0;
};
// Give the task back if it has not started (stealing, retirement). No answer if it has started or is unknown.
struct ReturnTask {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
};
// Give up the task in whatever state; free its value.
struct CancelTask {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
};
// Nobody needs this value any more.
struct ReleaseData {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
};
// Make a replica of a value.
struct FetchData {
  WorkerId worker;
  Epoch epoch;
  Source source;
};

// ---- Reports: worker -> scheduler
// -----------------------------------------------------------------------------------------

struct TaskFinished {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
  int64_t nbytes;
  int64_t duration_ns;  // of the execution
};

enum class FailureKind : uint8_t {
  kError,        // the op or the user's function returned an error
  kCrashed,      // its executor died by signal or exit
  kOutOfMemory,  // it needed more than it may have
  kLost,         // data or worker gone, and the task must not run twice
};
struct TaskFailed {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
  ErrorId error;
  FailureKind kind;
};

enum class ReturnReason : uint8_t { kAsked, kInputMissing, kWorkerStopping };
// The worker no longer has the task and has not run it.
struct TaskReturned {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
  ReturnReason reason;
};

// The worker now holds a copy that it fetched.
struct ReplicaAdded {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
  int64_t nbytes;
};
enum class FetchProblem : uint8_t { kAbsent, kUnreachable };
// A fetch of data from `holder` failed: the holder answered that it has no such value, or did not answer.
struct FetchFailed {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
  WorkerId holder;
  Epoch holder_epoch;
  FetchProblem problem;
};
// A value that the worker held is gone (its spill file is damaged).
struct DataLost {
  WorkerId worker;
  Epoch epoch;
  TaskRef ref;
};
// Memory pressure: the worker starts no further tasks / starts again.
struct WorkerPaused {
  WorkerId worker;
  Epoch epoch;
};
struct WorkerResumed {
  WorkerId worker;
  Epoch epoch;
};

}  // namespace swath::sched
