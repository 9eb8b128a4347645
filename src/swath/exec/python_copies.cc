#include "swath/exec/python_copies.h"

#include <utility>

#include <unistd.h>

#include "swath/data/memory_pool.h"

namespace swath::exec {
namespace {

constexpr int64_t kSweepBytes = int64_t{64} << 20;  // copied between two sweeps

// The buffer that owns the memory.
std::shared_ptr<arrow::Buffer> RootOf(std::shared_ptr<arrow::Buffer> buffer) {
  while (buffer->parent() != nullptr) buffer = buffer->parent();
  return buffer;
}

}  // namespace

SharedCopies::SharedCopies() : process_(getpid()) {
  reclaimer_ =
      Pool()->AddReclaimer(5, [this](int64_t wanted) { return getpid() == process_ ? Release(wanted) : int64_t{0}; });
}

SharedCopies::~SharedCopies() { Pool()->RemoveReclaimer(reclaimer_); }

std::optional<SharedSlice> SharedCopies::Find(const std::shared_ptr<arrow::Buffer>& buffer, const uint8_t* data,
                                              int64_t size) {
  const auto root = RootOf(buffer);
  std::lock_guard lock(mutex_);
  const auto [begin, end] = copies_.equal_range(root.get());
  for (auto it = begin; it != end; ++it) {
    const Copy& copy = it->second;
    if (copy.buffer.lock() != root || data < copy.data || data + size > copy.data + copy.slice.size) continue;
    return SharedSlice{copy.slice.segment, copy.slice.offset + (data - copy.data), size};
  }
  return std::nullopt;
}

void SharedCopies::Add(const std::shared_ptr<arrow::Buffer>& buffer, const uint8_t* data, SharedSlice slice) {
  const auto root = RootOf(buffer);
  if (!root->is_mutable()) return;  // borrowed: only what we allocated can be written by its owner
  std::lock_guard lock(mutex_);
  held_bytes_ += slice.size;
  copies_.emplace(root.get(), Copy{root, data, std::move(slice)});
}

void SharedCopies::Sweep() {
  std::vector<SharedSegmentPtr> dropped;  // their memory is freed without the lock
  std::lock_guard lock(mutex_);
  if (copies_.size() < sweep_at_copies_ && held_bytes_ < sweep_at_bytes_) return;
  DropExpiredLocked(&dropped);
  sweep_at_copies_ = std::max<size_t>(16, 2 * copies_.size());
  sweep_at_bytes_ = held_bytes_ + kSweepBytes;
}

int64_t SharedCopies::DropExpiredLocked(std::vector<SharedSegmentPtr>* dropped) {
  int64_t bytes = 0;
  std::erase_if(copies_, [&](auto& entry) {
    if (!entry.second.buffer.expired()) return false;
    bytes += entry.second.slice.size;
    dropped->push_back(std::move(entry.second.slice.segment));
    return true;
  });
  held_bytes_ -= bytes;
  return bytes;
}

int64_t SharedCopies::Release(int64_t wanted) {
  std::vector<SharedSegmentPtr> dropped;
  std::lock_guard lock(mutex_);
  int64_t bytes = DropExpiredLocked(&dropped);
  for (auto it = copies_.begin(); it != copies_.end() && bytes < wanted; it = copies_.erase(it)) {
    bytes += it->second.slice.size;
    held_bytes_ -= it->second.slice.size;
    dropped.push_back(std::move(it->second.slice.segment));
  }
  return bytes;
}

int64_t SharedCopies::held_bytes() const {
  std::lock_guard lock(mutex_);
  return held_bytes_;
}

}  // namespace swath::exec
