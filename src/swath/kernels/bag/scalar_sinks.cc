// Sinks with one value: count, sum, smallest and largest, moments, any, all, fold.
#include <cmath>

#include "swath/kernels/bag/item_functions.h"
#include "swath/kernels/bag/item_sink.h"
#include "swath/ops/bag_column.h"

namespace swath::kernels {
namespace {

using ops::BagItem;
using ops::BagSink;
using ops::ItemKind;

Status NotANumber(const BagItem& item, std::string_view what) {
  return Status::TypeError("unsupported operand type(s) for +: '", what, "' and '", TypeName(item), "'");
}

class CountItems : public ItemSink {
 public:
  explicit CountItems(TaskContext* context) : context_(context) {}
  Status Add(const BagItem&) override {
    ++count_;
    return Status::OK();
  }
  Status AddPartial(const BagItem& item) override {
    count_ += item.as_int();
    return Status::OK();
  }
  Result<Value> Finish(bool) override { return OneItem(BagItem::Int(count_), context_->memory_pool); }

 private:
  TaskContext* context_;
  int64_t count_ = 0;
};

// Python's sum(): starts with the integer 0.
class SumItems : public ItemSink {
 public:
  explicit SumItems(TaskContext* context) : context_(context) {}
  Status Add(const BagItem& item) override {
    if (item.is_integral() && sum_.kind == ItemKind::kInt) {
      if (__builtin_add_overflow(sum_.integer, item.as_int(), &sum_.integer)) {
        return Status::NotImplemented("a sum of integers beyond 64 bits");
      }
      return Status::OK();
    }
    if (!item.is_number()) return NotANumber(item, TypeName(sum_));
    sum_ = BagItem::Float(sum_.as_float() + item.as_float());
    return Status::OK();
  }
  Result<Value> Finish(bool) override { return OneItem(sum_, context_->memory_pool); }

 private:
  TaskContext* context_;
  BagItem sum_ = BagItem::Int(0);
};

class ExtremeItem : public ItemSink {
 public:
  ExtremeItem(bool largest, ItemScratch* scratch, TaskContext* context)
      : largest_(largest), scratch_(scratch), context_(context) {}
  Status Add(const BagItem& item) override {
    const BagItem plain = scratch_->Plain(item);
    if (plain.failed()) return scratch_->error();
    if (any_) {
      const int order = CompareItems(plain, best_.item());
      if (order == ops::kUnorderable) {
        return Status::TypeError("'", largest_ ? ">" : "<", "' not supported between instances of '", TypeName(plain),
                                 "' and '", TypeName(best_.item()), "'");
      }
      if (order == ops::kUnordered || (largest_ ? order <= 0 : order >= 0)) return Status::OK();
    }
    any_ = true;
    best_ = ops::OwnedItem(plain);
    return Status::OK();
  }
  Result<Value> Finish(bool finish) override {
    if (!any_ && finish) return Status::Invalid(largest_ ? "max" : "min", "() arg is an empty sequence");
    ops::ItemColumnBuilder builder(context_->memory_pool);
    if (any_) RETURN_IF_ERROR(builder.Append(best_.item()));
    ASSIGN_OR_RETURN(Partition partition, builder.Finish());
    return Value(std::move(partition));
  }

 private:
  bool largest_;
  ItemScratch* scratch_;
  TaskContext* context_;
  bool any_ = false;
  ops::OwnedItem best_;
};

class MeanItems : public ItemSink {
 public:
  explicit MeanItems(TaskContext* context) : context_(context) {}
  Status Add(const BagItem& item) override {
    if (!item.is_number()) return NotANumber(item, "float");
    total_ += item.as_float();
    ++count_;
    return Status::OK();
  }
  Status AddPartial(const BagItem& item) override {
    RETURN_IF_ERROR(CheckPartial(item, 2));
    total_ += item.items[0].as_float();
    count_ += item.items[1].as_int();
    return Status::OK();
  }
  Result<Value> Finish(bool finish) override {
    if (!finish) {
      const BagItem pair[] = {BagItem::Float(total_), BagItem::Int(count_)};
      return OneItem(BagItem::Tuple(pair, 2), context_->memory_pool);
    }
    if (count_ == 0) return Status::Invalid("float division by zero: the mean of no items");
    return OneItem(BagItem::Float(total_ / static_cast<double>(count_)), context_->memory_pool);
  }

 private:
  TaskContext* context_;
  double total_ = 0;
  int64_t count_ = 0;
};

// Welford's update, and Chan's merge of partials: exact where sums of squares cancel.
class VarianceOfItems : public ItemSink {
 public:
  VarianceOfItems(int64_t ddof, TaskContext* context) : ddof_(ddof), context_(context) {}
  Status Add(const BagItem& item) override {
    if (!item.is_number()) return NotANumber(item, "float");
    const double x = item.as_float();
    ++count_;
    const double delta = x - mean_;
    mean_ += delta / static_cast<double>(count_);
    squares_ += delta * (x - mean_);
    return Status::OK();
  }
  Status AddPartial(const BagItem& item) override {
    RETURN_IF_ERROR(CheckPartial(item, 3));
    const int64_t count = item.items[0].as_int();
    if (count == 0) return Status::OK();
    const double delta = item.items[1].as_float() - mean_;
    const auto all = static_cast<double>(count_ + count);
    squares_ +=
        item.items[2].as_float() + delta * delta * static_cast<double>(count_) * static_cast<double>(count) / all;
    mean_ += delta * static_cast<double>(count) / all;
    count_ += count;
    return Status::OK();
  }
  Result<Value> Finish(bool finish) override {
    if (!finish) {
      const BagItem parts[] = {BagItem::Int(count_), BagItem::Float(mean_), BagItem::Float(squares_)};
      return OneItem(BagItem::Tuple(parts, 3), context_->memory_pool);
    }
    if (count_ == 0 || count_ == ddof_)
      return Status::Invalid("float division by zero: the variance of ", count_, " items");
    return OneItem(BagItem::Float(squares_ / static_cast<double>(count_ - ddof_)), context_->memory_pool);
  }

