// Array expressions -> layers.
#include <algorithm>

#include "swath/expr/array/source.h"
#include "swath/expr/array/tile.h"
#include "swath/expr/lower/array_blocks.h"
#include "swath/expr/lower/functions.h"
#include "swath/expr/lower/lower.h"
#include "swath/graph/source_layer.h"
#include "swath/graph/tile_layer.h"
#include "swath/graph/tree_layer.h"

namespace swath::expr {
namespace {

constexpr int64_t kDefaultSplitEvery = 16;

std::vector<int64_t> BlocksOf(const ops::Grid& grid) {
  std::vector<int64_t> blocks;
  for (int64_t axis = 0; axis < grid.ndim(); ++axis) blocks.push_back(grid.blocks(axis));
  return blocks;
}

// How many blocks of each reduced axis one task merges: at most `split_every` together, the last axes first, so that
// neighbours merge.
std::vector<int64_t> TreeGroups(const std::vector<int64_t>& blocks, const std::vector<int32_t>& axes,
                                int64_t split_every) {
  std::vector<int64_t> groups(blocks.size(), 1);
  int64_t room = split_every;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    groups[*axis] = std::clamp<int64_t>(blocks[*axis], 1, std::max<int64_t>(1, room));
    room /= groups[*axis];
  }
  return groups;
}

// Bytes of the result of each block of `grid`.
std::vector<int64_t> BlockBytes(const ops::Grid& grid, int64_t itemsize) {
  std::vector<int64_t> bytes(grid.block_count());
  for (int64_t block = 0; block < grid.block_count(); ++block) {
    int64_t elements = 1;
    for (const ops::Range& range : grid.BlockBox(block)) elements *= range.size();
    bytes[block] = elements * itemsize;
  }
  return bytes;
}

// The tree that merges partials until one block a kept position is left, and finishes them.
int32_t LowerCombine(const TileNode& node, int32_t partials, Lowering* lowering) {
  const TileFinish& finish = *node.finish();
  std::vector<int64_t> blocks = BlocksOf(node.program()->grid);
  const int64_t split_every = finish.split_every > 0 ? finish.split_every : kDefaultSplitEvery;
  for (;;) {
    std::vector<int64_t> groups = TreeGroups(blocks, finish.combine.axes, split_every);
    auto params = std::make_shared<ops::CombineParams>(finish.combine);
    params->finish = std::all_of(params->axes.begin(), params->axes.end(),
                                 [&](int32_t axis) { return groups[axis] >= blocks[axis]; });
    const bool last = params->finish;
    graph::LayerDescription description;
    description.name = std::string(finish.combine.reduction) + (last ? "" : "-partial");
    description.call = {ops::CombineParams::kOp, std::move(params)};
    description.location = node.location();
    if (last) description.result_bytes = BlockBytes(node.grid(), node.dtype().itemsize);
    auto layer = std::make_shared<graph::TreeLayer>(std::move(description), std::move(blocks), std::move(groups));
    blocks = layer->output_blocks();
    partials = lowering->graph().Add(std::move(layer), {partials});
    if (last) return partials;
  }
}

Result<int32_t> LowerTile(const TileNode& node, Lowering* lowering) {
  std::vector<int32_t> inputs;
  for (const NodePtr& input : node.inputs()) {
    ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(input));
    inputs.push_back(layer);
  }
  const ops::TileProgram& program = *node.program();
  std::string name = program.instructions.empty() ? "copy" : std::string(program.instructions.back().op);
  if (node.finish()) name = std::string(program.sink.reduction) + "-tiles";
  graph::LayerDescription description{.name = std::move(name), .location = node.location()};
  const int32_t layer = lowering->graph().Add(
      std::make_shared<graph::TileLayer>(std::move(description), node.program()), std::move(inputs));
  return node.finish() ? LowerCombine(node, layer, lowering) : layer;
}

int32_t LowerValues(const ValuesNode& node, Lowering* lowering) {
  std::vector<Value> values(node.blocks().begin(), node.blocks().end());
  return lowering->graph().Add(graph::SourceLayer::FromValues(std::string(node.op()), std::move(values)), {});
}

}  // namespace

Result<int32_t> LowerArray(const NodePtr& node, Lowering* lowering) {
  if (const auto* tile = dynamic_cast<const TileNode*>(node.get())) return LowerTile(*tile, lowering);
  if (const auto* values = dynamic_cast<const ValuesNode*>(node.get())) return LowerValues(*values, lowering);
  if (IsTileable(*node)) {
    ASSIGN_OR_RETURN(const ArrayPtr tile, MakeSingleTile(AsArray(node)));
    return lowering->LayerOf(tile);
  }
  ASSIGN_OR_RETURN(const auto function, LowerFunction(node, lowering));
  return function ? *function : LowerBlocks(node, lowering);
}

}  // namespace swath::expr
