#include "swath/ops/overlap.h"

#include <algorithm>

namespace swath::ops {

std::vector<int64_t> SourcePositions(const Grid& source, int64_t axis, const std::vector<AxisRun>& runs) {
  std::vector<int64_t> positions;
  for (const AxisRun& run : runs) {
    if (run.fill || run.length == 0) continue;
    const int64_t other = run.begin + run.step * (run.length - 1);
    const Range blocks = source.Overlap(axis, {std::min(run.begin, other), std::max(run.begin, other) + 1});
    for (int64_t position = blocks.begin; position < blocks.end; ++position) positions.push_back(position);
  }
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  return positions;
}

}  // namespace swath::ops
