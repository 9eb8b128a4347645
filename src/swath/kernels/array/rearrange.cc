// Blocks with other shapes or borders and the same elements: array.pass, array.view, array.concat, array.reshape.
#include <algorithm>
#include <cstring>

#include "swath/kernels/array/block_kernels.h"
#include "swath/kernels/array/strided.h"
#include "swath/ops/array_blocks.h"

namespace swath::kernels {
namespace {

Shape BlockShape(const ops::Grid& grid, int64_t block) {
  Shape shape;
  for (const ops::Range& range : grid.BlockBox(block)) shape.push_back(range.size());
  return shape;
}

Result<Value> Pass(const ops::OpParams&, std::span<const Value> inputs, TaskContext&) {
  CHECK(inputs.size() == 1);
  return inputs[0];
}

Result<Value> View(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& view = static_cast<const ops::ViewParams&>(params);
  CHECK(inputs.size() == 1 && inputs[0].chunk());
  ASSIGN_OR_RETURN(const Chunk chunk, ToContiguous(*inputs[0].chunk(), context.memory_pool));
  return chunk.Reshape(BlockShape(view.grid, context.block));
}

Result<Value> Concat(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto axis = static_cast<size_t>(static_cast<const ops::ConcatParams&>(params).axis);
  CHECK(!inputs.empty() && inputs[0].chunk());
  Shape shape = inputs[0].chunk()->shape();
  shape[axis] = 0;
  for (const Value& input : inputs) shape[axis] += input.chunk()->shape()[axis];
  ASSIGN_OR_RETURN(Chunk result, Chunk::Allocate(inputs[0].chunk()->dtype(), std::move(shape), context.memory_pool));
  uint8_t* to = result.mutable_data();
  for (const Value& input : inputs) {
    const Chunk& chunk = *input.chunk();
    CopyStrided(to, result.strides(), chunk.data(), chunk.strides(), chunk.shape(), chunk.dtype().itemsize);
    to += chunk.shape()[axis] * result.strides()[axis];
    RETURN_IF_ERROR(context.CheckCancelled());
  }
  return result;
}

// Walks the elements of a box of a C-ordered array in runs that are contiguous in the array: calls visit(linear index,
// length).
template <typename Visit>
Status ForEachRun(const ops::Box& box, std::span<const int64_t> shape, const Visit& visit) {
  const size_t ndim = box.size();
  if (ndim == 0) return visit(0, 1);
  for (const ops::Range& range : box) {
    if (range.size() <= 0) return Status::OK();
  }
  std::vector<int64_t> index(ndim);
  for (size_t i = 0; i < ndim; ++i) index[i] = box[i].begin;
  while (true) {
    int64_t linear = 0;
    for (size_t i = 0; i < ndim; ++i) linear = linear * shape[i] + index[i];
    RETURN_IF_ERROR(visit(linear, box[ndim - 1].size()));
    size_t axis = ndim - 1;
    while (true) {
      if (axis == 0) return Status::OK();
      --axis;
      if (++index[axis] < box[axis].end) break;
      index[axis] = box[axis].begin;
    }
  }
}

// Where the element with linear index `linear` lies: the block number and the coordinates inside the block's box.
class ElementFinder {
 public:
  explicit ElementFinder(const ops::Grid& grid)
      : grid_(grid), shape_(grid.shape()), index_(shape_.size()), position_(shape_.size()) {}

  // Returns the block; afterwards `run` tells how many elements from there on lie in the same row of the block.
  int64_t Find(int64_t linear) {
    for (size_t i = shape_.size(); i-- > 0;) {
      index_[i] = linear % shape_[i];
      linear /= shape_[i];
    }
    run = 1;
    for (size_t i = 0; i < shape_.size(); ++i) {
      const auto bounds = grid_.bounds(static_cast<int64_t>(i));
      position_[i] = std::upper_bound(bounds.begin(), bounds.end(), index_[i]) - bounds.begin() - 1;
      if (i + 1 == shape_.size()) run = bounds[position_[i] + 1] - index_[i];
    }
    return grid_.Index(position_);
  }
  // The byte offset of the element found within a chunk of its block.
  int64_t Offset(const Chunk& chunk) const {
    int64_t offset = 0;
    for (size_t i = 0; i < shape_.size(); ++i) {
      offset += (index_[i] - grid_.bounds(static_cast<int64_t>(i))[position_[i]]) * chunk.strides()[i];
    }
    return offset;
  }
  int64_t run = 1;

 private:
  const ops::Grid& grid_;
  std::vector<int64_t> shape_, index_, position_;
};

Result<Value> Reshape(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& reshape = static_cast<const ops::ReshapeParams&>(params);
  std::vector<int64_t> blocks;
  ops::AppendReshapeSources(reshape.from, reshape.to, context.block, &blocks);
  // A block without elements reads one block all the same, for the dtype.
  CHECK(blocks.empty() ? inputs.size() == 1 : blocks.size() == inputs.size());
  const DType dtype = inputs[0].chunk()->dtype();
  ASSIGN_OR_RETURN(Chunk result, Chunk::Allocate(dtype, BlockShape(reshape.to, context.block), context.memory_pool));
  uint8_t* to = result.mutable_data();
  ElementFinder finder(reshape.from);
  const auto copy_run = [&](int64_t linear, int64_t length) -> Status {
    while (length > 0) {
      const int64_t block = finder.Find(linear);
      const auto at = std::lower_bound(blocks.begin(), blocks.end(), block) - blocks.begin();
      const Chunk& chunk = *inputs[at].chunk();
      const int64_t count = std::min(finder.run, length);
      const uint8_t* from = chunk.data() + finder.Offset(chunk);
      const int64_t stride = chunk.ndim() ? chunk.strides().back() : dtype.itemsize;
      const int64_t shape[] = {count}, to_strides[] = {dtype.itemsize}, from_strides[] = {stride};
      CopyStrided(to, to_strides, from, from_strides, shape, dtype.itemsize);
      to += count * dtype.itemsize;
      linear += count;
      length -= count;
    }
    return context.CheckCancelled();
  };
  RETURN_IF_ERROR(ForEachRun(reshape.to.BlockBox(context.block), reshape.to.shape(), copy_run));
  return result;
}

constexpr KernelEntry kKernels[] = {
    {ops::PassParams::kOp, Pass},
    {ops::ViewParams::kOp, View},
    {ops::ConcatParams::kOp, Concat},
    {ops::ReshapeParams::kOp, Reshape},
};

}  // namespace

std::span<const KernelEntry> RearrangeKernels() { return kKernels; }

}  // namespace swath::kernels
