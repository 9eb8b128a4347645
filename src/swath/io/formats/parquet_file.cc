#include "swath/io/formats/parquet_file.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "arrow/io/interfaces.h"
#include "parquet/exception.h"
#include "parquet/file_reader.h"
#include "parquet/metadata.h"

namespace swath::io {
namespace {

constexpr size_t kCachedFooters = 4096;

class FooterCache {
 public:
  std::shared_ptr<parquet::FileMetaData> Find(const FileInfo& info) {
    const std::lock_guard lock(mutex_);
    const auto it = footers_.find(info.path);
    if (it == footers_.end() || it->second.size != info.size || it->second.modified_ns != info.modified_ns)
      return nullptr;
    return it->second.footer;
  }
  void Put(const FileInfo& info, std::shared_ptr<parquet::FileMetaData> footer) {
    const std::lock_guard lock(mutex_);
    if (footers_.size() >= kCachedFooters) footers_.clear();
    footers_[info.path] = {info.size, info.modified_ns, std::move(footer)};
  }

 private:
  struct Entry {
    int64_t size = 0;
    int64_t modified_ns = 0;
    std::shared_ptr<parquet::FileMetaData> footer;
  };
  std::mutex mutex_;
  std::map<std::string, Entry> footers_;
};

Result<std::shared_ptr<parquet::FileMetaData>> ReadFooter(const Store& store, const FileInfo& info) {
  static FooterCache cache;
  if (auto footer = cache.Find(info)) return footer;
  ASSIGN_OR_RETURN(const auto file, store.Open(info.path));
  try {
    auto footer = parquet::ReadMetaData(file);
    cache.Put(info, footer);
    return footer;
  } catch (const parquet::ParquetException& error) {
    return Status::Invalid("'", info.path, "' is not a Parquet file: ", error.what());
  }
}

}  // namespace

Result<std::vector<ParquetFile>> ReadFooters(const Store& store, const std::vector<FileInfo>& files) {
  std::vector<ParquetFile> result(files.size());
  std::vector<Status> statuses(files.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i; (i = next.fetch_add(1)) < files.size();) {
      auto footer = ReadFooter(store, files[i]);
      statuses[i] = footer.status();
      if (footer.ok()) result[i] = {files[i], *footer};
    }
  };
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < std::min<size_t>(8, files.size() / 4); ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  for (const Status& status : statuses) RETURN_IF_ERROR(status);
  return result;
}

}  // namespace swath::io
