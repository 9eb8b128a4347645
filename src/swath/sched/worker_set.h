// WorkerSet: a set of worker numbers with O(1) insert, erase and "any", for workers that can take tasks.
#pragma once

#include <cstdint>
#include <vector>

#include "swath/sched/messages.h"

namespace swath::sched {

class WorkerSet {
 public:
  bool Contains(WorkerId worker) const { return worker < positions_.size() && positions_[worker] != kAbsent; }
  bool empty() const { return members_.empty(); }
  size_t size() const { return members_.size(); }
  const std::vector<WorkerId>& members() const { return members_; }

  void Insert(WorkerId worker) {
    if (Contains(worker)) return;
    if (worker >= positions_.size()) positions_.resize(worker + size_t{1}, kAbsent);
    positions_[worker] = static_cast<uint32_t>(members_.size());
    members_.push_back(worker);
  }

  void Erase(WorkerId worker) {
    if (!Contains(worker)) return;
    const WorkerId last = members_.back();
    members_[positions_[worker]] = last;
    positions_[last] = positions_[worker];
    positions_[worker] = kAbsent;
    members_.pop_back();
  }

  void Put(WorkerId worker, bool member) { member ? Insert(worker) : Erase(worker); }

 private:
  static constexpr uint32_t kAbsent = UINT32_MAX;
  std::vector<WorkerId> members_;
  std::vector<uint32_t> positions_;
};

}  // namespace swath::sched
