#include "swath/exec/thread_pool.h"

#include <algorithm>

#include <unistd.h>

#include "swath/base/status.h"
#include "swath/base/thread_name.h"

namespace swath::exec {
namespace {

thread_local ThreadPool* current_pool = nullptr;

}  // namespace

ThreadPool::ThreadPool(int threads) : threads_max_(threads), process_(getpid()) { CHECK(threads >= 1); }

ThreadPool::~ThreadPool() {
  if (process_ == getpid()) Stop();
  for (auto& [id, thread] : threads_) thread.detach();  // of a forked child, or the calling thread itself
  for (std::thread& thread : ended_) thread.detach();
}

void ThreadPool::Stop() {
  const size_t own = current_pool == this ? 1 : 0;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  sources_.clear();
  version_.fetch_add(1, std::memory_order_release);
  wake_.notify_all();
  while (threads_.size() > own || !ended_.empty()) {
    std::vector<std::thread> join = std::move(ended_);
    ended_.clear();
    if (join.empty()) {
      wake_.wait(lock);
      continue;
    }
    lock.unlock();
    for (std::thread& thread : join) thread.join();
    lock.lock();
  }
}

ThreadPool* ThreadPool::Current() { return current_pool; }

int ThreadPool::started_count() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(threads_.size());
}

void ThreadPool::Add(std::shared_ptr<WorkSource> source, int depth) {
  std::lock_guard lock(mutex_);
  const auto at =
      std::find_if(sources_.begin(), sources_.end(), [&](const SourceEntry& entry) { return entry.depth < depth; });
  if (stopping_) return;
  sources_.insert(at, {std::move(source), depth});
  version_.fetch_add(1, std::memory_order_release);
}

void ThreadPool::Remove(const WorkSource* source) {
  std::shared_ptr<WorkSource> removed;  // destroyed without the lock
  std::lock_guard lock(mutex_);
  const auto it = std::find_if(sources_.begin(), sources_.end(),
                               [&](const SourceEntry& entry) { return entry.source.get() == source; });
  if (it == sources_.end()) return;
  removed = std::move(it->source);
  sources_.erase(it);
  version_.fetch_add(1, std::memory_order_release);
}

void ThreadPool::Wake(int count) {
  // Dekker with SleepLocked: either the sleeper sees the new epoch, or we see that it no longer runs.
  work_epoch_.fetch_add(1, std::memory_order_seq_cst);
  if (count <= 0 || running_.load(std::memory_order_seq_cst) >= threads_max_) return;
  std::lock_guard lock(mutex_);
  WakeLocked(count);
}

void ThreadPool::WakeLocked(int count) {
  if (stopping_) return;
  for (; count > 0 && running_.load(std::memory_order_relaxed) < threads_max_; --count) {
    running_.fetch_add(1, std::memory_order_seq_cst);
    if (sleeping_ > tokens_) {
      ++tokens_;
      wake_.notify_one();
    } else {
      const int64_t id = next_thread_++;
      threads_.emplace(id, std::thread([this, id] { ThreadMain(id); }));
    }
  }
}

bool ThreadPool::WorkOnce(std::vector<SourceEntry>* sources, uint64_t* version) {
  if (version_.load(std::memory_order_acquire) != *version) {
    std::vector<SourceEntry> copy;
    {
      std::lock_guard lock(mutex_);
      copy = sources_;
      *version = version_.load(std::memory_order_relaxed);
    }
    sources->swap(copy);
  }
  for (const SourceEntry& entry : *sources) {
    if (entry.source->Work()) return true;
  }
  return false;
}

void ThreadPool::ThreadMain(int64_t id) {
  SetThreadName("swath-worker");
  current_pool = this;
  std::vector<SourceEntry> sources;
  uint64_t version = 0;
  while (true) {
    const uint64_t epoch = work_epoch_.load(std::memory_order_seq_cst);
    const bool too_many = running_.load(std::memory_order_relaxed) > threads_max_;  // others came back from blocking
    if (!too_many && WorkOnce(&sources, &version)) continue;
    sources.clear();  // a sleeping thread keeps no run alive
    version = 0;
    std::unique_lock lock(mutex_);
    // Of several that saw one too many, only one may go.
    if (too_many && running_.load(std::memory_order_seq_cst) <= threads_max_) continue;
    running_.fetch_sub(1, std::memory_order_seq_cst);
    if (!stopping_ && work_epoch_.load(std::memory_order_seq_cst) != epoch &&
        running_.load(std::memory_order_relaxed) < threads_max_) {
      running_.fetch_add(1, std::memory_order_seq_cst);
      continue;
    }
    if (SleepLocked(lock)) continue;
    const auto self = threads_.find(id);
    ended_.push_back(std::move(self->second));
    threads_.erase(self);
    wake_.notify_all();
    return;
  }
}

bool ThreadPool::SleepLocked(std::unique_lock<std::mutex>& lock) {
  if (stopping_ || sleeping_ >= threads_max_)
    return false;  // enough sleep already: this one stood in for a blocked one
  ++sleeping_;
  wake_.wait(lock, [&] { return tokens_ > 0 || stopping_; });
  --sleeping_;
  if (tokens_ == 0) return false;
  --tokens_;
  return true;
}

ThreadPool::BlockingScope::BlockingScope() : pool_(current_pool) {
  if (pool_ == nullptr) return;
  std::lock_guard lock(pool_->mutex_);
  pool_->running_.fetch_sub(1, std::memory_order_seq_cst);
  pool_->WakeLocked(1);
}

ThreadPool::BlockingScope::~BlockingScope() {
  if (pool_ == nullptr) return;
  pool_->running_.fetch_add(1, std::memory_order_seq_cst);
}

}  // namespace swath::exec
