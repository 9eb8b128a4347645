// Strided n-d memory: copies into C order, casts between element types. For whole blocks; the tile executor has loads
// of its own. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/chunk.h"

namespace swath::kernels {

// Copies `shape` elements of `itemsize` bytes; strides in bytes. Runs of contiguous elements are copied at once.
void CopyStrided(uint8_t* to, std::span<const int64_t> to_strides, const uint8_t* from,
                 std::span<const int64_t> from_strides, std::span<const int64_t> shape, int64_t itemsize);

// The chunk in C order: itself when it already is, else a copy from `pool`.
Result<Chunk> ToContiguous(const Chunk& chunk, arrow::MemoryPool* pool);

// The chunk in C order with elements of a numeric `dtype`, converted as NumPy's astype converts; itself when nothing is
// to do.
Result<Chunk> ToContiguousOf(const Chunk& chunk, DType dtype, arrow::MemoryPool* pool);

// The chunk with its axes in another order: result axis i is axis order[i]. A view.
Chunk TransposedView(const Chunk& chunk, std::span<const int32_t> order);

}  // namespace swath::kernels
