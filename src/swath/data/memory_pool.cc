#include "swath/data/memory_pool.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <sys/mman.h>

#include "swath/base/units.h"

namespace swath {
namespace {

constexpr int64_t kPageBytes = 4096;
constexpr int64_t kHugePageBytes = int64_t{2} << 20;

// Under AddressSanitizer every request goes to the small allocator, so that overruns are seen.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kOwnBlocks = false;
#else
constexpr bool kOwnBlocks = true;
#endif

thread_local MemoryReservation* current_reservation = nullptr;
thread_local bool inside_reclaimer = false;

bool IsBlock(int64_t size) { return kOwnBlocks && size >= MemoryPool::kBlockBytesMin; }

uint8_t* MapBlock(int64_t size) {
  // A block of whole huge pages must begin on one: map more, cut the ends off.
  const int64_t slack = size >= kHugePageBytes ? kHugePageBytes : 0;
  void* raw =
      mmap(nullptr, static_cast<size_t>(size + slack), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  auto address = reinterpret_cast<uintptr_t>(raw);
  if (slack == 0) return static_cast<uint8_t*>(raw);
  const uintptr_t aligned = (address + kHugePageBytes - 1) & ~static_cast<uintptr_t>(kHugePageBytes - 1);
  if (aligned > address) munmap(raw, aligned - address);
  const uintptr_t end = address + static_cast<uintptr_t>(size + slack);
  if (end > aligned + static_cast<uintptr_t>(size)) {
    munmap(reinterpret_cast<void*>(aligned + static_cast<uintptr_t>(size)),
           end - aligned - static_cast<uintptr_t>(size));
  }
  madvise(reinterpret_cast<void*>(aligned), static_cast<size_t>(size), MADV_HUGEPAGE);
  return reinterpret_cast<uint8_t*>(aligned);
}

void RaiseTo(std::atomic<int64_t>& peak, int64_t value) {
  int64_t seen = peak.load(std::memory_order_relaxed);
  while (value > seen && !peak.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

}  // namespace

std::string_view ToString(MemoryClass memory_class) {
  switch (memory_class) {
    case MemoryClass::kWorking:
      return "working";
    case MemoryClass::kResult:
      return "results";
    case MemoryClass::kInput:
      return "inputs";
    case MemoryClass::kSpillable:
      return "spillable";
  }
  return "?";
}

// ---- reservations ----

MemoryReservation& MemoryReservation::operator=(MemoryReservation&& other) noexcept {
  if (this == &other) return *this;
  Release();
  pool_ = std::exchange(other.pool_, nullptr);
  remaining_ = std::exchange(other.remaining_, 0);
  drawn_ = std::exchange(other.drawn_, 0);
  return *this;
}

void MemoryReservation::Release() {
  if (pool_ == nullptr) return;
  pool_->reserved_.fetch_sub(remaining_, std::memory_order_relaxed);
  pool_->Uncharge(remaining_);
  pool_ = nullptr;
  remaining_ = drawn_ = 0;
}

ReservationScope::ReservationScope(MemoryReservation* reservation) : previous_(current_reservation) {
  current_reservation = reservation;
}
ReservationScope::~ReservationScope() { current_reservation = previous_; }

Result<MemoryReservation> MemoryPool::Reserve(int64_t bytes, bool reclaim) {
  MemoryReservation reservation;
  if (reclaim) {
    RETURN_IF_ERROR(Charge(bytes, bytes, "a reservation"));
  } else if (!TryCharge(bytes)) {
    return OutOfMemory(bytes, "a reservation");
  }
  reserved_.fetch_add(bytes, std::memory_order_relaxed);
  reservation.pool_ = this;
  reservation.remaining_ = bytes;
  return reservation;
}

int64_t MemoryPool::Draw(int64_t bytes) {
  MemoryReservation* reservation = current_reservation;
  if (reservation == nullptr || reservation->pool_ != this) return 0;
  const int64_t drawn = std::min(bytes, reservation->remaining_);
  reservation->remaining_ -= drawn;
  reservation->drawn_ += drawn;
  reserved_.fetch_sub(drawn, std::memory_order_relaxed);
  return drawn;
}

// ---- charging against the limit ----

MemoryPool::MemoryPool(int64_t limit_bytes, arrow::MemoryPool* small)
    : small_(small ? small : arrow::system_memory_pool()), limit_(limit_bytes > 0 ? limit_bytes : INT64_MAX) {}

MemoryPool::~MemoryPool() { Trim(0); }

int64_t MemoryPool::ChargedBytes(int64_t size) {
  if (!IsBlock(size)) return size;
  // Eight classes to a power of two: at most 12.5 % is lost.
  const int64_t step =
      std::max<int64_t>(static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(size))) / 8, kPageBytes);
  return (size + step - 1) / step * step;
}

bool MemoryPool::TryCharge(int64_t bytes) {
  const int64_t limit = limit_.load(std::memory_order_relaxed);
  int64_t committed = committed_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit - committed) return false;
  } while (!committed_.compare_exchange_weak(committed, committed + bytes, std::memory_order_relaxed));
  return true;
}

