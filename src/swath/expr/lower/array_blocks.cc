#include "swath/expr/lower/array_blocks.h"

#include <algorithm>

#include "swath/expr/array/blocks.h"
#include "swath/expr/array/indexing.h"
#include "swath/expr/array/view.h"
#include "swath/graph/block_list_layer.h"
#include "swath/graph/projection_layer.h"
#include "swath/graph/tile_layer.h"
#include "swath/graph/tree_layer.h"
#include "swath/ops/reduction.h"
#include "swath/ops/take.h"

namespace swath::expr {
namespace {

using graph::ProjectionLayer;

// From this many blocks along the summed axes, a contraction is summed by a tree: one task would hold too many inputs.
constexpr int64_t kMostSummedBlocks = 8;
constexpr int64_t kProductsMerged = 4;

std::vector<int64_t> BlocksOf(const ops::Grid& grid) {
  std::vector<int64_t> blocks;
  for (int64_t axis = 0; axis < grid.ndim(); ++axis) blocks.push_back(grid.blocks(axis));
  return blocks;
}

graph::LayerDescription Describe(const ArrayNode& node, std::string name, std::string_view op,
                                 std::shared_ptr<const ops::OpParams> params) {
  graph::LayerDescription description{
      .name = std::move(name), .call = {op, std::move(params)}, .location = node.location()};
  description.result_bytes.resize(node.grid().block_count());
  for (int64_t block = 0; block < node.grid().block_count(); ++block) {
    int64_t bytes = node.dtype().itemsize;
    for (const ops::Range& range : node.grid().BlockBox(block)) bytes *= range.size();
    description.result_bytes[block] = bytes;
  }
  return description;
}

const ArrayNode& Input(const ArrayNode& node, size_t i) { return static_cast<const ArrayNode&>(*node.inputs()[i]); }

Result<int32_t> LowerTake(const TakeNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(const int32_t input, lowering->LayerOf(node.inputs()[0]));
  auto params = std::make_shared<ops::TakeParams>();
  params->axis = static_cast<int32_t>(node.axis());
  params->indices = node.indices();
  params->source = Input(node, 0).grid();
  params->grid = node.grid();
  const auto bounds = params->source.bounds(node.axis());
  std::vector<std::vector<graph::InputBlock>> dependencies(node.grid().block_count());
  std::vector<int64_t> position(node.ndim());
  for (int64_t block = 0; block < node.grid().block_count(); ++block) {
    node.grid().Position(block, position.data());
    const ops::Range range = node.grid().BlockRange(node.axis(), position[node.axis()]);
    std::vector<int64_t> sources;
    for (int64_t i = range.begin; i < range.end; ++i) {
      sources.push_back(std::upper_bound(bounds.begin(), bounds.end(), node.indices()[i]) - bounds.begin() - 1);
    }
    std::sort(sources.begin(), sources.end());
    sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
    if (sources.empty()) sources.push_back(0);  // its dtype
    for (const int64_t source : sources) {
      position[node.axis()] = source;
      dependencies[block].push_back({0, params->source.Index(position)});
    }
  }
  const int64_t input_size = params->source.block_count();
  auto layer = std::make_shared<graph::BlockListLayer>(Describe(node, "take", ops::TakeParams::kOp, std::move(params)),
                                                       std::move(dependencies), std::vector<int64_t>{input_size});
  return lowering->graph().Add(std::move(layer), {input});
}

Result<int32_t> LowerReshape(const ReshapeNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(const int32_t input, lowering->LayerOf(node.inputs()[0]));
  auto params = std::make_shared<ops::ReshapeParams>();
  params->from = Input(node, 0).grid();
  params->to = node.grid();
  std::vector<std::vector<graph::InputBlock>> dependencies(node.grid().block_count());
  std::vector<int64_t> sources;
  for (int64_t block = 0; block < node.grid().block_count(); ++block) {
    sources.clear();
    ops::AppendReshapeSources(params->from, params->to, block, &sources);
    if (sources.empty()) sources.push_back(0);  // its dtype
    for (const int64_t source : sources) dependencies[block].push_back({0, source});
  }
  const int64_t input_size = params->from.block_count();
  auto layer =
      std::make_shared<graph::BlockListLayer>(Describe(node, "reshape", ops::ReshapeParams::kOp, std::move(params)),
                                              std::move(dependencies), std::vector<int64_t>{input_size});
  return lowering->graph().Add(std::move(layer), {input});
}

Result<int32_t> LowerConcatenate(const ConcatenateNode& node, Lowering* lowering) {
  std::vector<int32_t> layers;
  std::vector<int64_t> sizes;
  std::vector<std::vector<graph::InputBlock>> dependencies(node.grid().block_count());
  int64_t first = 0;  // block of the output along the axis where the input begins
  std::vector<int64_t> position(node.ndim());
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(node.inputs()[i]));
    layers.push_back(layer);
    const ops::Grid& grid = Input(node, i).grid();
    sizes.push_back(grid.block_count());
    for (int64_t block = 0; block < grid.block_count(); ++block) {
      grid.Position(block, position.data());
      position[node.axis()] += first;
      dependencies[node.grid().Index(position)].push_back({static_cast<int32_t>(i), block});
    }
    first += grid.blocks(node.axis());
  }
  auto layer = std::make_shared<graph::BlockListLayer>(
      Describe(node, "concatenate", ops::PassParams::kOp, std::make_shared<ops::PassParams>()), std::move(dependencies),
      std::move(sizes));
  return lowering->graph().Add(std::move(layer), std::move(layers));
}

