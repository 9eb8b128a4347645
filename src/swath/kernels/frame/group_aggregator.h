// GroupAggregator: the hash aggregation of one task: batches in, a partial or the finished table out. When its state
// outgrows the budget it writes its radix parts to the spill store and starts anew; whoever merges reads them back part
// by part, and parts that are too large for it again in parts, by the next bits of the hash. nunique of the whole table
// has parts by the hash of the values.
//
//   Consume(batch) …  Partial() ─▶ Pieces[part 0 … part n-1, types]     part = Partition | Pieces of Partitions and
//   spilled ones MergePart(part) … Finish()  ─▶ table of keys and results
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/kernels/frame/aggregate_state.h"
#include "swath/kernels/frame/group_keys.h"
#include "swath/kernels/frame/row_order.h"
#include "swath/kernels/registry.h"
#include "swath/ops/table_pipeline.h"

namespace swath::kernels {

class GroupAggregator {
 public:
  // `schema`: of the batches. KeyError for a column that is not there, TypeError where a function does not take its
  // type.
  static Result<std::unique_ptr<GroupAggregator>> Make(const ops::AggregateSink& sink, const arrow::Schema& schema,
                                                       TaskContext* context);
  // For merging a part of partials, of which the first `skip_bits` of the hash are one and the same, to its Finish.
  static Result<std::unique_ptr<GroupAggregator>> MakeMerger(const ops::AggregateSink& sink,
                                                             const arrow::Schema& schema, TaskContext* context,
                                                             int skip_bits);
  Status Consume(const arrow::RecordBatch& batch);
  // `part`: of a partial made with the same sink and types.
  Status MergePart(const Value& part);

  // Ends the aggregation: the partial value.
  Result<Value> Partial();
  // Ends the aggregation: the keys and the results; `numbered`: and the row numbers of the sink's order.
  Result<std::shared_ptr<arrow::Table>> Finish(bool sort, bool numbered = false);
  int64_t nbytes() const;
  // Gives back the spilled parts that were merged. After the end only: a task that fails may run again.
  void RemoveMerged();

  // The columns that the sink reads, each once, as an empty table: the last piece of a partial.
  static Result<std::shared_ptr<arrow::Schema>> TypesOf(const ops::AggregateSink& sink, const arrow::Schema& schema);

 private:
  struct Slot {
    std::unique_ptr<AggregateState> state;
    std::unique_ptr<AggregateState> missing;  // counts missing values where skipna = false makes them poison
    int input = -1;                           // position in value_names_; -1: size
  };

  GroupAggregator(const ops::AggregateSink& sink, TaskContext* context, HashBits bits)
      : sink_(sink),
        context_(context),
        bits_(bits),
        order_(sink.order, context->block, context->memory_pool),
        groups_(context->memory_pool) {}
  Status Open(const arrow::Schema& schema);
  Status Reset();
  Status SpillIfNeeded();
  Status Spill();
  Status MergeTable(const arrow::Table& table);
  Result<std::unique_ptr<AggregateState>> MakeState(const ops::Aggregation& aggregation) const;
  Result<Arrays> ExportWholePart(const Slot& slot, const ops::Aggregation& aggregation, size_t part) const;
  Result<std::shared_ptr<arrow::Table>> ExportPart(std::span<const uint32_t> groups, size_t part, bool split) const;
  template <typename Take>
  Status ExportParts(HashBits bits, Take take) const;  // take(part, table)
  Result<std::shared_ptr<arrow::Table>> FinishSpilled(bool sort, bool numbered);
  Result<std::shared_ptr<arrow::Table>> SumParts(const std::vector<std::shared_ptr<arrow::Table>>& tables,
                                                 arrow::MemoryPool* pool) const;
  Result<std::shared_ptr<arrow::Array>> FinishOne(size_t aggregation, std::span<const uint32_t> groups);

  const ops::AggregateSink& sink_;
  TaskContext* context_;
  std::shared_ptr<arrow::Schema> types_;
  std::vector<std::shared_ptr<arrow::DataType>> key_types_;
  std::vector<std::string> value_names_;  // distinct columns of the aggregations
  const HashBits bits_;                   // of the parts that are spilled
  bool splits_values_ = false;            // no keys, and a state that splits by value
  std::optional<GroupKeys> keys_;
  RowOrder order_;
  std::vector<Slot> slots_;
  std::vector<Pieces> spilled_;  // by part
  std::vector<int64_t> merged_;  // numbers of spilled parts
  PoolVector<uint32_t> groups_;  // scratch
};

// Reads a part that a partial wrote to the spill store; other values are returned as they are.
Result<Value> Unspill(const Value& value, SpillSink* spill);

}  // namespace swath::kernels
