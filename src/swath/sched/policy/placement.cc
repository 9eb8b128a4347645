#include "swath/sched/policy/placement.h"

#include <algorithm>

namespace swath::sched {

double StartDelay(const PlacementCandidate& candidate, int64_t input_bytes, const PlacementCosts& costs) {
  const auto missing = static_cast<double>(std::max<int64_t>(input_bytes - candidate.local_bytes, 0));
  // A free thread starts at once; otherwise the task waits for its share of the backlog.
  const double rounds =
      std::max(0.0, static_cast<double>(candidate.backlog + 1) / std::max(candidate.threads, 1) - 1.0);
  return missing / costs.bandwidth_bytes_per_ns + rounds * costs.task_duration_ns;
}

int64_t ChoosePlacement(std::span<const PlacementCandidate> candidates, int64_t input_bytes,
                        const PlacementCosts& costs) {
  int64_t best = -1;
  double best_delay = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const double delay = StartDelay(candidates[i], input_bytes, costs);
    const bool better = best < 0 || delay < best_delay ||
                        (delay == best_delay && candidates[i].held_bytes < candidates[best].held_bytes);
    if (better) {
      best = static_cast<int64_t>(i);
      best_delay = delay;
    }
  }
  return best;
}

}  // namespace swath::sched
