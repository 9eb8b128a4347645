// Bag expressions -> layers. A chain of steps becomes one task a partition: native steps first, from the first function
// of the user's language on that language; and as a fallback the whole chain in that language.
#include <algorithm>
#include <optional>

#include "swath/expr/bag/bag_reduce.h"
#include "swath/expr/bag/bag_source.h"
#include "swath/expr/bag/bag_steps.h"
#include "swath/expr/lower/lower.h"
#include "swath/graph/all_to_all_layer.h"
#include "swath/graph/block_list_layer.h"
#include "swath/graph/fold_layer.h"
#include "swath/graph/materialized_layer.h"
#include "swath/graph/source_layer.h"

namespace swath::expr {
namespace {

using graph::InputBlock;
using graph::LayerDescription;

int64_t TaskCount(Lowering* lowering, int32_t layer) {
  return lowering->graph().layers()[static_cast<size_t>(layer)].layer->task_count();
}

// The layers that a task reads, each an input of its own, and which blocks of them every task reads besides its items.
class TaskInputs {
 public:
  explicit TaskInputs(Lowering* lowering) : lowering_(lowering) {}
  int32_t Add(int32_t layer) {
    layers_.push_back(layer);
    return static_cast<int32_t>(layers_.size()) - 1;
  }
  // The numbers of the side values of a node's function; they come behind the items.
  Result<ops::HostLink> AddSides(const Node& node, const ops::HostStepPtr& step, std::span<const SideValue> sides) {
    ops::HostLink link{.step = step, .side_first = static_cast<int32_t>(side_blocks_.size())};
    for (const SideValue& side : sides) {
      if (side.is_call) {
        ASSIGN_OR_RETURN(const graph::TaskId task, lowering_->TaskOf(node.call_inputs()[side.number]));
        side_blocks_.push_back({Add(static_cast<int32_t>(task.layer())), task.block()});
        continue;
      }
      ASSIGN_OR_RETURN(const int32_t layer, lowering_->LayerOf(node.inputs()[side.number]));
      const int32_t input = Add(layer);
      for (int64_t block = 0; block < TaskCount(lowering_, layer); ++block) side_blocks_.push_back({input, block});
    }
    link.side_count = static_cast<int32_t>(side_blocks_.size()) - link.side_first;
    return link;
  }

  // items[t]: the blocks that task t reads first.
  int32_t AddLayer(LayerDescription description, std::vector<std::vector<InputBlock>> items) && {
    if (layers_.empty()) {
      const auto tasks = static_cast<int64_t>(items.size());
      return lowering_->graph().Add(std::make_shared<graph::SourceLayer>(std::move(description), tasks), {});
    }
    std::vector<int64_t> sizes;
    for (const int32_t layer : layers_) sizes.push_back(TaskCount(lowering_, layer));
    for (auto& blocks : items) blocks.insert(blocks.end(), side_blocks_.begin(), side_blocks_.end());
    auto layer = std::make_shared<graph::BlockListLayer>(std::move(description), std::move(items), std::move(sizes));
    return lowering_->graph().Add(std::move(layer), std::move(layers_));
  }