// Totals of the blocks along the axis, as partials of "sum" or "prod".
int32_t AddTotals(const CumulativeNode& node, int32_t input, Lowering* lowering) {
  auto program = std::make_shared<ops::TileProgram>();
  program->grid = node.grid();
  program->dtype = node.dtype();
  program->sources = {{.kind = ops::TileSource::Kind::kInput,
                       .dtype = node.dtype(),
                       .grid = node.grid(),
                       .map = IdentityMap(node.ndim())}};
  program->sink = {ops::TileSink::Kind::kReduce,
                   node.product() ? (node.skip_nan() ? "nanprod" : "prod") : (node.skip_nan() ? "nansum" : "sum"),
                   {static_cast<int32_t>(node.axis())},
                   node.dtype()};
  graph::LayerDescription description{.name = "block-totals", .location = node.location()};
  return lowering->graph().Add(std::make_shared<graph::TileLayer>(std::move(description), std::move(program)), {input});
}

//   x ─▶ block totals ─▶ carries (what precedes each block) ─▶ scan of each block from its carry ◀─ x
Result<int32_t> LowerCumulative(const CumulativeNode& node, Lowering* lowering) {
  ASSIGN_OR_RETURN(const int32_t input, lowering->LayerOf(node.inputs()[0]));
  auto params = std::make_shared<ops::CumulativeParams>();
  params->product = node.product();
  params->skip_nan = node.skip_nan();
  params->axis = static_cast<int32_t>(node.axis());
  params->dtype = node.dtype();
  params->grid = node.grid();
  const std::vector<int64_t> blocks = BlocksOf(node.grid());
  std::vector<int32_t> every(node.ndim());
  for (int32_t axis = 0; axis < node.ndim(); ++axis) every[axis] = axis;
  std::vector<ProjectionLayer::Input> inputs{{blocks, every}};
  std::vector<int32_t> layers{input};
  if (blocks[node.axis()] > 1) {
    const int32_t totals = AddTotals(node, input, lowering);
    std::vector<int64_t> groups(node.ndim(), 1);
    groups[node.axis()] = blocks[node.axis()];
    graph::LayerDescription description;
    description.name = "carries";
    description.call = {ops::CumulativeParams::kCarriesOp, params};
    description.location = node.location();
    auto carries = std::make_shared<graph::TreeLayer>(std::move(description), blocks, std::move(groups));
    std::vector<int32_t> line = every;
    line[node.axis()] = ProjectionLayer::kFirst;
    inputs.push_back({carries->output_blocks(), std::move(line)});
    layers.push_back(lowering->graph().Add(std::move(carries), {totals}));
  }
  auto description =
      Describe(node, node.Label().substr(0, node.Label().find('(')), ops::CumulativeParams::kOp, std::move(params));
  return lowering->graph().Add(std::make_shared<ProjectionLayer>(std::move(description), blocks, std::move(inputs)),
                               std::move(layers));
}

