// Fusion: elementwise operations, views, generators and the reductions above them become programs that run tile by tile
// in cache.
//
//   x = random        x is read by three readers in two programs:          sum ◀ tile{x, x.T, m: (a + b) - c}
//   m = mean(x, 1)    it is generated again in each, never stored          m   ◀ tile{x} → mean
//   sum((x + x.T) - m)
//
// A node is *inside* a program when all that read it are inside that program and read the same element, or when
// computing it again for every reader is cheaper than storing it once. Otherwise it is an *anchor*: the head of a
// program of its own, whose result is stored. Nodes are judged readers first, so all readers of a node are settled when
// it is judged. O(nodes and edges).
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "swath/expr/array/elementwise.h"
#include "swath/expr/array/source.h"
#include "swath/expr/array/tile.h"
#include "swath/expr/array/view.h"
#include "swath/expr/rules/rules.h"
#include "swath/ops/elementwise.h"

namespace swath::expr {
namespace {

// Costs count the time of reading or writing one element in memory as 1.
constexpr double kMostRecomputeOfGenerated = 16;  // nothing is read: recomputing also saves memory
constexpr double kMostRecomputeOfStored = 4;
constexpr double kMostGrowth = 4;      // a broadcast may repeat work this often
constexpr int kMostInstructions = 48;  // registers of a program stay in the L2 cache
constexpr int kMostSources = 16;

// How an element of a node is read: by the program of `anchor`, through `map`.
struct Read {
  const Node* anchor;
  ops::IndexMap map;
  double growth;  // how often each element is computed, because of broadcasts on the way
};
bool SameRead(const Read& a, const Read& b) { return a.anchor == b.anchor && a.map == b.map; }

double GeneratorCost(const ops::TileSource& source) {
  if (source.kind != ops::TileSource::Kind::kRandom) return 0.25;
  if (source.distribution == "random" || source.distribution == "uniform") return 3;
  return source.distribution == "integers" ? 4 : source.distribution.ends_with("normal") ? 6 : 40;
}

double FunctionCost(std::string_view function) {
  static const std::set<std::string_view> cheap{
      "add",     "subtract", "multiply",   "negative", "absolute",      "where", "clip",      "cast",   "maximum",
      "minimum", "less",     "less_equal", "greater",  "greater_equal", "equal", "not_equal", "square", "positive"};
  return cheap.contains(function) ? 0.5 : 3;
}

class Fusion {
 public:
  explicit Fusion(const std::vector<NodePtr>& roots) : roots_(roots) {}

  Result<std::vector<NodePtr>> Run() {
    Sort();
    for (const NodePtr& root : roots_) anchors_.insert(root.get());
    for (auto node = order_.rbegin(); node != order_.rend(); ++node) Judge(*node);
    for (const NodePtr& node : order_) {
      if (anchors_.contains(node.get())) RETURN_IF_ERROR(Rebuild(node));
    }
    std::vector<NodePtr> result;
    for (const NodePtr& root : roots_) result.push_back(rebuilt_.at(root.get()));
    return result;
  }

 private:
  // order_: inputs before readers.
  void Sort() {
    std::unordered_map<const Node*, bool> seen;
    std::vector<std::pair<NodePtr, bool>> stack;
    for (const NodePtr& root : roots_) {
      stack.emplace_back(root, false);
      while (!stack.empty()) {
        auto [node, done] = stack.back();
        stack.pop_back();
        if (done) {
          order_.push_back(node);
          continue;
        }
        if (!seen.emplace(node.get(), true).second) continue;
        stack.emplace_back(node, true);
        for (const NodePtr& input : node->inputs()) stack.emplace_back(input, false);
      }
    }
  }

  // What computing one element of `node` costs, from the programs that it would be inside of; generators only:
  // `*stored` stays false.
  double Cost(const Node& node, bool* stored, int depth = 0) const {
    if (const auto* generator = dynamic_cast<const GeneratorNode*>(&node)) return GeneratorCost(generator->source());
    const bool inside = dynamic_cast<const ElementwiseNode*>(&node) || dynamic_cast<const ViewNode*>(&node);
    if (!inside || depth > 16 || (depth > 0 && anchors_.contains(&node))) {
      *stored = true;
      return 1;
    }
    double cost = 0;
    if (const auto* elementwise = dynamic_cast<const ElementwiseNode*>(&node))
      cost = FunctionCost(elementwise->function());
    for (const NodePtr& input : node.inputs()) cost += Cost(*input, stored, depth + 1);
    return cost;
  }

