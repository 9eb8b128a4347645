#include "swath/kernels/frame/pipeline.h"

#include <algorithm>
#include <deque>

#include "arrow/array.h"
#include "arrow/array/util.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/kernels/frame/batch_source.h"
#include "swath/kernels/frame/batch_steps.h"
#include "swath/kernels/frame/group_aggregator.h"
#include "swath/kernels/frame/top_rows.h"
#include "swath/ops/table_ops.h"
#include "swath/ops/table_pipeline.h"

namespace swath::kernels {
namespace {

using BatchPtr = std::shared_ptr<arrow::RecordBatch>;
using Batches = std::vector<BatchPtr>;

// What the sinks see of a task: its batches after all steps.
struct Flow {
  BatchSource* source;
  const BatchSteps* steps;
  TaskContext* context;
  const std::shared_ptr<arrow::Schema>& schema() const { return steps->output(); }
  // Null at the end.
  Result<BatchPtr> Next() const {
    ASSIGN_OR_RETURN(BatchPtr batch, source->Next());
    if (!batch) return batch;
    return steps->Run(std::move(batch));
  }
};

Result<Value> AsPartition(const std::shared_ptr<arrow::Schema>& schema, const Batches& batches) {
  ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches(schema, batches));
  return Value(Partition{std::move(table)});
}

// Scans deliver small batches, which stay in cache; a kept table is better in larger ones: fewer chunks for whoever
// reads it.
Result<std::shared_ptr<arrow::Table>> Compact(std::shared_ptr<arrow::Table> table, arrow::MemoryPool* pool) {
  const int chunks = table->num_columns() > 0 ? table->column(0)->num_chunks() : 0;
  if (chunks <= 1 || table->num_rows() / chunks >= (256 << 10)) return table;
  return table->CombineChunks(pool);
}

Result<Value> Run(const ops::CollectSink&, const Flow& flow) {
  Batches batches;
  while (true) {
    ASSIGN_OR_RETURN(BatchPtr batch, flow.Next());
    if (!batch) break;
    if (batch->num_rows() > 0) batches.push_back(std::move(batch));
  }
  ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches(flow.schema(), batches));
  batches.clear();
  ASSIGN_OR_RETURN(table, Compact(std::move(table), flow.context->memory_pool));
  return Value(Partition{std::move(table)});
}

Result<Value> Run(const ops::HeadSink& sink, const Flow& flow) {
  Batches batches;
  int64_t rows = 0;
  while (rows < sink.rows) {
    ASSIGN_OR_RETURN(BatchPtr batch, flow.Next());
    if (!batch) break;
    if (batch->num_rows() > sink.rows - rows) batch = batch->Slice(0, sink.rows - rows);
    rows += batch->num_rows();
    if (batch->num_rows() > 0) batches.push_back(std::move(batch));
  }
  return AsPartition(flow.schema(), batches);
}

Result<Value> Run(const ops::TailSink& sink, const Flow& flow) {
  std::deque<BatchPtr> kept;
  int64_t rows = 0;
  while (true) {
    ASSIGN_OR_RETURN(BatchPtr batch, flow.Next());
    if (!batch) break;
    if (batch->num_rows() == 0) continue;
    rows += batch->num_rows();
    kept.push_back(std::move(batch));
    while (rows - kept.front()->num_rows() >= sink.rows && kept.size() > 1) {
      rows -= kept.front()->num_rows();
      kept.pop_front();
    }
  }
  if (!kept.empty() && rows > sink.rows) kept.front() = kept.front()->Slice(rows - std::max<int64_t>(0, sink.rows));
  return AsPartition(flow.schema(), Batches(kept.begin(), kept.end()));
}

Result<Value> CountPartition(int64_t count) {
  ASSIGN_OR_RETURN(auto array, arrow::MakeArrayFromScalar(arrow::Int64Scalar(count), 1));
  return Value(
      Partition{arrow::Table::Make(arrow::schema({arrow::field("count", arrow::int64())}), {std::move(array)}, 1)});
}

Result<Value> Run(const ops::CountSink&, const Flow& flow) {
  int64_t rows = 0;
  while (true) {
    ASSIGN_OR_RETURN(const BatchPtr batch, flow.Next());
    if (!batch) return CountPartition(rows);
    rows += batch->num_rows();
  }
}

Result<Value> Run(const ops::AggregateSink& sink, const Flow& flow) {
  ASSIGN_OR_RETURN(const auto aggregator, GroupAggregator::Make(sink, *flow.schema(), flow.context));
  while (true) {
    ASSIGN_OR_RETURN(const BatchPtr batch, flow.Next());
    if (!batch) return aggregator->Partial();
    RETURN_IF_ERROR(aggregator->Consume(*batch));
  }
}

Result<Value> Run(const ops::TopSink& sink, const Flow& flow) {
  if (sink.columns.size() != sink.descending.size() || sink.columns.empty()) {
    return Status::Invalid("the sort of the first rows needs a direction for each of its columns");
  }
  TopRows top(sink, flow.schema(), flow.context);
  while (true) {
    ASSIGN_OR_RETURN(const BatchPtr batch, flow.Next());
    if (!batch) break;
    RETURN_IF_ERROR(top.Consume(batch));
  }
  ASSIGN_OR_RETURN(auto table, top.Finish());
  return Value(Partition{std::move(table)});
}

