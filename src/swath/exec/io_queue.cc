#include "swath/exec/io_queue.h"

#include <unistd.h>

#include "swath/base/thread_name.h"

namespace swath::exec {

IoQueue::IoQueue(int threads) : threads_max_(threads < 1 ? 1 : threads), process_(getpid()) {}

IoQueue::~IoQueue() {
  if (process_ == getpid()) Stop();
  for (std::thread& thread : threads_) thread.detach();  // of a forked child
}

void IoQueue::Stop() {
  std::vector<std::thread> join;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    join.swap(threads_);
  }
  wake_.notify_all();
  for (std::thread& thread : join) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

void IoQueue::Add(std::function<void()> job, std::deque<std::function<void()>>* queue) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    return job();
  }
  queue->push_back(std::move(job));
  if (sleeping_ > 0) {
    wake_.notify_one();
  } else if (static_cast<int>(threads_.size()) < threads_max_) {
    threads_.emplace_back([this] { ThreadMain(); });
  }
}

bool IoQueue::HelpWrite() {
  std::function<void()> job;
  {
    std::lock_guard lock(mutex_);
    if (writes_.empty()) return false;
    job = std::move(writes_.front());
    writes_.pop_front();
  }
  job();
  return true;
}

void IoQueue::ThreadMain() {
  SetThreadName("swath-io");
  std::unique_lock lock(mutex_);
  while (true) {
    ++sleeping_;
    wake_.wait(lock, [&] { return stopping_ || !writes_.empty() || !reads_.empty(); });
    --sleeping_;
    std::deque<std::function<void()>>& queue = writes_.empty() ? reads_ : writes_;
    if (queue.empty()) return;  // stopping, and nothing left
    std::function<void()> job = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

}  // namespace swath::exec
