// Story: the last transitions of a machine in a ring of fixed size, so that any task can be explained afterwards.
// Recording is a store of 32 bytes; reading scans the ring.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "swath/sched/messages.h"

namespace swath::sched {

struct StoryEntry {
  Time time = 0;
  TaskRef ref;
  WorkerId worker = kNoWorker;
  uint8_t from = 0;  // states of the machine that recorded it
  uint8_t to = 0;
  uint8_t cause = 0;  // index of the event in its variant; 255: none
};

class Story {
 public:
  explicit Story(size_t capacity) : entries_(capacity) {}

  bool enabled() const { return !entries_.empty(); }
  void Record(const StoryEntry& entry) {
    if (entries_.empty()) return;
    entries_[next_] = entry;
    if (++next_ == entries_.size()) {
      next_ = 0;
      wrapped_ = true;
    }
  }
  // What is remembered of one task, oldest first.
  std::vector<StoryEntry> Of(RunId run, graph::TaskId task) const {
    std::vector<StoryEntry> found;
    const auto collect = [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        if (entries_[i].ref.run == run && entries_[i].ref.task == task) found.push_back(entries_[i]);
      }
    };
    if (wrapped_) collect(next_, entries_.size());
    collect(0, next_);
    return found;
  }

 private:
  std::vector<StoryEntry> entries_;
  size_t next_ = 0;
  bool wrapped_ = false;
};

}  // namespace swath::sched