  // May the node be inside the programs that read it?
  bool MayFuse(const Node& node, const std::vector<Read>& reads) {
    if (reads.empty() || anchors_.contains(&node) || dynamic_cast<const ArrayNode*>(&node) == nullptr) return false;
    const auto* view = dynamic_cast<const ViewNode*>(&node);
    if (view && view->stored()) return false;
    const bool elementwise = dynamic_cast<const ElementwiseNode*>(&node) != nullptr;
    if (!view && !elementwise && !dynamic_cast<const GeneratorNode*>(&node)) return false;
    bool stored = false;
    const double cost = Cost(node, &stored);
    for (const Read& read : reads) {
      if (!view && read.growth >= kMostGrowth && cost >= 0.5) return false;  // small before the broadcast: keep it
      const auto& [instructions, sources] = sizes_[read.anchor];
      if (elementwise && instructions >= kMostInstructions) return false;
      if (!elementwise && sources >= kMostSources) return false;
    }
    if (reads.size() == 1) return true;
    // A view of something stored costs nothing to repeat.
    if (view && Underlying(node)) return true;
    return static_cast<double>(reads.size() - 1) * cost <=
           (stored ? kMostRecomputeOfStored : kMostRecomputeOfGenerated);
  }

  // Is the node a chain of views on a node that is stored anyway?
  bool Underlying(const Node& node) const {
    const Node* x = &node;
    while (dynamic_cast<const ViewNode*>(x)) x = x->inputs()[0].get();
    return !dynamic_cast<const ElementwiseNode*>(x) && !dynamic_cast<const GeneratorNode*>(x);
  }

  void Judge(const NodePtr& node) {
    std::vector<Read> reads = std::move(reads_[node.get()]);
    const auto* array = dynamic_cast<const ArrayNode*>(node.get());
    if (!MayFuse(*node, reads)) {
      anchors_.insert(node.get());
      for (const Read& read : reads) ++sizes_[read.anchor].second;
      reads = {{node.get(), array ? IdentityMap(array->ndim()) : ops::IndexMap{}, 1}};
    } else {
      inside_.insert(node.get());
    }
    if (!array || !IsTileable(*node)) {
      for (const NodePtr& input : node->inputs()) anchors_.insert(input.get());
      return;
    }
    for (const Read& read : reads) {
      auto& [instructions, sources] = sizes_[read.anchor];
      instructions += dynamic_cast<const ElementwiseNode*>(array) != nullptr;
      sources += dynamic_cast<const GeneratorNode*>(array) != nullptr;
      for (const NodePtr& input : node->inputs()) AddRead(*array, input, read);
    }
  }

  void AddRead(const ArrayNode& reader, const NodePtr& input, const Read& read) {
    const auto& x = static_cast<const ArrayNode&>(*input);
    Read inner = read;
    if (const auto* view = dynamic_cast<const ViewNode*>(&reader)) {
      inner.map = ComposeMaps(view->map(), read.map);
    } else if (dynamic_cast<const ReductionNode*>(&reader)) {
      inner.map = IdentityMap(x.ndim());
    } else {
      inner.map = ComposeMaps(BroadcastMap(x.shape(), reader.shape()), read.map);
    }
    if (!dynamic_cast<const ReductionNode*>(&reader)) {
      inner.growth *= static_cast<double>(reader.size()) / static_cast<double>(std::max<int64_t>(1, x.size()));
    }
    std::vector<Read>& reads = reads_[input.get()];
    const bool known =
        std::any_of(reads.begin(), reads.end(), [&](const Read& other) { return SameRead(other, inner); });
    if (!known) reads.push_back(std::move(inner));
  }

  Status Rebuild(const NodePtr& node) {
    const ArrayPtr array = AsArray(node);
    if (array && IsTileable(*node)) {
      ASSIGN_OR_RETURN(rebuilt_[node.get()],
                       MakeTile(
                           array, [&](const Node* inner) { return inside_.contains(inner); },
                           [&](const ArrayPtr& input) { return AsArray(rebuilt_.at(input.get())); }));
      return Status::OK();
    }
    std::vector<NodePtr> inputs;
    bool changed = false;
    for (const NodePtr& input : node->inputs()) {
      inputs.push_back(rebuilt_.at(input.get()));
      changed |= inputs.back() != input;
    }
    if (!changed) {
      rebuilt_[node.get()] = node;
      return Status::OK();
    }
    LocationScope scope(node->location());
    ASSIGN_OR_RETURN(rebuilt_[node.get()], node->WithInputs(std::move(inputs)));
    return Status::OK();
  }

  const std::vector<NodePtr>& roots_;
  std::vector<NodePtr> order_;
  std::unordered_map<const Node*, std::vector<Read>> reads_;
  std::set<const Node*> anchors_, inside_;
  std::unordered_map<const Node*, std::pair<int, int>> sizes_;  // of the program of an anchor: instructions, sources
  std::unordered_map<const Node*, NodePtr> rebuilt_;
};

}  // namespace

Result<std::vector<NodePtr>> FuseArrays(std::vector<NodePtr> roots) { return Fusion(roots).Run(); }

}  // namespace swath::expr
