// chunks="auto": block lengths that aim at a size in bytes, as dask.array.core.auto_chunks chooses them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swath/ops/grid.h"

namespace swath::expr {

// Fills the empty entries of `chunks` so that the largest block has about `limit_bytes`. `previous`: of a rechunk; its
// cuts are kept or joined where that reaches the size.
void FillAutoChunks(std::span<const int64_t> shape, int64_t itemsize, int64_t limit_bytes, const ops::Grid* previous,
                    std::vector<std::vector<int64_t>>* chunks);

}  // namespace swath::expr