void MemoryPool::Uncharge(int64_t bytes) { committed_.fetch_sub(bytes, std::memory_order_relaxed); }

Status MemoryPool::Charge(int64_t bytes, int64_t asked, const char* what) {
  if (TryCharge(bytes)) return Status::OK();
  const int64_t limit = limit_.load(std::memory_order_relaxed);
  if (asked > limit) return OutOfMemory(asked, what);  // never fits: nothing is worth reclaiming
  while (true) {
    const int64_t wanted = bytes - (limit - committed_.load(std::memory_order_relaxed));
    const bool freed = RunReclaimers(std::max<int64_t>(wanted, 1));
    if (TryCharge(bytes)) return Status::OK();
    if (!freed) return OutOfMemory(asked, what);
  }
}

Status MemoryPool::OutOfMemory(int64_t bytes, const char* what) const {
  const int64_t limit = limit_bytes();
  if (bytes > limit) {
    return Status::OutOfMemory(
        what, " of ", FormatBytes(bytes), " can never fit: the memory limit is ", FormatBytes(limit),
        "; raise the config key memory.limit (SWATH_MEMORY__LIMIT) or use smaller chunks or partitions");
  }
  return Status::OutOfMemory(
      what, " of ", FormatBytes(bytes), " does not fit: ", Describe(),
      "; raise the config key memory.limit (SWATH_MEMORY__LIMIT), use smaller chunks or partitions, or fewer "
      "threads (num_workers)");
}

bool MemoryPool::RunReclaimers(int64_t wanted) {
  if (inside_reclaimer) return false;
  std::shared_lock lock(reclaimers_mutex_);  // RemoveReclaimer waits for it
  inside_reclaimer = true;
  int64_t freed = 0;
  for (const ReclaimerEntry& entry : reclaimers_) {
    if (freed >= wanted) break;
    try {
      freed += entry.call(wanted - freed);
    } catch (...) {  // NOLINT(bugprone-empty-catch): a reclaimer that fails freed nothing
    }
  }
  inside_reclaimer = false;
  return freed > 0;
}

int64_t MemoryPool::AddReclaimer(int priority, Reclaimer reclaimer) {
  std::lock_guard lock(reclaimers_mutex_);
  const int64_t id = next_reclaimer_++;
  const auto at = std::upper_bound(reclaimers_.begin(), reclaimers_.end(), priority,
                                   [](int p, const ReclaimerEntry& entry) { return p < entry.priority; });
  reclaimers_.insert(at, {id, priority, std::move(reclaimer)});
  return id;
}

void MemoryPool::RemoveReclaimer(int64_t id) {
  std::lock_guard lock(reclaimers_mutex_);
  std::erase_if(reclaimers_, [&](const ReclaimerEntry& entry) { return entry.id == id; });
}

void MemoryPool::NoteInUse(int64_t delta) {
  const int64_t now = in_use_.fetch_add(delta, std::memory_order_relaxed) + delta;
  if (delta > 0) RaiseTo(peak_, now);
}

void MemoryPool::Account(MemoryClass memory_class, int64_t delta_bytes) {
  by_class_[static_cast<size_t>(memory_class)].fetch_add(delta_bytes, std::memory_order_relaxed);
}

