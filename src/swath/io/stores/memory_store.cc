#include <algorithm>
#include <map>
#include <mutex>

#include "arrow/buffer.h"
#include "arrow/io/memory.h"

#include "swath/io/stores/natural_order.h"
#include "swath/io/stores/store.h"

namespace swath::io {
namespace {

class MemoryFiles : public Store, public std::enable_shared_from_this<MemoryFiles> {
 public:
  Result<FileInfo> Stat(const std::string& path) const override {
    const std::lock_guard lock(mutex_);
    const auto it = files_.find(path);
    if (it == files_.end()) return FileNotFound(path, "no such file in the store");
    return FileInfo{path, it->second.bytes->size(), it->second.version};
  }

  Result<std::vector<FileInfo>> List(const std::string& folder) const override {
    const std::string prefix = folder.ends_with('/') ? folder : folder + "/";
    std::vector<FileInfo> found;
    const std::lock_guard lock(mutex_);
    for (const auto& [path, file] : files_) {
      if (path.starts_with(prefix) && path.find('/', prefix.size()) == std::string::npos) {
        found.push_back({path, file.bytes->size(), file.version});
      }
    }
    if (found.empty()) return FileNotFound(folder, "no such folder in the store");
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return NaturalLess(a.path, b.path); });
    return found;
  }

  bool IsFolder(const std::string& path) const override { return List(path).ok(); }

  Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(const std::string& path) const override {
    const std::lock_guard lock(mutex_);
    const auto it = files_.find(path);
    if (it == files_.end()) return FileNotFound(path, "no such file in the store");
    return std::make_shared<arrow::io::BufferReader>(it->second.bytes);
  }

  Result<std::unique_ptr<PendingFile>> Create(const std::string& path) const override;
  Status MakeFolder(const std::string&) const override { return Status::OK(); }
  Status Remove(const std::string& path) const override {
    const std::lock_guard lock(mutex_);
    return files_.erase(path) == 1 ? Status::OK() : FileNotFound(path, "no such file in the store");
  }

  void Put(const std::string& path, std::shared_ptr<arrow::Buffer> bytes) const {
    const std::lock_guard lock(mutex_);
    files_[path] = {std::move(bytes), ++version_};
  }

 private:
  struct File {
    std::shared_ptr<arrow::Buffer> bytes;
    int64_t version = 0;
  };
  mutable std::mutex mutex_;
  mutable std::map<std::string, File> files_;
  mutable int64_t version_ = 0;
};

class MemoryPendingFile : public PendingFile {
 public:
  MemoryPendingFile(std::shared_ptr<const MemoryFiles> store, std::string path,
                    std::shared_ptr<arrow::io::BufferOutputStream> buffer)
      : store_(std::move(store)), path_(std::move(path)), buffer_(std::move(buffer)), stream_(buffer_) {}
  const std::shared_ptr<arrow::io::OutputStream>& stream() const override { return stream_; }
  Result<int64_t> Commit() override {
    ASSIGN_OR_RETURN(auto bytes, buffer_->Finish());
    const int64_t size = bytes->size();
    store_->Put(path_, std::move(bytes));
    return size;
  }

 private:
  std::shared_ptr<const MemoryFiles> store_;
  std::string path_;
  std::shared_ptr<arrow::io::BufferOutputStream> buffer_;
  std::shared_ptr<arrow::io::OutputStream> stream_;
};

Result<std::unique_ptr<PendingFile>> MemoryFiles::Create(const std::string& path) const {
  ASSIGN_OR_RETURN(auto buffer, arrow::io::BufferOutputStream::Create());
  return std::make_unique<MemoryPendingFile>(shared_from_this(), path, std::move(buffer));
}

}  // namespace

std::shared_ptr<const Store> MakeMemoryStore() { return std::make_shared<MemoryFiles>(); }

}  // namespace swath::io
