#include "swath/exec/python_segment.h"

#include <atomic>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arrow/util/io_util.h"

namespace swath::exec {
namespace {

constexpr int64_t kAlignment = 64;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
std::atomic<int> open_segments{0};

// A view of a whole segment.
class SegmentBuffer final : public arrow::MutableBuffer {
 public:
  SegmentBuffer(SharedSegmentPtr segment, uint8_t* data)
      : arrow::MutableBuffer(data, segment->size()), segment_(std::move(segment)) {}
  const SharedSegmentPtr& segment() const { return segment_; }

 private:
  SharedSegmentPtr segment_;
};

// Written, not mapped: the kernel fills fresh pages faster than page faults do.
Status WriteAt(int fd, std::span<const uint8_t> bytes, int64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && (errno == ENOSPC || errno == ENOMEM))
      return Status::OutOfMemory("no shared memory left for ", bytes.size(), " bytes of an argument");
    if (written < 0) return arrow::internal::IOErrorFromErrno(errno, "writing shared memory failed");
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += written;
  }
  return Status::OK();
}

}  // namespace

void UniqueFd::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

SharedSegment::SharedSegment(UniqueFd fd, int64_t size, MemoryReservation reservation)
    : fd_(std::move(fd)), size_(size), reservation_(std::move(reservation)) {
  open_segments.fetch_add(1, std::memory_order_relaxed);
}

SharedSegment::~SharedSegment() {
  open_segments.fetch_sub(1, std::memory_order_relaxed);
  if (data_ != nullptr) munmap(data_, static_cast<size_t>(size_));
}

int SharedSegment::open_count() { return open_segments.load(std::memory_order_relaxed); }

Result<SharedSegmentPtr> SharedSegment::Copy(std::span<const std::span<const uint8_t>> parts,
                                             std::vector<int64_t>* offsets) {
  offsets->clear();
  int64_t size = 0;
  for (const auto& part : parts) {
    size = (size + kAlignment - 1) / kAlignment * kAlignment;
    offsets->push_back(size);
    size += static_cast<int64_t>(part.size());
  }
  ASSIGN_OR_RETURN(MemoryReservation reservation, Pool()->Reserve(size));
  UniqueFd fd(memfd_create("swath", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return arrow::internal::IOErrorFromErrno(errno, "no shared memory segment (memfd_create)");
  for (size_t i = 0; i < parts.size(); ++i) RETURN_IF_ERROR(WriteAt(fd.get(), parts[i], (*offsets)[i]));
  fcntl(fd.get(), F_ADD_SEALS, kSeals);
  return SharedSegmentPtr(new SharedSegment(std::move(fd), size, std::move(reservation)));
}

Result<SharedSegmentPtr> SharedSegment::Adopt(UniqueFd fd, int64_t size) {
  struct stat about {};
  const int seals = fcntl(fd.get(), F_GET_SEALS);
  if (seals < 0 || (seals & (F_SEAL_SHRINK | F_SEAL_WRITE)) != (F_SEAL_SHRINK | F_SEAL_WRITE) ||
      fstat(fd.get(), &about) != 0 || about.st_size != size || size <= 0)
    return Status::IOError("a child sent shared memory that is not sealed or not of ", size, " bytes");
  ASSIGN_OR_RETURN(MemoryReservation reservation, Pool()->Reserve(size));
  return SharedSegmentPtr(new SharedSegment(std::move(fd), size, std::move(reservation)));
}

Result<std::shared_ptr<arrow::Buffer>> SharedSegment::View() {
  std::lock_guard lock(mutex_);
  if (data_ == nullptr) {
    // Private: a result may become an array that the user writes to; nobody else sees that.
    void* mapped = mmap(nullptr, static_cast<size_t>(size_), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd_.get(), 0);
    if (mapped == MAP_FAILED) return Status::OutOfMemory("cannot map ", size_, " bytes of shared memory");
    data_ = static_cast<uint8_t*>(mapped);
  }
  return std::make_shared<SegmentBuffer>(shared_from_this(), data_);
}

std::optional<SharedSlice> FindShared(const arrow::Buffer& buffer) {
  for (const arrow::Buffer* at = &buffer; at != nullptr; at = at->parent().get()) {
    const auto* view = dynamic_cast<const SegmentBuffer*>(at);
    if (view == nullptr) continue;
    return SharedSlice{view->segment(), buffer.data() - view->data(), buffer.size()};
  }
  return std::nullopt;
}

}  // namespace swath::exec
