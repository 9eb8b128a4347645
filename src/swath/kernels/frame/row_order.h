// RowOrder: for each group the number of its first (or last) row, where the result is wanted in that order. Parts of
// partials are joined by hash, so the groups' own numbers tell nothing after a merge; row numbers do, in whatever order
// partials come and through spilling. Rows count from (task number << 40): a task has fewer. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/kernels/frame/pool_vector.h"
#include "swath/ops/table_pipeline.h"

namespace swath::kernels {

class RowOrder {
 public:
  RowOrder(ops::GroupOrder order, int64_t task, arrow::MemoryPool* pool)
      : order_(order), next_row_(task << 40), rows_(pool) {}

  bool wanted() const { return order_ != ops::GroupOrder::kAny; }
  // The groups of the next rows of the task, as GroupKeys numbers them: new groups in the order of their first row.
  void Update(std::span<const uint32_t> groups, int64_t group_count);
  // Row numbers (int64) that were exported, one a row of a partial.
  void Merge(const arrow::Array& numbers, std::span<const uint32_t> groups, int64_t group_count);
  Result<std::shared_ptr<arrow::Array>> Export(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const;
  // Brings groups into the order of their row numbers.
  void Sort(PoolVector<uint32_t>* groups) const;
  // All groups are gone; the rows count on.
  void Clear() { PoolVector<int64_t>(rows_.get_allocator()).swap(rows_); }
  int64_t nbytes() const { return CapacityBytes(rows_); }

 private:
  const ops::GroupOrder order_;
  int64_t next_row_;
  PoolVector<int64_t> rows_;  // of group g + 1
};

}  // namespace swath::kernels