 private:
  Lowering* lowering_;
  std::vector<int32_t> layers_;
  std::vector<InputBlock> side_blocks_;
};

// A chain of steps above its source or inputs.
struct BagChain {
  explicit BagChain(Lowering* lowering) : inputs(lowering) {}
  TaskInputs inputs;
  std::vector<std::vector<InputBlock>> items;  // what task t reads
  ops::BagPipeline pipeline;                   // without sink and functions
  std::string source_name;                     // of a scan, else empty
  std::vector<int64_t> result_bytes;
  std::vector<ops::HostLink> links;  // every step; a link without a step: there is no such function
  size_t native_steps = 0;           // of links: the first so many are native too
  bool opaque = false;               // a step is not native
  bool has_join = false;             // links[0] is that of a zip or product
};

// Is the bag made of native steps on a scan, so that making it again costs less than keeping it?
bool IsCheap(const BagNode& node) {
  if (node.op() == BagScanNode::kOp) return true;
  if (node.op() == BagSelectNode::kOp) return IsCheap(*AsBag(node.inputs()[0]));
  if (node.op() != BagStepNode::kOp) return false;
  const auto& step = static_cast<const BagStepNode&>(node);
  return step.native() && IsCheap(*step.input());
}

// The nodes between `top` and what the chain begins with, the last step first, and the partitions that are wanted.
struct Descent {
  std::vector<const BagStepNode*> steps;
  BagPtr base;
  std::optional<std::vector<int64_t>> selection;
};

Descent Descend(const BagPtr& top, bool top_is_lowered, Lowering* lowering) {
  Descent descent{.steps = {}, .base = top, .selection = {}};
  for (bool first = top_is_lowered;; first = false) {
    const BagNode& node = *descent.base;
    const bool shared = !first && lowering->Readers(&node) > 1 && !IsCheap(node);
    if (shared) return descent;
    if (node.op() == BagStepNode::kOp) {
      const auto& step = static_cast<const BagStepNode&>(node);
      const auto has_no_function = [](const BagStepNode* above) { return above->host() == nullptr; };
      // A step that native code alone can do begins a chain of its own above a function.
      if (!step.step() && std::any_of(descent.steps.begin(), descent.steps.end(), has_no_function)) return descent;
      descent.steps.push_back(&step);
    } else if (node.op() == BagSelectNode::kOp) {
      std::vector<int64_t> chosen = static_cast<const BagSelectNode&>(node).partitions();
      if (descent.selection) {
        for (int64_t& number : *descent.selection) number = chosen[static_cast<size_t>(number)];
      } else {
        descent.selection = std::move(chosen);
      }
    } else {
      return descent;
    }
    descent.base = AsBag(node.inputs()[0]);
  }
}

Status AddJoin(const BagJoinNode& join, std::span<const int64_t> partitions, Lowering* lowering, BagChain* chain) {
  std::vector<int32_t> inputs;
  for (const NodePtr& node : join.inputs()) {
    ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(node));
    inputs.push_back(chain->inputs.Add(layer));
  }
  chain->pipeline.item_inputs = static_cast<int32_t>(inputs.size());
  chain->pipeline.product = join.product();
  const int64_t across = AsBag(join.inputs().back())->npartitions();
  for (const int64_t partition : partitions) {
    std::vector<InputBlock> blocks;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const int64_t block = !join.product() ? partition : i == 0 ? partition / across : partition % across;
      blocks.push_back({inputs[i], block});
    }
    chain->items.push_back(std::move(blocks));
  }
  chain->links.push_back({.step = join.host()});
  chain->native_steps = 1;
  chain->has_join = true;
  return Status::OK();
}

// The source or the inputs of the chain.
Status AddBase(const Descent& descent, Lowering* lowering, BagChain* chain) {
  const BagNode& base = *descent.base;
  std::vector<int64_t> partitions;
  if (descent.selection) {
    partitions = *descent.selection;
    chain->pipeline.partitions = partitions;
  } else {
    for (int64_t p = 0; p < base.npartitions(); ++p) partitions.push_back(p);
  }
  for (const int64_t partition : partitions) chain->result_bytes.push_back(base.EstimatedBytes(partition));
  const bool shared = lowering->Readers(&base) > 1;
  if (base.op() == BagScanNode::kOp) {
    chain->pipeline.source = static_cast<const BagScanNode&>(base).source();
    chain->source_name = "read_" + std::string(chain->pipeline.source->format());
    chain->items.resize(partitions.size());
    return Status::OK();
  }
  if (base.op() == BagJoinNode::kOp && !shared) {
    return AddJoin(static_cast<const BagJoinNode&>(base), partitions, lowering, chain);
  }
  ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(descent.base));
  const int32_t input = chain->inputs.Add(layer);
  for (const int64_t partition : partitions) chain->items.push_back({{input, partition}});
  chain->pipeline.item_inputs = 1;
  return Status::OK();
}

