// Placement: which worker should run a ready task. Pure: a comparison of the time until its inputs are there and the
// time until a thread is free.
#pragma once

#include <cstdint>
#include <span>

#include "swath/sched/messages.h"

namespace swath::sched {

struct PlacementCandidate {
  WorkerId worker = kNoWorker;
  int64_t local_bytes = 0;  // of the task's inputs
  int32_t backlog = 0;      // tasks sent or placed there
  int32_t threads = 1;
  int64_t held_bytes = 0;  // ties go to the emptier worker
};

struct PlacementCosts {
  double bandwidth_bytes_per_ns = 1.0;
  double task_duration_ns = 1e6;
};

// Nanoseconds until the task could start on `candidate`.
double StartDelay(const PlacementCandidate& candidate, int64_t input_bytes, const PlacementCosts& costs);

// Index of the best candidate; -1 when there is none. The first of equals.
int64_t ChoosePlacement(std::span<const PlacementCandidate> candidates, int64_t input_bytes,
                        const PlacementCosts& costs);

}  // namespace swath::sched
