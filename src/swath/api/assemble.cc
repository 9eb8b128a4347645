// AssembleChunk: the blocks of a computed array, copied into one.
#include <cstring>

#include "swath/api/array.h"
#include "swath/data/memory_pool.h"

namespace swath {
namespace {

// Copies a strided block to its place in the contiguous result; both have the shape `shape`. The longest stretch that
// is contiguous on both sides goes by memcpy.
void CopyBlock(const uint8_t* from, uint8_t* to, std::span<const int64_t> shape, std::span<const int64_t> from_strides,
               std::span<const int64_t> to_strides, int64_t itemsize) {
  if (shape.empty()) {
    std::memcpy(to, from, itemsize);
    return;
  }
  if (shape.size() == 1 && from_strides[0] == itemsize && to_strides[0] == itemsize) {
    std::memcpy(to, from, shape[0] * itemsize);
    return;
  }
  for (int64_t i = 0; i < shape[0]; ++i) {
    CopyBlock(from + i * from_strides[0], to + i * to_strides[0], shape.subspan(1), from_strides.subspan(1),
              to_strides.subspan(1), itemsize);
  }
}

}  // namespace

Result<Chunk> AssembleChunk(const expr::ArrayNode& array, Blocks blocks) {
  CHECK(static_cast<int64_t>(blocks.size()) == array.grid().block_count());
  if (blocks.size() == 1) {
    const Chunk* only = blocks[0].chunk();
    CHECK(only && only->shape() == array.shape());
    if (only->is_contiguous()) return *only;
  }
  ASSIGN_OR_RETURN(Chunk result, Chunk::Allocate(array.dtype(), array.shape(), Pool()));
  const Shape strides = ContiguousStrides(array.shape(), array.dtype().itemsize);
  for (int64_t block = 0; block < array.grid().block_count(); ++block) {
    const Chunk* chunk = blocks[block].chunk();
    CHECK(chunk);
    uint8_t* to = result.mutable_data();
    const ops::Box box = array.grid().BlockBox(block);
    for (size_t axis = 0; axis < box.size(); ++axis) to += box[axis].begin * strides[axis];
    if (chunk->size() > 0)
      CopyBlock(chunk->data(), to, chunk->shape(), chunk->strides(), strides, array.dtype().itemsize);
    blocks[block] = Value();
  }
  return result;
}

}  // namespace swath
