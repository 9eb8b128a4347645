// SharedCopies remembers which buffers of this process have been copied into shared segments, so that a value that goes
// to children often is copied once. A copy lives as long as its buffer, or until the memory pool is short. Only memory
// that is ours is remembered: what is borrowed (the user's NumPy arrays) may change between two calls. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "arrow/buffer.h"

#include "swath/exec/python_segment.h"

namespace swath::exec {

class SharedCopies {
 public:
  SharedCopies();
  ~SharedCopies();
  SharedCopies(const SharedCopies&) = delete;
  SharedCopies& operator=(const SharedCopies&) = delete;

  // The copy that covers [data, data + size) of the buffer.
  std::optional<SharedSlice> Find(const std::shared_ptr<arrow::Buffer>& buffer, const uint8_t* data, int64_t size);
  // Remembers that [data, data + slice.size) of the buffer has been copied to `slice`, if the memory is ours.
  void Add(const std::shared_ptr<arrow::Buffer>& buffer, const uint8_t* data, SharedSlice slice);
  // Forgets the copies of buffers that are gone, if there may be many.
  void Sweep();
  // Forgets copies until about `wanted` bytes are free; how many were.
  int64_t Release(int64_t wanted);
  int64_t held_bytes() const;

 private:
  struct Copy {
    std::weak_ptr<arrow::Buffer> buffer;
    const uint8_t* data;
    SharedSlice slice;
  };
  int64_t DropExpiredLocked(std::vector<SharedSegmentPtr>* dropped);

  mutable std::mutex mutex_;
  std::unordered_multimap<const arrow::Buffer*, Copy> copies_;
  int64_t held_bytes_ = 0;
  size_t sweep_at_copies_ = 16;
  int64_t sweep_at_bytes_ = 0;
  int64_t reclaimer_ = 0;
  const int process_;  // a forked process must not touch what a thread of its parent may have locked
};

}  // namespace swath::exec
