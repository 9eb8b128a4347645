// TileReducer: the reduce sink of a tile task. Holds the slots of the kept elements of one output block and folds tiles
// into them; gives the partial of partial.h. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/kernels/array/reduce_loops.h"
#include "swath/kernels/array/tile_load.h"
#include "swath/kernels/array/tile_segment.h"

namespace swath::kernels {

class TileReducer {
 public:
  // `type`: of the registers that are folded (float16 was widened). TypeError when the reduction has no loop for it.
  static Result<std::unique_ptr<TileReducer>> Make(const ops::TileProgram& program, const ops::Box& box,
                                                   const DType& type, arrow::MemoryPool* pool);

  const LinearView& slots() const { return slots_; }  // slot number of each position of the box
  const LinearView& index() const { return index_; }  // its flat index over the reduced axes of the whole array

  // Folds a tile (C order) whose slot and index are given as linear functions.
  void Fold(const void* data, const TileRegion& slots, const TileRegion& index);

  // The partial; the reducer is empty afterwards.
  Result<Value> Finish();

 private:
  const ReduceLoops* loops_ = nullptr;
  int64_t itemsize_ = 0;
  bool gives_index_ = false;
  int64_t slot_count_ = 1;
  Shape shape_;  // of the partial
  LinearView slots_, index_;
  std::vector<Chunk> parts_;
  ReduceState state_;
};

}  // namespace swath::kernels
