#include "swath/kernels/array/tile_reduce.h"

#include <algorithm>

#include "swath/kernels/array/partial.h"

namespace swath::kernels {

Result<std::unique_ptr<TileReducer>> TileReducer::Make(const ops::TileProgram& program, const ops::Box& box,
                                                       const DType& type, arrow::MemoryPool* pool) {
  auto reducer = std::make_unique<TileReducer>();
  const ops::TileSink& sink = program.sink;
  reducer->loops_ = FindReduceLoops(sink.reduction, type.kind);
  if (reducer->loops_ == nullptr)
    return Status::TypeError("cannot compute the ", sink.reduction, " of ", type.ToString());
  reducer->itemsize_ = type.itemsize;
  reducer->gives_index_ = PartialFormOf(sink.reduction) == PartialForm::kIndex;

  const auto reduced = [&](size_t axis) {
    return std::find(sink.axes.begin(), sink.axes.end(), static_cast<int32_t>(axis)) != sink.axes.end();
  };
  reducer->slots_.strides.assign(box.size(), 0);
  reducer->index_.strides.assign(box.size(), 0);
  reducer->shape_.assign(box.size(), 1);
  int64_t index_stride = 1;
  for (size_t axis = box.size(); axis-- > 0;) {
    if (reduced(axis)) {
      reducer->index_.strides[axis] = index_stride;
      reducer->index_.origin += index_stride * box[axis].begin;
      index_stride *= program.grid.shape(static_cast<int64_t>(axis));
    } else {
      reducer->slots_.strides[axis] = reducer->slot_count_;
      reducer->shape_[axis] = box[axis].size();
      reducer->slot_count_ *= box[axis].size();
    }
  }
  // Dates are counted in int64 and stay dates.
  for (int part = 0; part < reducer->loops_->parts; ++part) {
    DType part_type = reducer->loops_->types[static_cast<size_t>(part)];
    if (type.is_date() && part == 0 && PartialFormOf(sink.reduction) != PartialForm::kSpread && part_type == kInt64 &&
        sink.reduction != "count_nonzero") {
      part_type = type;
    }
    ASSIGN_OR_RETURN(Chunk chunk, Chunk::Allocate(part_type, reducer->shape_, pool));
    reducer->state_.part[part] = chunk.mutable_data();
    reducer->parts_.push_back(std::move(chunk));
  }
  reducer->loops_->init(reducer->state_, reducer->slot_count_);
  return reducer;
}

void TileReducer::Fold(const void* data, const TileRegion& slots, const TileRegion& index) {
  const auto* x = static_cast<const uint8_t*>(data);
  const int64_t rows = slots.rows, columns = slots.columns;
  if (slots.column == 0 && (rows == 1 || (slots.row == 0 && (!gives_index_ || index.row == columns * index.column)))) {
    loops_->span(state_, slots.origin, x, rows * columns, index.origin, index.column);
    return;
  }
  for (int64_t r = 0; r < rows; ++r, x += columns * itemsize_) {
    const int64_t slot = slots.origin + r * slots.row, first = index.origin + r * index.row;
    if (slots.column == 0) {
      loops_->span(state_, slot, x, columns, first, index.column);
    } else if (slots.column == 1 && index.column == 0) {
      loops_->rows(state_, slot, x, columns, first);
    } else {
      for (int64_t c = 0; c < columns; ++c) {
        loops_->span(state_, slot + c * slots.column, x + c * itemsize_, 1, first + c * index.column, 0);
      }
    }
  }
}

Result<Value> TileReducer::Finish() {
  std::vector<Chunk> kept;
  if (loops_->compensated) loops_->settle(state_, slot_count_);
  for (size_t part = 0; part < parts_.size(); ++part) {
    if (loops_->compensated && part == 1) continue;
    kept.push_back(std::move(parts_[part]));
  }
  if (kept.size() == 1) return kept[0];
  Pieces pieces;
  for (Chunk& chunk : kept) pieces.values.emplace_back(std::move(chunk));
  return pieces;
}

}  // namespace swath::kernels
