#include "swath/exec/spill_store.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "arrow/buffer.h"
#include "arrow/io/interfaces.h"

#include "swath/base/config.h"
#include "swath/base/metrics.h"
#include "swath/base/units.h"
#include "swath/data/memory_pool.h"
#include "swath/exec/value_codec.h"

namespace swath::exec {
namespace {

constexpr int64_t kSegmentBytes = int64_t{256} << 20;
constexpr int64_t kStagingBytes = int64_t{1} << 20;

std::string DefaultFolder() {
  const auto configured = Config::Current()->GetString("temporary-directory");
  if (configured.ok() && !configured->empty()) return *configured;
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != 0 ? folder : "/tmp";
}

}  // namespace

// An unnamed file, closed with its last extent.
class SpillStore::Segment {
 public:
  static Result<std::shared_ptr<Segment>> Open(const std::string& folder) {
    int descriptor = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) {  // a file system without unnamed files
      std::string name = folder + "/swath-spill-XXXXXX";
      descriptor = mkostemp(name.data(), O_CLOEXEC);
      if (descriptor >= 0) unlink(name.c_str());
    }
    if (descriptor < 0) {
      return Status::IOError("cannot make a spill file in '", folder, "': ", std::strerror(errno),
                             "; set the config key temporary-directory to a folder that can be written");
    }
    return std::make_shared<Segment>(descriptor);
  }
  explicit Segment(int descriptor) : descriptor_(descriptor) {}
  ~Segment() { close(descriptor_); }
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  // Returns 0 or an errno.
  int Write(const uint8_t* data, int64_t size, int64_t offset) const {
    while (size > 0) {
      const ssize_t written = pwrite(descriptor_, data, static_cast<size_t>(size), offset);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return written < 0 ? errno : ENOSPC;
      data += written;
      size -= written;
      offset += written;
    }
    return 0;
  }
  int Read(uint8_t* data, int64_t size, int64_t offset) const {
    while (size > 0) {
      const ssize_t got = pread(descriptor_, data, static_cast<size_t>(size), offset);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return got < 0 ? errno : EIO;
      data += got;
      size -= got;
      offset += got;
    }
    return 0;
  }
  void Punch(int64_t offset, int64_t length) const {
    // Only a hint: where holes are not supported the space comes back with the segment.
    (void)!fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
  }

  int64_t end = 0;  // of what is reserved; guarded by the store's mutex

 private:
  const int descriptor_;
};

// Collects small writes in a staging block; large ones go to the file as they are.
class SpillStore::Writer : public arrow::io::OutputStream {
 public:
  explicit Writer(SpillStore* store) : store_(store) {
    XXH3_64bits_reset(&hash_);
    staging_.reserve(static_cast<size_t>(kStagingBytes));
  }

  using arrow::io::OutputStream::Write;
  Status Write(const void* data, int64_t size) override {
    XXH3_64bits_update(&hash_, data, static_cast<size_t>(size));
    stored.bytes += size;
    const auto* bytes = static_cast<const uint8_t*>(data);
    if (static_cast<int64_t>(staging_.size()) + size > kStagingBytes) RETURN_IF_ERROR(FlushStaging());
    if (size >= kStagingBytes) return WriteExtent(bytes, size);
    staging_.insert(staging_.end(), bytes, bytes + size);
    return Status::OK();
  }
  Result<int64_t> Tell() const override { return stored.bytes; }
  Status Close() override {
    closed_ = true;
    stored.checksum = XXH3_64bits_digest(&hash_);
    return FlushStaging();
  }
  bool closed() const override { return closed_; }

  StoredValue stored;

 private:
  Status FlushStaging() {
    if (staging_.empty()) return Status::OK();
    RETURN_IF_ERROR(WriteExtent(staging_.data(), static_cast<int64_t>(staging_.size())));
    staging_.clear();
    return Status::OK();
  }
  Status WriteExtent(const uint8_t* data, int64_t size) {
    ASSIGN_OR_RETURN(Extent extent, store_->Reserve(size));
    stored.extents.push_back(extent);
    const int error = extent.segment->Write(data, size, extent.offset);
    if (error == 0) return Status::OK();
    const std::string what = error == ENOSPC || error == EDQUOT ? "the disk is full" : std::strerror(error);
    return Status::IOError(
        "spilling ", FormatBytes(size), " to '", store_->folder(), "' failed: ", what,
        "; free space there, set the config key temporary-directory to a larger disk, or raise memory.limit");
  }

