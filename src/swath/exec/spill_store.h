// SpillStore: values on disk. Each is written once, in large sequential blocks, with an XXH3 checksum that is verified
// when it is read back; any kind of Value. Thread-safe; calls write and read on the caller's thread (exec gives them to
// I/O threads).
//
// The files have no name: they are unlinked as soon as they are open, so that nothing is left behind however the
// process ends.
//
//   segment file   │ value 1 ▒▒▒▒ │ value 2 ▒▒ │ …   up to 256 MiB, then the next; a removed value's range is given
//   back to the
//                                                    file system at once (punched), the segment when its last value is
//                                                    gone
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/kernels/registry.h"

namespace swath::exec {

struct SpillStats {
  int64_t values = 0;         // on disk now
  int64_t bytes = 0;          // on disk now
  int64_t bytes_written = 0;  // ever
  int64_t bytes_read = 0;
};

class SpillStore : public kernels::SpillSink {
 public:
  // `folder` empty: config "temporary-directory", else $TMPDIR, else /tmp. Values that are read back are allocated from
  // `pool` (null: the process's). Nothing is opened before the first Write.
  explicit SpillStore(std::string folder = {}, arrow::MemoryPool* pool = nullptr);
  ~SpillStore() override;

  // IOError says folder, bytes and reason (disk full: what to change). A failed write leaves nothing behind.
  Result<int64_t> Write(const Value& value) override;
  // May be called again until Remove. IOError when the bytes are not those written.
  Result<Value> Read(int64_t id) override;
  void Remove(int64_t id) override;

  SpillStats stats() const;
  const std::string& folder() const { return folder_; }

  // For tests: flips one byte of a stored value.
  Status CorruptForTest(int64_t id);

 private:
  class Segment;
  class Writer;
  struct Extent {
    std::shared_ptr<Segment> segment;
    int64_t offset;
    int64_t length;
  };
  struct StoredValue {
    std::vector<Extent> extents;
    int64_t bytes = 0;
    uint64_t checksum = 0;
  };

  Result<Extent> Reserve(int64_t length);
  void Release(const StoredValue& stored);
  Result<StoredValue> Find(int64_t id) const;

  const std::string folder_;
  arrow::MemoryPool* const pool_;
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<Segment> current_;
  std::unordered_map<int64_t, StoredValue> values_;
  int64_t next_id_ = 1;
  SpillStats stats_;
};

}  // namespace swath::exec
