// Values on the move: fetched from other workers, spilled to disk and read back; and when a worker pauses.
#include <algorithm>

#include "swath/sched/worker_machine.h"

namespace swath::sched {

using enum WorkerTaskState;

namespace {
constexpr Time kSpillRetryNs = 1'000'000'000;
}

// ---- Fetch and unspill: one queue, in the order in which tasks want the values ----

void WorkerMachine::Call(WorkerRun& run, graph::TaskId id, WorkerTask& task, uint32_t rank) {
  task.flags |= kCalled;
  transfer_queue_.push_back({run.priority, rank, run.id, id});
  std::push_heap(transfer_queue_.begin(), transfer_queue_.end());
}

// Within the limits; or beyond them when nothing else is going on that could make room.
bool WorkerMachine::MayTransfer(int64_t nbytes) const {
  if (transfers_ >= options_.transfers_max) return false;
  if (transfers_ > 0 && transfer_bytes_ + nbytes > options_.transfer_bytes_max) return false;
  const double limit = options_.pause_fraction * static_cast<double>(options_.memory_bytes);
  return options_.memory_bytes == 0 || static_cast<double>(memory_bytes_ + nbytes) <= limit ||
         (executing_ == 0 && transfers_ == 0 && spills_ == 0);
}

void WorkerMachine::StartTransfers() {
  while (!transfer_queue_.empty()) {
    const QueueEntry entry = transfer_queue_.front();
    WorkerRun* run = FindRun(entry.run);
    WorkerTask* task = run == nullptr ? nullptr : Find(*run, entry.task);
    const bool valid =
        task != nullptr && (task->flags & kCalled) && (task->state == kWanted || task->state == kSpilled);
    if (valid && !MayTransfer(task->nbytes)) return;
    std::pop_heap(transfer_queue_.begin(), transfer_queue_.end());
    transfer_queue_.pop_back();
    if (!valid) continue;
    task->flags &= ~kCalled;
    if (task->state == kSpilled) {
      Transition(*run, entry.task, *task, kUnspilling);
      out_->list.push_back(Unspill{RefOf(*run, entry.task, *task)});
      continue;
    }
    FetchPlan& plan = plans_.at({run->id, entry.task});
    Transition(*run, entry.task, *task, kFetching);
    out_->list.push_back(Fetch{plan.sources[plan.next++]});
  }
}

void WorkerMachine::On(const FetchData& event) {
  const TaskRef& ref = event.source.data;
  WorkerRun* run = nullptr;
  WorkerTask* task = event.epoch == options_.epoch ? Find(ref, &run) : nullptr;
  if (event.epoch != options_.epoch || run == nullptr || run->closing) return;
  if (task == nullptr) {
    task = &Make(*run, ref, 0);
    task->nbytes = event.source.nbytes;
    task->flags = kReplica;
    plans_[{run->id, ref.task}] = {{event.source}, 0};
    Transition(*run, ref.task, *task, kWanted);
    return;
  }
  if (task->attempt > ref.attempt || (task->flags & kAssigned)) return;
  task->attempt = ref.attempt;
  task->flags |= kReplica;
  if (task->state < kInMemory) return;  // on its way already; reported when it is here
  task->flags &= ~(kUnwanted | kReplica);
  out_->list.push_back(ReplicaAdded{options_.worker, options_.epoch, ref, task->nbytes});
}

void WorkerMachine::On(const FetchFinished& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = Find(event.ref, &run);
  CHECK(task != nullptr && task->state == kFetching);
  plans_.erase({run->id, event.ref.task});
  memory_bytes_ += event.nbytes - task->nbytes;
  transfer_bytes_ += event.nbytes - task->nbytes;
  task->nbytes = event.nbytes;
  Transition(*run, event.ref.task, *task, kInMemory);
  if (task->flags & kAssigned) {
    ReportFinished(*run, event.ref.task, *task, 0);
  } else if (!(task->flags & kUnwanted)) {
    task->flags &= ~kReplica;
    out_->list.push_back(
        ReplicaAdded{options_.worker, options_.epoch, RefOf(*run, event.ref.task, *task), task->nbytes});
  }
  FreeIfUnwanted(*run, event.ref.task, *task);
  if (run->closing) ForgetIfDone(*run);
}

void WorkerMachine::On(const FetchBroken& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = Find(event.ref, &run);
  CHECK(task != nullptr && task->state == kFetching);
  const FetchPlan& plan = plans_.at({run->id, event.ref.task});
  const Source& source = plan.sources[plan.next - 1];
  if (!(task->flags & kUnwanted)) {
    out_->list.push_back(
        FetchFailed{options_.worker, options_.epoch, source.data, source.holder, source.holder_epoch, event.problem});
  }
  if ((task->flags & kAssigned) && !run->closing) {  // to be run here anyway
    plans_.erase({run->id, event.ref.task});
    Transition(*run, event.ref.task, *task, kWaiting);
    Gather(*run, event.ref.task, *task, {});
    return;
  }
  const bool more = plan.next < plan.sources.size();
  if (more && !run->closing && (task->pins > 0 || !(task->flags & kUnwanted))) {
    Transition(*run, event.ref.task, *task, kWanted);
  } else {
    Erase(*run, event.ref.task, *task);
  }
  if (run->closing) ForgetIfDone(*run);
}

void WorkerMachine::On(const UnspillFinished& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = Find(event.ref, &run);
  CHECK(task != nullptr && task->state == kUnspilling);
  Transition(*run, event.ref.task, *task, kInMemory);
  FreeIfUnwanted(*run, event.ref.task, *task);
  if (run->closing) ForgetIfDone(*run);
}

void WorkerMachine::On(const UnspillFailed& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = Find(event.ref, &run);
  CHECK(task != nullptr && task->state == kUnspilling);
  if (!(task->flags & kUnwanted)) {
    out_->list.push_back(DataLost{options_.worker, options_.epoch, RefOf(*run, event.ref.task, *task)});
  }
  Erase(*run, event.ref.task, *task);
  if (run->closing) ForgetIfDone(*run);
}

// ---- Spill ----

// A pinned value is queued when its last pin goes; an empty one would free nothing.
void WorkerMachine::QueueSpill(WorkerRun& run, graph::TaskId id, WorkerTask& task) {
  if (task.nbytes == 0 || task.pins > 0 || (task.flags & kSpillable)) return;
  task.flags |= kSpillable;
  spill_queue_.push_back({run.priority, task.rank, run.id, id});
  std::push_heap(spill_queue_.begin(), spill_queue_.end());
  if (spill_queue_.size() > 64 + 4 * static_cast<size_t>(records_)) CompactSpillQueue();
}

// Forgets entries that are over: of values that are gone or pinned, and the second ones of values that came again.
void WorkerMachine::CompactSpillQueue() {
  const auto find = [&](const QueueEntry& entry) {
    WorkerRun* owner = FindRun(entry.run);
    return owner == nullptr ? nullptr : Find(*owner, entry.task);
  };
  for (const QueueEntry& entry : spill_queue_) {
    if (WorkerTask* value = find(entry)) value->flags &= ~kSpillable;
  }
  std::erase_if(spill_queue_, [&](const QueueEntry& entry) {
    WorkerTask* value = find(entry);
    if (value == nullptr || value->state != kInMemory || value->pins > 0 || (value->flags & kSpillable)) return true;
    value->flags |= kSpillable;
    return false;
  });
  std::make_heap(spill_queue_.begin(), spill_queue_.end());
}

void WorkerMachine::StartSpills() {
  const double target = options_.spill_fraction * static_cast<double>(options_.memory_bytes);
  int64_t excess = std::max(memory_bytes_ - static_cast<int64_t>(target), spill_extra_bytes_) - spilling_bytes_;
  spill_extra_bytes_ = 0;
  if (now_ < spill_again_at_) return;
  while (excess > 0 && !spill_queue_.empty()) {
    const QueueEntry entry = spill_queue_.front();
    std::pop_heap(spill_queue_.begin(), spill_queue_.end());
    spill_queue_.pop_back();
    WorkerRun* run = FindRun(entry.run);
    WorkerTask* task = run == nullptr ? nullptr : Find(*run, entry.task);
    if (task == nullptr) continue;
    task->flags &= ~kSpillable;
    if (task->state != kInMemory || task->pins > 0 || (task->flags & kUnwanted)) continue;
    excess -= task->nbytes;
    Transition(*run, entry.task, *task, kSpilling);
    out_->list.push_back(Spill{RefOf(*run, entry.task, *task)});
  }
}

void WorkerMachine::On(const SpillFinished& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = Find(event.ref, &run);
  CHECK(task != nullptr && task->state == kSpilling);
  Transition(*run, event.ref.task, *task, kSpilled);
  if (task->pins > 0) Call(*run, event.ref.task, *task, task->rank);
  FreeIfUnwanted(*run, event.ref.task, *task);
  if (run->closing) ForgetIfDone(*run);
}

void WorkerMachine::On(const SpillFailed& event) {
  WorkerRun* run = nullptr;
  WorkerTask* task = Find(event.ref, &run);
  CHECK(task != nullptr && task->state == kSpilling);
  spill_again_at_ = now_ + kSpillRetryNs;
  Transition(*run, event.ref.task, *task, kInMemory);
  FreeIfUnwanted(*run, event.ref.task, *task);
  if (run->closing) ForgetIfDone(*run);
}

// ---- Memory ----

void WorkerMachine::On(const MemoryMeasured& event) { measured_bytes_ = event.used_bytes; }

void WorkerMachine::On(const MemoryShort& event) { spill_extra_bytes_ = std::max(spill_extra_bytes_, event.bytes); }

void WorkerMachine::UpdatePause() {
  const auto level = static_cast<double>(std::max(memory_bytes_, measured_bytes_));
  const auto limit = static_cast<double>(options_.memory_bytes);
  if (!paused_ && level > options_.pause_fraction * limit) {
    paused_ = true;
    out_->list.push_back(WorkerPaused{options_.worker, options_.epoch});
  } else if (paused_ && level <= (options_.spill_fraction + options_.pause_fraction) / 2 * limit) {
    paused_ = false;
    out_->list.push_back(WorkerResumed{options_.worker, options_.epoch});
  }
}

}  // namespace swath::sched