// Task t reads block t of every input.
Result<int32_t> LowerBlockFunction(const BlockFunctionNode& node, Lowering* lowering) {
  std::vector<int32_t> layers;
  for (const NodePtr& input : node.inputs()) {
    ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(input));
    layers.push_back(layer);
  }
  const int64_t blocks = node.grid().block_count();
  std::vector<std::vector<graph::InputBlock>> dependencies(static_cast<size_t>(blocks));
  for (int64_t block = 0; block < blocks; ++block) {
    for (size_t i = 0; i < layers.size(); ++i) dependencies[block].push_back({static_cast<int32_t>(i), block});
  }
  auto layer = std::make_shared<graph::BlockListLayer>(
      Describe(node, node.Label(), ops::BlockFunctionParams::kOp, node.params()), std::move(dependencies),
      std::vector<int64_t>(layers.size(), blocks));
  return lowering->graph().Add(std::move(layer), std::move(layers));
}

class ContractLowering {
 public:
  ContractLowering(const ContractNode& node, Lowering* lowering) : node_(node), lowering_(lowering) {}

  Result<int32_t> Run() {
    ASSIGN_OR_RETURN(const int32_t a, lowering_->LayerOf(node_.inputs()[0]));
    ASSIGN_OR_RETURN(const int32_t b, lowering_->LayerOf(node_.inputs()[1]));
    auto params = std::make_shared<ops::ContractParams>();
    params->a_labels = node_.labels().a;
    params->b_labels = node_.labels().b;
    params->labels = node_.labels().result;
    params->dtype = node_.dtype();
    params->grid = node_.grid();
    const int64_t summed = SummedBlocks();
    const bool tree = summed > kMostSummedBlocks;
    blocks_ = BlocksOf(node_.grid());
    if (tree) params->grid = AddSummedAxes();
    std::vector<ProjectionLayer::Input> inputs{Project(0, node_.labels().a), Project(1, node_.labels().b)};
    auto description = Describe(node_, node_.Label(), ops::ContractParams::kOp, std::move(params));
    if (tree)
      description.result_bytes = {*std::max_element(description.result_bytes.begin(), description.result_bytes.end())};
    const int32_t products = lowering_->graph().Add(
        std::make_shared<ProjectionLayer>(std::move(description), blocks_, std::move(inputs)), {a, b});
    return tree ? AddTree(products) : products;
  }

 private:
  bool IsSummed(int32_t label) const {
    const auto& kept = node_.labels().result;
    return std::find(kept.begin(), kept.end(), label) == kept.end();
  }

  int64_t SummedBlocks() const {
    int64_t count = 1;
    const auto& labels = node_.labels().a;
    for (size_t axis = 0; axis < labels.size(); ++axis) {
      if (IsSummed(labels[axis])) count *= Input(node_, 0).grid().blocks(static_cast<int64_t>(axis));
    }
    return count;
  }

  // One task a product of two blocks: the summed axes become axes of the task grid, after those of the result.
  // Returns that grid: the kernel finds its block's box by the number of the task.
  ops::Grid AddSummedAxes() {
    const auto& labels = node_.labels().a;
    auto chunks = node_.grid().chunks();
    for (size_t axis = 0; axis < labels.size(); ++axis) {
      if (!IsSummed(labels[axis])) continue;
      summed_labels_.push_back(labels[axis]);
      chunks.push_back(Input(node_, 0).grid().chunks()[axis]);
      blocks_.push_back(static_cast<int64_t>(chunks.back().size()));
    }
    return ops::Grid(std::move(chunks));
  }

