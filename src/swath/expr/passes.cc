// The table of contents of the optimizer.
#include "swath/expr/passes.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "swath/expr/rules/rules.h"

namespace swath::expr {
namespace {

// In the order in which they run; a row says why it stands where it stands.
constexpr Pass kPasses[] = {
    // arrays: views meet first, so that later rules see one view where the user wrote three.
    {.name = "merge-views",
     .what = "transposes, slices and rechunks of each other become one view",
     .rule = MergeViews,
     .fixed_point = true},
    {.name = "push-slices",
     .what = "slices move below elementwise operations and reductions",
     .rule = PushSlice,
     .fixed_point = true},
    // after the merging of views, which would undo it, and before they vanish into programs.
    {.name = "plan-rechunks",
     .what = "a rechunk whose blocks read very many others goes through blocks of a shape between",
     .rule = PlanRechunk},
    // last of the arrays: it hides elementwise operations inside programs.
    {.name = "fuse",
     .what = "elementwise operations, views, generators and reductions become one pass through the cache",
     .rewrite = FuseArrays},
    // tables: rows are chosen as early as possible, then nodes that read the same rows become one, then columns nobody
    // reads go.
    {.name = "merge-filters",
     .what = "filters of filters become one and move towards the scan",
     .rule = MergeFilters,
     .fixed_point = true},
    {.name = "prune-partitions",
     .what = "only the partitions asked for are read",
     .rule = PrunePartitions,
     .fixed_point = true},
    {.name = "limit-rows",
     .what = "the head of a sort keeps the first rows only",
     .rule = LimitRows,
     .fixed_point = true},
    {.name = "count-rows", .what = "counting reads no columns", .rule = CountRows, .fixed_point = true},
    {.name = "share-aggregations",
     .what = "aggregations over the same rows by the same keys are done in one go",
     .rewrite = ShareAggregations},
    {.name = "prune-columns", .what = "scans read only the columns that are used", .rewrite = PruneColumns},
    // last: it hands conditions over columns that are still read to the scans.
    {.name = "push-predicates", .what = "scans skip row groups by their statistics", .rule = PushPredicates},
};

constexpr int kMostRounds =
    20;  // of a fixed point; rules shrink the tree, so this is a guard against a rule that does not

class Rewriter {
 public:
  explicit Rewriter(Rule rule) : rule_(rule) {}

  // Iterative post-order: expressions may be deeper than the stack.
  Result<NodePtr> Rewrite(const NodePtr& root) {
    std::vector<std::pair<NodePtr, bool>> stack{{root, false}};
    while (!stack.empty()) {
      const auto [node, inputs_done] = stack.back();
      stack.pop_back();
      if (done_.contains(node.get())) continue;
      if (!inputs_done) {
        stack.emplace_back(node, true);
        for (const NodePtr& input : node->inputs()) stack.emplace_back(input, false);
        continue;
      }
      ASSIGN_OR_RETURN(NodePtr rebuilt, WithRewrittenInputs(node));
      ASSIGN_OR_RETURN(rebuilt, rule_(rebuilt));
      done_.emplace(node.get(), std::move(rebuilt));
    }
    return done_.at(root.get());
  }

 private:
  Result<NodePtr> WithRewrittenInputs(const NodePtr& node) {
    std::vector<NodePtr> inputs;
    bool changed = false;
    for (const NodePtr& input : node->inputs()) {
      inputs.push_back(done_.at(input.get()));
      changed |= inputs.back() != input;
    }
    if (!changed) return node;
    LocationScope scope(node->location());
    return node->WithInputs(std::move(inputs));
  }

  Rule rule_;
  std::unordered_map<const Node*, NodePtr> done_;
};

Result<std::vector<NodePtr>> RunPass(const Pass& pass, std::vector<NodePtr> roots) {
  if (pass.rewrite) return pass.rewrite(std::move(roots));
  for (int round = 0; round < (pass.fixed_point ? kMostRounds : 1); ++round) {
    ASSIGN_OR_RETURN(std::vector<NodePtr> next, RewriteBottomUp(roots, pass.rule));
    if (next == roots) break;
    roots = std::move(next);
  }
  return roots;
}

}  // namespace

std::span<const Pass> AllPasses() { return kPasses; }

Result<std::vector<NodePtr>> RewriteBottomUp(std::vector<NodePtr> roots, Rule rule) {
  Rewriter rewriter(rule);
  for (NodePtr& root : roots) {
    ASSIGN_OR_RETURN(root, rewriter.Rewrite(root));
  }
  return roots;
}

Result<Optimized> Optimize(std::vector<NodePtr> roots, std::span<const std::string> disabled) {
  for (const std::string& name : disabled) {
    const bool known =
        std::any_of(std::begin(kPasses), std::end(kPasses), [&](const Pass& pass) { return pass.name == name; });
    if (!known)
      return Status::Invalid("config optimizer.passes.disabled names '", name,
                             "', which is no pass; explain() lists them");
  }
  Optimized optimized{.roots = std::move(roots)};
  for (const Pass& pass : kPasses) {
    if (std::find(disabled.begin(), disabled.end(), pass.name) != disabled.end()) continue;
    const auto begin = std::chrono::steady_clock::now();
    ASSIGN_OR_RETURN(std::vector<NodePtr> next, RunPass(pass, optimized.roots));
    const auto elapsed = std::chrono::steady_clock::now() - begin;
    optimized.reports.push_back({pass.name, next != optimized.roots, std::chrono::nanoseconds(elapsed).count()});
    DCHECK(CheckLegal(optimized.roots, next).ok());
    optimized.roots = std::move(next);
  }
  return optimized;
}

}  // namespace swath::expr
