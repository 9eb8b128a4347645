// ItemTable: numbers the distinct items that it meets, in order of appearance: Python's dict of them. Owns copies of
// the keys; the first of equal ones (1, 1.0, True) is kept. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "swath/ops/bag_item.h"

namespace swath::kernels {

class ItemTable {
 public:
  ItemTable();
  // The number of `key`, with its hash; new keys get the next number and `*added` is true.
  uint32_t Find(const ops::BagItem& key, uint64_t hash, bool* added);
  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  const ops::BagItem& key(uint32_t number) const { return keys_[number]; }
  int64_t nbytes() const;

 private:
  struct Slot {
    uint32_t hash;  // its upper half
    uint32_t number = kEmpty;
  };
  static constexpr uint32_t kEmpty = UINT32_MAX;
  void Grow();
  std::vector<Slot> slots_;  // a power of two, at most half full
  std::vector<uint64_t> hashes_;
  std::vector<ops::BagItem> keys_;
  ops::ItemArena arena_;
};

}  // namespace swath::kernels
