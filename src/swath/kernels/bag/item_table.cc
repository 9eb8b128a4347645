#include "swath/kernels/bag/item_table.h"

namespace swath::kernels {

using ops::BagItem;

ItemTable::ItemTable() : slots_(64) {}

uint32_t ItemTable::Find(const BagItem& key, uint64_t hash, bool* added) {
  const size_t mask = slots_.size() - 1;
  const auto upper = static_cast<uint32_t>(hash >> 32);
  size_t at = hash & mask;
  for (; slots_[at].number != kEmpty; at = (at + 1) & mask) {
    if (slots_[at].hash == upper && ItemsEqual(keys_[slots_[at].number], key)) {
      *added = false;
      return slots_[at].number;
    }
  }
  *added = true;
  const uint32_t number = size();
  CHECK(number < kEmpty);
  slots_[at] = {upper, number};
  keys_.push_back(arena_.Copy(key));
  hashes_.push_back(hash);
  if (2 * keys_.size() > slots_.size()) Grow();
  return number;
}

void ItemTable::Grow() {
  std::vector<Slot> slots(4 * slots_.size());
  const size_t mask = slots.size() - 1;
  for (uint32_t number = 0; number < size(); ++number) {
    size_t at = hashes_[number] & mask;
    while (slots[at].number != kEmpty) at = (at + 1) & mask;
    slots[at] = {static_cast<uint32_t>(hashes_[number] >> 32), number};
  }
  slots_ = std::move(slots);
}

int64_t ItemTable::nbytes() const {
  return arena_.nbytes() + static_cast<int64_t>(slots_.capacity() * sizeof(Slot) + keys_.capacity() * sizeof(BagItem) +
                                                hashes_.capacity() * sizeof(uint64_t));
}

}  // namespace swath::kernels
