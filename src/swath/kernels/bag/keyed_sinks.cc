// Sinks that look for equal items: frequencies, distinct, foldby, groupby; and the k largest.
#include <algorithm>
#include <cmath>
#include <vector>

#include "swath/kernels/bag/item_sink.h"
#include "swath/kernels/bag/item_table.h"
#include "swath/ops/bag_column.h"

namespace swath::kernels {
namespace {

using ops::BagItem;
using ops::BagSink;
using ops::ItemKind;

Status Unhashable(const BagItem& item) {
  if (item.kind == ItemKind::kFloat || item.kind == ItemKind::kTuple) {
    return Status::NotImplemented("a key with a NaN or an unhashable part");
  }
  return Status::TypeError("unhashable type: '", TypeName(item), "'");
}

// What keyed sinks share: the key of an item and its number in a table.
class KeyedSink : public ItemSink {
 public:
  KeyedSink(const BagSink& sink, ItemScratch* scratch, TaskContext* context) : scratch_(scratch), context_(context) {
    if (sink.key) key_.emplace(*sink.key, scratch);
  }

 protected:
  Result<BagItem> KeyOf(const BagItem& item) {
    const BagItem key = scratch_->Plain(key_ ? key_->Evaluate(item) : item);
    if (key.failed()) return scratch_->error();
    return key;
  }
  Status Number(const BagItem& key, uint32_t* number, bool* added) {
    uint64_t hash = 0;
    if (!HashItem(key, &hash)) [[unlikely]]
      return Unhashable(key);
    *number = table_.Find(key, hash, added);
    return Status::OK();
  }
  // A copy of what `accumulators` point to, without what is no longer used.
  void Compact(std::vector<BagItem>* accumulators, ops::ItemArena* arena, int64_t* limit) const {
    if (arena->nbytes() < *limit) return;
    ops::ItemArena fresh;
    for (BagItem& item : *accumulators) item = fresh.Copy(item);
    *arena = std::move(fresh);
    *limit = 2 * arena->nbytes() + (1 << 20);
  }

  ItemScratch* scratch_;
  TaskContext* context_;
  std::optional<ItemEvaluator> key_;
  ItemTable table_;
};

class Frequencies : public KeyedSink {
 public:
  using KeyedSink::KeyedSink;
  Status Add(const BagItem& item) override { return Count(item, 1); }
  Status AddPartial(const BagItem& item) override {
    RETURN_IF_ERROR(CheckPartial(item, 2));
    return Count(item.items[0], item.items[1].as_int());
  }
  Result<Value> Finish(bool) override {
    ops::ItemColumnBuilder builder(context_->memory_pool);
    for (uint32_t i = 0; i < table_.size(); ++i) {
      const BagItem pair[] = {table_.key(i), BagItem::Int(counts_[i])};
      RETURN_IF_ERROR(builder.Append(BagItem::Tuple(pair, 2)));
    }
    ASSIGN_OR_RETURN(Partition partition, builder.Finish());
    return Value(std::move(partition));
  }

 private:
  Status Count(const BagItem& item, int64_t times) {
    const BagItem key = scratch_->Plain(item);
    if (key.failed()) return scratch_->error();
    uint32_t number = 0;
    bool added = false;
    RETURN_IF_ERROR(Number(key, &number, &added));
    if (added) counts_.push_back(0);
    counts_[number] += times;
    return Status::OK();
  }
  std::vector<int64_t> counts_;
};

class Distinct : public KeyedSink {
 public:
  Distinct(const BagSink& sink, ItemScratch* scratch, TaskContext* context)
      : KeyedSink(sink, scratch, context), builder_(context->memory_pool) {}
  Status Add(const BagItem& item) override {
    ASSIGN_OR_RETURN(const BagItem key, KeyOf(item));
    uint32_t number = 0;
    bool added = false;
    RETURN_IF_ERROR(Number(key, &number, &added));
    if (!added) return Status::OK();
    const BagItem plain = scratch_->Plain(item);
    return plain.failed() ? scratch_->error() : builder_.Append(plain);
  }
  Result<Value> Finish(bool) override {
    ASSIGN_OR_RETURN(Partition partition, builder_.Finish());
    return Value(std::move(partition));
  }

