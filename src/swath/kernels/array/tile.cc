// array.tile: a fused array task (contract: ops/tile_program.h). Segment by segment, tile by tile: load what the next
// instruction needs, run it, hand the last register to the sink. A tile is rows × columns of a few thousand elements,
// so that its registers stay in the L1 and L2 caches.
//
//   for each segment (tile_segment.h)
//     for each tile       row axis: the one that a transposed source has contiguous, else the second to last
//       [load][load]loop[load]loop → store | reduce
#include "swath/kernels/array/tile.h"

#include <algorithm>
#include <cstring>

#include "arrow/buffer.h"

#include "swath/kernels/array/scalar_bytes.h"
#include "swath/kernels/array/tile_load.h"
#include "swath/kernels/array/tile_moves.h"
#include "swath/kernels/array/tile_plan.h"
#include "swath/kernels/array/tile_reduce.h"
#include "swath/kernels/array/tile_segment.h"

namespace swath::kernels {
namespace {

using ops::TileProgram;
using ops::TileSink;
using ops::TileSource;

constexpr int64_t kTileBytes = 32 << 10;  // of the widest register
constexpr int64_t kTransposedSide = 64;   // columns of a tile with a transposed source
constexpr int64_t kBufferAlignment = 64;

class TileRun {
 public:
  TileRun(const TileProgram& program, TaskContext& context) : program_(program), context_(context) {}

  Result<Value> Run(std::span<const Value> values) {
    ASSIGN_OR_RETURN(plan_, MakeTilePlan(program_));
    for (const TileSource& source : program_.sources) {
      ASSIGN_OR_RETURN(TileLoader loader, TileLoader::Make(source));
      loaders_.push_back(std::move(loader));
    }
    RETURN_IF_ERROR(AllocateBuffers());
    const ops::Box box = program_.grid.BlockBox(context_.block);
    Shape shape;
    for (const ops::Range& range : box) shape.push_back(range.size());
    LinearView out, index;
    index.strides.assign(shape.size(), 0);
    const bool reduce = program_.sink.kind == TileSink::Kind::kReduce;
    Chunk chunk;
    if (reduce) {
      ASSIGN_OR_RETURN(reducer_, TileReducer::Make(program_, box, TypeOf(plan_.last), context_.memory_pool));
      out = reducer_->slots();
      index = reducer_->index();
    } else {
      ASSIGN_OR_RETURN(chunk, Chunk::Allocate(program_.dtype, shape, context_.memory_pool));
      out.origin = reinterpret_cast<int64_t>(chunk.mutable_data());
      out.strides = chunk.strides();
    }
    ASSIGN_OR_RETURN(const auto inputs, AssignInputs(program_, box, values));
    if (Product(shape) > 0) {
      RETURN_IF_ERROR(ForEachSegment(program_, box, inputs, out, index, reduce,
                                     [&](const TileSegment& segment) { return RunSegment(segment); }));
    }
    if (reduce) return reducer_->Finish();
    return chunk;
  }

 private:
  const DType& TypeOf(int32_t r) const { return plan_.registers[static_cast<size_t>(r)].dtype; }

