// "bag.pipeline". Every item goes through all steps before the next one is looked at: nothing is stored between the
// steps, and errors come in the order in which Python's chained iterators meet them.
#include <vector>

#include "swath/kernels/bag/item_sink.h"
#include "swath/kernels/bag/item_source.h"
#include "swath/kernels/bag/kernels.h"

namespace swath::kernels {
namespace {

using ops::BagItem;
using ops::BagPipeline;
using ops::BagSink;
using ops::BagStep;
using ops::ItemKind;

constexpr int64_t kItemsBetweenChecks = 1024;

// A uniform number in [0, 1) of element `number` of partition `block`.
double Uniform(const std::array<uint64_t, 2>& seed, int64_t block, int64_t number) {
  const auto mix = [](uint64_t x) {  // splitmix64
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
  };
  const uint64_t stream = mix(seed[0] + 0x9E3779B97F4A7C15ull * static_cast<uint64_t>(block + 1)) ^ mix(seed[1]);
  return static_cast<double>(mix(stream + 0x9E3779B97F4A7C15ull * static_cast<uint64_t>(number + 1)) >> 11) * 0x1p-53;
}

class NativeSteps {
 public:
  NativeSteps(const std::vector<BagStep>& steps, ItemScratch* scratch, ItemSink* sink, int64_t block)
      : steps_(steps), scratch_(scratch), sink_(sink), block_(block), met_(steps.size()) {
    for (const BagStep& step : steps) {
      evaluators_.emplace_back();
      if (step.expression) evaluators_.back().emplace(*step.expression, scratch);
    }
  }

  // Passes the item through the steps from number `i` on and into the sink.
  Status Push(BagItem item, size_t i) {
    for (; i < steps_.size(); ++i) {
      switch (steps_[i].kind) {
        case BagStep::Kind::kMap:
          item = evaluators_[i]->Evaluate(item);
          if (item.failed()) [[unlikely]]
            return scratch_->error();
          break;
        case BagStep::Kind::kFilter:
        case BagStep::Kind::kRemove: {
          const BagItem condition = scratch_->Plain(evaluators_[i]->Evaluate(item));
          if (condition.failed()) [[unlikely]]
            return scratch_->error();
          if (IsTruthy(condition) != (steps_[i].kind == BagStep::Kind::kFilter)) return Status::OK();
          break;
        }
        case BagStep::Kind::kFlatten:
          return Flatten(item, i);
        case BagStep::Kind::kSample:
          if (Uniform(steps_[i].seed, block_, met_[i]++) >= steps_[i].probability) return Status::OK();
          break;
      }
    }
    return sink_->Add(item);
  }

 private:
  Status Flatten(const BagItem& item, size_t i) {
    const BagItem whole = scratch_->Plain(item);
    if (whole.failed()) return scratch_->error();
    switch (whole.kind) {
      case ItemKind::kList:
      case ItemKind::kTuple:
      case ItemKind::kRecord: {
        const uint32_t stride = whole.kind == ItemKind::kRecord ? 2 : 1;
        for (uint32_t n = 0; n < whole.size && !sink_->satisfied(); ++n) {
          RETURN_IF_ERROR(Push(whole.items[stride * n], i + 1));
        }
        return Status::OK();
      }
      case ItemKind::kText:
        return FlattenText(whole.view(), i);
      case ItemKind::kBytes:
        return Status::NotImplemented("the elements of bytes");
      default:
        return Status::TypeError("'", TypeName(whole), "' object is not iterable");
    }
  }

  Status FlattenText(std::string_view text, size_t i) {
    while (!text.empty() && !sink_->satisfied()) {
      size_t size = 1;
      while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
      RETURN_IF_ERROR(Push(BagItem::Text(text.substr(0, size)), i + 1));
      text.remove_prefix(size);
    }
    return Status::OK();
  }

