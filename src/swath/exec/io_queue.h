// IoQueue: threads that write and read spill files. Started when there is a first job; they sleep without cost
// otherwise. A thread that waits for memory may do jobs itself (Help), so that waiting for a spill never deadlocks.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace swath::exec {

class IoQueue {
 public:
  explicit IoQueue(int threads);
  ~IoQueue();
  IoQueue(const IoQueue&) = delete;
  IoQueue& operator=(const IoQueue&) = delete;

  // Jobs that free memory (writes) go before those that need it (reads); each in order.
  void AddWrite(std::function<void()> job) { Add(std::move(job), &writes_); }
  void AddRead(std::function<void()> job) { Add(std::move(job), &reads_); }
  // Does the jobs that are left and ends the threads. For good: later jobs run on the thread that adds them.
  void Stop();
  // Does one write on the calling thread; false when none waits.
  bool HelpWrite();

 private:
  void Add(std::function<void()> job, std::deque<std::function<void()>>* queue);
  void ThreadMain();

  const int threads_max_;
  const pid_t process_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<std::function<void()>> writes_;
  std::deque<std::function<void()>> reads_;
  std::vector<std::thread> threads_;
  int sleeping_ = 0;
  bool stopping_ = false;
};

}  // namespace swath::exec
