// array.take: rows of one axis gathered from the blocks that hold them (contract: ops/take.h).
#include "swath/ops/take.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "swath/kernels/array/block_kernels.h"

namespace swath::kernels {
namespace {

// The elements at strides from `from`, in C order, to contiguous memory.
void CopyStrided(const uint8_t* from, std::span<const int64_t> shape, std::span<const int64_t> strides,
                 int64_t itemsize, uint8_t** to) {
  if (shape.empty()) {
    std::memcpy(*to, from, itemsize);
    *to += itemsize;
    return;
  }
  if (shape.size() == 1 && strides[0] == itemsize) {
    std::memcpy(*to, from, shape[0] * itemsize);
    *to += shape[0] * itemsize;
    return;
  }
  for (int64_t i = 0; i < shape[0]; ++i)
    CopyStrided(from + i * strides[0], shape.subspan(1), strides.subspan(1), itemsize, to);
}

// Copies slot `at` of `axis` of `from` to slot `slot` of the contiguous `result`.
void CopySlot(const Chunk& from, int64_t at, int64_t axis, int64_t slot, Chunk* result) {
  const int64_t itemsize = from.dtype().itemsize;
  const int64_t outer = Product(std::span(from.shape()).first(axis));
  const auto inner_shape = std::span(from.shape()).subspan(axis + 1);
  const int64_t inner_bytes = Product(inner_shape) * itemsize;
  const auto inner_strides = std::span(from.strides()).subspan(axis + 1);
  const int64_t length = result->shape()[axis];
  for (int64_t o = 0; o < outer; ++o) {
    const uint8_t* source = from.data() + at * from.strides()[axis];
    int64_t rest = o;
    for (int64_t a = axis; a-- > 0;) {
      source += rest % from.shape()[a] * from.strides()[a];
      rest /= from.shape()[a];
    }
    uint8_t* target = result->mutable_data() + (o * length + slot) * inner_bytes;
    CopyStrided(source, inner_shape, inner_strides, itemsize, &target);
  }
}

Result<Value> Take(const ops::OpParams& base, std::span<const Value> inputs, TaskContext& context) {
  const auto& params = static_cast<const ops::TakeParams&>(base);
  std::vector<int64_t> position(params.grid.ndim());
  params.grid.Position(context.block, position.data());
  const ops::Range range = params.grid.BlockRange(params.axis, position[params.axis]);
  std::map<int64_t, const Chunk*> chunk_of;  // block along the axis -> input
  const auto bounds = params.source.bounds(params.axis);
  const auto block_of = [&](int64_t index) {
    return std::upper_bound(bounds.begin(), bounds.end(), index) - bounds.begin() - 1;
  };
  for (int64_t i = range.begin; i < range.end; ++i) chunk_of.emplace(block_of(params.indices[i]), nullptr);
  CHECK(chunk_of.size() == inputs.size() || range.size() == 0);
  size_t next = 0;
  for (auto& [block, chunk] : chunk_of) chunk = inputs[next++].chunk();
  Shape shape;
  for (const ops::Range& axis : params.grid.BlockBox(context.block)) shape.push_back(axis.size());
  CHECK(!inputs.empty());
  ASSIGN_OR_RETURN(Chunk result, Chunk::Allocate(inputs[0].chunk()->dtype(), std::move(shape), context.memory_pool));
  for (int64_t i = range.begin; i < range.end; ++i) {
    if ((i & 255) == 0) RETURN_IF_ERROR(context.CheckCancelled());
    const int64_t block = block_of(params.indices[i]);
    CopySlot(*chunk_of.at(block), params.indices[i] - bounds[block], params.axis, i - range.begin, &result);
  }
  return Value(std::move(result));
}

constexpr KernelEntry kKernels[] = {{ops::TakeParams::kOp, Take}};

}  // namespace

std::span<const KernelEntry> TakeKernels() { return kKernels; }

}  // namespace swath::kernels
