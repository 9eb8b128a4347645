// LocalRun: spilling. The jobs run on I/O threads, or on a thread that waits for memory.
#include <chrono>

#include "swath/base/log.h"
#include "swath/exec/local_run.h"

namespace swath::exec {

void LocalRun::Feed(sched::WorkerEvent event) {
  std::vector<Held*> garbage;
  bool has_work = false;
  {
    std::lock_guard lock(mutex_);
    worker_events_.push_back(std::move(event));
    PumpLocked();
    has_work = !ready_.empty();
    TakeGarbageLocked(&garbage);
  }
  Destroy(&garbage);
  if (has_work) resources_->threads->Wake(1);
}

void LocalRun::SpillJob(const sched::TaskRef& ref) {
  const uint32_t rank = RankOf(ref);
  // The slot does not change before the answer: the machine neither drops nor spills twice what is being spilled.
  Held* held = slots_[rank];
  auto id = resources_->spill->Write(held->value);
  if (!id.ok()) Log(LogLevel::kWarning, "a result could not be spilled and stays in memory", {{"reason", id.status()}});
  std::vector<Held*> garbage;
  {
    std::lock_guard lock(mutex_);
    --spills_pending_;
    if (id.ok()) {
      const int64_t nbytes = held->nbytes;
      DropLocked(rank);
      spilled_[rank] = *id;
      bytes_spilled_.fetch_add(nbytes, std::memory_order_relaxed);
      bytes_freed_by_spill_.fetch_add(nbytes, std::memory_order_relaxed);
      worker_events_.emplace_back(sched::SpillFinished{ref});
    } else {
      worker_events_.emplace_back(sched::SpillFailed{ref});
    }
    TakeGarbageLocked(&garbage);
  }
  Destroy(&garbage);  // before anyone is told that there is room
  bool has_work = false;
  {
    std::lock_guard lock(mutex_);
    PumpLocked();
    has_work = !ready_.empty();
    TakeGarbageLocked(&garbage);
    changed_.notify_all();
  }
  Destroy(&garbage);
  if (has_work) resources_->threads->Wake(1);
}

void LocalRun::UnspillJob(const sched::TaskRef& ref) {
  const uint32_t rank = RankOf(ref);
  int64_t id = 0;
  {
    std::lock_guard lock(mutex_);
    id = spilled_.at(rank);
  }
  Result<Value> value = resources_->spill->Read(id);
  if (!value.ok() && value.status().IsOutOfMemory()) {
    // Room is not ours to make: wait until a task ends, and try again behind what else must be read.
    if (!cancelled_.load(std::memory_order_relaxed) && resources_->gate.inside() > 0) {
      resources_->gate.WaitForLeave(std::chrono::milliseconds(5));
      resources_->io->AddRead([self = shared_from_this(), ref] { self->UnspillJob(ref); });
      return;
    }
    Cancel(WithKey(value.status(), runner_.graph().KeyOf(ref.task)));
  }
  if (!value.ok()) {
    Log(LogLevel::kWarning, "a spilled result cannot be read and is computed again", {{"reason", value.status()}});
    {
      std::lock_guard lock(mutex_);
      DropLocked(rank);
    }
    Feed(sched::UnspillFailed{ref});
    return;
  }
  {
    std::lock_guard lock(mutex_);
    const int64_t nbytes = value->nbytes();
    DropLocked(rank);
    slots_[rank] = new Held{*std::move(value), nbytes};
    resources_->pool->Account(MemoryClass::kResult, nbytes);
    bytes_in_memory_.fetch_add(nbytes, std::memory_order_relaxed);
    bytes_spilled_.fetch_sub(nbytes, std::memory_order_relaxed);
  }
  Feed(sched::UnspillFinished{ref});
}

int64_t LocalRun::Reclaim(int64_t wanted) {
  const int64_t before = bytes_freed_by_spill_.load(std::memory_order_relaxed);
  const auto freed = [&] { return bytes_freed_by_spill_.load(std::memory_order_relaxed) - before; };
  {
    std::lock_guard lock(mutex_);
    if (done_ && have_results_) return 0;
    worker_events_.emplace_back(sched::MemoryShort{wanted});
    PumpLocked();
  }
  while (freed() < wanted) {
    if (resources_->io->HelpWrite()) continue;
    std::unique_lock lock(mutex_);
    if (spills_pending_ == 0) break;
    const int pending = spills_pending_;
    changed_.wait(lock, [&] { return spills_pending_ < pending; });
  }
  return freed();
}

}  // namespace swath::exec
