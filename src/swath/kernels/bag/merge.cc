// "bag.merge" and "bag.concat": partials and partitions of several tasks become one.
#include <vector>

#include "arrow/table.h"

#include "swath/kernels/bag/item_sink.h"
#include "swath/kernels/bag/item_source.h"
#include "swath/kernels/bag/item_table.h"
#include "swath/kernels/bag/kernels.h"
#include "swath/ops/bag_column.h"

namespace swath::kernels {
namespace {

using ops::BagItem;
using ops::BagMerge;
using ops::BagSink;

// Calls `each` with the items of the partitions, in order.
template <typename Each>
Status ForEachItem(std::span<const Value> partitions, const TaskContext& context, Each each) {
  for (const Value& value : partitions) {
    RETURN_IF_ERROR(context.CheckCancelled());
    ASSIGN_OR_RETURN(const auto reader, ops::ItemReader::Make(value.partition()->table, context.memory_pool));
    for (BagItem item;;) {
      ASSIGN_OR_RETURN(const bool more, reader->Next(&item));
      if (!more) break;
      RETURN_IF_ERROR(each(item));
    }
  }
  return Status::OK();
}

Result<Value> MergePartials(const BagMerge& merge, std::span<const Value> inputs, TaskContext& context) {
  ItemScratch scratch;
  ASSIGN_OR_RETURN(const auto sink, MakeItemSink(merge.sink, &scratch, &context));
  RETURN_IF_ERROR(ForEachItem(inputs, context, [&](const BagItem& item) {
    scratch.NextItem();
    return sink->satisfied() ? Status::OK() : sink->AddPartial(item);
  }));
  return sink->Finish(merge.finish);
}

// (key, item) of one part of the hashes -> (key, [items]).
Result<Value> MergeGroups(std::span<const Value> parts, TaskContext& context) {
  ItemTable table;
  ops::ItemArena arena;
  std::vector<std::vector<BagItem>> groups;
  RETURN_IF_ERROR(ForEachItem(parts, context, [&](const BagItem& item) -> Status {
    RETURN_IF_ERROR(CheckPartial(item, 2));
    uint64_t hash = 0;
    if (!HashItem(item.items[0], &hash)) return Status::Invalid("a key of a group has no hash");
    bool added = false;
    const uint32_t number = table.Find(item.items[0], hash, &added);
    if (added) groups.emplace_back();
    groups[number].push_back(arena.Copy(item.items[1]));
    return Status::OK();
  }));
  ops::ItemColumnBuilder builder(context.memory_pool);
  for (uint32_t i = 0; i < table.size(); ++i) {
    const BagItem pair[] = {table.key(i), BagItem::List(groups[i].data(), static_cast<uint32_t>(groups[i].size()))};
    RETURN_IF_ERROR(builder.Append(BagItem::Tuple(pair, 2)));
  }
  ASSIGN_OR_RETURN(Partition partition, builder.Finish());
  return Value(std::move(partition));
}

// The rows [begin, end) of a column.
Value Cut(const Value& value, int64_t piece, int64_t pieces) {
  const auto& table = value.partition()->table;
  const int64_t begin = table->num_rows() * piece / pieces;
  const int64_t end = table->num_rows() * (piece + 1) / pieces;
  return Partition{table->Slice(begin, end - begin)};
}

}  // namespace

Result<Value> RunBagMerge(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& merge = static_cast<const BagMerge&>(params);
  std::vector<Value> parts(inputs.begin(), inputs.end());
  if (merge.sink.kind == BagSink::Kind::kGroup) {
    for (Value& part : parts) {
      if (part.pieces()) part = Value(part.pieces()->values[static_cast<size_t>(context.block)]);
    }
  }
  Result<Value> merged = Status::TypeError("the items of a partial result are opaque to native code");
  if (!merge.whole || !merge.python_only) {
    if (AreNative(parts)) {
      merged =
          merge.sink.kind == BagSink::Kind::kGroup ? MergeGroups(parts, context) : MergePartials(merge, parts, context);
    }
  }
  const bool machine = merged.status().IsOutOfMemory() || merged.status().IsCancelled() || merged.status().IsIOError();
  if (merged.ok() || !merge.whole || machine) return merged;
  return CallHost(*merge.whole, parts, context.block, context);
}

Result<Value> RunBagConcat(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& concat = static_cast<const ops::BagConcat&>(params);
  const auto block = static_cast<size_t>(context.block);
  if (inputs.size() == 1 && concat.piece.empty()) return inputs[0];
  const bool native = AreNative(inputs);
  if (!native) {
    if (!concat.whole) return Status::TypeError("the items of these partitions are opaque to native code");
    return CallHost(*concat.whole, inputs, context.block, context);
  }
  if (!concat.piece.empty()) return Cut(inputs[0], concat.piece[block], concat.pieces[block]);
  ops::ItemColumnBuilder builder(context.memory_pool);
  RETURN_IF_ERROR(ForEachItem(inputs, context, [&](const BagItem& item) { return builder.Append(item); }));
  ASSIGN_OR_RETURN(Partition partition, builder.Finish());
  return Value(std::move(partition));
}

}  // namespace swath::kernels