// ---- allocation ----

Status MemoryPool::Allocate(int64_t size, int64_t alignment, uint8_t** out) {
  if (size < 0) return Status::Invalid("a negative number of bytes was asked for: ", size);
  const int64_t charged = ChargedBytes(size);
  const int64_t drawn = Draw(charged);
  Status status = Charge(charged - drawn, charged, "an allocation");
  if (status.ok()) {
    status = IsBlock(size) ? AllocateBlock(charged, out) : small_->Allocate(size, alignment, out);
    if (!status.ok()) Uncharge(charged - drawn);
  }
  if (!status.ok()) {
    Uncharge(drawn);  // not given back to the reservation: its task fails
    return status;
  }
  NoteInUse(charged);
  total_allocated_.fetch_add(size, std::memory_order_relaxed);
  allocations_.fetch_add(1, std::memory_order_relaxed);
  return Status::OK();
}

void MemoryPool::Free(uint8_t* buffer, int64_t size, int64_t alignment) {
  const int64_t charged = ChargedBytes(size);
  if (IsBlock(size)) {
    FreeBlock(buffer, charged);
  } else {
    small_->Free(buffer, size, alignment);
  }
  NoteInUse(-charged);
  // Scratch that a task frees while it runs may be drawn again by the same task.
  if (MemoryReservation* reservation = current_reservation; reservation != nullptr && reservation->pool_ == this) {
    const int64_t back = std::min(charged, reservation->drawn_);
    reservation->drawn_ -= back;
    reservation->remaining_ += back;
    reserved_.fetch_add(back, std::memory_order_relaxed);
    Uncharge(charged - back);
    return;
  }
  Uncharge(charged);
}

Status MemoryPool::Reallocate(int64_t old_size, int64_t new_size, int64_t alignment, uint8_t** ptr) {
  if (IsBlock(old_size) && IsBlock(new_size) && ChargedBytes(old_size) == ChargedBytes(new_size)) return Status::OK();
  uint8_t* moved = nullptr;
  if (!IsBlock(old_size) && !IsBlock(new_size)) {
    const int64_t growth = new_size - old_size;
    if (growth > 0) RETURN_IF_ERROR(Charge(growth, new_size, "an allocation"));
    const Status status = small_->Reallocate(old_size, new_size, alignment, ptr);
    if (status.ok()) NoteInUse(growth);
    if (status.ok() == (growth < 0)) Uncharge(std::abs(growth));
    return status;
  }
  RETURN_IF_ERROR(Allocate(new_size, alignment, &moved));
  std::memcpy(moved, *ptr, static_cast<size_t>(std::min(old_size, new_size)));
  Free(*ptr, old_size, alignment);
  *ptr = moved;
  return Status::OK();
}

Status MemoryPool::AllocateBlock(int64_t charged, uint8_t** out) {
  {
    std::lock_guard lock(mutex_);
    if (const auto kept = kept_.find(charged); kept != kept_.end()) {
      *out = kept->second.back().data;  // the youngest: its pages are the likeliest to be in cache
      kept->second.pop_back();
      if (kept->second.empty()) kept_.erase(kept);
      kept_bytes_ -= charged;
      ++reused_blocks_;
      mapped_peak_bytes_ = std::max(mapped_peak_bytes_, mapped_bytes_ - kept_bytes_);
      return Status::OK();
    }
    const int64_t used = mapped_bytes_ - kept_bytes_ + charged;
    mapped_peak_bytes_ = std::max(mapped_peak_bytes_, used);
    const int64_t over_peak = mapped_bytes_ + charged - mapped_peak_bytes_;
    const int64_t over_limit = kept_bytes_ - (limit_bytes() - committed_.load(std::memory_order_relaxed));
    ReleaseKeptLocked(std::max(over_peak, over_limit));
    mapped_bytes_ += charged;
    ++fresh_blocks_;
  }
  *out = MapBlock(charged);
  if (*out != nullptr) return Status::OK();
  std::lock_guard lock(mutex_);
  mapped_bytes_ -= charged;
  return Status::OutOfMemory("the system refused to map ", FormatBytes(charged), ": ", std::strerror(errno), "; ",
                             Describe());
}

