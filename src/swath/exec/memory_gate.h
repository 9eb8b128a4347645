// MemoryGate: lets tasks run side by side, or one alone. A task that ran out of memory beside others is run again
// alone; only if it fails then does it fail. Thread-safe; entering costs two atomic operations while nobody wants to be
// alone.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace swath::exec {

class MemoryGate {
 public:
  // Waits while a task runs alone.
  void Enter();
  void Leave();
  // Waits until no other is inside; then nobody enters before LeaveAlone.
  void EnterAlone();
  void LeaveAlone();

  // How many are inside.
  int inside() const { return inside_.load(std::memory_order_relaxed); }
  // Waits until someone leaves, at most `timeout`.
  void WaitForLeave(std::chrono::milliseconds timeout);

  // While it lives, the calling thread is outside of the gate that it is in (a task that waits for a run of its own).
  class PauseScope {
   public:
    PauseScope();
    ~PauseScope();
    PauseScope(const PauseScope&) = delete;
    PauseScope& operator=(const PauseScope&) = delete;

   private:
    MemoryGate* gate_;
    bool alone_;
  };

 private:
  std::atomic<int> inside_{0};
  std::atomic<int> wanting_{0};  // threads that are alone or want to be, or wait for someone to leave
  std::mutex mutex_;
  std::condition_variable changed_;
  bool alone_ = false;
};

}  // namespace swath::exec