 private:
  ops::ItemColumnBuilder builder_;
};

class FoldBy : public KeyedSink {
 public:
  FoldBy(const BagSink& sink, ItemScratch* scratch, TaskContext* context)
      : KeyedSink(sink, scratch, context),
        fold_(*sink.fold, scratch),
        combine_(sink.combine ? *sink.combine : *sink.fold, scratch),
        initial_(sink.initial),
        combine_initial_(sink.combine_initial) {}
  Status Add(const BagItem& item) override {
    ASSIGN_OR_RETURN(const BagItem key, KeyOf(item));
    return Step(key, item, &fold_, initial_);
  }
  Status AddPartial(const BagItem& item) override {
    RETURN_IF_ERROR(CheckPartial(item, 2));
    return Step(item.items[0], item.items[1], &combine_, combine_initial_);
  }
  Result<Value> Finish(bool) override {
    ops::ItemColumnBuilder builder(context_->memory_pool);
    for (uint32_t i = 0; i < table_.size(); ++i) {
      const BagItem pair[] = {table_.key(i), accumulators_[i]};
      RETURN_IF_ERROR(builder.Append(BagItem::Tuple(pair, 2)));
    }
    ASSIGN_OR_RETURN(Partition partition, builder.Finish());
    return Value(std::move(partition));
  }

 private:
  Status Step(const BagItem& key, const BagItem& item, ItemEvaluator* function,
              const std::optional<ops::OwnedItem>& initial) {
    uint32_t number = 0;
    bool added = false;
    RETURN_IF_ERROR(Number(key, &number, &added));
    if (added) accumulators_.push_back(initial ? initial->item() : BagItem());
    const bool first = added && !initial;
    const BagItem value = scratch_->Plain(first ? item : function->Evaluate(item, accumulators_[number]));
    if (value.failed()) return scratch_->error();
    accumulators_[number] = arena_.Copy(value);
    Compact(&accumulators_, &arena_, &arena_limit_);
    return Status::OK();
  }

  ItemEvaluator fold_;
  ItemEvaluator combine_;
  std::optional<ops::OwnedItem> initial_;
  std::optional<ops::OwnedItem> combine_initial_;
  std::vector<BagItem> accumulators_;
  ops::ItemArena arena_;
  int64_t arena_limit_ = 1 << 20;
};

// A partition of (key, item) for each part of the hashes.
class GroupParts : public KeyedSink {
 public:
  GroupParts(const BagSink& sink, ItemScratch* scratch, TaskContext* context) : KeyedSink(sink, scratch, context) {
    for (int64_t i = 0; i < sink.k; ++i) {
      parts_.push_back(std::make_unique<ops::ItemColumnBuilder>(context->memory_pool));
    }
  }
  Status Add(const BagItem& item) override {
    ASSIGN_OR_RETURN(const BagItem key, KeyOf(item));
    uint64_t hash = 0;
    if (!HashItem(key, &hash)) return Unhashable(key);
    const BagItem plain = scratch_->Plain(item);
    if (plain.failed()) return scratch_->error();
    const BagItem pair[] = {key, plain};
    return parts_[hash % parts_.size()]->Append(BagItem::Tuple(pair, 2));
  }
  Result<Value> Finish(bool) override {
    Pieces pieces;
    for (const auto& part : parts_) {
      ASSIGN_OR_RETURN(Partition partition, part->Finish());
      pieces.values.emplace_back(std::move(partition));
    }
    return Value(std::move(pieces));
  }

 private:
  std::vector<std::unique_ptr<ops::ItemColumnBuilder>> parts_;
};

// The k largest as heapq.nlargest gives them: equal ones in order of appearance.
class TopItems : public KeyedSink {
 public:
  TopItems(const BagSink& sink, ItemScratch* scratch, TaskContext* context)
      : KeyedSink(sink, scratch, context), k_(std::max<int64_t>(0, sink.k)) {}

