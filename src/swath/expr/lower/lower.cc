#include "swath/expr/lower/lower.h"

#include <span>
#include <utility>

#include "swath/base/config.h"
#include "swath/expr/array/array_node.h"
#include "swath/expr/bag/bag_reduce.h"
#include "swath/expr/lower/delayed.h"
#include "swath/expr/passes.h"

namespace swath::expr {

Result<int32_t> Lowering::LayerOf(const NodePtr& node) {
  if (const auto it = layer_of_.find(node->token()); it != layer_of_.end()) return it->second;
  const bool is_array = dynamic_cast<const ArrayNode*>(node.get()) != nullptr;
  const bool is_bag = !is_array && (ToBag(node) || node->op() == BagTableNode::kOp);
  Result<int32_t> layer = is_array ? LowerArray(node, this) : is_bag ? LowerBag(node, this) : LowerFrame(node, this);
  if (!layer.ok()) return WithLocation(layer.status(), node->location());
  layer_of_.insert_or_assign(node->token(), *layer);
  return *layer;
}

void Lowering::CountReaders(const std::vector<NodePtr>& roots) {
  std::vector<const Node*> stack;
  for (const NodePtr& root : roots) stack.push_back(root.get());
  while (!stack.empty()) {
    const Node* node = stack.back();
    stack.pop_back();
    if (++readers_[node] > 1) continue;
    for (const NodePtr& input : node->inputs()) stack.push_back(input.get());
  }
}

int Lowering::Readers(const Node* node) const {
  const auto it = readers_.find(node);
  return it == readers_.end() ? 0 : it->second;
}

Result<std::vector<std::string>> DisabledPasses() {
  const ConfigValue value = Config::Current()->Get("optimizer.passes.disabled");
  std::vector<std::string> names;
  if (value.is_null()) return names;
  if (const std::string* one = value.get_if<std::string>()) return std::vector<std::string>{*one};
  const ConfigValue::List* list = value.get_if<ConfigValue::List>();
  if (!list)
    return Status::TypeError("config optimizer.passes.disabled is ", value.ToString(),
                             "; it must be a list of names of passes");
  for (const ConfigValue& item : *list) {
    const std::string* name = item.get_if<std::string>();
    if (!name)
      return Status::TypeError("config optimizer.passes.disabled holds ", item.ToString(),
                               "; it must be a list of names of passes");
    names.push_back(*name);
  }
  return names;
}

namespace {

// Optimizes the collections that become computable together; those of another level may depend on calls that read
// these, so a pass must not merge them.
Status OptimizeLevel(const CallLevels::Level& level, std::span<const std::string> disabled, Replacements* replacements,
                     std::vector<PassReport>* reports) {
  if (level.collections.empty()) return Status::OK();
  ASSIGN_OR_RETURN(Optimized optimized, Optimize(level.collections, disabled));
  for (size_t i = 0; i < level.collections.size(); ++i)
    replacements->emplace(level.collections[i].get(), optimized.roots[i]);
  if (!reports) return Status::OK();
  for (size_t i = 0; i < optimized.reports.size(); ++i) {
    if (reports->size() <= i) reports->push_back({optimized.reports[i].name});
    (*reports)[i].fired |= optimized.reports[i].fired;
    (*reports)[i].nanoseconds += optimized.reports[i].nanoseconds;
  }
  return Status::OK();
}

Result<Plan> Lower(const std::vector<NodePtr>& roots, const CallLevels& calls, const Replacements& replacements) {
  Lowering lowering;
  for (const CallLevels::Level& level : calls.levels) {
    std::vector<NodePtr> collections;
    for (const NodePtr& collection : level.collections) {
      const auto replaced = replacements.find(collection.get());
      collections.push_back(replaced == replacements.end() ? collection : replaced->second);
    }
    lowering.CountReaders(collections);
  }
  for (const CallLevels::Level& level : calls.levels) RETURN_IF_ERROR(LowerCalls(level.calls, replacements, &lowering));
  Plan plan;
  std::vector<int32_t> layers;  // of the roots; -1: a call
  for (const NodePtr& root : roots) {
    int32_t layer = -1;
    if (!AsDelayed(root.get())) {
      const auto replaced = replacements.find(root.get());
      ASSIGN_OR_RETURN(layer, lowering.LayerOf(replaced == replacements.end() ? root : replaced->second));
    }
    layers.push_back(layer);
  }
  int64_t first = 0;
  for (size_t i = 0; i < roots.size(); ++i) {
    int64_t count = 1;
    if (layers[i] < 0) {
      ASSIGN_OR_RETURN(const graph::TaskId task, lowering.TaskOf(roots[i]));
      lowering.graph().Want(task);
    } else {
      lowering.graph().Want(layers[i]);
      count = lowering.graph().layers()[static_cast<size_t>(layers[i])].layer->task_count();
    }
    plan.outputs.push_back({first, count});
    first += count;
  }
  plan.graph = std::make_shared<const graph::Graph>(std::move(lowering.graph()));
  return plan;
}

}  // namespace

Result<OptimizedPlan> MakeOptimizedPlan(const std::vector<NodePtr>& roots) {
  ASSIGN_OR_RETURN(const std::vector<std::string> disabled, DisabledPasses());
  const CallLevels calls = FindCalls(roots);
  Replacements replacements;
  OptimizedPlan result;
  for (const CallLevels::Level& level : calls.levels) {
    RETURN_IF_ERROR(OptimizeLevel(level, disabled, &replacements, &result.reports));
    result.call_count += static_cast<int64_t>(level.calls.size());
  }
  for (const NodePtr& root : roots) {
    const auto replaced = replacements.find(root.get());
    result.roots.push_back(replaced == replacements.end() ? root : replaced->second);
  }
  ASSIGN_OR_RETURN(result.plan, Lower(roots, calls, replacements));
  return result;
}

Result<Plan> MakePlan(std::vector<NodePtr> roots, bool optimize) {
  if (!optimize) return LowerRoots(roots);
  ASSIGN_OR_RETURN(OptimizedPlan optimized, MakeOptimizedPlan(roots));
  return std::move(optimized.plan);
}

Result<Plan> LowerRoots(const std::vector<NodePtr>& roots) { return Lower(roots, FindCalls(roots), {}); }

}  // namespace swath::expr
