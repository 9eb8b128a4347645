// GroupAggregator: hash aggregation of record batches (ops::AggregateSink), and the merge of its partials ("table.merge_groups").
//
//   batch ─▶ GroupMap: keys → dense group numbers ─▶ Aggregators: arrays of state indexed by group
//   the end: groups are split by the leading bits of their key's hash into radix parts; part p of every task meets in one merge
//
// State beyond the task's memory budget goes to the spill store, part by part, and is read back by the merge: any cardinality fits.
// A partial is Pieces of 2^radix_bits parts, then one empty Partition with the types; a part is a Partition of key and state columns, or
// Pieces {Partition, Chunk of int64 spill ids}. One per task; not thread-safe.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "arrow/type_fwd.h"
#include "swath/kernels/registry.h"
#include "swath/ops/table_ops.h"
#include "swath/ops/table_pipeline.h"

namespace swath::kernels {

class GroupAggregator {
 public:
  virtual ~GroupAggregator() = default;
  // `schema`: of the batches to come. TypeError when a function does not take its column's type. `context` must outlive it.
  static Result<std::unique_ptr<GroupAggregator>> Make(const ops::AggregateSink& sink, const arrow::Schema& schema, TaskContext* context);

  virtual Status Consume(const arrow::RecordBatch& batch) = 0;
  // The partial. The last call.
  virtual Result<Value> Finish() = 0;
};

std::span<const KernelEntry> GroupKernels();  // table.merge_groups

}  // namespace swath::kernels