  SpillStore* store_;
  XXH3_state_t hash_;
  std::vector<uint8_t> staging_;
  bool closed_ = false;
};

SpillStore::SpillStore(std::string folder, arrow::MemoryPool* pool)
    : folder_(folder.empty() ? DefaultFolder() : std::move(folder)), pool_(pool ? pool : Pool()) {}

SpillStore::~SpillStore() = default;

Result<SpillStore::Extent> SpillStore::Reserve(int64_t length) {
  std::lock_guard lock(mutex_);
  if (current_ == nullptr || current_->end >= kSegmentBytes) {
    ASSIGN_OR_RETURN(current_, Segment::Open(folder_));
  }
  Extent extent{current_, current_->end, length};
  current_->end += (length + 4095) / 4096 * 4096;
  return extent;
}

void SpillStore::Release(const StoredValue& stored) {
  for (const Extent& extent : stored.extents)
    extent.segment->Punch(extent.offset, (extent.length + 4095) / 4096 * 4096);
}

Result<int64_t> SpillStore::Write(const Value& value) {
  static Counter& written = GetCounter("spill.bytes_written", "Bytes written to spill files");
  Writer writer(this);
  Status status = EncodeValue(value, arrow::default_memory_pool(), &writer);
  if (status.ok()) status = writer.Close();
  if (!status.ok()) {
    Release(writer.stored);
    return status;
  }
  written.Add(writer.stored.bytes);
  std::lock_guard lock(mutex_);
  const int64_t id = next_id_++;
  ++stats_.values;
  stats_.bytes += writer.stored.bytes;
  stats_.bytes_written += writer.stored.bytes;
  values_.emplace(id, std::move(writer.stored));
  return id;
}

Result<SpillStore::StoredValue> SpillStore::Find(int64_t id) const {
  std::lock_guard lock(mutex_);
  const auto it = values_.find(id);
  if (it == values_.end()) return Status::KeyError("no spilled value has the number ", id);
  return it->second;
}

Result<Value> SpillStore::Read(int64_t id) {
  static Counter& read = GetCounter("spill.bytes_read", "Bytes read from spill files");
  ASSIGN_OR_RETURN(const StoredValue stored, Find(id));
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> bytes, arrow::AllocateBuffer(stored.bytes, pool_));
  int64_t position = 0;
  for (const Extent& extent : stored.extents) {
    const int error = extent.segment->Read(bytes->mutable_data() + position, extent.length, extent.offset);
    if (error != 0) {
      return Status::IOError("reading ", FormatBytes(stored.bytes), " of spilled data in '", folder_,
                             "' failed: ", std::strerror(error));
    }
    position += extent.length;
  }
  if (XXH3_64bits(bytes->data(), static_cast<size_t>(stored.bytes)) != stored.checksum) {
    return Status::IOError("spilled data in '", folder_, "' is damaged: the checksum of ", FormatBytes(stored.bytes),
                           " does not match");
  }
  read.Add(stored.bytes);
  {
    std::lock_guard lock(mutex_);
    stats_.bytes_read += stored.bytes;
  }
  return DecodeValue(bytes);
}

void SpillStore::Remove(int64_t id) {
  StoredValue removed;
  {
    std::lock_guard lock(mutex_);
    const auto it = values_.find(id);
    if (it == values_.end()) return;
    removed = std::move(it->second);
    values_.erase(it);
    --stats_.values;
    stats_.bytes -= removed.bytes;
    if (values_.empty()) current_.reset();  // the file goes; the next write opens another
  }
  Release(removed);
}

SpillStats SpillStore::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

Status SpillStore::CorruptForTest(int64_t id) {
  ASSIGN_OR_RETURN(const StoredValue stored, Find(id));
  const Extent& extent = stored.extents.back();
  uint8_t byte = 0;
  if (extent.segment->Read(&byte, 1, extent.offset + extent.length / 2) != 0) return Status::IOError("cannot read");
  byte ^= 0x40;
  if (extent.segment->Write(&byte, 1, extent.offset + extent.length / 2) != 0) return Status::IOError("cannot write");
  return Status::OK();
}

}  // namespace swath::exec
