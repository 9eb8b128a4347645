// TextTable: strings -> dense ids in the order of first appearance. The strings are copied into one arena. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "swath/kernels/frame/physical.h"
#include "swath/kernels/frame/pool_vector.h"

namespace swath::kernels {

class TextTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit TextTable(arrow::MemoryPool* pool) : arena_(pool), offsets_(1, 0, pool), hashes_(pool), slots_(pool) {}

  // ids[i] = the id of row i; kNone where it is null.
  void Map(const PhysicalColumn& column, uint32_t* ids);
  uint32_t size() const { return static_cast<uint32_t>(offsets_.size() - 1); }
  std::string_view Text(uint32_t id) const {
    return {arena_.data() + offsets_[id], static_cast<size_t>(offsets_[id + 1] - offsets_[id])};
  }
  uint64_t Hash(uint32_t id) const { return hashes_[id]; }
  int64_t nbytes() const;

 private:
  // Texts of up to 16 bytes are found (or told apart) by the slot alone: their ends, which then overlap, and their
  // length.
  struct Slot {
    uint64_t prefix;  // the first 8 bytes, zero-padded
    uint64_t suffix;  // the last 8 bytes; 0 for shorter texts
    uint32_t id;
    uint32_t length;  // of long texts the lower bits
  };
  static Slot SlotOf(std::string_view text, uint32_t id);
  void Grow(size_t capacity);
  uint32_t Probe(std::string_view text, uint64_t hash);

  PoolVector<char> arena_;
  PoolVector<int64_t> offsets_;
  PoolVector<uint64_t> hashes_;
  PoolVector<Slot> slots_;
  uint64_t mask_ = 0;
};

}  // namespace swath::kernels
