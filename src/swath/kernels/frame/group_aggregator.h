// GroupAggregator: the hash aggregation of one task: batches in, a partial or the finished table out. When its state
// outgrows the budget it writes its radix parts to the spill store and starts anew; whoever merges reads them back part
// by part.
//
//   Consume(batch) …  Partial() ─▶ Pieces[part 0 … part n-1, types]     part = Partition | Pieces of Partitions and
//   spilled ones MergePart(part) … Finish()  ─▶ table of keys and results
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/kernels/frame/aggregate_state.h"
#include "swath/kernels/frame/group_keys.h"
#include "swath/kernels/registry.h"
#include "swath/ops/table_pipeline.h"

namespace swath::kernels {

class GroupAggregator {
 public:
  // `schema`: of the batches. KeyError for a column that is not there, TypeError where a function does not take its
  // type.
  static Result<std::unique_ptr<GroupAggregator>> Make(const ops::AggregateSink& sink, const arrow::Schema& schema,
                                                       TaskContext* context);
  Status Consume(const arrow::RecordBatch& batch);
  // `part`: of a partial made with the same sink and types.
  Status MergePart(const Value& part);

  // Ends the aggregation: the partial value.
  Result<Value> Partial();
  // Ends the aggregation: the keys and the results.
  Result<std::shared_ptr<arrow::Table>> Finish(bool sort);
  int64_t nbytes() const;

  // The columns that the sink reads, each once, as an empty table: the last piece of a partial.
  static Result<std::shared_ptr<arrow::Schema>> TypesOf(const ops::AggregateSink& sink, const arrow::Schema& schema);

 private:
  GroupAggregator(const ops::AggregateSink& sink, TaskContext* context) : sink_(sink), context_(context) {}
  Status Reset();
  Status SpillIfNeeded();
  Status MergeTable(const arrow::Table& table);
  Result<std::vector<std::shared_ptr<arrow::Table>>> ExportParts() const;
  Result<std::shared_ptr<arrow::Array>> FinishOne(size_t aggregation, const std::vector<uint32_t>& groups);

  struct Slot {
    std::unique_ptr<AggregateState> state;
    std::unique_ptr<AggregateState> missing;  // counts missing values where skipna = false makes them poison
    int input = -1;                           // position in value_names_; -1: size
  };

  const ops::AggregateSink& sink_;
  TaskContext* context_;
  std::shared_ptr<arrow::Schema> types_;
  std::vector<std::shared_ptr<arrow::DataType>> key_types_;
  std::vector<std::string> value_names_;  // distinct columns of the aggregations
  GroupKeys keys_;
  std::vector<Slot> slots_;
  std::vector<Pieces> spilled_;   // by part
  std::vector<uint32_t> groups_;  // scratch
};

// Reads a part that a partial wrote to the spill store; other values are returned as they are.
Result<Value> Unspill(const Value& value, SpillSink* spill);

}  // namespace swath::kernels