void MemoryPool::FreeBlock(uint8_t* data, int64_t charged) {
  std::lock_guard lock(mutex_);
  kept_[charged].push_back({data, kept_count_++});
  kept_bytes_ += charged;
}

// The oldest first.
int64_t MemoryPool::ReleaseKeptLocked(int64_t bytes) {
  int64_t released = 0;
  while (released < bytes && !kept_.empty()) {
    const auto oldest = std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
      return a.second.front().kept_at < b.second.front().kept_at;
    });
    munmap(oldest->second.front().data, static_cast<size_t>(oldest->first));
    released += oldest->first;
    oldest->second.pop_front();
    if (oldest->second.empty()) kept_.erase(oldest);
  }
  kept_bytes_ -= released;
  mapped_bytes_ -= released;
  return released;
}

int64_t MemoryPool::Trim(int64_t keep_bytes) {
  std::lock_guard lock(mutex_);
  return ReleaseKeptLocked(kept_bytes_ - keep_bytes);
}

void MemoryPool::ReleaseUnused() {
  Trim(0);
  small_->ReleaseUnused();
}

// ---- answers ----

void MemoryPool::set_limit_bytes(int64_t bytes) {
  limit_.store(bytes > 0 ? bytes : INT64_MAX, std::memory_order_relaxed);
}

int64_t MemoryPool::available_bytes() const {
  return std::max<int64_t>(0, limit_bytes() - committed_.load(std::memory_order_relaxed));
}

MemoryStats MemoryPool::stats() const {
  MemoryStats stats;
  stats.limit_bytes = limit_bytes();
  stats.in_use_bytes = in_use_.load(std::memory_order_relaxed);
  stats.reserved_bytes = reserved_.load(std::memory_order_relaxed);
  stats.peak_bytes = peak_.load(std::memory_order_relaxed);
  int64_t booked = 0;
  for (size_t i = 1; i < kMemoryClassCount; ++i)
    booked += stats.by_class[i] = by_class_[i].load(std::memory_order_relaxed);
  stats.by_class[0] = std::max<int64_t>(0, stats.in_use_bytes - booked);
  std::lock_guard lock(mutex_);
  stats.kept_bytes = kept_bytes_;
  stats.fresh_blocks = fresh_blocks_;
  stats.reused_blocks = reused_blocks_;
  return stats;
}

void MemoryPool::ResetPeak() { peak_.store(in_use_.load(std::memory_order_relaxed), std::memory_order_relaxed); }

std::string MemoryPool::Describe() const {
  const int64_t limit = limit_bytes();
  std::string text = "in use " + FormatBytes(bytes_allocated());
  text += limit == INT64_MAX ? ", no limit" : " of " + FormatBytes(limit);
  text += ", reserved by running tasks " + FormatBytes(reserved_.load(std::memory_order_relaxed));
  for (size_t i = 1; i < kMemoryClassCount; ++i) {
    const int64_t bytes = by_class_[i].load(std::memory_order_relaxed);
    if (bytes > 0) text += ", " + std::string(ToString(static_cast<MemoryClass>(i))) + " " + FormatBytes(bytes);
  }
  return text;
}

// A child of fork() must not inherit a locked mutex: the forking thread holds both locks across the fork.
void LockPoolForFork(MemoryPool* pool) {
  pool->reclaimers_mutex_.lock();
  pool->mutex_.lock();
}
void UnlockPoolAfterFork(MemoryPool* pool, bool child) {
  // The reclaimers' threads and locks are the parent's. What they captured is left alone.
  if (child) {
    new std::vector<MemoryPool::ReclaimerEntry>(std::move(pool->reclaimers_));
    pool->reclaimers_.clear();
    // A read-write lock knows its writer by thread number, which is another one here: it cannot be unlocked, only made
    // anew.
    new (&pool->reclaimers_mutex_) std::shared_mutex;
  } else {
    pool->reclaimers_mutex_.unlock();
  }
  pool->mutex_.unlock();
}

}  // namespace swath
