#include "swath/expr/lower/functions.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "swath/expr/array/map_blocks.h"
#include "swath/expr/array/overlap.h"
#include "swath/expr/frame/map_partitions.h"
#include "swath/graph/block_list_layer.h"
#include "swath/graph/box_layer.h"
#include "swath/graph/projection_layer.h"
#include "swath/graph/source_layer.h"
#include "swath/graph/tree_layer.h"
#include "swath/ops/array_blocks.h"

namespace swath::expr {
namespace {

using graph::InputBlock;
using graph::ProjectionLayer;

// Task t reads one block. Unlike a BlockListLayer it costs nothing for blocks that nobody reads: the results of a few
// calls out of a layer of many.
class PickLayer : public graph::DescribedLayer {
 public:
  PickLayer(graph::LayerDescription description, std::vector<InputBlock> picks, int32_t input_count)
      : DescribedLayer(std::move(description)), picks_(std::move(picks)), input_count_(input_count) {
    for (size_t task = 0; task < picks_.size(); ++task)
      tasks_of_[picks_[task].block].push_back(static_cast<int64_t>(task));
  }
  graph::LayerKind kind() const override { return graph::LayerKind::kBlockwise; }
  int64_t task_count() const override { return static_cast<int64_t>(picks_.size()); }
  int32_t input_count() const override { return input_count_; }
  int64_t DependencyCount(int64_t) const override { return 1; }
  void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const override {
    out->push_back(picks_[static_cast<size_t>(block)]);
  }
  void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const override {
    const auto it = tasks_of_.find(input_block);
    if (it == tasks_of_.end()) return;
    for (const int64_t task : it->second) {
      if (picks_[static_cast<size_t>(task)].input == input) out->push_back(task);
    }
  }

 private:
  std::vector<InputBlock> picks_;
  int32_t input_count_;
  std::unordered_map<int64_t, std::vector<int64_t>> tasks_of_;  // by block, of whatever input
};

// A layer whose task t reads the result of calls[t].
Result<int32_t> AddPicks(graph::LayerDescription description, std::span<const NodePtr> calls, Lowering* lowering) {
  std::vector<InputBlock> picks;
  std::vector<int32_t> inputs;
  for (const NodePtr& call : calls) {
    ASSIGN_OR_RETURN(const graph::TaskId task, lowering->TaskOf(call));
    const auto layer = static_cast<int32_t>(task.layer());
    auto input = std::find(inputs.begin(), inputs.end(), layer);
    if (input == inputs.end()) input = inputs.insert(inputs.end(), layer);
    picks.push_back({static_cast<int32_t>(input - inputs.begin()), task.block()});
  }
  const auto count = static_cast<int32_t>(inputs.size());
  return lowering->graph().Add(std::make_shared<PickLayer>(std::move(description), std::move(picks), count),
                               std::move(inputs));
}

// One call as a layer of one task.
Result<int32_t> AddCall(const NodePtr& call, const std::string& location, Lowering* lowering) {
  return AddPicks(
      {.name = "argument", .call = {ops::PassParams::kOp, std::make_shared<ops::PassParams>()}, .location = location},
      {&call, 1}, lowering);
}

std::vector<int64_t> BlocksOf(const ops::Grid& grid) {
  std::vector<int64_t> blocks;
  for (int64_t axis = 0; axis < grid.ndim(); ++axis) blocks.push_back(grid.blocks(axis));
  return blocks;
}

// Of the largest block: one number, whatever the number of blocks.
int64_t LargestBlockBytes(const ArrayNode& node) {
  int64_t bytes = node.dtype().itemsize;
  for (int64_t axis = 0; axis < node.ndim(); ++axis) {
    int64_t longest = 0;
    for (int64_t block = 0; block < node.grid().blocks(axis); ++block)
      longest = std::max(longest, node.grid().BlockRange(axis, block).size());
    bytes *= longest;
  }
  return bytes;
}

graph::LayerDescription Describe(const ArrayNode& node, std::string_view op,
                                 std::shared_ptr<const ops::OpParams> params) {
  return {.name = node.Label(),
          .call = {op, std::move(params)},
          .result_bytes = {LargestBlockBytes(node)},
          .location = node.location()};
}

Result<int32_t> LowerMapBlocks(const MapBlocksNode& node, Lowering* lowering) {
  const BlockMapping& mapping = node.mapping();
  auto description = Describe(node, ops::FunctionMap::kOp, std::make_shared<const ops::FunctionMap>(mapping.call));
  if (node.inputs().empty() && node.call_inputs().size() == 1 && node.grid().block_count() == 1)
    return AddPicks(std::move(description), node.call_inputs(), lowering);
  std::vector<int32_t> layers;
  std::vector<ProjectionLayer::Input> reads;
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(node.inputs()[i]));
    layers.push_back(layer);
    const ops::Grid& grid = static_cast<const ArrayNode&>(*node.inputs()[i]).grid();
    if (!mapping.groups.empty()) {
      return lowering->graph().Add(
          std::make_shared<graph::TreeLayer>(std::move(description), BlocksOf(grid), mapping.groups),
          std::move(layers));
    }
    static_assert(kFirstBlock == ProjectionLayer::kFirst && kEveryBlock == ProjectionLayer::kAll);
    reads.push_back({BlocksOf(grid), mapping.axes[i]});
  }
  for (const NodePtr& call : node.call_inputs()) {
    ASSIGN_OR_RETURN(const int32_t layer, AddCall(call, node.location(), lowering));
    layers.push_back(layer);
    reads.push_back({{}, {}});
  }
  return lowering->graph().Add(
      std::make_shared<ProjectionLayer>(std::move(description), BlocksOf(node.grid()), std::move(reads)),
      std::move(layers));
}