  const std::vector<BagStep>& steps_;
  ItemScratch* scratch_;
  ItemSink* sink_;
  int64_t block_;
  std::vector<std::optional<ItemEvaluator>> evaluators_;
  std::vector<int64_t> met_;  // items that a sampling step has seen
};

// Failures of items and functions, not of the machine: Python runs instead and says the same, or goes on.
bool IsForPython(const Status& status) {
  return !status.IsOutOfMemory() && !status.IsCancelled() && !status.IsIOError();
}

// `read_failed`: the error is of the source, not of an item.
Result<Value> RunNative(const BagPipeline& pipeline, const BagSink& end, std::span<const Value> inputs,
                        TaskContext& context, bool* read_failed) {
  ItemScratch scratch;
  ASSIGN_OR_RETURN(const auto sink, MakeItemSink(end, &scratch, &context));
  NativeSteps steps(pipeline.steps, &scratch, sink.get(), PartitionOf(pipeline, context));
  *read_failed = true;
  ASSIGN_OR_RETURN(const auto source, OpenItems(pipeline, inputs, context));
  BagItem item;
  for (int64_t n = 0; !sink->satisfied(); ++n) {
    if (n % kItemsBetweenChecks == 0) RETURN_IF_ERROR(context.CheckCancelled());
    ASSIGN_OR_RETURN(const bool more, source->Next(&item));
    if (!more) break;
    scratch.NextItem();
    if (Status status = steps.Push(item, 0); !status.ok()) [[unlikely]] {
      *read_failed = false;
      return status;
    }
  }
  *read_failed = false;
  return sink->Finish(false);
}

// `values` and then the side values.
Result<Value> CallWithSides(const BagPipeline& pipeline, const ops::FunctionCall& call, std::vector<Value> values,
                            std::span<const Value> sides, const TaskContext& context) {
  values.insert(values.end(), sides.begin(), sides.end());
  return CallHost(call, values, PartitionOf(pipeline, context), context);
}

// What a function made, as it is, or written to its file.
Result<Value> WriteMade(const BagPipeline& pipeline, Value made, TaskContext& context) {
  if (pipeline.sink.kind != BagSink::Kind::kWrite) return made;
  if (!AreNative({&made, 1})) return Status::TypeError("to_textfiles writes str; the items are of other types");
  BagPipeline write;
  write.item_inputs = 1;
  bool read_failed = false;
  return RunNative(write, pipeline.sink, {&made, 1}, context, &read_failed);
}

Result<Value> RunWhole(const BagPipeline& pipeline, std::span<const Value> items, std::span<const Value> sides,
                       TaskContext& context) {
  std::vector<Value> values(items.begin(), items.end());
  if (pipeline.source) {
    ASSIGN_OR_RETURN(Value all, ReadWhole(*pipeline.source, PartitionOf(pipeline, context), context));
    values = {std::move(all)};
  }
  ASSIGN_OR_RETURN(Value made, CallWithSides(pipeline, *pipeline.whole, std::move(values), sides, context));
  return WriteMade(pipeline, std::move(made), context);
}

}  // namespace

Result<Value> RunBagPipeline(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& pipeline = static_cast<const BagPipeline&>(params);
  const auto item_inputs = static_cast<size_t>(pipeline.source ? 0 : pipeline.item_inputs);
  CHECK(inputs.size() >= item_inputs);
  const std::span<const Value> items = inputs.first(item_inputs);
  const std::span<const Value> sides = inputs.subspan(item_inputs);
  const bool python_only = pipeline.rest && pipeline.steps.empty();
  if (pipeline.whole && (python_only || !AreNative(items))) return RunWhole(pipeline, items, sides, context);
  if (!AreNative(items)) return Status::TypeError("the items of this partition are opaque to native code");
  bool read_failed = false;
  const BagSink end = pipeline.rest ? BagSink{} : pipeline.sink;
  Result<Value> made = RunNative(pipeline, end, items, context, &read_failed);
  if (!made.ok() && pipeline.whole && !read_failed && IsForPython(made.status())) {
    return RunWhole(pipeline, items, sides, context);
  }
  if (!made.ok() || !pipeline.rest) return made;
  ASSIGN_OR_RETURN(Value result, CallWithSides(pipeline, *pipeline.rest, {std::move(*made)}, sides, context));
  return WriteMade(pipeline, std::move(result), context);
}

}  // namespace swath::kernels
