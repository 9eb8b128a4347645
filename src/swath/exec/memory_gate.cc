#include "swath/exec/memory_gate.h"

namespace swath::exec {
namespace {

// Where the calling thread is.
thread_local MemoryGate* current_gate = nullptr;
thread_local bool current_alone = false;

}  // namespace

void MemoryGate::Enter() {
  current_gate = this;
  current_alone = false;
  inside_.fetch_add(1, std::memory_order_seq_cst);
  if (wanting_.load(std::memory_order_seq_cst) == 0) [[likely]]
    return;
  std::unique_lock lock(mutex_);
  if (!alone_) return;
  inside_.fetch_sub(1, std::memory_order_seq_cst);
  changed_.notify_all();
  changed_.wait(lock, [&] { return !alone_; });
  inside_.fetch_add(1, std::memory_order_seq_cst);
}

void MemoryGate::Leave() {
  current_gate = nullptr;
  inside_.fetch_sub(1, std::memory_order_seq_cst);
  if (wanting_.load(std::memory_order_seq_cst) == 0) [[likely]]
    return;
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void MemoryGate::EnterAlone() {
  wanting_.fetch_add(1, std::memory_order_seq_cst);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !alone_; });
  alone_ = true;
  changed_.wait(lock, [&] { return inside_.load(std::memory_order_seq_cst) == 0; });
  current_gate = this;
  current_alone = true;
}

void MemoryGate::LeaveAlone() {
  current_gate = nullptr;
  wanting_.fetch_sub(1, std::memory_order_seq_cst);
  std::lock_guard lock(mutex_);
  alone_ = false;
  changed_.notify_all();
}

void MemoryGate::WaitForLeave(std::chrono::milliseconds timeout) {
  wanting_.fetch_add(1, std::memory_order_seq_cst);
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout);
  }
  wanting_.fetch_sub(1, std::memory_order_seq_cst);
}

MemoryGate::PauseScope::PauseScope() : gate_(current_gate), alone_(current_alone) {
  if (gate_ == nullptr) return;
  if (alone_) {
    gate_->LeaveAlone();
  } else {
    gate_->Leave();
  }
}

MemoryGate::PauseScope::~PauseScope() {
  if (gate_ == nullptr) return;
  if (alone_) {
    gate_->EnterAlone();
  } else {
    gate_->Enter();
  }
}

}  // namespace swath::exec
