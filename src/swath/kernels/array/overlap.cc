#include "swath/kernels/array/overlap.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "swath/ops/overlap.h"

namespace swath::kernels {
namespace {

// Part of a run that lies in one source block.
struct Piece {
  int64_t target = 0;  // place on the result axis
  int64_t length = 0;
  int64_t slot = -1;   // which of the axis' source positions; -1: fill
  int64_t source = 0;  // place in that block
  int32_t step = 1;
};

std::vector<Piece> CutRuns(const ops::Grid& grid, int64_t axis, const std::vector<ops::AxisRun>& runs,
                           const std::vector<int64_t>& positions) {
  std::vector<Piece> pieces;
  const auto bounds = grid.bounds(axis);
  int64_t target = 0;
  for (const ops::AxisRun& run : runs) {
    if (run.fill) pieces.push_back({.target = target, .length = run.length});
    for (int64_t done = 0; !run.fill && done < run.length;) {
      const int64_t at = run.begin + run.step * done;
      const int64_t block = std::upper_bound(bounds.begin(), bounds.end(), at) - bounds.begin() - 1;
      int64_t length = run.length - done;
      if (run.step > 0) length = std::min(length, bounds[block + 1] - at);
      if (run.step < 0) length = std::min(length, at - bounds[block] + 1);
      const int64_t slot = std::lower_bound(positions.begin(), positions.end(), block) - positions.begin();
      pieces.push_back({target + done, length, slot, at - bounds[block], run.step});
      done += length;
    }
    target += run.length;
  }
  return pieces;
}

// Copies a box; strides in bytes, the target is contiguous along its last axis. The last axis is the inner loop.
void CopyBox(const uint8_t* from, uint8_t* to, const std::vector<int64_t>& shape,
             const std::vector<int64_t>& from_strides, const std::vector<int64_t>& to_strides, size_t axis,
             int64_t itemsize) {
  if (axis == shape.size()) {
    std::memcpy(to, from, static_cast<size_t>(itemsize));
    return;
  }
  if (axis + 1 == shape.size() && from_strides[axis] == itemsize) {
    std::memcpy(to, from, static_cast<size_t>(shape[axis] * itemsize));
    return;
  }
  for (int64_t i = 0; i < shape[axis]; ++i) {
    CopyBox(from + i * from_strides[axis], to + i * to_strides[axis], shape, from_strides, to_strides, axis + 1,
            itemsize);
  }
}

class Assembler {
 public:
  Assembler(const ops::OverlapParams& params, std::span<const Value> inputs, int64_t block)
      : params_(params), inputs_(inputs), ndim_(static_cast<size_t>(params.grid.ndim())) {
    std::vector<int64_t> position(ndim_);
    params.grid.Position(block, position.data());
    for (size_t axis = 0; axis < ndim_; ++axis) {
      const auto& runs = params.runs[axis][static_cast<size_t>(position[axis])];
      const auto positions = ops::SourcePositions(params.source, static_cast<int64_t>(axis), runs);
      pieces_.push_back(CutRuns(params.source, static_cast<int64_t>(axis), runs, positions));
      slots_.push_back(static_cast<int64_t>(positions.size()));
    }
  }

  Result<Value> Run(int64_t block, TaskContext& context) {
    Shape shape;
    for (const ops::Range& range : params_.grid.BlockBox(block)) shape.push_back(range.size());
    ASSIGN_OR_RETURN(result_, Chunk::Allocate(params_.dtype, shape, context.memory_pool));
    std::vector<size_t> choice(ndim_, 0);
    for (const auto& pieces : pieces_) {
      if (pieces.empty()) return Value(std::move(result_));
    }
    for (;;) {
      RETURN_IF_ERROR(context.CheckCancelled());
      Place(choice);
      size_t axis = ndim_;
      while (axis > 0 && ++choice[axis - 1] == pieces_[axis - 1].size()) choice[--axis] = 0;
      if (axis == 0) return Value(std::move(result_));
    }
  }

 private:
  void Place(const std::vector<size_t>& choice) {
    const int64_t itemsize = params_.dtype.itemsize;
    uint8_t* to = result_.mutable_data();
    std::vector<int64_t> shape(ndim_);
    int64_t input = 0;
    const std::string* fill = nullptr;
    for (size_t axis = 0; axis < ndim_; ++axis) {
      const Piece& piece = pieces_[axis][choice[axis]];
      to += piece.target * result_.strides()[axis];
      shape[axis] = piece.length;
      input = input * slots_[axis] + piece.slot;
      if (piece.slot < 0) fill = &params_.fill[axis];
    }
    std::vector<int64_t> strides(ndim_, 0);
    const uint8_t* from = nullptr;
    if (fill != nullptr) {
      from = reinterpret_cast<const uint8_t*>(fill->data());
    } else {
      const Chunk& chunk = *inputs_[static_cast<size_t>(input)].chunk();
      from = chunk.data();
      for (size_t axis = 0; axis < ndim_; ++axis) {
        const Piece& piece = pieces_[axis][choice[axis]];
        from += piece.source * chunk.strides()[axis];
        strides[axis] = piece.step * chunk.strides()[axis];
      }
    }
    if (Product(shape) > 0) CopyBox(from, to, shape, strides, result_.strides(), 0, itemsize);
  }

  const ops::OverlapParams& params_;
  std::span<const Value> inputs_;
  size_t ndim_;
  std::vector<std::vector<Piece>> pieces_;
  std::vector<int64_t> slots_;
  Chunk result_;
};

Result<Value> Overlap(const ops::OpParams& base, std::span<const Value> inputs, TaskContext& context) {
  return Assembler(static_cast<const ops::OverlapParams&>(base), inputs, context.block).Run(context.block, context);
}

constexpr KernelEntry kKernels[] = {{ops::OverlapParams::kOp, Overlap}};

}  // namespace

std::span<const KernelEntry> OverlapKernels() { return kKernels; }

}  // namespace swath::kernels
