#include "swath/api/bag.h"

#include "swath/api/bag_functions.h"
#include "swath/api/compute.h"
#include "swath/api/error.h"
#include "swath/data/memory_pool.h"
#include "swath/expr/bag/bag_reduce.h"
#include "swath/expr/bag/bag_source.h"
#include "swath/expr/bag/bag_steps.h"
#include "swath/io/formats/text_source.h"
#include "swath/io/formats/text_target.h"
#include "swath/ops/bag_column.h"

namespace swath {
namespace {

using ops::BagSink;
using ops::BagStep;

constexpr int64_t kSplitEvery = 8;

Bag BagOf(Result<expr::BagPtr> node) { return Bag(ValueOrThrow(std::move(node))); }

Bag AddStep(const Bag& input, BagStep step) {
  return BagOf(expr::BagStepNode::Make(input.node(), std::move(step), {}));
}
Bag AddStep(const Bag& input, BagStep::Kind kind, const bag::Expression& expression) {
  return AddStep(input, BagStep{.kind = kind, .expression = expression.node()});
}
Bag AddFunction(const Bag& input, Bag::Partition function, std::string name) {
  return BagOf(expr::BagStepNode::Make(input.node(), std::nullopt,
                                       {bag::MakePartitionStep(std::move(function), std::move(name)), {}}));
}

std::optional<ops::OwnedItem> Owned(const std::optional<bag::Item>& item) {
  if (!item) return std::nullopt;
  ops::ItemArena arena;
  return ops::OwnedItem(item->View(&arena));
}

ops::BagExpressionPtr NodeOf(const std::optional<bag::Expression>& expression) {
  return expression ? expression->node() : nullptr;
}

}  // namespace

Bag Bag::map(const bag::Expression& function) const { return AddStep(*this, BagStep::Kind::kMap, function); }
Bag Bag::filter(const bag::Expression& condition) const { return AddStep(*this, BagStep::Kind::kFilter, condition); }
Bag Bag::remove(const bag::Expression& condition) const { return AddStep(*this, BagStep::Kind::kRemove, condition); }
Bag Bag::pluck(const bag::Item& key) const { return map(bag::item[key]); }
Bag Bag::pluck(const bag::Item& key, const bag::Item& otherwise) const {
  return map(bag::call("get", {bag::item, key, otherwise}));
}
Bag Bag::loads() const { return map(bag::call("loads", {bag::item})); }
Bag Bag::flatten() const { return AddStep(*this, BagStep{.kind = BagStep::Kind::kFlatten}); }
Bag Bag::random_sample(double probability, uint64_t seed) const {
  return AddStep(*this, BagStep{.kind = BagStep::Kind::kSample, .probability = probability, .seed = {seed, 0}});
}

Bag Bag::map(Function function, std::string name) const {
  const auto whole = [function = std::move(function)](std::vector<bag::Item> items) {
    for (bag::Item& item : items) item = function(item);
    return items;
  };
  return AddFunction(*this, whole, std::move(name));
}

Bag Bag::filter(Predicate predicate, std::string name) const {
  const auto whole = [predicate = std::move(predicate)](std::vector<bag::Item> items) {
    std::erase_if(items, [&](const bag::Item& item) { return !predicate(item); });
    return items;
  };
  return AddFunction(*this, whole, std::move(name));
}

Bag Bag::map_partitions(Partition function, std::string name) const {
  return AddFunction(*this, std::move(function), std::move(name));
}

Bag Bag::repartition(int64_t npartitions) const {
  return BagOf(expr::BagRepartitionNode::Make(node_, npartitions, nullptr));
}
Bag Bag::partitions(const std::vector<int64_t>& numbers) const {
  return BagOf(expr::BagSelectNode::Make(node_, numbers));
}
Bag Bag::zip(const Bag& other) const { return BagOf(expr::BagJoinNode::Make({node_, other.node_}, false, nullptr)); }
Bag Bag::product(const Bag& other) const { return BagOf(expr::BagJoinNode::Make({node_, other.node_}, true, nullptr)); }

Bag Bag::Reduced(BagSink sink) const {
  return BagOf(expr::BagReduceNode::Make(node_, std::move(sink), {}, kSplitEvery));
}

Bag Bag::frequencies() const { return Reduced({.kind = BagSink::Kind::kFrequencies}); }
Bag Bag::distinct(const std::optional<bag::Expression>& key) const {
  return Reduced({.kind = BagSink::Kind::kDistinct, .key = NodeOf(key)});
}
Bag Bag::topk(int64_t k, const std::optional<bag::Expression>& key) const {
  return Reduced({.kind = BagSink::Kind::kTopK, .k = k, .key = NodeOf(key)});
}
Bag Bag::groupby(const bag::Expression& key, int64_t npartitions) const {
  return BagOf(expr::BagGroupNode::Make(node_, key.node(), npartitions > 0 ? npartitions : this->npartitions(), {}));
}
Bag Bag::foldby(const bag::Expression& key, const bag::Expression& binop, const std::optional<bag::Item>& initial,
                const std::optional<bag::Expression>& combine) const {
  return Reduced({.kind = BagSink::Kind::kFoldBy,
                  .key = key.node(),
                  .fold = binop.node(),
                  .initial = Owned(initial),
                  .combine = NodeOf(combine)});
}
BagItemResult Bag::fold(const bag::Expression& binop, const std::optional<bag::Item>& initial,
                        const std::optional<bag::Expression>& combine) const {
  return BagItemResult(Reduced(
      {.kind = BagSink::Kind::kFold, .fold = binop.node(), .initial = Owned(initial), .combine = NodeOf(combine)}));
}
BagItemResult Bag::count() const { return BagItemResult(Reduced({.kind = BagSink::Kind::kCount})); }
BagItemResult Bag::sum() const { return BagItemResult(Reduced({.kind = BagSink::Kind::kSum})); }
BagItemResult Bag::min() const { return BagItemResult(Reduced({.kind = BagSink::Kind::kMin})); }
BagItemResult Bag::max() const { return BagItemResult(Reduced({.kind = BagSink::Kind::kMax})); }
BagItemResult Bag::mean() const { return BagItemResult(Reduced({.kind = BagSink::Kind::kMean})); }
BagItemResult Bag::var(int64_t ddof) const {
  return BagItemResult(Reduced({.kind = BagSink::Kind::kVariance, .k = ddof}));
}
BagItemResult Bag::any() const { return BagItemResult(Reduced({.kind = BagSink::Kind::kAny})); }
BagItemResult Bag::all() const { return BagItemResult(Reduced({.kind = BagSink::Kind::kAll})); }

std::vector<bag::Item> Bag::compute() const {
  const std::vector<Blocks> blocks = ValueOrThrow(ComputeBlocks({node_}));
  std::vector<bag::Item> items;
  for (const Value& block : blocks[0]) {
    if (!block.partition()) ThrowError(Status::TypeError("a partition of the bag holds objects of another language"));
    ops::ItemArena arena;
    for (const ops::BagItem& view : ValueOrThrow(ops::ItemsOf(*block.partition(), &arena, Pool()))) {
      items.push_back(bag::Item::FromView(view));
    }
  }
  return items;
}

std::vector<bag::Item> Bag::take(int64_t k, int64_t npartitions) const {
  std::vector<int64_t> first;
  for (int64_t p = 0; p < std::min(npartitions, this->npartitions()); ++p) first.push_back(p);
  return partitions(first).Reduced({.kind = BagSink::Kind::kTake, .k = k}).compute();
}

DataFrame Bag::to_dataframe(std::shared_ptr<arrow::Schema> schema) const {
  return DataFrame(ValueOrThrow(expr::BagTableNode::Make(node_, std::move(schema), nullptr)));
}

std::vector<std::string> Bag::to_textfiles(const std::string& path, const std::string& compression) const {
  const size_t star = path.find('*');
  if (star == std::string::npos && npartitions() > 1) {
    ThrowError(Status::Invalid("to_textfiles('", path, "') needs a '*' for the number of the partition"));
  }
  std::vector<std::string> paths;
  for (int64_t p = 0; p < npartitions(); ++p) {
    paths.push_back(star == std::string::npos ? path
                                              : path.substr(0, star) + std::to_string(p) + path.substr(star + 1));
  }
  auto target = ValueOrThrow(io::MakeTextTarget(std::move(paths), {.compression = compression}));
  const Bag written = BagOf(expr::BagWriteNode::Make(node_, std::move(target), nullptr));
  std::vector<std::string> names;
  for (const bag::Item& name : written.compute()) names.push_back(name.as_text());
  return names;
}

std::string Bag::explain() const { return ValueOrThrow(ExplainPlan({node_})); }

bag::Item BagItemResult::compute() const {
  const std::vector<bag::Item> items = bag_.compute();
  if (items.size() != 1) ThrowError(Status::UnknownError("a reduction made ", items.size(), " items"));
  return items[0];
}

namespace bag {

Bag read_text(const std::string& path, const ReadTextOptions& options) {
  return read_text(std::vector<std::string>{path}, options);
}

Bag read_text(const std::vector<std::string>& paths, const ReadTextOptions& options) {
  auto source = ValueOrThrow(io::MakeTextSource(paths, {.blocksize = options.blocksize,
                                                        .files_per_partition = options.files_per_partition,
                                                        .compression = options.compression,
                                                        .encoding = options.encoding,
                                                        .errors = options.errors,
                                                        .linedelimiter = options.linedelimiter,
                                                        .include_path = options.include_path}));
  return BagOf(expr::BagScanNode::Make(std::move(source)));
}

Bag from_sequence(const std::vector<Item>& items, int64_t npartitions) {
  if (npartitions < 1) ThrowError(Status::Invalid("npartitions=", npartitions, "; must be at least 1"));
  const auto count = static_cast<int64_t>(items.size());
  std::vector<Value> values;
  for (int64_t p = 0; p < npartitions; ++p) {
    ops::ItemColumnBuilder builder(Pool());
    for (int64_t i = count * p / npartitions; i < count * (p + 1) / npartitions; ++i) {
      ops::ItemArena arena;
      ThrowIfError(builder.Append(items[static_cast<size_t>(i)].View(&arena)));
    }
    values.emplace_back(ValueOrThrow(builder.Finish()));
  }
  return BagOf(expr::BagValuesNode::Make(std::move(values)));
}

Bag range(int64_t count, int64_t npartitions) {
  return BagOf(expr::BagScanNode::Make(ValueOrThrow(io::MakeRangeSource(count, npartitions))));
}

Bag concat(const std::vector<Bag>& bags) {
  std::vector<expr::NodePtr> nodes;
  for (const Bag& bag : bags) nodes.push_back(bag.node());
  return BagOf(expr::BagBlocksNode::Make(std::move(nodes)));
}

}  // namespace bag
}  // namespace swath
