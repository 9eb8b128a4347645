// Shared memory for Python children: anonymous files (memfd) that both sides map. Sealed, so that what has been handed
// over can neither change nor shrink. A value that a child made lies in such a segment and goes to the next child by
// handle, without a copy. Segments are immutable and thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "arrow/buffer.h"

#include "swath/base/status.h"
#include "swath/data/memory_pool.h"

namespace swath::exec {

// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~UniqueFd() { Close(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void Close();

 private:
  int fd_ = -1;
};

class SharedSegment : public std::enable_shared_from_this<SharedSegment> {
 public:
  // A new segment that holds copies of `parts`, each at a multiple of 64 bytes; `offsets` gets where. Its bytes are
  // reserved in the process's pool: OutOfMemory when they do not fit its limit.
  static Result<std::shared_ptr<SharedSegment>> Copy(std::span<const std::span<const uint8_t>> parts,
                                                     std::vector<int64_t>* offsets);
  // Takes over a segment that a child made. IOError unless it is sealed and of `size` bytes.
  static Result<std::shared_ptr<SharedSegment>> Adopt(UniqueFd fd, int64_t size);
  ~SharedSegment();
  SharedSegment(const SharedSegment&) = delete;
  SharedSegment& operator=(const SharedSegment&) = delete;

  int fd() const { return fd_.get(); }
  int64_t size() const { return size_; }
  // All of it as a buffer that keeps the segment; mapped by the first call. Writes stay in this process's pages.
  Result<std::shared_ptr<arrow::Buffer>> View();

  // Segments of this process now: each holds a file descriptor.
  static int open_count();

 private:
  SharedSegment(UniqueFd fd, int64_t size, MemoryReservation reservation);

  const UniqueFd fd_;
  const int64_t size_;
  const MemoryReservation reservation_;
  std::mutex mutex_;
  uint8_t* data_ = nullptr;  // of the mapping
};
using SharedSegmentPtr = std::shared_ptr<SharedSegment>;

// Bytes within a segment.
struct SharedSlice {
  SharedSegmentPtr segment;
  int64_t offset = 0;
  int64_t size = 0;
};
// Where the buffer's bytes lie when they lie in a segment.
std::optional<SharedSlice> FindShared(const arrow::Buffer& buffer);

}  // namespace swath::exec
