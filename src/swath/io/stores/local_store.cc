#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

#include "arrow/io/file.h"

#include "swath/io/stores/natural_order.h"
#include "swath/io/stores/store.h"

namespace swath::io {
namespace {

namespace fs = std::filesystem;

std::string Plain(const std::string& path) {
  if (path.starts_with("file://")) return path.substr(7);
  if (path == "~" || path.starts_with("~/")) {
    if (const char* home = std::getenv("HOME")) return home + path.substr(1);
  }
  return path;
}

Status Failed(const std::string& path, const char* what, int error) {
  if (error == ENOENT) return FileNotFound(path, "no such file or directory");
  return Status::IOError("cannot ", what, " '", path, "': ", std::strerror(error));
}

class LocalPendingFile : public PendingFile {
 public:
  LocalPendingFile(std::string path, std::string temporary, std::shared_ptr<arrow::io::OutputStream> stream)
      : path_(std::move(path)), temporary_(std::move(temporary)), stream_(std::move(stream)) {}
  ~LocalPendingFile() override {
    if (committed_) return;
    (void)stream_->Close();  // the file is dropped: what closing says does not matter
    ::unlink(temporary_.c_str());
  }
  const std::shared_ptr<arrow::io::OutputStream>& stream() const override { return stream_; }

  Result<int64_t> Commit() override {
    if (!stream_->closed()) RETURN_IF_ERROR(stream_->Close());
    struct stat info;
    if (::stat(temporary_.c_str(), &info) != 0) return Failed(path_, "write", errno);
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return Failed(path_, "write", errno);
    committed_ = true;
    return info.st_size;
  }

 private:
  std::string path_;
  std::string temporary_;
  std::shared_ptr<arrow::io::OutputStream> stream_;
  bool committed_ = false;
};

class LocalFiles : public Store {
 public:
  Result<FileInfo> Stat(const std::string& path) const override {
    struct stat info;
    if (::stat(Plain(path).c_str(), &info) != 0) return Failed(path, "read", errno);
    return FileInfo{path, info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
  }

  Result<std::vector<FileInfo>> List(const std::string& folder) const override {
    std::error_code error;
    std::vector<FileInfo> files;
    fs::directory_iterator entries(Plain(folder), error);
    if (error) return Failed(folder, "list", error.value());
    for (const fs::directory_entry& entry : entries) {
      if (!entry.is_regular_file(error)) continue;
      const std::string name = entry.path().filename().string();
      ASSIGN_OR_RETURN(FileInfo info, Stat(folder.ends_with('/') ? folder + name : folder + "/" + name));
      files.push_back(std::move(info));
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return NaturalLess(a.path, b.path); });
    return files;
  }

  bool IsFolder(const std::string& path) const override {
    std::error_code error;
    return fs::is_directory(Plain(path), error);
  }

  Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(const std::string& path) const override {
    auto file = arrow::io::ReadableFile::Open(Plain(path));
    if (file.ok()) return std::shared_ptr<arrow::io::RandomAccessFile>(*file);
    if (::access(Plain(path).c_str(), F_OK) != 0) return FileNotFound(path, "no such file or directory");
    return file.status();
  }

  Result<std::unique_ptr<PendingFile>> Create(const std::string& path) const override {
    static std::atomic<int64_t> next{0};
    const fs::path target(Plain(path));
    const std::string name = "." + target.filename().string() + ".tmp-" + std::to_string(::getpid()) + "-" +
                             std::to_string(next.fetch_add(1));
    const std::string temporary = (target.parent_path() / name).string();
    auto stream = arrow::io::FileOutputStream::Open(temporary);
    if (!stream.ok()) {
      if (!fs::exists(target.parent_path().empty() ? fs::path(".") : target.parent_path())) {
        return FileNotFound(path, "its folder does not exist");
      }
      return stream.status().WithMessage("cannot write '", path, "': ", stream.status().message());
    }
    return std::make_unique<LocalPendingFile>(target.string(), temporary, *stream);
  }

  Status MakeFolder(const std::string& path) const override {
    std::error_code error;
    fs::create_directories(Plain(path), error);
    return error ? Failed(path, "make the folder", error.value()) : Status::OK();
  }

  Status Remove(const std::string& path) const override {
    return ::unlink(Plain(path).c_str()) == 0 ? Status::OK() : Failed(path, "remove", errno);
  }
};

}  // namespace

const std::shared_ptr<const Store>& LocalStore() {
  static const std::shared_ptr<const Store> store = std::make_shared<LocalFiles>();
  return store;
}

Result<std::shared_ptr<const Store>> StoreOf(const std::string& path) {
  const size_t scheme = path.find("://");
  if (scheme == std::string::npos || path.starts_with("file://")) return LocalStore();
  return Status::NotImplemented("cannot open '", path, "': there is no store for ", path.substr(0, scheme),
                                "://; paths of this machine are read (data/*.csv, file:///data/x.csv)");
}

}  // namespace swath::io
