// MemoryPool: the one pool of the process that our values live in: accounted, recycled, huge-page backed, with a hard
// limit. An arrow::MemoryPool, so that Arrow's buffers come from it too. Thread-safe.
//
//   request < 128 KiB ──▶ malloc                   every byte counted against the limit
//   request ≥ 128 KiB ──▶ free block of its size class, else mmap (huge pages from 2 MiB on); freed blocks are kept and
//                         reused, so that a page is touched first once; kept blocks never raise the peak: they go back
//                         to the system before a fresh block would lift (in use + kept) above the highest use so far,
//                         or above the limit
//
// What an allocator keeps of freed memory is outside of the account, so little is left to one: Arrow's (mimalloc) kept
// tens of MiB of buffers below 1 MiB.
//
// When a request does not fit: kept blocks are returned, then reclaimers are asked (caches shrink, results are
// spilled), then the request fails with OutOfMemory that names the numbers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "arrow/memory_pool.h"

#include "swath/base/status.h"

namespace swath {

// What a byte is held for. Owners of values book them with Account; the rest of what is in use is kWorking.
enum class MemoryClass : uint8_t { kWorking, kResult, kInput, kSpillable };
inline constexpr int kMemoryClassCount = 4;
std::string_view ToString(MemoryClass memory_class);

struct MemoryStats {
  int64_t limit_bytes = 0;
  int64_t in_use_bytes = 0;    // allocated and not freed, in whole size classes
  int64_t reserved_bytes = 0;  // promised to running tasks and not yet allocated
  int64_t kept_bytes = 0;      // free blocks kept for reuse
  int64_t peak_bytes = 0;      // highest in_use_bytes
  int64_t fresh_blocks = 0;    // blocks mapped from the system
  int64_t reused_blocks = 0;   // blocks taken from those kept
  std::array<int64_t, kMemoryClassCount> by_class{};
};

class MemoryPool;

// Bytes promised to one task. While a ReservationScope makes it current on a thread, allocations of that thread draw
// from it first. Movable; the undrawn rest goes back at destruction.
class MemoryReservation {
 public:
  MemoryReservation() = default;
  MemoryReservation(MemoryReservation&& other) noexcept { *this = std::move(other); }
  MemoryReservation& operator=(MemoryReservation&& other) noexcept;
  ~MemoryReservation() { Release(); }
  int64_t remaining_bytes() const { return remaining_; }
  void Release();

 private:
  friend class MemoryPool;
  MemoryPool* pool_ = nullptr;
  int64_t remaining_ = 0;
  int64_t drawn_ = 0;  // what a free on the same thread may put back
};

class ReservationScope {
 public:
  explicit ReservationScope(MemoryReservation* reservation);
  ~ReservationScope();
  ReservationScope(const ReservationScope&) = delete;
  ReservationScope& operator=(const ReservationScope&) = delete;

 private:
  MemoryReservation* previous_;
};

class MemoryPool final : public arrow::MemoryPool {
 public:
  // `limit_bytes` <= 0: no limit. `small` serves requests below kBlockBytesMin (null: Arrow's pool on malloc).
  explicit MemoryPool(int64_t limit_bytes, arrow::MemoryPool* small = nullptr);
  ~MemoryPool() override;

  static constexpr int64_t kBlockBytesMin = int64_t{128} << 10;
  // The bytes that a request occupies and is accounted with.
  static int64_t ChargedBytes(int64_t size);

  using arrow::MemoryPool::Allocate;
  using arrow::MemoryPool::Free;
  using arrow::MemoryPool::Reallocate;
  Status Allocate(int64_t size, int64_t alignment, uint8_t** out) override;
  Status Reallocate(int64_t old_size, int64_t new_size, int64_t alignment, uint8_t** ptr) override;
  void Free(uint8_t* buffer, int64_t size, int64_t alignment) override;
  void ReleaseUnused() override;
  int64_t bytes_allocated() const override { return in_use_.load(std::memory_order_relaxed); }
  int64_t max_memory() const override { return peak_.load(std::memory_order_relaxed); }
  int64_t total_bytes_allocated() const override { return total_allocated_.load(std::memory_order_relaxed); }
  int64_t num_allocations() const override { return allocations_.load(std::memory_order_relaxed); }
  std::string backend_name() const override { return "swath"; }