Result<Value> Run(const ops::WriteSink& sink, const Flow& flow) {
  const int64_t block = flow.context->block;
  const ops::WriteTarget::Session session(*sink.target);
  RETURN_IF_ERROR(flow.context->CheckCancelled());
  ASSIGN_OR_RETURN(const auto writer, sink.target->Open(block, flow.schema(), flow.context->memory_pool));
  int64_t rows = 0;
  while (true) {
    ASSIGN_OR_RETURN(const BatchPtr batch, flow.Next());
    if (!batch) break;
    rows += batch->num_rows();
    if (batch->num_rows() > 0) RETURN_IF_ERROR(writer->Write(batch));
  }
  ASSIGN_OR_RETURN(const int64_t bytes, writer->Finish());
  ASSIGN_OR_RETURN(auto path, arrow::MakeArrayFromScalar(arrow::LargeStringScalar(sink.target->Path(block)), 1));
  ASSIGN_OR_RETURN(auto row_count, arrow::MakeArrayFromScalar(arrow::Int64Scalar(rows), 1));
  ASSIGN_OR_RETURN(auto byte_count, arrow::MakeArrayFromScalar(arrow::Int64Scalar(bytes), 1));
  const auto schema = arrow::schema({arrow::field("path", arrow::large_utf8()), arrow::field("rows", arrow::int64()),
                                     arrow::field("bytes", arrow::int64())});
  return Value(Partition{arrow::Table::Make(schema, {path, row_count, byte_count}, 1)});
}

// Rows that metadata tell, when nothing but their number is asked for.
Result<std::optional<int64_t>> KnownCount(const ops::TablePipeline& pipeline, const TaskContext& context) {
  const bool filtered = std::any_of(pipeline.steps.begin(), pipeline.steps.end(),
                                    [](const auto& step) { return std::holds_alternative<ops::FilterStep>(step); });
  if (!std::holds_alternative<ops::CountSink>(pipeline.sink) || filtered || !pipeline.scan) return std::nullopt;
  int64_t begin = context.block;
  int64_t end = begin + 1;
  if (!pipeline.ranges.empty()) {
    begin = pipeline.ranges[static_cast<size_t>(context.block)];
    end = pipeline.ranges[static_cast<size_t>(context.block) + 1];
  }
  int64_t total = 0;
  for (int64_t p = begin; p < end; ++p) {
    ASSIGN_OR_RETURN(const std::optional<int64_t> rows, pipeline.scan->RowCount(p));
    if (!rows) return std::nullopt;
    total += *rows;
  }
  return total;
}

}  // namespace

namespace {

// What PoolVectors throw, as the status that it is.
template <typename Body>
Result<Value> RefusalsAsStatus(Body body) {
  try {
    return body();
  } catch (const PoolRefused& refused) {
    return refused.status();
  }
}

}  // namespace

Result<Value> RunTablePipeline(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& pipeline = static_cast<const ops::TablePipeline&>(params);
  ASSIGN_OR_RETURN(const std::optional<int64_t> count, KnownCount(pipeline, context));
  if (count) return CountPartition(*count);
  ASSIGN_OR_RETURN(const auto source, BatchSource::Make(pipeline, inputs, &context));
  ASSIGN_OR_RETURN(const auto steps, BatchSteps::Make(pipeline, source->schema(),
                                                      inputs.subspan(0, static_cast<size_t>(pipeline.scalar_inputs)),
                                                      context.memory_pool));
  const Flow flow{source.get(), &steps, &context};
  return RefusalsAsStatus([&] { return std::visit([&](const auto& sink) { return Run(sink, flow); }, pipeline.sink); });
}

namespace {

Result<Value> MergeGroups(const ops::MergeGroupsParams& merge, std::span<const Value> inputs, TaskContext& context) {
  const int64_t parts = int64_t{1} << merge.groups.radix_bits;
  const bool numbered = parts > 1 && merge.groups.order != ops::GroupOrder::kAny;
  int64_t begin = 0;
  int64_t end = parts;
  if (merge.finish) {
    begin = context.block * parts / merge.part_tasks;
    end = (context.block + 1) * parts / merge.part_tasks;
  }
  std::unique_ptr<GroupAggregator> aggregator;
  for (int64_t p = begin; p < end; ++p) {  // part by part: equal keys are in equal parts
    for (const Value& input : inputs) {
      const Pieces* pieces = input.pieces();
      if (pieces == nullptr || static_cast<int64_t>(pieces->values.size()) != parts + 1) {
        return Status::Invalid("merge_groups expects partials of ", parts, " parts");
      }
      if (!aggregator) {
        const auto types = pieces->values.back().partition()->table->schema();
        ASSIGN_OR_RETURN(aggregator, merge.finish ? GroupAggregator::MakeMerger(merge.groups, *types, &context,
                                                                                merge.groups.radix_bits)
                                                  : GroupAggregator::Make(merge.groups, *types, &context));
      }
      RETURN_IF_ERROR(aggregator->MergePart(pieces->values[static_cast<size_t>(p)]));
    }
  }
  if (!aggregator && !inputs.empty()) {  // more tasks than parts: an empty result
    const auto types = inputs[0].pieces()->values.back().partition()->table->schema();
    ops::AggregateSink sink = merge.groups;
    ASSIGN_OR_RETURN(aggregator, GroupAggregator::Make(merge.groups, *types, &context));
    ASSIGN_OR_RETURN(auto table, aggregator->Finish(merge.sort, numbered));
    return Value(Partition{table->Slice(0, 0)});
  }
  if (!aggregator) return Status::Invalid("merge_groups needs at least one partial");
  Value result;
  if (merge.finish) {
    ASSIGN_OR_RETURN(auto table, aggregator->Finish(merge.sort, numbered));
    result = Value(Partition{std::move(table)});
  } else {
    ASSIGN_OR_RETURN(result, aggregator->Partial());
  }
  aggregator->RemoveMerged();
  return result;
}

}  // namespace

Result<Value> RunMergeGroups(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& merge = static_cast<const ops::MergeGroupsParams&>(params);
  return RefusalsAsStatus([&] { return MergeGroups(merge, inputs, context); });
}

}  // namespace swath::kernels