Result<BagChain> ChainOf(const BagPtr& top, Lowering* lowering, bool top_is_lowered) {
  BagChain chain(lowering);
  const Descent descent = Descend(top, top_is_lowered, lowering);
  if (top_is_lowered && descent.base == top && top->op() == BagJoinNode::kOp) {
    std::vector<int64_t> partitions;
    for (int64_t p = 0; p < top->npartitions(); ++p) partitions.push_back(p);
    RETURN_IF_ERROR(AddJoin(static_cast<const BagJoinNode&>(*top), partitions, lowering, &chain));
    chain.result_bytes.assign(partitions.size(), 0);
  } else {
    RETURN_IF_ERROR(AddBase(descent, lowering, &chain));
  }
  for (auto step = descent.steps.rbegin(); step != descent.steps.rend(); ++step) {
    ASSIGN_OR_RETURN(const ops::HostLink link, chain.inputs.AddSides(**step, (*step)->host(), (*step)->sides()));
    chain.links.push_back(link);
    if (!chain.opaque && (*step)->step()) {
      chain.pipeline.steps.push_back(*(*step)->step());
      ++chain.native_steps;
    } else {
      chain.opaque = true;
    }
  }
  return chain;
}

// The links as one call; null when there are none, or one of them has no function.
Result<ops::FunctionCallPtr> Compose(std::span<const ops::HostLink> links, int32_t item_inputs,
                                     ops::HostResult result) {
  const bool complete =
      std::all_of(links.begin(), links.end(), [](const ops::HostLink& link) { return link.step != nullptr; });
  if (links.empty() || !complete) return ops::FunctionCallPtr();
  return links.front().step->Compose(links, item_inputs, result);
}

// The chain below something that native code alone can do when `has_host` is false: then functions of the user's
// language get a task of their own, whose items it reads.
Result<BagChain> ChainBelow(const BagPtr& input, bool has_host, Lowering* lowering) {
  ASSIGN_OR_RETURN(BagChain chain, ChainOf(input, lowering, false));
  if (!chain.opaque || has_host) return chain;
  BagChain items(lowering);
  RETURN_IF_ERROR(AddBase({.steps = {}, .base = input, .selection = {}}, lowering, &items));
  return items;
}

// What stands at the end of a chain: a native sink, a function of the user's language, or both.
struct ChainEnd {
  std::optional<ops::BagSink> sink = ops::BagSink{};
  ops::HostStepPtr host = nullptr;  // null with kCollect and kWrite: the items are enough
  ops::HostResult result = ops::HostResult::kItems;
};

Result<int32_t> AddPipelines(BagChain chain, ChainEnd end, LayerDescription description) {
  auto pipeline = std::make_shared<ops::BagPipeline>(std::move(chain.pipeline));
  const bool needs_host = end.sink && end.sink->kind != ops::BagSink::Kind::kCollect &&
                          end.sink->kind != ops::BagSink::Kind::kTake && end.sink->kind != ops::BagSink::Kind::kWrite;
  if (end.host || needs_host || !end.sink) chain.links.push_back({.step = end.host});
  const bool opaque = chain.opaque || !end.sink;
  if (opaque) {
    const auto rest = std::span(chain.links).subspan(chain.native_steps);
    ASSIGN_OR_RETURN(pipeline->rest, Compose(rest, 1, end.result));
    if (!pipeline->rest) return Status::Invalid("a step of a bag has neither a native form nor a function");
    pipeline->language = std::string(rest.front().step->language());
    const bool write = end.sink && end.sink->kind == ops::BagSink::Kind::kWrite;
    pipeline->sink = write ? *end.sink : ops::BagSink{};
  } else {
    pipeline->sink = *std::move(end.sink);
  }
  const int32_t item_inputs = pipeline->source ? 1 : pipeline->item_inputs;
  ASSIGN_OR_RETURN(pipeline->whole, Compose(chain.links, item_inputs, end.result));
  if (description.name.empty()) description.name = "bag";
  if (!chain.source_name.empty()) description.name = chain.source_name + "-" + description.name;
  const bool collects = pipeline->sink.kind == ops::BagSink::Kind::kCollect;
  if (collects) description.result_bytes = chain.result_bytes;
  description.call = {ops::BagPipeline::kOp, std::move(pipeline)};
  return std::move(chain.inputs).AddLayer(std::move(description), std::move(chain.items));
}

LayerDescription Named(const Node& node, std::string name) {
  return {.name = std::move(name), .location = node.location()};
}

std::string StepName(const BagNode& node) {
  if (node.op() != BagStepNode::kOp) return node.op() == BagJoinNode::kOp ? "zip" : "items";
  const auto& step = static_cast<const BagStepNode&>(node);
  if (!step.native() && step.host()) return std::string(step.host()->name());
  const std::string text = step.step()->ToString();
  return text.substr(0, text.find('('));
}

