// LocalRun: one submitted graph on the thread pool. It drives a scheduler machine and one worker machine, the same as a
// cluster's, by calls: threads take batches of ready tasks, run them without a lock, and hand what happened to the
// machines in one batch.
//
//   pool thread:  take ready tasks ─▶ run kernels ─▶ lock: events ─▶ worker ⇄ scheduler ─▶ ready tasks, drops, spills
//   ─▶ unlock
//
// Values lie in a slot per needed task (its rank in graph::Order), 8 bytes each until there is one. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "swath/data/memory_pool.h"
#include "swath/exec/io_queue.h"
#include "swath/exec/memory_gate.h"
#include "swath/exec/spill_store.h"
#include "swath/exec/task_runner.h"
#include "swath/exec/thread_pool.h"
#include "swath/graph/order.h"
#include "swath/graph/runtime.h"
#include "swath/graph/task_log.h"
#include "swath/sched/scheduler_machine.h"
#include "swath/sched/worker_machine.h"

namespace swath::ops {
class PythonExecutor;
}

namespace swath::exec {

// What the runs of one runtime share. Outlives them.
struct LocalResources {
  MemoryPool* pool = nullptr;
  std::shared_ptr<SpillStore> spill;  // null: nothing is spilled
  double spill_fraction = 0.7;        // of the limit, above which results are spilled
  MemoryGate gate;
  std::unique_ptr<IoQueue> io;
  std::unique_ptr<ThreadPool> threads;
  std::shared_ptr<ops::PythonExecutor> python;  // children for Python functions, started by the first call; may be null
};

class LocalRun : public WorkSource, public std::enable_shared_from_this<LocalRun> {
 public:
  // Makes order and machines; nothing runs before Start.
  LocalRun(TaskRunner runner, const graph::RunOptions& options, std::shared_ptr<LocalResources> resources);
  ~LocalRun() override;

  void Start();
  bool WaitFor(std::chrono::nanoseconds timeout);
  Result<std::vector<Value>> Results();
  void Cancel(Status reason);
  graph::Progress progress() const;

  bool Work() override;
  // Spills about `wanted` bytes and waits until they are on disk; how many were.
  int64_t Reclaim(int64_t wanted);

  // How deep runs are nested on the calling thread: 0 outside of tasks.
  static int CurrentDepth();

 private:
  struct Held {
    Value value;
    int64_t nbytes;
  };
  static Held nothing_;  // stands for every empty value
  struct ReadyTask {
    uint32_t rank;
    sched::TaskRef ref;
    bool operator<(const ReadyTask& other) const { return rank > other.rank; }  // a heap with the smallest rank on top
  };
  struct Batch {
    std::vector<ReadyTask> tasks;
    std::vector<sched::WorkerEvent> events;
    std::vector<std::pair<size_t, Status>> errors;  // index of the event
    std::vector<graph::TaskId> dependencies;
    std::vector<Value> inputs;
    bool homogeneous = true;  // all of one layer: timed together
    uint32_t untimed = 0;
    int64_t now_ns = 0;  // when it ended, about
  };

  // Running (local_run_execute.cc): without the lock.
  void Execute(Batch* batch);
  void ExecuteOne(const ReadyTask& task, Batch* batch);
  Result<Value> RunKernel(const ReadyTask& task, Batch* batch);
  Result<Value> RunAlone(const ReadyTask& task, Batch* batch);
  Result<MemoryReservation> ReserveFor(const ReadyTask& task);
  void CollectInputs(const ReadyTask& task, Batch* batch);
  void Store(uint32_t rank, Value value, Batch* batch, const sched::TaskRef& ref);
  void NoteDuration(int64_t layer, int64_t task_ns);
  void NoteEnd(const ReadyTask& task, const Batch& batch);

  // Deciding: with the lock.
  void TakeBatchLocked(Batch* batch);
  int64_t ReadyNsLocked() const;
  void ApplyLocked(Batch* batch);
  void PumpLocked(int64_t now_ns = 0);  // 0: reads the clock
  void OnSchedulerActionLocked(const sched::SchedulerAction& action);
  void OnWorkerActionLocked(const sched::WorkerAction& action);
  void DropLocked(uint32_t rank);
  void CloseLocked(Status reason);
  void AnswerReadyLocked();
  sched::ErrorId StoreErrorLocked(Status error);
  const graph::Layer& LayerOf(const ReadyTask& task) const {
    return *runner_.graph().layers()[static_cast<size_t>(task.ref.task.layer())].layer;
  }
  uint32_t RankOf(const sched::TaskRef& ref) const { return order_->RankOf(ref.task); }

  // Spilling (local_run_spill.cc): jobs of the I/O threads.
  void SpillJob(const sched::TaskRef& ref);
  void UnspillJob(const sched::TaskRef& ref);
  void Feed(sched::WorkerEvent event);
  void TakeGarbageLocked(std::vector<Held*>* garbage) { garbage->swap(garbage_); }
  static void Destroy(std::vector<Held*>* garbage);

  const std::shared_ptr<LocalResources> resources_;
  const TaskRunner runner_;
  const int depth_;
  const int64_t budget_bytes_;
  const bool python_in_processes_;
  const std::unique_ptr<graph::RunLog> log_;  // null: nobody wants to know
  const std::shared_ptr<graph::Order> order_;
  std::unique_ptr<Held*[]> slots_;                    // by rank; written by the thread that runs the task
  std::unique_ptr<std::atomic<int32_t>[]> layer_ns_;  // mean time of a task, 0: not known
  std::vector<bool> layer_holds_inputs_;              // results are the client's values: spilling them frees nothing
  std::vector<bool> layer_calls_functions_;           // ops/function_call.h: may keep something for a row of tasks
  std::atomic<bool> cancelled_{false};
  std::atomic<int64_t> tasks_done_{0};
  std::atomic<int64_t> bytes_in_memory_{0};
  std::atomic<int64_t> bytes_spilled_{0};
  std::atomic<int64_t> bytes_freed_by_spill_{0};

  mutable std::mutex mutex_;         // guards what follows
  std::condition_variable changed_;  // done, or a spill ended
  sched::SchedulerMachine scheduler_;
  sched::WorkerMachine worker_;
  std::vector<sched::SchedulerEvent> scheduler_events_;
  std::vector<sched::WorkerEvent> worker_events_;
  sched::SchedulerActions scheduler_actions_;
  sched::WorkerActions worker_actions_;
  std::vector<ReadyTask> ready_;                   // a heap
  std::vector<Held*> garbage_;                     // to be destroyed without the lock
  std::unordered_map<uint32_t, int64_t> spilled_;  // rank -> id in the spill store
  std::vector<Status> errors_;                     // by ErrorId - 1
  int spills_pending_ = 0;
  bool done_ = false;
  bool forgotten_ = false;
  Status status_;  // of the run, when done
  bool have_results_ = false;
  std::vector<Value> results_;
};

}  // namespace swath::exec
