// "array.overlap": blocks that hold parts of their neighbours. Each axis of a result block is put together from runs of
// the source axis; the block is their product:
//
//   source axis   0 1 2 | 3 4 5 | 6 7 8        depth 1, reflect at the ends
//   result axis   0 0 1 2 3 | 2 3 4 5 6 | 5 6 7 8 8
//   runs          [0 1 2 and 0 before] …
//
// Task inputs: the source blocks that the runs touch (positions ascending axis by axis, in C order).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "swath/data/dtype.h"
#include "swath/ops/grid.h"
#include "swath/ops/op_params.h"

namespace swath::ops {

// `length` places of a result axis: source begin, begin + step, …; or the fill value of the axis.
struct AxisRun {
  int64_t begin = 0;
  int64_t length = 0;
  int32_t step = 1;  // 1, -1 (mirrored) or 0 (one element, repeated)
  bool fill = false;
  friend bool operator==(const AxisRun&, const AxisRun&) = default;
};

struct OverlapParams : public OpParams {
  static constexpr std::string_view kOp = "array.overlap";
  Grid source;
  Grid grid;  // of the result: as many blocks as the source
  DType dtype;
  std::vector<std::vector<std::vector<AxisRun>>> runs;  // axis, block position, in order
  // The bytes of one element, by axis; empty where nothing is filled. Where several axes are filled, the last one wins.
  std::vector<std::string> fill;
  std::string ToString() const override { return "overlap"; }
};

// Positions of the source blocks that runs of one result block read: ascending, each once.
std::vector<int64_t> SourcePositions(const Grid& source, int64_t axis, const std::vector<AxisRun>& runs);

}  // namespace swath::ops
