// Grid: how an n-d index space is cut into blocks; Box: a half-open region of it. Pure integers, no data.
// Blocks are numbered in C order (last axis fastest). A 0-d grid has exactly one block.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "swath/base/status.h"

namespace swath::ops {

struct Range {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
  friend bool operator==(const Range&, const Range&) = default;
};
using Box = std::vector<Range>;  // one range an axis

class Grid {
 public:
  Grid() = default;
  // chunks[axis] = the lengths of the blocks along that axis, as in dask.array.Array.chunks.
  explicit Grid(std::vector<std::vector<int64_t>> chunks);

  int64_t ndim() const { return static_cast<int64_t>(bounds_.size()); }
  int64_t shape(int64_t axis) const { return bounds_[axis].back(); }
  std::vector<int64_t> shape() const;
  int64_t blocks(int64_t axis) const { return static_cast<int64_t>(bounds_[axis].size()) - 1; }
  int64_t block_count() const;
  // Starts of the blocks of an axis, then its length: blocks(axis) + 1 numbers.
  std::span<const int64_t> bounds(int64_t axis) const { return bounds_[axis]; }
  std::vector<std::vector<int64_t>> chunks() const;

  // Flat block number -> block position per axis, and back.
  void Position(int64_t block, int64_t* position) const;
  int64_t Index(std::span<const int64_t> position) const;
  Range BlockRange(int64_t axis, int64_t position) const {
    return {bounds_[axis][position], bounds_[axis][position + 1]};
  }
  Box BlockBox(int64_t block) const;
  // Positions of the non-empty blocks of `axis` that overlap `range` ([first, last + 1)); empty for an empty range.
  Range Overlap(int64_t axis, Range range) const;

  friend bool operator==(const Grid&, const Grid&) = default;

 private:
  std::vector<std::vector<int64_t>> bounds_;  // per axis: prefix sums, starting with 0
};

// How one axis of a source is read when an output box is made: source coordinate = offset + step * output[axis].
// axis == -1: always `offset` (a broadcast or an integer index). step may be negative, never 0 when axis >= 0.
struct AxisMap {
  int32_t axis = -1;
  int64_t step = 1;
  int64_t offset = 0;
  friend bool operator==(const AxisMap&, const AxisMap&) = default;
};
using IndexMap = std::vector<AxisMap>;  // one entry per axis of the source

// The source region that an output box reads: the bounding box of the mapped coordinates.
Box MapBox(const IndexMap& map, const Box& output);
// Flat numbers, in C order, of the blocks of `source` that overlap `box`, appended to `blocks`.
void AppendOverlappingBlocks(const Grid& source, const Box& box, std::vector<int64_t>* blocks);
// The output region (within a space of `output_shape`) whose mapped coordinates can fall in `source`: the inverse of
// MapBox (an upper bound: a step may skip it). The box of a 0-d output cannot be empty: whoever has fixed axes only
// looks at them itself.
Box UnmapBox(const IndexMap& map, const Box& source, std::span<const int64_t> output_shape);

}  // namespace swath::ops
