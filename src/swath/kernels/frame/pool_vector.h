// PoolVector: std::vector on an Arrow memory pool, so that the state of a kernel is accounted, limited and recycled
// like any buffer. Where the pool refuses it throws PoolRefused, a std::bad_alloc that carries the pool's own words:
// kernels catch it where they begin. A null pool is Arrow's default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "arrow/memory_pool.h"

#include "swath/base/status.h"

namespace swath::kernels {

class PoolRefused : public std::bad_alloc {
 public:
  explicit PoolRefused(Status status) : status_(std::move(status)) {}
  const Status& status() const { return status_; }

 private:
  Status status_;
};

template <typename T>
class PoolAllocator {
 public:
  using value_type = T;
  using propagate_on_container_copy_assignment = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;

  PoolAllocator(arrow::MemoryPool* pool)  // NOLINT(google-explicit-constructor): PoolVector<int> v(n, pool)
      : pool_(pool != nullptr ? pool : arrow::default_memory_pool()) {}
  template <typename U>
  PoolAllocator(const PoolAllocator<U>& other) : pool_(other.pool()) {}  // NOLINT(google-explicit-constructor)

  T* allocate(size_t count) {
    uint8_t* data = nullptr;
    Status status = pool_->Allocate(static_cast<int64_t>(count * sizeof(T)), &data);
    if (!status.ok()) throw PoolRefused(std::move(status));
    return reinterpret_cast<T*>(data);
  }
  void deallocate(T* data, size_t count) {
    pool_->Free(reinterpret_cast<uint8_t*>(data), static_cast<int64_t>(count * sizeof(T)));
  }
  arrow::MemoryPool* pool() const { return pool_; }
  template <typename U>
  bool operator==(const PoolAllocator<U>& other) const {
    return pool_ == other.pool();
  }

 private:
  arrow::MemoryPool* pool_;
};

template <typename T>
using PoolVector = std::vector<T, PoolAllocator<T>>;

template <typename T>
int64_t CapacityBytes(const PoolVector<T>& vector) {
  return static_cast<int64_t>(vector.capacity() * sizeof(T));
}

}  // namespace swath::kernels
