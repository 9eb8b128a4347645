// Store: named byte sequences: files of this machine (stores/local), later objects of a cloud; in memory for tests.
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arrow/io/type_fwd.h"
#include "arrow/type_fwd.h"

#include "swath/base/status.h"

namespace swath::io {

struct FileInfo {
  std::string path;
  int64_t size = 0;
  int64_t modified_ns = 0;
};

// A file being written under a temporary name. Destroyed before Commit: the temporary file is removed.
class PendingFile {
 public:
  virtual ~PendingFile() = default;
  virtual const std::shared_ptr<arrow::io::OutputStream>& stream() const = 0;
  // Closes the stream and gives the file its name; returns its size.
  virtual Result<int64_t> Commit() = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  // FileNotFound with the path.
  virtual Result<FileInfo> Stat(const std::string& path) const = 0;
  // Files (not folders) right below `folder`, in natural order ("part.2" before "part.10"). FileNotFound when there is
  // none.
  virtual Result<std::vector<FileInfo>> List(const std::string& folder) const = 0;
  virtual bool IsFolder(const std::string& path) const = 0;
  virtual Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(const std::string& path) const = 0;
  virtual Result<std::unique_ptr<PendingFile>> Create(const std::string& path) const = 0;
  virtual Status MakeFolder(const std::string& path) const = 0;
  virtual Status Remove(const std::string& path) const = 0;
};

// The files of this machine. "~" and "file://" are understood.
const std::shared_ptr<const Store>& LocalStore();
// An empty store in memory.
std::shared_ptr<const Store> MakeMemoryStore();

// The store of a path: this machine's. NotImplemented with the scheme for "s3://…" and the like.
Result<std::shared_ptr<const Store>> StoreOf(const std::string& path);
// Expands globs and folders, in order: FileNotFound when a pattern matches nothing or a file is missing. In folders
// only files with one of `extensions` count (empty: all); names that begin with "." or "_" never do. Folders inside are
// passed over, except those of partitioned data, "key=value".
Result<std::vector<FileInfo>> ExpandPaths(const Store& store, const std::vector<std::string>& paths,
                                          const std::vector<std::string>& extensions = {});

}  // namespace swath::io