  int64_t limit_bytes() const { return limit_.load(std::memory_order_relaxed); }
  void set_limit_bytes(int64_t bytes);  // what is in use stays; later requests see it
  // Bytes that a new reservation could get without reclaiming.
  int64_t available_bytes() const;

  // Sets `bytes` aside, or OutOfMemory; asks reclaimers first when `reclaim`.
  Result<MemoryReservation> Reserve(int64_t bytes, bool reclaim = true);
  // Books `delta_bytes` as held for a class.
  void Account(MemoryClass memory_class, int64_t delta_bytes);

  // A reclaimer is asked for `wanted_bytes` when the pool is short and returns how many bytes it freed. Called without
  // locks of the pool, on the thread that needs memory, never nested on one thread. In order of `priority` (lower
  // first).
  using Reclaimer = std::function<int64_t(int64_t wanted_bytes)>;
  int64_t AddReclaimer(int priority, Reclaimer reclaimer);
  // Waits until the reclaimer does not run; it will not run again. Never call it with a lock that the reclaimer takes.
  void RemoveReclaimer(int64_t id);

  // Returns kept blocks to the system until at most `keep_bytes` are kept; the bytes returned.
  int64_t Trim(int64_t keep_bytes = 0);

  MemoryStats stats() const;
  void ResetPeak();
  // "in use 1.20 GiB of 2.00 GiB (results 1.00 GiB, …)": for errors and logs.
  std::string Describe() const;

 private:
  friend class MemoryReservation;
  struct KeptBlock {
    uint8_t* data;
    int64_t kept_at;  // a count of all blocks kept
  };
  struct ReclaimerEntry {
    int64_t id;
    int priority;
    Reclaimer call;
  };

  // Makes room under the limit and counts, or OutOfMemory about the `asked` bytes, of which `bytes` are not reserved
  // yet.
  Status Charge(int64_t bytes, int64_t asked, const char* what);
  bool TryCharge(int64_t bytes);
  void Uncharge(int64_t bytes);
  int64_t Draw(int64_t bytes);  // from the thread's reservation
  void NoteInUse(int64_t delta);
  bool RunReclaimers(int64_t wanted);
  Status AllocateBlock(int64_t charged, uint8_t** out);
  void FreeBlock(uint8_t* data, int64_t charged);
  Status OutOfMemory(int64_t bytes, const char* what) const;
  int64_t ReleaseKeptLocked(int64_t bytes);

  arrow::MemoryPool* small_;
  std::atomic<int64_t> limit_;
  std::atomic<int64_t> committed_{0};  // in use + reserved: what the limit bounds
  std::atomic<int64_t> in_use_{0};
  std::atomic<int64_t> reserved_{0};
  std::atomic<int64_t> peak_{0};
  std::atomic<int64_t> total_allocated_{0};
  std::atomic<int64_t> allocations_{0};
  std::array<std::atomic<int64_t>, kMemoryClassCount> by_class_{};

  mutable std::mutex mutex_;                       // kept blocks and their counters
  std::map<int64_t, std::deque<KeptBlock>> kept_;  // by size class, oldest first; none is empty
  int64_t kept_count_ = 0;                         // of all blocks that ever were kept
  int64_t kept_bytes_ = 0;
  int64_t mapped_bytes_ = 0;       // blocks in use + kept
  int64_t mapped_peak_bytes_ = 0;  // highest use of blocks so far
  int64_t fresh_blocks_ = 0;
  int64_t reused_blocks_ = 0;

  std::shared_mutex reclaimers_mutex_;
  std::vector<ReclaimerEntry> reclaimers_;
  int64_t next_reclaimer_ = 1;

  friend void LockPoolForFork(MemoryPool* pool);
  friend void UnlockPoolAfterFork(MemoryPool* pool, bool child);
};

// The pool of the process. Its limit is config "memory.limit", as ApplyConfiguredMemoryLimit last found it.
MemoryPool* Pool();

// Config "memory.limit" in bytes: a number, "8GiB", "60%" of MemoryAvailableBytes, or 0 for none (INT64_MAX).
Result<int64_t> ConfiguredMemoryLimitBytes();
// Gives Pool() the configured limit if the setting changed since the last call; runtimes call it before a run.
Status ApplyConfiguredMemoryLimit();

}  // namespace swath
