#include "swath/ops/write_target.h"

namespace swath::ops {

WriteTarget::Session::Session(const WriteTarget& target) : target_(target) {
  const std::lock_guard lock(target_.mutex_);
  ++target_.sessions_;
}

WriteTarget::Session::~Session() {
  const std::lock_guard lock(target_.mutex_);
  if (--target_.sessions_ == 0) target_.settled_.notify_all();
}

void WriteTarget::Settle() const {
  std::unique_lock lock(mutex_);
  settled_.wait(lock, [&] { return sessions_ == 0; });
}

}  // namespace swath::ops
