#include "swath/kernels/frame/top_rows.h"

#include <algorithm>

#include "arrow/array.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/record_batch.h"
#include "arrow/table.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "swath/kernels/frame/sort_rows.h"

namespace swath::kernels {

namespace {

// On the schema of a keep-last result: its equal rows stand latest first. Whoever merges it must turn them round again.
constexpr const char* kLatestFirst = "swath.latest_first";

Result<std::shared_ptr<arrow::Table>> Reversed(const std::shared_ptr<arrow::Table>& table, arrow::MemoryPool* pool) {
  arrow::UInt64Builder backwards(pool);
  RETURN_IF_ERROR(backwards.Reserve(table->num_rows()));
  for (int64_t i = table->num_rows(); i > 0; --i) backwards.UnsafeAppend(static_cast<uint64_t>(i - 1));
  ASSIGN_OR_RETURN(const auto indices, backwards.Finish());
  return TakeRows(table, indices, pool);
}

}  // namespace

TopRows::TopRows(const ops::TopSink& sink, std::shared_ptr<arrow::Schema> schema, TaskContext* context)
    : sink_(sink), schema_(schema->RemoveMetadata()), context_(context) {
  latest_first_ = schema->metadata() != nullptr && schema->metadata()->Contains(kLatestFirst);
}

Status TopRows::Consume(const std::shared_ptr<arrow::RecordBatch>& batch) {
  if (batch->num_rows() == 0) return Status::OK();
  auto plain = batch->ReplaceSchemaMetadata(nullptr);
  if (latest_first_) {
    ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches({plain}));
    ASSIGN_OR_RETURN(table, Reversed(table, context_->memory_pool));
    ASSIGN_OR_RETURN(plain, table->CombineChunksToBatch(context_->memory_pool));
  }
  batches_.push_back(std::move(plain));
  rows_ += batch->num_rows();
  // Cutting costs a sort of what is held: rarely enough that it stays cheap, often enough that little is held.
  if (rows_ > 4 * sink_.rows + (128 << 10)) return Cut();
  return Status::OK();
}

// Keeps the best `rows` of the batches, in row order, so that ties are still decided by position.
Status TopRows::Cut() {
  ASSIGN_OR_RETURN(auto table, Best());
  if (sink_.keep_last) {
    ASSIGN_OR_RETURN(table, Reversed(table, context_->memory_pool));
  }
  batches_.clear();
  rows_ = table->num_rows();
  ASSIGN_OR_RETURN(auto combined, table->CombineChunksToBatch(context_->memory_pool));
  batches_.push_back(std::move(combined));
  return Status::OK();
}

// The best rows in their final order.
Result<std::shared_ptr<arrow::Table>> TopRows::Best() {
  ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches(schema_, batches_));
  // keep="last": of equal rows the later ones win, and come first: the rows are sorted from the end.
  if (sink_.keep_last) {
    ASSIGN_OR_RETURN(table, Reversed(table, context_->memory_pool));
  }
  std::vector<ops::SortKey> keys;
  for (size_t i = 0; i < sink_.columns.size(); ++i) keys.push_back({sink_.columns[i], sink_.descending[i]});
  ASSIGN_OR_RETURN(const auto indices, SortedIndices(*table, keys, context_->memory_pool));
  const int64_t rows = std::max<int64_t>(0, std::min(sink_.rows, indices->length()));
  return TakeRows(table, indices->Slice(0, rows), context_->memory_pool);
}

Result<std::shared_ptr<arrow::Table>> TopRows::Finish() {
  ASSIGN_OR_RETURN(auto table, Best());
  if (!sink_.keep_last) return table;
  return table->ReplaceSchemaMetadata(arrow::key_value_metadata({kLatestFirst}, {"1"}));
}

}  // namespace swath::kernels
