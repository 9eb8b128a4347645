#include "swath/kernels/frame/text_table.h"

#include <algorithm>
#include <cstring>

#include "swath/kernels/frame/hashing.h"

namespace swath::kernels {
namespace {

constexpr int64_t kBlock = 1024;
constexpr int64_t kPrefetch = 12;

}  // namespace

TextTable::Slot TextTable::SlotOf(std::string_view text, uint32_t id) {
  const auto length = static_cast<uint32_t>(text.size());
  if (text.size() < 8) return {Load(text.data(), text.size()), 0, id, length};
  return {Load(text.data(), 8), Load(text.data() + text.size() - 8, 8), id, length};
}

void TextTable::Grow(size_t capacity) {
  PoolVector<Slot>(slots_.get_allocator()).swap(slots_);  // the old ones go first: the texts are kept apart
  slots_.assign(capacity, Slot{0, 0, kNone, 0});
  mask_ = capacity - 1;
  for (uint32_t id = 0; id < size(); ++id) {
    uint64_t at = hashes_[id] & mask_;
    while (slots_[at].id != kNone) at = (at + 1) & mask_;
    slots_[at] = SlotOf(Text(id), id);
  }
}

uint32_t TextTable::Probe(std::string_view text, uint64_t hash) {
  Slot wanted = SlotOf(text, 0);
  uint64_t at = hash & mask_;
  while (true) {
    Slot& slot = slots_[at];
    if (slot.id == kNone) {
      const uint32_t id = size();
      arena_.insert(arena_.end(), text.begin(), text.end());
      offsets_.push_back(static_cast<int64_t>(arena_.size()));
      hashes_.push_back(hash);
      wanted.id = id;
      slot = wanted;
      return id;
    }
    if (slot.prefix == wanted.prefix && slot.suffix == wanted.suffix && slot.length == wanted.length &&
        (text.size() <= 16 || Text(slot.id) == text)) {
      return slot.id;
    }
    at = (at + 1) & mask_;
  }
}

void TextTable::Map(const PhysicalColumn& column, uint32_t* ids) {
  uint64_t hashes[kBlock];
  for (int64_t begin = 0; begin < column.length; begin += kBlock) {
    const int64_t count = std::min(kBlock, column.length - begin);
    if ((size() + static_cast<size_t>(count)) * 2 > slots_.size()) {
      size_t capacity = std::max<size_t>(4096, slots_.size() * 2);
      while ((size() + static_cast<size_t>(count)) * 2 > capacity) capacity *= 2;
      Grow(capacity);
    }
    for (int64_t i = 0; i < count; ++i) hashes[i] = HashText(column.Text(begin + i));
    for (int64_t i = 0; i < count; ++i) {
      if (i + kPrefetch < count) __builtin_prefetch(&slots_[hashes[i + kPrefetch] & mask_]);
      const int64_t row = begin + i;
      ids[row] = column.IsValid(row) ? Probe(column.Text(row), hashes[i]) : kNone;
    }
  }
}

int64_t TextTable::nbytes() const {
  return CapacityBytes(arena_) + CapacityBytes(offsets_) + CapacityBytes(hashes_) + CapacityBytes(slots_);
}

}  // namespace swath::kernels
