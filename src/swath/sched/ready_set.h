// ReadySet: a set of ranks that finds the smallest: a tree of 64-bit words, one bit a rank, four levels for 16 M ranks.
// Insert, Erase and First touch one word a level.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace swath::sched {

class ReadySet {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Ranks are below `capacity`.
  explicit ReadySet(uint32_t capacity) {
    uint64_t words = capacity;
    do {
      words = (words + 63) / 64;
      levels_.emplace_back(words, 0);
    } while (words > 1);
  }

  void Insert(uint32_t rank) {
    size_ += !Contains(rank);
    for (auto& level : levels_) {
      uint64_t& word = level[rank / 64];
      const bool was_empty = word == 0;
      word |= uint64_t{1} << (rank % 64);
      if (!was_empty) return;
      rank /= 64;
    }
  }

  void Erase(uint32_t rank) {
    size_ -= Contains(rank);
    for (auto& level : levels_) {
      uint64_t& word = level[rank / 64];
      word &= ~(uint64_t{1} << (rank % 64));
      if (word != 0) return;
      rank /= 64;
    }
  }

  bool Contains(uint32_t rank) const { return levels_[0][rank / 64] >> (rank % 64) & 1; }

  uint32_t First() const {
    if (size_ == 0) return kNone;
    uint64_t rank = 0;
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level)
      rank = rank * 64 + std::countr_zero((*level)[rank]);
    return static_cast<uint32_t>(rank);
  }

  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::vector<std::vector<uint64_t>> levels_;  // [0] has a bit a rank; above, a bit a word that is not zero
  uint32_t size_ = 0;
};

}  // namespace swath::sched