Result<int32_t> LowerChain(const BagPtr& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(BagChain chain, ChainOf(node, lowering, true));
  return AddPipelines(std::move(chain), {}, Named(*node, StepName(*node)));
}

Result<int32_t> LowerBlocks(const BagBlocksNode& node, Lowering* lowering) {
  TaskInputs inputs(lowering);
  std::vector<std::vector<InputBlock>> blocks;
  for (const SideValue& one : node.order()) {
    if (one.is_call) {
      ASSIGN_OR_RETURN(const graph::TaskId task, lowering->TaskOf(node.call_inputs()[one.number]));
      blocks.push_back({{inputs.Add(static_cast<int32_t>(task.layer())), task.block()}});
      continue;
    }
    ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(node.inputs()[one.number]));
    const int32_t input = inputs.Add(layer);
    for (int64_t block = 0; block < TaskCount(lowering, layer); ++block) blocks.push_back({{input, block}});
  }
  LayerDescription description = Named(node, "partitions");
  description.call = {ops::BagConcat::kOp, std::make_shared<ops::BagConcat>()};
  return std::move(inputs).AddLayer(std::move(description), std::move(blocks));
}

Result<int32_t> LowerRepartition(const BagRepartitionNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(node.inputs()[0]));
  auto params = std::make_shared<ops::BagConcat>();
  const RepartitionPlan& plan = node.plan();
  params->whole = node.whole();
  params->piece = plan.piece;
  params->pieces = plan.pieces;
  TaskInputs inputs(lowering);
  const int32_t input = inputs.Add(layer);
  std::vector<std::vector<InputBlock>> blocks;
  for (const int64_t source : plan.source) blocks.push_back({{input, source}});
  for (size_t t = 0; t + 1 < plan.bounds.size(); ++t) {
    blocks.emplace_back();
    for (int64_t block = plan.bounds[t]; block < plan.bounds[t + 1]; ++block) blocks.back().push_back({input, block});
  }
  LayerDescription description = Named(node, "repartition");
  description.call = {ops::BagConcat::kOp, std::move(params)};
  return std::move(inputs).AddLayer(std::move(description), std::move(blocks));
}

// Levels of a tree until one task merges everything that is left.
Result<int32_t> LowerReduce(const BagReduceNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(BagChain chain, ChainBelow(node.input(), node.host().partial != nullptr, lowering));
  const std::string name = node.sink() ? node.sink()->ToString() : std::string(node.host().partial->name());
  const std::string plain = name.substr(0, name.find('('));
  ChainEnd end{.sink = node.sink(), .host = node.host().partial, .result = ops::HostResult::kItems};
  ASSIGN_OR_RETURN(int32_t layer, AddPipelines(std::move(chain), std::move(end), Named(node, plain)));
  for (bool last = false; !last;) {
    const int64_t inputs = TaskCount(lowering, layer);
    last = node.split_every() == 0 || inputs <= node.split_every();
    auto merge = std::make_shared<ops::BagMerge>();
    if (node.sink()) merge->sink = *node.sink();
    merge->python_only = !node.sink();
    merge->finish = last;
    const ops::HostLink link{.step = last ? node.host().finish : node.host().combine};
    ASSIGN_OR_RETURN(merge->whole, Compose({&link, 1}, -1, ops::HostResult::kItems));
    LayerDescription description = Named(node, plain + (last ? "" : "-combine"));
    description.call = {ops::BagMerge::kOp, std::move(merge)};
    auto bounds = graph::FoldLayer::EvenBounds(inputs, last ? std::max<int64_t>(1, inputs) : node.split_every());
    layer =
        lowering->graph().Add(std::make_shared<graph::FoldLayer>(std::move(description), std::move(bounds)), {layer});
  }
  return layer;
}

