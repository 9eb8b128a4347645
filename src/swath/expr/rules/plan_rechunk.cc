// A rechunk in one step costs an edge for every pair of blocks that overlap; from n columns to n rows that is n².
// Through blocks of a shape between (the geometric mean of the numbers of blocks, axis by axis) it is 2 n^1.5, for one
// more pass over the data:
//
//   n columns  ─▶  √n × √n tiles  ─▶  n rows
//
// Worth it only when blocks are read in very many pieces: a piece costs about a microsecond. Generators are never
// staged, as they are made where they are read.
#include <algorithm>
#include <cmath>

#include "swath/base/config.h"
#include "swath/expr/array/source.h"
#include "swath/expr/array/view.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {
namespace {

constexpr double kPiecesWorthAPass = 256;  // of one output block

// Pairs of blocks that overlap, and the number of blocks on both sides.
struct Cost {
  double edges = 1;
  double inputs = 1;
  double outputs = 1;
};
Cost CostOf(const ops::Grid& from, const ops::Grid& to) {
  Cost cost;
  for (int64_t axis = 0; axis < from.ndim(); ++axis) {
    int64_t pairs = 0;
    for (int64_t block = 0; block < to.blocks(axis); ++block)
      pairs += from.Overlap(axis, to.BlockRange(axis, block)).size();
    cost.edges *= static_cast<double>(std::max<int64_t>(1, pairs));
    cost.inputs *= static_cast<double>(from.blocks(axis));
    cost.outputs *= static_cast<double>(to.blocks(axis));
  }
  return cost;
}

ops::Grid Between(const ops::Grid& from, const ops::Grid& to) {
  std::vector<std::vector<int64_t>> chunks;
  for (int64_t axis = 0; axis < from.ndim(); ++axis) {
    const double mean = std::sqrt(static_cast<double>(from.blocks(axis)) * static_cast<double>(to.blocks(axis)));
    const int64_t length = from.shape(axis);
    const int64_t count = std::clamp<int64_t>(std::llround(mean), 1, std::max<int64_t>(1, length));
    std::vector<int64_t> blocks(count, length / count);
    for (int64_t i = 0; i < length % count; ++i) ++blocks[i];
    chunks.push_back(std::move(blocks));
  }
  return ops::Grid(std::move(chunks));
}

}  // namespace

Result<NodePtr> PlanRechunk(const NodePtr& node) {
  const auto* view = dynamic_cast<const ViewNode*>(node.get());
  if (!view || view->stored() || !IsIdentity(view->map())) return node;
  const ArrayPtr x = AsArray(view->inputs()[0]);
  if (x->shape() != view->shape() || dynamic_cast<const GeneratorNode*>(x.get())) return node;
  if (const auto* below = dynamic_cast<const ViewNode*>(x.get()); below && below->stored()) return node;
  ASSIGN_OR_RETURN(const int64_t threshold, Config::Current()->GetInt("array.rechunk.threshold"));
  const Cost direct = CostOf(x->grid(), view->grid());
  const bool excessive = direct.edges > static_cast<double>(threshold) * (direct.inputs + direct.outputs) &&
                         direct.edges > kPiecesWorthAPass * direct.outputs;
  if (!excessive) return node;
  const ops::Grid between = Between(x->grid(), view->grid());
  if (CostOf(x->grid(), between).edges + CostOf(between, view->grid()).edges > direct.edges / 2) return node;
  ASSIGN_OR_RETURN(const ArrayPtr stage, MakeView(x, IdentityMap(x->ndim()), between, true));
  return MakeView(stage, view->map(), view->grid());
}

}  // namespace swath::expr
