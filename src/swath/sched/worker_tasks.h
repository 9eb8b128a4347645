// WorkerTasks: a worker's records of the tasks of one layer, in pages of 64 that exist only while they hold something.
// Find is two loads; records do not move.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "swath/graph/task_id.h"

namespace swath::sched {

enum class WorkerTaskState : uint8_t {
  kAbsent,
  kWaiting,  // assigned; inputs are on their way
  kReady,    // assigned; may run
  kExecuting,
  kWanted,  // a value of another worker, to be fetched
  kFetching,
  kInMemory,
  kSpilling,
  kSpilled,
  kUnspilling,
};
inline constexpr int kWorkerTaskStates = 10;
std::string_view ToString(WorkerTaskState state);

struct WorkerTask {
  uint32_t attempt = 0;
  uint32_t rank = 0;
  uint32_t missing = 0;  // kWaiting: inputs not in memory
  uint32_t pins = 0;     // edges from tasks here that gather inputs or execute
  uint32_t waiters = 0;  // first node of the list of tasks that wait for this value; 0: none
  WorkerTaskState state = WorkerTaskState::kAbsent;
  uint8_t flags = 0;
  int64_t nbytes = 0;  // of the value, also while it is fetched
};
static_assert(sizeof(WorkerTask) == 32);

inline constexpr uint8_t kAssigned = 1;    // the scheduler waits for TaskFinished
inline constexpr uint8_t kUnwanted = 2;    // to be dropped as soon as nothing pins it
inline constexpr uint8_t kStopped = 4;     // kExecuting: StopExecution was sent
inline constexpr uint8_t kPinsInputs = 8;  // its inputs are pinned for it
inline constexpr uint8_t kCalled = 16;     // kSpilled, kWanted: stands in the transfer queue
inline constexpr uint8_t kReplica = 32;    // fetched for its own sake
inline constexpr uint8_t kSpillable = 64;  // stands in the spill queue

class WorkerTasks {
 public:
  WorkerTask* Find(int64_t block) {
    const auto page = static_cast<size_t>(block / kPageTasks);
    if (page >= pages_.size() || pages_[page] == nullptr) return nullptr;
    return pages_[page]->used >> (block % kPageTasks) & 1 ? &pages_[page]->tasks[block % kPageTasks] : nullptr;
  }

  const WorkerTask* Find(int64_t block) const { return const_cast<WorkerTasks*>(this)->Find(block); }

  // The block must not be there.
  WorkerTask& Make(int64_t block) {
    const auto number = static_cast<size_t>(block / kPageTasks);
    if (number >= pages_.size()) pages_.resize(number + number / 2 + 1);
    std::unique_ptr<Page>& page = pages_[number];
    if (page == nullptr) page = spare_ ? std::move(spare_) : std::make_unique<Page>();
    page->used |= uint64_t{1} << (block % kPageTasks);
    return page->tasks[block % kPageTasks] = {};
  }

  void Erase(int64_t block) {
    std::unique_ptr<Page>& page = pages_[block / kPageTasks];
    page->used &= ~(uint64_t{1} << (block % kPageTasks));
    if (page->used == 0) spare_ = std::move(page);
  }

  // `function` must not make or erase.
  template <typename Function>
  void ForEach(Function&& function) const {
    for (size_t number = 0; number < pages_.size(); ++number) {
      for (uint64_t bits = pages_[number] ? pages_[number]->used : 0; bits; bits &= bits - 1) {
        const int at = std::countr_zero(bits);
        function(static_cast<int64_t>(number) * kPageTasks + at, pages_[number]->tasks[at]);
      }
    }
  }

 private:
  static constexpr int64_t kPageTasks = 64;
  struct Page {
    uint64_t used = 0;
    WorkerTask tasks[kPageTasks];
  };
  std::vector<std::unique_ptr<Page>> pages_;
  std::unique_ptr<Page> spare_;  // so that one task that comes and goes does not allocate
};

}  // namespace swath::sched
