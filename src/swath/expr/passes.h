// The optimizer: a list of passes over expression trees. passes.cc is its table of contents.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swath/expr/node.h"

namespace swath::expr {

// A rule looks at one node whose inputs are already rewritten and returns its replacement, or the node itself.
using Rule = Result<NodePtr> (*)(const NodePtr& node);

struct Pass {
  std::string_view name;
  std::string_view what;  // one line, shown by explain()
  // A whole-tree rewrite of all roots at once (so that shared work is seen), or null when `rule` is given.
  Result<std::vector<NodePtr>> (*rewrite)(std::vector<NodePtr> roots) = nullptr;
  Rule rule = nullptr;       // applied bottom-up with memoisation
  bool fixed_point = false;  // repeat until nothing changes
};

std::span<const Pass> AllPasses();

struct PassReport {
  std::string_view name;
  bool fired = false;
  int64_t nanoseconds = 0;
};
struct Optimized {
  std::vector<NodePtr> roots;
  std::vector<PassReport> reports = {};
};

// Runs all passes but those named in `disabled` (config key "optimizer.passes.disabled").
Result<Optimized> Optimize(std::vector<NodePtr> roots, std::span<const std::string> disabled = {});
// Do the new roots compute values of the same kind as the old: arrays of the same shape and dtype? Checked after each
// pass in debug builds and by tests.
Status CheckLegal(const std::vector<NodePtr>& before, const std::vector<NodePtr>& after);
// The trees of `roots` as text, one node a line; what several nodes read is printed once.
std::string PlanText(const std::vector<NodePtr>& roots);
// Rebuilds `roots` bottom-up through `rule`, each distinct node once.
Result<std::vector<NodePtr>> RewriteBottomUp(std::vector<NodePtr> roots, Rule rule);

}  // namespace swath::expr
