// Stable sorting of a table held in memory: missing values (null, NaN) last in both directions. Dictionaries sort by
// their values.
#pragma once

#include <memory>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/ops/table_ops.h"

namespace swath::kernels {

// The row numbers (uint64) in sorted order.
Result<std::shared_ptr<arrow::Array>> SortedIndices(const arrow::Table& table, const std::vector<ops::SortKey>& keys,
                                                    arrow::MemoryPool* pool);
Result<std::shared_ptr<arrow::Table>> TakeRows(const std::shared_ptr<arrow::Table>& table,
                                               const std::shared_ptr<arrow::Array>& indices, arrow::MemoryPool* pool);

}  // namespace swath::kernels