  // The tile's buffers and, above them, the constants, filled once.
  Status AllocateBuffers() {
    capacity_ = std::max<int64_t>(kTileBytes / std::max(plan_.itemsize, 8), 1);
    const int64_t count = plan_.buffers + static_cast<int64_t>(plan_.constants.size());
    buffer_bytes_ = (capacity_ * plan_.itemsize + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    ASSIGN_OR_RETURN(memory_, arrow::AllocateBuffer(std::max<int64_t>(count * buffer_bytes_, 1), context_.memory_pool));
    pointers_.resize(plan_.registers.size());
    for (size_t r = 0; r < plan_.registers.size(); ++r) {
      const TileRegister& reg = plan_.registers[r];
      if (reg.buffer < 0) continue;
      pointers_[r] = memory_->mutable_data() + reg.buffer * buffer_bytes_;
      if (reg.constant < 0) continue;
      std::vector<uint8_t> bytes(static_cast<size_t>(reg.dtype.itemsize));
      WriteScalar(plan_.constants[static_cast<size_t>(reg.constant)], bytes.data());
      ChosenTileMoves().fill(reg.dtype.itemsize, bytes.data(), capacity_, const_cast<void*>(pointers_[r]));
    }
    return Status::OK();
  }

  // The axis along which some source lies contiguous although the inner axis does not: the tile then spans both.
  int64_t TransposedAxis(const TileSegment& segment) const {
    const auto inner = static_cast<int64_t>(segment.lengths.size()) - 1;
    for (size_t s = 0; s < segment.sources.size(); ++s) {
      const TileSource& source = program_.sources[s];
      const Shape& strides = segment.sources[s].strides;
      const int64_t unit = source.kind == TileSource::Kind::kInput ? source.dtype.itemsize : 1;
      if (source.kind == TileSource::Kind::kConstant || strides[static_cast<size_t>(inner)] == unit ||
          strides[static_cast<size_t>(inner)] == 0)
        continue;
      for (int64_t axis = inner; axis-- > 0;) {
        if (strides[static_cast<size_t>(axis)] == unit) return axis;
      }
    }
    return -1;
  }

  // Positions tiles along the row and column axis, and visits the other axes one by one.
  Status RunSegment(const TileSegment& segment) {
    const auto ndim = static_cast<int64_t>(segment.lengths.size());
    column_axis_ = ndim - 1;
    row_axis_ = ndim - 2;
    int64_t columns = ndim == 0 ? 1 : segment.lengths[static_cast<size_t>(column_axis_)], rows = 1;
    if (ndim >= 2) {
      const int64_t transposed = TransposedAxis(segment);
      if (transposed >= 0) row_axis_ = transposed;
      columns = std::min(columns, transposed >= 0 ? std::min(kTransposedSide, capacity_) : capacity_);
      rows = std::min(segment.lengths[static_cast<size_t>(row_axis_)], capacity_ / columns);
    }
    columns = std::min(columns, capacity_);
    std::vector<int64_t> at(static_cast<size_t>(ndim), 0);
    while (true) {
      RETURN_IF_ERROR(RunPlane(segment, at, rows, columns));
      int64_t axis = ndim;
      while (axis-- > 0) {
        if (axis == row_axis_ || axis == column_axis_) continue;
        if (++at[static_cast<size_t>(axis)] < segment.lengths[static_cast<size_t>(axis)]) break;
        at[static_cast<size_t>(axis)] = 0;
      }
      if (axis < 0) return Status::OK();
    }
  }

  Status RunPlane(const TileSegment& segment, const std::vector<int64_t>& at, int64_t rows, int64_t columns) {
    const int64_t row_count = row_axis_ >= 0 ? segment.lengths[static_cast<size_t>(row_axis_)] : 1;
    const int64_t column_count = column_axis_ >= 0 ? segment.lengths[static_cast<size_t>(column_axis_)] : 1;
    regions_.clear();
    for (const LinearView& view : segment.sources) regions_.push_back(RegionOf(view, at));
    const TileRegion out = RegionOf(segment.out, at), index = RegionOf(segment.index, at);
    for (int64_t row = 0; row < row_count; row += rows) {
      for (int64_t column = 0; column < column_count; column += columns) {
        const Place place{row, column, std::min(rows, row_count - row), std::min(columns, column_count - column)};
        RETURN_IF_ERROR(RunTile(place, Moved(out, place), Moved(index, place)));
      }
      RETURN_IF_ERROR(context_.CheckCancelled());
    }
    return Status::OK();
  }

  struct Place {
    int64_t row, column, rows, columns;
  };
  TileRegion RegionOf(const LinearView& view, const std::vector<int64_t>& at) const {
    TileRegion region{view.origin, 0, 0, 1, 1};
    for (size_t axis = 0; axis < at.size(); ++axis) region.origin += view.strides[axis] * at[axis];
    if (row_axis_ >= 0) region.row = view.strides[static_cast<size_t>(row_axis_)];
    if (column_axis_ >= 0) region.column = view.strides[static_cast<size_t>(column_axis_)];
    return region;
  }
  static TileRegion Moved(const TileRegion& region, const Place& place) {
    return {region.origin + place.row * region.row + place.column * region.column, region.row, region.column,
            place.rows, place.columns};
  }

  Status RunTile(const Place& place, const TileRegion& out, const TileRegion& index) {
    const int64_t n = place.rows * place.columns;
    // The last register is written where it belongs when the output lies as a tile does.
    const int64_t size = program_.dtype.itemsize;
    const bool straight =
        !reducer_ && (place.columns == 1 || out.column == size) && (place.rows == 1 || out.row == place.columns * size);
    for (const TileStep& step : plan_.steps) {
      const int32_t r = step.load >= 0 ? step.load : step.result;
      const TileRegister& reg = plan_.registers[static_cast<size_t>(r)];
      const bool direct = straight && r == plan_.last;
      void* target =
          direct ? reinterpret_cast<void*>(out.origin) : memory_->mutable_data() + reg.buffer * buffer_bytes_;
      if (step.load >= 0) {
        const auto s = static_cast<size_t>(reg.source);
        pointers_[static_cast<size_t>(r)] = loaders_[s].Load(Moved(regions_[s], place), target, !direct);
        continue;
      }
      LoopCall call;
      call.n = n;
      call.out = target;
      call.result = reg.dtype;
      for (int a = 0; a < 3 && step.arguments[a] >= 0; ++a) {
        call.in[a] = pointers_[static_cast<size_t>(step.arguments[a])];
        call.types[a] = TypeOf(step.arguments[a]);
      }
      if (const char* error = step.loop(call)) return Status::Invalid(error);
      pointers_[static_cast<size_t>(r)] = target;
    }
    const void* last = pointers_[static_cast<size_t>(plan_.last)];
    if (reducer_) {
      reducer_->Fold(last, out, index);
    } else if (last != reinterpret_cast<void*>(out.origin)) {
      Store(static_cast<const uint8_t*>(last), out);
    }
    return Status::OK();
  }

  static void StoreRow(const uint8_t* from, int64_t size, int64_t stride, int64_t n, uint8_t* to) {
    if (stride == size) {
      std::memcpy(to, from, static_cast<size_t>(n * size));
    } else {
      for (int64_t i = 0; i < n; ++i) std::memcpy(to + i * stride, from + i * size, static_cast<size_t>(size));
    }
  }
  void Store(const uint8_t* from, const TileRegion& out) const {
    const int64_t size = program_.dtype.itemsize;
    for (int64_t r = 0; r < out.rows; ++r) {
      StoreRow(from + r * out.columns * size, size, out.column, out.columns,
               reinterpret_cast<uint8_t*>(out.origin + r * out.row));
    }
  }

  const TileProgram& program_;
  TaskContext& context_;
  TilePlan plan_;
  std::vector<TileLoader> loaders_;
  std::unique_ptr<arrow::Buffer> memory_;
  int64_t capacity_ = 0, buffer_bytes_ = 0;
  std::vector<const void*> pointers_;  // of the registers, in the current tile
  std::vector<TileRegion> regions_;    // of the sources, in the current plane
  std::unique_ptr<TileReducer> reducer_;
  int64_t row_axis_ = -1, column_axis_ = -1;
};

Result<Value> RunTileProgram(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  return TileRun(static_cast<const TileProgram&>(params), context).Run(inputs);
}

constexpr KernelEntry kKernels[] = {{TileProgram::kOp, RunTileProgram}};

}  // namespace

std::span<const KernelEntry> TileKernels() { return kKernels; }

}  // namespace swath::kernels