 private:
  int64_t ddof_;
  TaskContext* context_;
  int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

// any() and all() stop at the first item that decides.
class TruthOfItems : public ItemSink {
 public:
  TruthOfItems(bool any, ItemScratch* scratch, TaskContext* context)
      : any_(any), scratch_(scratch), context_(context), value_(!any) {}
  Status Add(const BagItem& item) override {
    const BagItem plain = scratch_->Plain(item);
    if (plain.failed()) return scratch_->error();
    if (IsTruthy(plain) == any_) value_ = any_;
    return Status::OK();
  }
  bool satisfied() const override { return value_ == any_; }
  Result<Value> Finish(bool) override { return OneItem(BagItem::Bool(value_), context_->memory_pool); }

 private:
  bool any_;
  ItemScratch* scratch_;
  TaskContext* context_;
  bool value_;
};

class FoldItems : public ItemSink {
 public:
  FoldItems(const BagSink& sink, ItemScratch* scratch, TaskContext* context)
      : fold_(*sink.fold, scratch),
        combine_(sink.combine ? *sink.combine : *sink.fold, scratch),
        scratch_(scratch),
        context_(context),
        initial_(sink.initial),
        combine_initial_(sink.combine_initial) {}
  Status Add(const BagItem& item) override { return Step(item, &fold_, initial_); }
  Status AddPartial(const BagItem& item) override { return Step(item, &combine_, combine_initial_); }

  Result<Value> Finish(bool finish) override {
    if (!any_ && initial_ && !merging_) accumulator_ = *initial_;
    any_ = any_ || (initial_ && !merging_);
    if (!any_ && finish) return Status::TypeError("reduce() of empty iterable with no initial value");
    ops::ItemColumnBuilder builder(context_->memory_pool);
    if (any_) RETURN_IF_ERROR(builder.Append(accumulator_.item()));
    ASSIGN_OR_RETURN(Partition partition, builder.Finish());
    return Value(std::move(partition));
  }

 private:
  Status Step(const BagItem& item, ItemEvaluator* function, const std::optional<ops::OwnedItem>& initial) {
    merging_ = function == &combine_;
    if (!any_ && initial) {
      accumulator_ = *initial;
      any_ = true;
    }
    const BagItem value = scratch_->Plain(any_ ? function->Evaluate(item, accumulator_.item()) : item);
    if (value.failed()) return scratch_->error();
    any_ = true;
    accumulator_ = ops::OwnedItem(value);
    return Status::OK();
  }

  ItemEvaluator fold_;
  ItemEvaluator combine_;
  ItemScratch* scratch_;
  TaskContext* context_;
  std::optional<ops::OwnedItem> initial_;
  std::optional<ops::OwnedItem> combine_initial_;
  bool any_ = false;
  bool merging_ = false;
  ops::OwnedItem accumulator_;
};

}  // namespace

Status CheckPartial(const BagItem& item, uint32_t size) {
  if (item.kind == ItemKind::kTuple && item.size == size) return Status::OK();
  return Status::Invalid("a partial result of a bag is ", ItemRepr(item), "; expected a tuple of ", size);
}

Result<Value> OneItem(const BagItem& item, arrow::MemoryPool* pool) {
  ops::ItemColumnBuilder builder(pool);
  RETURN_IF_ERROR(builder.Append(item));
  ASSIGN_OR_RETURN(Partition partition, builder.Finish());
  return Value(std::move(partition));
}

std::unique_ptr<ItemSink> MakeScalarSink(const BagSink& sink, ItemScratch* scratch, TaskContext* context) {
  switch (sink.kind) {
    case BagSink::Kind::kCount:
      return std::make_unique<CountItems>(context);
    case BagSink::Kind::kSum:
      return std::make_unique<SumItems>(context);
    case BagSink::Kind::kMin:
    case BagSink::Kind::kMax:
      return std::make_unique<ExtremeItem>(sink.kind == BagSink::Kind::kMax, scratch, context);
    case BagSink::Kind::kMean:
      return std::make_unique<MeanItems>(context);
    case BagSink::Kind::kVariance:
      return std::make_unique<VarianceOfItems>(sink.k, context);
    case BagSink::Kind::kAny:
    case BagSink::Kind::kAll:
      return std::make_unique<TruthOfItems>(sink.kind == BagSink::Kind::kAny, scratch, context);
    case BagSink::Kind::kFold:
      return std::make_unique<FoldItems>(sink, scratch, context);
    default:
      return nullptr;
  }
}

}  // namespace swath::kernels