  ProjectionLayer::Input Project(size_t operand, const std::vector<int32_t>& labels) const {
    const ArrayNode& x = Input(node_, operand);
    ProjectionLayer::Input input{BlocksOf(x.grid()), {}};
    const auto& kept = node_.labels().result;
    for (size_t axis = 0; axis < labels.size(); ++axis) {
      const auto in_result = std::find(kept.begin(), kept.end(), labels[axis]);
      const auto in_summed = std::find(summed_labels_.begin(), summed_labels_.end(), labels[axis]);
      if (in_result != kept.end()) {
        const auto output = static_cast<int32_t>(in_result - kept.begin());
        const bool stretched = x.shape()[axis] != node_.shape()[output];
        input.axes.push_back(stretched ? ProjectionLayer::kFirst : output);
      } else if (in_summed != summed_labels_.end()) {
        input.axes.push_back(static_cast<int32_t>(kept.size() + (in_summed - summed_labels_.begin())));
      } else {
        input.axes.push_back(ProjectionLayer::kAll);
      }
    }
    return input;
  }

  int32_t AddTree(int32_t layer) {
    const size_t kept = node_.labels().result.size();
    std::vector<int64_t> blocks = blocks_;
    for (bool last = false; !last;) {
      std::vector<int64_t> groups(blocks.size(), 1);
      int64_t room = kProductsMerged;
      for (size_t axis = blocks.size(); axis-- > kept;) {
        groups[axis] = std::clamp<int64_t>(blocks[axis], 1, std::max<int64_t>(1, room));
        room /= groups[axis];
      }
      last = std::equal(groups.begin() + static_cast<int64_t>(kept), groups.end(),
                        blocks.begin() + static_cast<int64_t>(kept));
      auto params = std::make_shared<ops::CombineParams>();
      params->reduction = "sum";
      params->accumulator = params->result = node_.dtype();
      params->finish = last;
      auto description = Describe(node_, "sum-products", ops::CombineParams::kOp, std::move(params));
      if (!last)
        description.result_bytes = {
            *std::max_element(description.result_bytes.begin(), description.result_bytes.end())};
      auto tree = std::make_shared<graph::TreeLayer>(std::move(description), std::move(blocks), std::move(groups));
      blocks = tree->output_blocks();
      layer = lowering_->graph().Add(std::move(tree), {layer});
    }
    return layer;
  }

  const ContractNode& node_;
  Lowering* lowering_;
  std::vector<int64_t> blocks_;  // of the task grid
  std::vector<int32_t> summed_labels_;
};

}  // namespace

Result<int32_t> LowerBlocks(const NodePtr& node, Lowering* lowering) {
  if (const auto* take = dynamic_cast<const TakeNode*>(node.get())) return LowerTake(*take, lowering);
  if (const auto* reshape = dynamic_cast<const ReshapeNode*>(node.get())) return LowerReshape(*reshape, lowering);
  if (const auto* concatenate = dynamic_cast<const ConcatenateNode*>(node.get()))
    return LowerConcatenate(*concatenate, lowering);
  if (const auto* cumulative = dynamic_cast<const CumulativeNode*>(node.get()))
    return LowerCumulative(*cumulative, lowering);
  if (const auto* function = dynamic_cast<const BlockFunctionNode*>(node.get()))
    return LowerBlockFunction(*function, lowering);
  if (const auto* contract = dynamic_cast<const ContractNode*>(node.get()))
    return ContractLowering(*contract, lowering).Run();
  return Status::NotImplemented("no lowering for the expression '", node->op(), "'");
}

}  // namespace swath::expr
