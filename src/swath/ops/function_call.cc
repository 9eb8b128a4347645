#include "swath/ops/function_call.h"

#include <utility>

namespace swath::ops {
namespace {

thread_local void (*kept_give_back)() = nullptr;
thread_local bool batch_open = false;

}  // namespace

CallBatch::CallBatch()
    : outer_give_back_(std::exchange(kept_give_back, nullptr)), outer_open_(std::exchange(batch_open, true)) {}

CallBatch::~CallBatch() {
  EndCallBatch();
  kept_give_back = outer_give_back_;
  batch_open = outer_open_;
}

bool KeepUntilBatchEnd(void (*give_back)()) {
  if (!batch_open) return false;
  CHECK(kept_give_back == nullptr || kept_give_back == give_back);
  kept_give_back = give_back;
  return true;
}

bool InsideTask() { return batch_open; }

void EndCallBatch() {
  if (auto* give_back = std::exchange(kept_give_back, nullptr)) give_back();
}

}  // namespace swath::ops
