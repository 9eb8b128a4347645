// What the scheduler machine remembers: a record of 32 bytes a task, and records of runs and workers. Plain data; the
// machine keeps the invariants (scheduler_inspect.cc checks them):
//   waiting    edges to inputs that are not kInMemory, while the task is active (kWaiting … kProcessing)
//   needed_by  edges from active tasks that read it, and one when the client wants it
//   a worker's held_bytes, reserved_bytes, sent, placed: sums over its tasks
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "swath/graph/graph.h"
#include "swath/graph/order.h"
#include "swath/sched/events.h"
#include "swath/sched/ready_set.h"

namespace swath::sched {

enum class TaskState : uint8_t {
  kReleased,    // not needed now: never made, or freed
  kWaiting,     // inputs are missing
  kQueued,      // ready, without inputs: held back until a worker has room for its result
  kPlaced,      // ready, in the queue of one worker
  kParked,      // ready, but no worker may take it now
  kProcessing,  // sent to a worker
  kInMemory,    // its value is on at least one worker
  kErred,       // it, or something that it needs, failed for good
};
inline constexpr int kTaskStates = 8;
std::string_view ToString(TaskState state);
constexpr bool IsReady(TaskState s) {
  return s == TaskState::kQueued || s == TaskState::kPlaced || s == TaskState::kParked;
}
constexpr bool IsActive(TaskState s) { return s == TaskState::kWaiting || IsReady(s) || s == TaskState::kProcessing; }

struct TaskRecord {
  uint32_t waiting = 0;
  uint32_t needed_by = 0;
  WorkerId worker = kNoWorker;  // kPlaced, kProcessing: where; kInMemory: a holder
  uint32_t replicas = 0;        // kInMemory: first further holder in the machine's replica list; 0: none
  uint32_t attempt = 0;
  TaskState state = TaskState::kReleased;
  uint8_t failures = 0;  // retries used
  uint8_t deaths = 0;    // of workers, caused by it
  uint8_t flags = 0;
  int64_t nbytes = 0;  // kInMemory: of the value; kProcessing: the estimate that is reserved
};
static_assert(sizeof(TaskRecord) == 32);

inline constexpr uint8_t kWanted = 1;        // by the client
inline constexpr uint8_t kRoot = 2;          // has no inputs
inline constexpr uint8_t kImpure = 4;        // must not run twice
inline constexpr uint8_t kSent = 8;          // impure, and may have begun to run
inline constexpr uint8_t kReturnAsked = 16;  // kProcessing: the worker was asked to give it back
inline constexpr uint8_t kWasReturned = 64;  // asked back once; not again
inline constexpr uint8_t kRestricted = 32;   // its layer has a LayerRestriction

struct TaskError {
  graph::TaskId culprit;
  ErrorId error = 0;
  FailureKind kind = FailureKind::kError;
};

// What a transition needs to know besides the task; only some fields count for each.
struct TransitionCause {
  WorkerId worker = kNoWorker;
  int64_t nbytes = 0;
  TaskError error = {};
};

struct RunRecord {
  RunRecord(RunId run, uint32_t task_count) : id(run), tasks(task_count), queued(task_count) {}

  RunId id;
  std::shared_ptr<Submission> submission;
  const graph::Graph* graph = nullptr;
  const graph::Order* order = nullptr;
  std::vector<TaskRecord> tasks;                      // by rank
  ReadySet queued;                                    // the kQueued ones
  std::vector<uint8_t> layer_flags;                   // kImpure, kRestricted
  std::vector<float> layer_duration_ns;               // moving average
  std::vector<const LayerRestriction*> restrictions;  // by layer; empty without any
  std::vector<Epoch> opened_on;                       // by worker: the epoch under which it has heard of this run
  std::unordered_map<uint32_t, TaskError> errors;     // of the kErred ones
  std::unordered_map<uint32_t, WorkerId> avoid;       // after failed fetches: not there
  std::unordered_map<uint32_t, uint32_t> fetch_failures;
  std::vector<uint32_t> to_release;  // consequences not yet drawn: needed_by fell to 0
  std::vector<uint32_t> to_revive;   // lost or released, and needed again: inputs not yet taken
  std::vector<std::pair<uint32_t, TaskError>> to_fail;
  uint32_t unresolved = 0;  // wanted, neither in memory nor erred
  uint32_t on_workers = 0;  // tasks kProcessing or kInMemory
  bool any_failed = false;
  bool ended = false;     // RunEnded was sent
  bool in_queue = false;  // stands in the machine's list of runs with queued tasks
};

enum class WorkerStatus : uint8_t { kAbsent, kRunning, kPaused, kRetiring };
std::string_view ToString(WorkerStatus status);

// A task in some list, found again by run and rank; it may have moved on since.
struct RankedTask {
  int32_t priority;
  RunId run;
  uint32_t rank;
  // Orders a heap: the task to run first on top.
  friend bool operator<(const RankedTask& a, const RankedTask& b) {
    if (a.priority != b.priority) return a.priority < b.priority;
    if (a.run != b.run) return a.run > b.run;
    return a.rank > b.rank;
  }
  friend bool operator==(const RankedTask&, const RankedTask&) = default;
};

struct WorkerRecord {
  WorkerStatus status = WorkerStatus::kAbsent;
  bool budget_full = false;  // the next queued task has no room here
  bool dismissed = false;
  Epoch epoch = 0;
  int32_t threads = 0;
  int32_t slots = 0;
  int32_t sent = 0;    // tasks kProcessing here
  int32_t placed = 0;  // tasks kPlaced here
  int32_t held = 0;    // values here
  int64_t memory_bytes = 0;
  int64_t held_bytes = 0;
  int64_t reserved_bytes = 0;     // estimated results of the tasks kProcessing here
  Resources resources = {};       // free
  std::vector<RankedTask> queue;  // heap; entries whose task is no longer kPlaced here are skipped
  std::vector<RankedTask>
      touched;  // every task sent here or held here, and some that were; see SchedulerMachine::Touch
};

// A further holder of a value, in a list through the machine's pool.
struct Replica {
  WorkerId worker = kNoWorker;
  uint32_t next = 0;
};

// A worker that could not reach another one.
struct CutLink {
  WorkerId fetcher;
  WorkerId holder;
  Time seen;
};

// A value under way from a retiring worker.
struct Move {
  RunId run;
  uint32_t rank;
  uint32_t attempt;
  WorkerId from;
  WorkerId to;
};

}  // namespace swath::sched
