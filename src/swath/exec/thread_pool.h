// ThreadPool: a fixed number of threads that take work from sources (runs), the deepest nested first, else the oldest.
// Threads are started when there is work for them and sleep without cost when there is none. A thread that must wait
// inside its work (a task that computes) says so with BlockingScope; another thread then takes its place, so that
// nested waiting never deadlocks. Thread-safe. A child after fork() must not use the parent's pool; its destructor
// there does nothing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

namespace swath::exec {

// Something that has work now and then.
class WorkSource {
 public:
  virtual ~WorkSource() = default;
  // Does some work on the calling thread, at most some milliseconds beyond the task at hand; false when there was none.
  virtual bool Work() = 0;
};

class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Threads ask `source` for work until Remove, which does not wait for work that runs. Larger `depth` goes first.
  void Add(std::shared_ptr<WorkSource> source, int depth);
  void Remove(const WorkSource* source);
  // There is work for `count` more threads.
  void Wake(int count);

  // No thread takes further work; waits for work that runs (but not for the calling thread's own). For good.
  void Stop();

  int thread_count() const { return threads_max_; }
  // Threads that exist, work or sleep: for tests.
  int started_count() const;

  // The pool whose thread this is, or null.
  static ThreadPool* Current();

  // While it lives, the calling thread does not count as one of its pool's. No effect on other threads.
  class BlockingScope {
   public:
    BlockingScope();
    ~BlockingScope();
    BlockingScope(const BlockingScope&) = delete;
    BlockingScope& operator=(const BlockingScope&) = delete;

   private:
    ThreadPool* pool_;
  };

 private:
  struct SourceEntry {
    std::shared_ptr<WorkSource> source;
    int depth;
  };

  void ThreadMain(int64_t id);
  bool WorkOnce(std::vector<SourceEntry>* sources, uint64_t* version);
  bool SleepLocked(std::unique_lock<std::mutex>& lock);  // false: the thread shall end
  void WakeLocked(int count);

  const int threads_max_;
  const pid_t process_;
  std::atomic<uint64_t> work_epoch_{0};  // grows with every Wake: what was looked for before it may be there now
  std::atomic<int> running_{
      0};  // threads that look for work or do it; at most threads_max_, but for returns from blocking
  std::atomic<uint64_t> version_{1};  // of sources_

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::vector<SourceEntry> sources_;  // in the order in which they are asked
  int sleeping_ = 0;
  int tokens_ = 0;  // sleepers that were told to run and have not yet
  bool stopping_ = false;
  int64_t next_thread_ = 0;
  std::unordered_map<int64_t, std::thread> threads_;
  std::vector<std::thread> ended_;
};

}  // namespace swath::exec