  Status Add(const BagItem& item) override {
    if (k_ == 0) return Status::OK();
    ASSIGN_OR_RETURN(const BagItem key, KeyOf(item));
    if (key.kind == ItemKind::kFloat && std::isnan(key.number)) return Status::NotImplemented("the order of a NaN");
    const int64_t number = next_++;
    const bool full = static_cast<int64_t>(heap_.size()) == k_;
    if (full) {
      const int order = CompareItems(key, keys_[heap_[0].slot]);
      if (order > 1) return NoOrder(key, keys_[heap_[0].slot]);
      if (order <= 0) return Status::OK();
    } else if (!heap_.empty() && CompareItems(key, keys_[0]) > 1) {
      return NoOrder(key, keys_[0]);
    }
    const BagItem plain = scratch_->Plain(item);
    if (plain.failed()) return scratch_->error();
    Push(key, plain, number, full);
    return unordered_ ? Status::TypeError("keys of topk have no order") : Status::OK();
  }

  Result<Value> Finish(bool) override {
    std::sort(heap_.begin(), heap_.end(), Better{this});
    if (unordered_) return Status::TypeError("keys of topk have no order");
    ops::ItemColumnBuilder builder(context_->memory_pool);
    for (const Entry& entry : heap_) RETURN_IF_ERROR(builder.Append(items_[entry.slot]));
    ASSIGN_OR_RETURN(Partition partition, builder.Finish());
    return Value(std::move(partition));
  }

 private:
  struct Entry {
    uint32_t slot;
    int64_t number;
  };
  // Orders a heap whose first element is the worst that is kept.
  struct Better {
    TopItems* sink;
    bool operator()(const Entry& a, const Entry& b) const {
      const int order = CompareItems(sink->keys_[a.slot], sink->keys_[b.slot]);
      if (order > 1) sink->unordered_ = true;
      return order == 0 || order > 1 ? a.number < b.number : order > 0;
    }
  };

  static Status NoOrder(const BagItem& a, const BagItem& b) {
    return Status::TypeError("'<' not supported between instances of '", TypeName(a), "' and '", TypeName(b), "'");
  }

  void Push(const BagItem& key, const BagItem& item, int64_t number, bool full) {
    uint32_t slot = static_cast<uint32_t>(items_.size());
    if (full) {
      std::pop_heap(heap_.begin(), heap_.end(), Better{this});
      slot = heap_.back().slot;
      heap_.pop_back();
    } else {
      items_.emplace_back();
      keys_.emplace_back();
    }
    items_[slot] = arena_.Copy(item);
    keys_[slot] = arena_.Copy(key);
    heap_.push_back({slot, number});
    std::push_heap(heap_.begin(), heap_.end(), Better{this});
    if (arena_.nbytes() < arena_limit_) return;
    ops::ItemArena fresh;
    for (BagItem& kept : items_) kept = fresh.Copy(kept);
    for (BagItem& kept : keys_) kept = fresh.Copy(kept);
    arena_ = std::move(fresh);
    arena_limit_ = 2 * arena_.nbytes() + (1 << 20);
  }

  int64_t k_;
  int64_t next_ = 0;
  std::vector<Entry> heap_;
  std::vector<BagItem> items_;
  std::vector<BagItem> keys_;
  ops::ItemArena arena_;
  int64_t arena_limit_ = 1 << 20;
  bool unordered_ = false;
};

}  // namespace

std::unique_ptr<ItemSink> MakeKeyedSink(const BagSink& sink, ItemScratch* scratch, TaskContext* context) {
  switch (sink.kind) {
    case BagSink::Kind::kFrequencies:
      return std::make_unique<Frequencies>(sink, scratch, context);
    case BagSink::Kind::kDistinct:
      return std::make_unique<Distinct>(sink, scratch, context);
    case BagSink::Kind::kFoldBy:
      return std::make_unique<FoldBy>(sink, scratch, context);
    case BagSink::Kind::kGroup:
      return std::make_unique<GroupParts>(sink, scratch, context);
    case BagSink::Kind::kTopK:
      return std::make_unique<TopItems>(sink, scratch, context);
    default:
      return nullptr;
  }
}

}  // namespace swath::kernels
