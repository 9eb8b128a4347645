// Table expressions -> layers. Chains of filters and projections are fused into the task that reads the rows
// (table_pipelines.h).
#include <algorithm>
#include <bit>

#include "arrow/type.h"

#include "swath/expr/frame/aggregate.h"
#include "swath/expr/frame/concat.h"
#include "swath/expr/frame/order.h"
#include "swath/expr/frame/rows.h"
#include "swath/expr/frame/write.h"
#include "swath/expr/frame/zip.h"
#include "swath/expr/lower/functions.h"
#include "swath/expr/lower/table_pipelines.h"
#include "swath/graph/all_to_all_layer.h"
#include "swath/graph/fold_layer.h"
#include "swath/graph/materialized_layer.h"
#include "swath/ops/table_ops.h"

namespace swath::expr {
namespace {

constexpr int64_t kBytesPerPart = 32 << 20;  // of the rows that one radix part of a group-by comes from, at most about
constexpr int kRadixBitsMax = 8;
constexpr int64_t kPartialBytes = 4 << 20;  // of a partial aggregation, where its cardinality is not known

graph::LayerDescription Named(const FrameNode& node, std::string name, std::vector<int64_t> result_bytes = {}) {
  return {.name = std::move(name), .result_bytes = std::move(result_bytes), .location = node.location()};
}

// One task that reads all tasks of `inputs`.
int32_t AddGather(graph::LayerDescription description, std::string_view op, std::shared_ptr<const ops::OpParams> params,
                  std::vector<int32_t> inputs, Lowering* lowering, int64_t tasks = 1) {
  std::vector<int64_t> sizes;
  for (const int32_t input : inputs) sizes.push_back(lowering->graph().layers()[input].layer->task_count());
  description.call = {op, std::move(params)};
  return lowering->graph().Add(std::make_shared<graph::AllToAllLayer>(std::move(description), tasks, std::move(sizes)),
                               std::move(inputs));
}

std::string ReaderName(const PipelineChain& chain, std::string otherwise) {
  return chain.scan ? "read_" + std::string(chain.scan->source()->format()) : std::move(otherwise);
}

Result<int32_t> LowerCollect(const FramePtr& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(PipelineChain chain, ChainOf(node, lowering));
  auto description = Named(*node, ReaderName(chain, std::string(node->op())), {node->EstimatedBytes()});
  auto bounds = SinglePartitions(chain.partitions);
  return AddPipelines(std::move(chain), ops::CollectSink{}, std::move(bounds), std::move(description), lowering);
}

int RadixBits(const AggregateNode& node) {
  if (node.spec().keys.empty()) return 0;
  const int64_t parts = node.InputBytes() / kBytesPerPart;
  return std::clamp(static_cast<int>(std::bit_width(static_cast<uint64_t>(parts))), 0, kRadixBitsMax);
}

Result<int32_t> LowerAggregate(const AggregateNode& node, Lowering* lowering) {
  const AggregateSpec& spec = node.spec();
  ops::AggregateSink sink{.keys = spec.keys,
                          .aggregations = spec.aggregations,
                          .drop_null_keys = spec.drop_null_keys,
                          .radix_bits = RadixBits(node),
                          .all_categories = spec.all_categories,
                          .order = spec.sort || spec.keys.empty() ? ops::GroupOrder::kAny : spec.order};
  ASSIGN_OR_RETURN(PipelineChain chain, ChainOf(node.input(), lowering));
  RETURN_IF_ERROR(ReadKeysAsDictionaries(&sink, &chain));
  auto bounds = spec.keys.empty() ? FoldedPartitions(chain) : FoldedPartitions(chain, 1);
  auto description = Named(node, ReaderName(chain, "rows") + "-" + std::string(node.op()), {kPartialBytes});
  const int32_t partials = AddPipelines(std::move(chain), sink, std::move(bounds), std::move(description), lowering);

  auto merge = std::make_shared<ops::MergeGroupsParams>();
  const int64_t parts = int64_t{1} << sink.radix_bits;
  const ops::GroupOrder sink_order = sink.order;
  merge->groups = std::move(sink);
  merge->part_tasks = parts;
  merge->sort = spec.sort && parts == 1;
  const int32_t merged =
      AddGather(Named(node, std::string(node.op())), ops::MergeGroupsParams::kOp, merge, {partials}, lowering, parts);
  if (parts == 1) return merged;
  auto concat = std::make_shared<ops::TableConcatParams>();
  concat->schema = node.schema();
  if (spec.sort) {
    for (const std::string& key : spec.keys) concat->sort_by.push_back({key, false});
  } else if (sink_order != ops::GroupOrder::kAny) {
    ASSIGN_OR_RETURN(concat->schema, concat->schema->AddField(concat->schema->num_fields(),
                                                              arrow::field(ops::kGroupRowColumn, arrow::int64())));
    concat->sort_by.push_back({ops::kGroupRowColumn, false});
    concat->drop.push_back(ops::kGroupRowColumn);
  }
  return AddGather(Named(node, "groups"), ops::TableConcatParams::kOp, std::move(concat), {merged}, lowering);
}

Result<int32_t> LowerSort(const OrderNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(const int32_t rows, lowering->LayerOf(node.input()));
  auto concat = std::make_shared<ops::TableConcatParams>();
  concat->schema = node.schema();
  concat->sort_by = node.spec().keys;
  const int64_t bytes = node.input()->EstimatedBytes() * node.input()->npartitions();
  return AddGather(Named(node, "sort", {bytes}), ops::TableConcatParams::kOp, std::move(concat), {rows}, lowering);
}

// A sink that keeps few rows: at each partition first, then over what they kept.
Result<int32_t> LowerReducing(const FrameNode& node, const FramePtr& input, const ops::TableSink& sink, int64_t first,
                              int64_t last, Lowering* lowering) {
  ASSIGN_OR_RETURN(PipelineChain chain, ChainOf(input, lowering));
  std::vector<int64_t> bounds;
  const bool one_task = last - first == 1 || (std::holds_alternative<ops::HeadSink>(sink) && !chain.counts_rows);
  if (one_task) {
    bounds = {first, last};
  } else if (std::holds_alternative<ops::TopSink>(sink)) {
    bounds = FoldedPartitions(chain);
  } else {
    for (int64_t p = first; p <= last; ++p) bounds.push_back(p);
  }
  const bool done = bounds.size() == 2;
  auto description = Named(node, ReaderName(chain, "rows") + "-" + std::string(node.op()));
  const int32_t kept = AddPipelines(std::move(chain), sink, std::move(bounds), std::move(description), lowering);
  if (done) return kept;
  auto params = std::make_shared<ops::TablePipeline>();
  params->sink = sink;
  return AddGather(Named(node, std::string(node.op())), ops::TablePipeline::kOp, std::move(params), {kept}, lowering);
}

Result<int32_t> LowerOrder(const OrderNode& node, Lowering* lowering) {
  if (!node.spec().rows) return LowerSort(node, lowering);
  ops::TopSink sink{
      .rows = *node.spec().rows, .keep_last = node.spec().keep_last, .drop_missing = node.spec().drop_missing};
  for (const ops::SortKey& key : node.spec().keys) {
    sink.columns.push_back(key.column);
    sink.descending.push_back(key.descending);
  }
  return LowerReducing(node, node.input(), sink, 0, node.input()->npartitions(), lowering);
}

Result<int32_t> LowerLimit(const LimitNode& node, Lowering* lowering) {
  const int64_t count = node.input()->npartitions();
  if (node.tail()) return LowerReducing(node, node.input(), ops::TailSink{node.rows()}, count - 1, count, lowering);
  return LowerReducing(node, node.input(), ops::HeadSink{node.rows()}, 0, node.partitions(), lowering);
}

Result<int32_t> LowerCount(const CountNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(PipelineChain chain, ChainOf(node.input(), lowering));
  auto bounds = FoldedPartitions(chain);
  auto description = Named(node, ReaderName(chain, "rows") + "-len");
  const int32_t counts =
      AddPipelines(std::move(chain), ops::CountSink{}, std::move(bounds), std::move(description), lowering);
  return AddGather(Named(node, "len"), ops::MergeCountsParams::kOp, std::make_shared<ops::MergeCountsParams>(),
                   {counts}, lowering);
}

// Task t reads targets[t], each a list of blocks numbered over all inputs, one input after the other.
Result<int32_t> AddSelection(graph::LayerDescription description, std::string_view op,
                             std::shared_ptr<const ops::OpParams> params,
                             const std::vector<std::vector<int64_t>>& targets, std::vector<int32_t> inputs,
                             Lowering* lowering) {
  std::vector<int64_t> sizes;
  for (const int32_t input : inputs) sizes.push_back(lowering->graph().layers()[input].layer->task_count());
  const auto tasks = static_cast<int64_t>(targets.size());
  std::vector<uint32_t> offsets{0}, edges;
  for (const std::vector<int64_t>& blocks : targets) {
    for (const int64_t block : blocks)
      edges.push_back(static_cast<uint32_t>(tasks + block));  // own tasks are numbered first
    offsets.push_back(static_cast<uint32_t>(edges.size()));
  }
  description.call = {op, std::move(params)};
  ASSIGN_OR_RETURN(auto layer, graph::MaterializedLayer::Make(std::move(description), std::move(offsets),
                                                              std::move(edges), std::move(sizes)));
  return lowering->graph().Add(std::move(layer), std::move(inputs));
}

Result<std::vector<int32_t>> InputLayers(const FrameNode& node, Lowering* lowering) {
  std::vector<int32_t> layers;
  for (const NodePtr& input : node.inputs()) {
    ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(input));
    layers.push_back(layer);
  }
  return layers;
}

Result<int32_t> LowerPartitions(const PartitionsNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(const int32_t rows, lowering->LayerOf(node.input()));
  std::vector<std::vector<int64_t>> targets;
  for (const int64_t number : node.numbers()) targets.push_back({number});
  return AddSelection(Named(node, "partitions", {node.EstimatedBytes()}), ops::TableConcatParams::kOp,
                      std::make_shared<ops::TableConcatParams>(), targets, {rows}, lowering);
}

Result<int32_t> LowerConcat(const ConcatNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(auto layers, InputLayers(node, lowering));
  std::vector<std::vector<int64_t>> targets;
  for (int64_t p = 0; p < node.npartitions(); ++p) targets.push_back({p});
  auto params = std::make_shared<ops::TableConcatParams>();
  params->schema = node.schema();
  // An input layer may stand twice (concat([df, df])): the graph wants each edge end once per input, which holds.
  return AddSelection(Named(node, "concat", {node.EstimatedBytes()}), ops::TableConcatParams::kOp, std::move(params),
                      targets, std::move(layers), lowering);
}

Result<int32_t> LowerZip(const ZipNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(auto layers, InputLayers(node, lowering));
  std::vector<std::vector<int64_t>> targets(static_cast<size_t>(node.npartitions()));
  for (int64_t p = 0; p < node.npartitions(); ++p) {
    for (size_t i = 0; i < layers.size(); ++i) targets[p].push_back(static_cast<int64_t>(i) * node.npartitions() + p);
  }
  auto params = std::make_shared<ops::ZipParams>();
  params->columns = node.columns();
  params->names = node.names();
  for (const NodePtr& input : node.inputs()) {
    params->index.emplace_back();
    for (const IndexLevel& level : AsFrame(input)->index()) params->index.back().push_back(level.column);
  }
  return AddSelection(Named(node, "zip", {node.EstimatedBytes()}), ops::ZipParams::kOp, std::move(params), targets,
                      std::move(layers), lowering);
}

Result<int32_t> LowerRepartition(const RepartitionNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(const int32_t rows, lowering->LayerOf(node.input()));
  auto description = Named(node, "repartition", {node.EstimatedBytes()});
  if (node.joins()) {
    description.call = {ops::TableConcatParams::kOp, std::make_shared<ops::TableConcatParams>()};
    return lowering->graph().Add(std::make_shared<graph::FoldLayer>(std::move(description), node.bounds()), {rows});
  }
  auto params = std::make_shared<ops::CutRowsParams>();
  params->bounds = node.bounds();
  std::vector<std::vector<int64_t>> targets;
  for (size_t p = 0; p + 1 < node.bounds().size(); ++p) {
    for (int64_t piece = node.bounds()[p]; piece < node.bounds()[p + 1]; ++piece)
      targets.push_back({static_cast<int64_t>(p)});
  }
  return AddSelection(std::move(description), ops::CutRowsParams::kOp, std::move(params), targets, {rows}, lowering);
}

Result<int32_t> LowerStack(const StackNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(auto layers, InputLayers(node, lowering));
  return AddGather(Named(node, "stack"), ops::StackRowParams::kOp, std::make_shared<ops::StackRowParams>(node.params()),
                   std::move(layers), lowering);
}

Result<int32_t> LowerWrite(const WriteNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(PipelineChain chain, ChainOf(node.input(), lowering));
  auto bounds = SinglePartitions(chain.partitions);
  auto description = Named(node, "to_" + std::string(node.target()->format()));
  return AddPipelines(std::move(chain), ops::WriteSink{node.target()}, std::move(bounds), std::move(description),
                      lowering);
}

template <typename T>
const T* As(const NodePtr& node) {
  return dynamic_cast<const T*>(node.get());
}

}  // namespace