Result<int32_t> LowerOverlap(const OverlapNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(const int32_t input, lowering->LayerOf(node.inputs()[0]));
  const ops::OverlapParams& params = *node.params();
  std::vector<std::vector<std::vector<int64_t>>> reads;
  for (size_t axis = 0; axis < params.runs.size(); ++axis) {
    reads.emplace_back();
    for (const auto& runs : params.runs[axis])
      reads.back().push_back(ops::SourcePositions(params.source, static_cast<int64_t>(axis), runs));
  }
  return lowering->graph().Add(std::make_shared<graph::BoxLayer>(Describe(node, ops::OverlapParams::kOp, node.params()),
                                                                 BlocksOf(params.source), std::move(reads)),
                               {input});
}

Result<int32_t> LowerMapPartitions(const MapPartitionsNode& node, Lowering* lowering) {
  const PartitionMapping& mapping = node.mapping();
  int64_t bytes = 0;
  for (const NodePtr& input : node.inputs()) {
    if (const auto* frame = dynamic_cast<const FrameNode*>(input.get())) bytes += frame->EstimatedBytes();
  }
  graph::LayerDescription description{
      .name = mapping.label,
      .call = {ops::FunctionMap::kOp, std::make_shared<const ops::FunctionMap>(mapping.call)},
      .result_bytes = {bytes},
      .location = node.location()};
  if (mapping.call_each) return AddPicks(std::move(description), node.call_inputs(), lowering);
  const int64_t count = node.npartitions();
  std::vector<std::vector<InputBlock>> dependencies(static_cast<size_t>(count));
  std::vector<int32_t> layers;
  std::vector<int64_t> sizes;
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    const auto number = static_cast<int32_t>(layers.size());
    ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(node.inputs()[i]));
    layers.push_back(layer);
    sizes.push_back(BlockCountOf(*node.inputs()[i]));
    for (int64_t task = 0; task < count; ++task) {
      auto& reads = dependencies[static_cast<size_t>(task)];
      if (mapping.reads[i].empty()) {
        reads.push_back({number, sizes.back() == 1 ? 0 : task});
      } else {
        for (const int64_t block : mapping.reads[i][static_cast<size_t>(task)]) reads.push_back({number, block});
      }
    }
  }
  for (const NodePtr& call : node.call_inputs()) {
    const auto number = static_cast<int32_t>(layers.size());
    ASSIGN_OR_RETURN(const int32_t layer, AddCall(call, node.location(), lowering));
    layers.push_back(layer);
    sizes.push_back(1);
    for (auto& reads : dependencies) reads.push_back({number, 0});
  }
  return lowering->graph().Add(
      std::make_shared<graph::BlockListLayer>(std::move(description), std::move(dependencies), std::move(sizes)),
      std::move(layers));
}

}  // namespace

Result<std::optional<int32_t>> LowerFunction(const NodePtr& node, Lowering* lowering) {
  Result<int32_t> layer = -1;
  if (const auto* blocks = dynamic_cast<const MapBlocksNode*>(node.get())) {
    layer = LowerMapBlocks(*blocks, lowering);
  } else if (const auto* overlap = dynamic_cast<const OverlapNode*>(node.get())) {
    layer = LowerOverlap(*overlap, lowering);
  } else if (const auto* partitions = dynamic_cast<const MapPartitionsNode*>(node.get())) {
    layer = LowerMapPartitions(*partitions, lowering);
  } else {
    return std::optional<int32_t>();
  }
  if (!layer.ok()) return layer.status();
  return std::optional<int32_t>(*layer);
}

}  // namespace swath::expr
