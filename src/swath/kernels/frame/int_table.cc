#include "swath/kernels/frame/int_table.h"

#include <algorithm>
#include <limits>

#include "swath/kernels/frame/hashing.h"

namespace swath::kernels {
namespace {

constexpr int64_t kBlock = 1024;
constexpr int64_t kPrefetch = 12;

}  // namespace

uint32_t IntTable::Insert(int64_t key) {
  keys_.push_back(key);
  return static_cast<uint32_t>(keys_.size() - 1);
}

// Makes the window cover [low, high] if that stays small for the rows seen.
bool IntTable::ExtendWindow(int64_t low, int64_t high, int64_t rows) {
  const int64_t size = static_cast<int64_t>(window_.size());
  if (size > 0 && low >= base_ &&
      static_cast<uint64_t>(high) - static_cast<uint64_t>(base_) < static_cast<uint64_t>(size)) {
    return true;
  }
  if (size > 0) {
    low = std::min(low, base_);
    high = std::max(high, base_ + size - 1);
  }
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  const auto allowed = static_cast<uint64_t>(std::min(kDirectMax, 64 * (rows_seen_ + rows) + 4096));
  if (range >= allowed) return false;
  // Some room above: counters and dates grow.
  const uint64_t above = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) - static_cast<uint64_t>(high);
  const uint64_t room = std::min(range / 2, above);
  PoolVector<uint32_t> window(range + 1 + room, kNone, window_.get_allocator());
  if (size > 0) std::copy(window_.begin(), window_.end(), window.begin() + (base_ - low));
  window_ = std::move(window);
  base_ = low;
  return true;
}

void IntTable::LeaveWindow() {
  direct_ = false;
  PoolVector<uint32_t>(window_.get_allocator()).swap(window_);
  size_t capacity = 1024;
  while (capacity < keys_.size() * 2) capacity *= 2;
  Grow(capacity);
}

void IntTable::Grow(size_t capacity) {
  PoolVector<Slot>(slots_.get_allocator()).swap(slots_);  // the old ones go first: the keys are kept apart
  slots_.assign(capacity, Slot{0, kNone});
  mask_ = capacity - 1;
  for (uint32_t id = 0; id < keys_.size(); ++id) {
    uint64_t at = HashInt(static_cast<uint64_t>(keys_[id])) & mask_;
    while (slots_[at].id != kNone) at = (at + 1) & mask_;
    slots_[at] = {keys_[id], id};
  }
}

uint32_t IntTable::Probe(int64_t key, uint64_t hash) {
  uint64_t at = hash & mask_;
  while (true) {
    Slot& slot = slots_[at];
    if (slot.id == kNone) {
      slot = {key, Insert(key)};
      return slot.id;
    }
    if (slot.key == key) return slot.id;
    at = (at + 1) & mask_;
  }
}

void IntTable::Map(const int64_t* keys, int64_t length, uint32_t* ids, const uint8_t* valid) {
  if (direct_) {
    int64_t low = std::numeric_limits<int64_t>::max();
    int64_t high = std::numeric_limits<int64_t>::min();
    for (int64_t i = 0; i < length; ++i) {
      if (valid != nullptr && valid[i] == 0) continue;
      low = std::min(low, keys[i]);
      high = std::max(high, keys[i]);
    }
    if (low <= high && !ExtendWindow(low, high, length)) LeaveWindow();
  }
  rows_seen_ += length;
  if (direct_) {
    for (int64_t i = 0; i < length; ++i) {
      if (valid != nullptr && valid[i] == 0) {
        ids[i] = kNone;
        continue;
      }
      uint32_t& id = window_[static_cast<size_t>(keys[i] - base_)];
      if (id == kNone) id = Insert(keys[i]);
      ids[i] = id;
    }
    return;
  }
  uint64_t hashes[kBlock];
  for (int64_t begin = 0; begin < length; begin += kBlock) {
    const int64_t count = std::min(kBlock, length - begin);
    if ((keys_.size() + static_cast<size_t>(count)) * 2 > slots_.size()) {
      Grow(std::max<size_t>(1024, slots_.size() * 2));
      while ((keys_.size() + static_cast<size_t>(count)) * 2 > slots_.size()) Grow(slots_.size() * 2);
    }
    for (int64_t i = 0; i < count; ++i) hashes[i] = HashInt(static_cast<uint64_t>(keys[begin + i]));
    for (int64_t i = 0; i < count; ++i) {
      if (i + kPrefetch < count) __builtin_prefetch(&slots_[hashes[i + kPrefetch] & mask_]);
      const int64_t row = begin + i;
      ids[row] = valid != nullptr && valid[row] == 0 ? kNone : Probe(keys[row], hashes[i]);
    }
  }
}

uint32_t IntTable::MapOne(int64_t key) {
  uint32_t id = kNone;
  Map(&key, 1, &id);
  return id;
}

int64_t IntTable::nbytes() const { return CapacityBytes(keys_) + CapacityBytes(window_) + CapacityBytes(slots_); }

}  // namespace swath::kernels
