#include "swath/io/formats/parquet_footers.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "parquet/exception.h"
#include "parquet/file_reader.h"
#include "parquet/metadata.h"

namespace swath::io {
namespace {

using Footer = std::shared_ptr<parquet::FileMetaData>;

constexpr size_t kKeptFooters = 4096;
constexpr size_t kThreads = 8;  // footers wait for the disk or the network, not for a core

class FooterCache {
 public:
  Footer Find(const FileInfo& file) {
    const std::lock_guard lock(mutex_);
    const auto at = footers_.find(Key(file));
    return at == footers_.end() ? nullptr : at->second;
  }
  void Keep(const FileInfo& file, Footer footer) {
    const std::lock_guard lock(mutex_);
    if (footers_.size() >= kKeptFooters) footers_.clear();
    footers_[Key(file)] = std::move(footer);
  }

 private:
  using CacheKey = std::tuple<std::string, int64_t, int64_t>;
  static CacheKey Key(const FileInfo& file) { return {file.path, file.size, file.modified_ns}; }
  std::mutex mutex_;
  std::map<CacheKey, Footer> footers_;
};

FooterCache& Cache() {
  static FooterCache* cache = new FooterCache;  // outlives threads at exit
  return *cache;
}

Result<Footer> ReadFooter(const Store& store, const FileInfo& file) {
  if (Footer footer = Cache().Find(file)) return footer;
  ASSIGN_OR_RETURN(auto input, store.Open(file.path));
  try {
    Footer footer = parquet::ReadMetaData(input);
    Cache().Keep(file, footer);
    return footer;
  } catch (const parquet::ParquetException& error) {
    return Status::Invalid("'", file.path, "' is not a Parquet file: ", error.what());
  }
}

}  // namespace

Result<std::vector<Footer>> ReadFooters(const Store& store, const std::vector<FileInfo>& files) {
  std::vector<Footer> footers(files.size());
  std::vector<Status> failures(files.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i; (i = next.fetch_add(1)) < files.size();) {
      auto footer = ReadFooter(store, files[i]);
      if (footer.ok()) footers[i] = *footer;
      else failures[i] = footer.status();
    }
  };
  std::vector<std::thread> threads;
  for (size_t t = 1; t < std::min(kThreads, files.size()); ++t) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  for (const Status& failure : failures) RETURN_IF_ERROR(failure);
  return footers;
}

}  // namespace swath::io