Result<int32_t> LowerGroup(const BagGroupNode& node, Lowering* lowering) {
  ops::BagSink sink{.kind = ops::BagSink::Kind::kGroup, .k = node.npartitions(), .key = node.key()};
  ASSIGN_OR_RETURN(BagChain chain, ChainBelow(node.input(), node.host().partial != nullptr, lowering));
  ChainEnd end{.sink = sink, .host = node.host().partial, .result = ops::HostResult::kItems};
  if (!node.key()) end.sink.reset();
  ASSIGN_OR_RETURN(const int32_t parts, AddPipelines(std::move(chain), std::move(end), Named(node, "groupby-parts")));
  auto merge = std::make_shared<ops::BagMerge>();
  merge->sink = sink;
  merge->python_only = !node.key();
  const ops::HostLink link{.step = node.host().finish, .picks_part = true};
  ASSIGN_OR_RETURN(merge->whole, Compose({&link, 1}, -1, ops::HostResult::kItems));
  LayerDescription description = Named(node, "groupby");
  description.call = {ops::BagMerge::kOp, std::move(merge)};
  auto layer = std::make_shared<graph::AllToAllLayer>(std::move(description), node.npartitions(),
                                                      std::vector<int64_t>{TaskCount(lowering, parts)});
  return lowering->graph().Add(std::move(layer), {parts});
}

Result<int32_t> LowerWrite(const BagWriteNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(BagChain chain, ChainOf(node.input(), lowering, false));
  ChainEnd end{.sink = ops::BagSink{.kind = ops::BagSink::Kind::kWrite, .target = node.target()},
               .host = node.host(),
               .result = ops::HostResult::kColumnar};
  return AddPipelines(std::move(chain), std::move(end), Named(node, "to_textfiles"));
}

Result<int32_t> LowerTable(const BagTableNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(BagChain chain, ChainBelow(node.input(), node.host() != nullptr, lowering));
  ChainEnd end{.sink = ops::BagSink{.kind = ops::BagSink::Kind::kTable, .schema = node.schema()},
               .host = node.host(),
               .result = ops::HostResult::kTable};
  return AddPipelines(std::move(chain), std::move(end), Named(node, "to_dataframe"));
}

Result<int32_t> LowerAccumulate(const BagAccumulateNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(const int32_t items, lowering->LayerOf(node.inputs()[0]));
  const auto tasks = static_cast<uint32_t>(node.npartitions());
  std::vector<uint32_t> offsets{0}, targets;
  for (uint32_t t = 0; t < tasks; ++t) {
    targets.push_back(tasks + t);
    if (t > 0) targets.push_back(t - 1);
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  LayerDescription description = Named(node, "accumulate");
  description.call = {ops::FunctionMap::kOp, std::make_shared<ops::FunctionMap>(node.calls().step)};
  ASSIGN_OR_RETURN(auto layer, graph::MaterializedLayer::Make(std::move(description), std::move(offsets),
                                                              std::move(targets), {node.npartitions()}));
  const int32_t running = lowering->graph().Add(std::move(layer), {items});
  LayerDescription picked = Named(node, "accumulate-items");
  picked.call = {ops::FunctionMap::kOp, std::make_shared<ops::FunctionMap>(node.calls().pick)};
  auto bounds = graph::FoldLayer::EvenBounds(node.npartitions(), 1);
  return lowering->graph().Add(std::make_shared<graph::FoldLayer>(std::move(picked), std::move(bounds)), {running});
}

}  // namespace

Result<int32_t> LowerBag(const NodePtr& node, Lowering* lowering) {
  const std::string_view op = node->op();
  if (op == BagTableNode::kOp) return LowerTable(static_cast<const BagTableNode&>(*node), lowering);
  if (op == BagValuesNode::kOp) {
    const auto& values = static_cast<const BagValuesNode&>(*node).values();
    return lowering->graph().Add(graph::SourceLayer::FromValues("from_sequence", values), {});
  }
  if (op == BagBlocksNode::kOp) return LowerBlocks(static_cast<const BagBlocksNode&>(*node), lowering);
  if (op == BagRepartitionNode::kOp) return LowerRepartition(static_cast<const BagRepartitionNode&>(*node), lowering);
  if (op == BagReduceNode::kOp) return LowerReduce(static_cast<const BagReduceNode&>(*node), lowering);
  if (op == BagGroupNode::kOp) return LowerGroup(static_cast<const BagGroupNode&>(*node), lowering);
  if (op == BagWriteNode::kOp) return LowerWrite(static_cast<const BagWriteNode&>(*node), lowering);
  if (op == BagAccumulateNode::kOp) return LowerAccumulate(static_cast<const BagAccumulateNode&>(*node), lowering);
  return LowerChain(AsBag(node), lowering);
}

}  // namespace swath::expr
