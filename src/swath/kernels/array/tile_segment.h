// Segments: the output box of a tile task, cut so that within a segment every source is one strided region. Axes that
// can be walked as one are merged, so that loops see few axes. Integers only; no data is touched.
//
//   source blocks   |     b0      |   b1    |        cuts of the output box where a source crosses a block border
//   output box          [ segment | segment ]
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swath/base/status.h"
#include "swath/data/chunk.h"
#include "swath/data/value.h"
#include "swath/ops/tile_program.h"

namespace swath::kernels {

// A linear function of the position in a segment: an address (inputs, output), a number of an element (generators), a
// slot.
struct LinearView {
  int64_t origin = 0;
  Shape strides;  // one an axis of the segment
};

struct TileSegment {
  Shape lengths;                    // never 0; may be empty (one element)
  std::vector<LinearView> sources;  // inputs: addresses and bytes; others: element numbers (see ViewOfSource)
  LinearView out;                   // the output's address and bytes, or slot numbers
  LinearView index;                 // of a reduction: the flat index over the reduced axes
};

// The inputs of the task, by source.
struct SourceBlocks {
  std::vector<int64_t> blocks;  // flat numbers, ascending
  std::span<const Value> values;
};

// Splits `values` among the sources of kind kInput as TileProgram says (sources in order, blocks in C order).
Result<std::vector<SourceBlocks>> AssignInputs(const ops::TileProgram& program, const ops::Box& box,
                                               std::span<const Value> values);

// Calls `visit` for every segment of `box` (not empty). `out` and `index` are the views of the whole box (origin at its
// first element). `free_order`: the axes may be walked in any order (a reduction), so that the one that most sources
// have contiguous comes last.
Status ForEachSegment(const ops::TileProgram& program, const ops::Box& box, std::span<const SourceBlocks> inputs,
                      const LinearView& out, const LinearView& index, bool free_order,
                      const std::function<Status(const TileSegment&)>& visit);

}  // namespace swath::kernels
