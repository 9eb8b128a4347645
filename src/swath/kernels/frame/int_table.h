// IntTable: 64-bit keys -> dense ids in the order of first appearance. Keys of a small range live in an array (one load
// a row); others in an open-addressing table that is probed with prefetching. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "swath/kernels/frame/pool_vector.h"

namespace swath::kernels {

class IntTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit IntTable(arrow::MemoryPool* pool) : keys_(pool), window_(pool), slots_(pool) {}

  // ids[i] = the id of keys[i]; new keys get the next id. Rows with valid[i] == 0 (if given) get kNone.
  void Map(const int64_t* keys, int64_t length, uint32_t* ids, const uint8_t* valid = nullptr);
  uint32_t MapOne(int64_t key);

  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  const PoolVector<int64_t>& keys() const { return keys_; }  // by id
  int64_t nbytes() const;

 private:
  struct Slot {
    int64_t key;
    uint32_t id;
  };
  static constexpr int64_t kDirectMax = 4 << 20;

  bool ExtendWindow(int64_t low, int64_t high, int64_t rows);
  void LeaveWindow();
  void Grow(size_t capacity);
  uint32_t Insert(int64_t key);
  uint32_t Probe(int64_t key, uint64_t hash);

  PoolVector<int64_t> keys_;
  bool direct_ = true;
  int64_t base_ = 0;
  PoolVector<uint32_t> window_;  // id of key base_ + i, or kNone
  PoolVector<Slot> slots_;       // a power of two; id kNone: empty
  uint64_t mask_ = 0;
  int64_t rows_seen_ = 0;
};

}  // namespace swath::kernels
