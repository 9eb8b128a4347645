#include "swath/expr/lower/lower.h"

#include "swath/base/config.h"
#include "swath/expr/array/array_node.h"
#include "swath/expr/passes.h"

namespace swath::expr {

Result<int32_t> Lowering::LayerOf(const NodePtr& node) {
  if (const auto it = layer_of_.find(node->token()); it != layer_of_.end()) return it->second;
  const bool is_array = dynamic_cast<const ArrayNode*>(node.get()) != nullptr;
  Result<int32_t> layer = is_array ? LowerArray(node, this) : LowerFrame(node, this);
  if (!layer.ok()) return WithLocation(layer.status(), node->location());
  layer_of_.insert_or_assign(node->token(), *layer);
  return *layer;
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

Result<Plan> MakePlan(std::vector<NodePtr> roots, bool optimize) {
  if (optimize) {
    ASSIGN_OR_RETURN(const std::vector<std::string> disabled, DisabledPasses());
    ASSIGN_OR_RETURN(Optimized optimized, Optimize(std::move(roots), disabled));
    roots = std::move(optimized.roots);
  }
  return LowerRoots(roots);
}

Result<Plan> LowerRoots(const std::vector<NodePtr>& roots) {
  Lowering lowering;
  Plan plan;
  std::vector<int32_t> layers;
  for (const NodePtr& root : roots) {
    ASSIGN_OR_RETURN(const int32_t layer, lowering.LayerOf(root));
    layers.push_back(layer);
  }
  int64_t first = 0;
  for (const int32_t layer : layers) {
    lowering.graph().Want(layer);
    const int64_t count = lowering.graph().layers()[layer].layer->task_count();
    plan.outputs.push_back({first, count});
    first += count;
  }
  plan.graph = std::make_shared<const graph::Graph>(std::move(lowering.graph()));
  return plan;
}

}  // namespace swath::expr