Result<int32_t> LowerFrame(const NodePtr& node, Lowering* lowering) {
  const FramePtr frame = ToFrame(node);
  if (!frame) return Status::NotImplemented("no lowering for expressions of kind '", node->op(), "'");
  if (frame->row_wise() || As<ScanNode>(node)) return LowerCollect(frame, lowering);
  if (const auto* aggregate = As<AggregateNode>(node)) return LowerAggregate(*aggregate, lowering);
  if (const auto* order = As<OrderNode>(node)) return LowerOrder(*order, lowering);
  if (const auto* limit = As<LimitNode>(node)) return LowerLimit(*limit, lowering);
  if (const auto* count = As<CountNode>(node)) return LowerCount(*count, lowering);
  if (const auto* partitions = As<PartitionsNode>(node)) return LowerPartitions(*partitions, lowering);
  if (const auto* concat = As<ConcatNode>(node)) return LowerConcat(*concat, lowering);
  if (const auto* zip = As<ZipNode>(node)) return LowerZip(*zip, lowering);
  if (const auto* repartition = As<RepartitionNode>(node)) return LowerRepartition(*repartition, lowering);
  if (const auto* stack = As<StackNode>(node)) return LowerStack(*stack, lowering);
  if (const auto* write = As<WriteNode>(node)) return LowerWrite(*write, lowering);
  ASSIGN_OR_RETURN(const auto function, LowerFunction(node, lowering));
  if (function) return *function;
  return Status::NotImplemented("no lowering for table expressions of kind '", node->op(), "'");
}

}  // namespace swath::expr
