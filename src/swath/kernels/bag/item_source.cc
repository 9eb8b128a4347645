#include "swath/kernels/bag/item_source.h"

#include <vector>

#include "arrow/record_batch.h"
#include "arrow/table.h"

#include "swath/ops/bag_column.h"

namespace swath::kernels {
namespace {

using ops::BagItem;
using ops::ItemReader;

class PartitionItems : public ItemSource {
 public:
  explicit PartitionItems(std::unique_ptr<ItemReader> reader) : reader_(std::move(reader)) {}
  Result<bool> Next(BagItem* item) override { return reader_->Next(item); }

 private:
  std::unique_ptr<ItemReader> reader_;
};

class ScanItems : public ItemSource {
 public:
  ScanItems(std::unique_ptr<ops::BatchReader> batches, arrow::MemoryPool* pool)
      : batches_(std::move(batches)), pool_(pool) {}
  Result<bool> Next(BagItem* item) override {
    for (;;) {
      if (reader_) {
        ASSIGN_OR_RETURN(const bool more, reader_->Next(item));
        if (more) return true;
      }
      ASSIGN_OR_RETURN(const auto batch, batches_->Next());
      if (!batch) return false;
      ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches({batch}));
      ASSIGN_OR_RETURN(reader_, ItemReader::Make(std::move(table), pool_));
    }
  }

 private:
  std::unique_ptr<ops::BatchReader> batches_;
  arrow::MemoryPool* pool_;
  std::unique_ptr<ItemReader> reader_;
};

// Ends with the shortest, as zip() does.
class ZippedItems : public ItemSource {
 public:
  explicit ZippedItems(std::vector<std::unique_ptr<ItemReader>> readers)
      : readers_(std::move(readers)), tuple_(readers_.size()) {}
  Result<bool> Next(BagItem* item) override {
    for (size_t i = 0; i < readers_.size(); ++i) {
      ASSIGN_OR_RETURN(const bool more, readers_[i]->Next(&tuple_[i]));
      if (!more) return false;
    }
    *item = BagItem::Tuple(tuple_.data(), static_cast<uint32_t>(tuple_.size()));
    return true;
  }

 private:
  std::vector<std::unique_ptr<ItemReader>> readers_;
  std::vector<BagItem> tuple_;
};

// Every item of the first with all of the second.
class CrossedItems : public ItemSource {
 public:
  CrossedItems(std::unique_ptr<ItemReader> first, std::vector<BagItem> second, ops::ItemArena arena)
      : first_(std::move(first)), second_(std::move(second)), arena_(std::move(arena)), next_(second_.size()) {}
  Result<bool> Next(BagItem* item) override {
    if (second_.empty()) return false;
    if (next_ == second_.size()) {
      ASSIGN_OR_RETURN(const bool more, first_->Next(&pair_[0]));
      if (!more) return false;
      next_ = 0;
    }
    pair_[1] = second_[next_++];
    *item = BagItem::Tuple(pair_, 2);
    return true;
  }

 private:
  std::unique_ptr<ItemReader> first_;
  std::vector<BagItem> second_;
  ops::ItemArena arena_;
  size_t next_;
  BagItem pair_[2];
};

}  // namespace

bool AreNative(std::span<const Value> partitions) {
  for (const Value& value : partitions) {
    const Partition* partition = value.partition();
    if (!partition || !partition->table || !ops::HoldsItems(*partition->table->schema())) return false;
  }
  return true;
}

Result<std::unique_ptr<ItemSource>> OpenItems(const ops::BagPipeline& pipeline, std::span<const Value> inputs,
                                              const TaskContext& context) {
  arrow::MemoryPool* pool = context.memory_pool;
  if (pipeline.source) {
    ASSIGN_OR_RETURN(auto batches, pipeline.source->Open(PartitionOf(pipeline, context), pool));
    return std::make_unique<ScanItems>(std::move(batches), pool);
  }
  std::vector<std::unique_ptr<ItemReader>> readers;
  for (const Value& value : inputs) {
    ASSIGN_OR_RETURN(auto reader, ItemReader::Make(value.partition()->table, pool));
    readers.push_back(std::move(reader));
  }
  if (readers.size() == 1) return std::make_unique<PartitionItems>(std::move(readers[0]));
  if (!pipeline.product) return std::make_unique<ZippedItems>(std::move(readers));
  ops::ItemArena arena;
  ASSIGN_OR_RETURN(auto second, ops::ItemsOf(*inputs[1].partition(), &arena, pool));
  return std::make_unique<CrossedItems>(std::move(readers[0]), std::move(second), std::move(arena));
}

int64_t PartitionOf(const ops::BagPipeline& pipeline, const TaskContext& context) {
  return pipeline.partitions.empty() ? context.block : pipeline.partitions[static_cast<size_t>(context.block)];
}

Result<Value> CallHost(const ops::FunctionCall& call, std::span<const Value> inputs, int64_t partition,
                       const TaskContext& context) {
  RETURN_IF_ERROR(context.CheckCancelled());
  return call.Call(inputs, {.block = partition,
                            .memory_pool = context.memory_pool,
                            .cancelled = context.cancelled,
                            .python = context.python,
                            .python_in_processes = context.python_in_processes});
}

Result<Value> ReadWhole(const ops::ScanSource& source, int64_t partition, const TaskContext& context) {
  ASSIGN_OR_RETURN(const auto batches, source.Open(partition, context.memory_pool));
  arrow::RecordBatchVector all;
  for (;;) {
    RETURN_IF_ERROR(context.CheckCancelled());
    ASSIGN_OR_RETURN(auto batch, batches->Next());
    if (!batch) break;
    all.push_back(std::move(batch));
  }
  ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches(source.schema(), all));
  return Value(Partition{std::move(table)});
}

}  // namespace swath::kernels
