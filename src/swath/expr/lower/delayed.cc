#include "swath/expr/lower/delayed.h"

#include <algorithm>
#include <string>
#include <utility>

#include "swath/graph/materialized_layer.h"

namespace swath::expr {
namespace {

class CallFinder {
 public:
  CallLevels Find(const std::vector<NodePtr>& roots) {
    found_.levels.resize(1);
    for (const NodePtr& root : roots) {
      Walk(root);
      if (!AsDelayed(root.get())) AddCollection(root);
    }
    return std::move(found_);
  }

 private:
  // The number of the level whose calls `node` needs, or of which it is one; 0: none.
  struct Visit {
    NodePtr node;
    bool inputs_done;
  };

  void Walk(const NodePtr& root) {
    std::vector<Visit> stack{{root, false}};
    while (!stack.empty()) {
      const Visit visit = stack.back();
      stack.pop_back();
      if (level_.contains(visit.node.get())) continue;
      if (visit.inputs_done) {
        Place(visit.node);
        continue;
      }
      stack.push_back({visit.node, true});
      for (const NodePtr& input : visit.node->inputs()) stack.push_back({input, false});
      // Pushed in reverse, so that the first input is visited first.
      const auto calls = visit.node->call_inputs();
      for (auto call = calls.rbegin(); call != calls.rend(); ++call) stack.push_back({*call, false});
    }
  }

  void Place(const NodePtr& node) {
    const DelayedNode* call = AsDelayed(node.get());
    int level = call ? 1 : 0;
    for (const NodePtr& input : node->call_inputs()) level = std::max(level, level_.at(input.get()));
    for (const NodePtr& input : node->inputs()) level = std::max(level, level_.at(input.get()) + (call ? 1 : 0));
    level_.emplace(node.get(), level);
    if (static_cast<size_t>(level) >= found_.levels.size()) found_.levels.resize(static_cast<size_t>(level) + 1);
    if (!call) return;
    found_.levels[static_cast<size_t>(level)].calls.push_back(node);
    if (call->collection()) AddCollection(call->collection());
  }

  void AddCollection(const NodePtr& node) {
    if (!collected_.emplace(node.get(), true).second) return;
    found_.levels[static_cast<size_t>(level_.at(node.get()))].collections.push_back(node);
  }

  CallLevels found_;
  std::unordered_map<const Node*, int> level_;
  std::unordered_map<const Node*, bool> collected_;
};

// Collects the edges of a materialized layer. Inputs get their numbers when all are known.
class EdgeList {
 public:
  explicit EdgeList(size_t own_tasks) : own_tasks_(own_tasks) { offsets_.push_back(0); }

  void AddOwn(int64_t task) { targets_.push_back({-1, task}); }
  void AddBlock(int32_t layer, int64_t block) {
    const auto [slot, fresh] = input_of_.emplace(layer, static_cast<int32_t>(inputs_.size()));
    if (fresh) inputs_.push_back(layer);
    targets_.push_back({slot->second, block});
  }
  void EndTask() { offsets_.push_back(static_cast<uint32_t>(targets_.size())); }

  Result<int32_t> AddTo(graph::Graph* graph, graph::LayerDescription description) && {
    std::vector<int64_t> sizes;
    std::vector<int64_t> starts{static_cast<int64_t>(own_tasks_)};
    for (const int32_t layer : inputs_) {
      sizes.push_back(graph->layers()[static_cast<size_t>(layer)].layer->task_count());
      starts.push_back(starts.back() + sizes.back());
    }
    std::vector<uint32_t> numbers;
    numbers.reserve(targets_.size());
    for (const auto& [input, block] : targets_) {
      numbers.push_back(static_cast<uint32_t>(input < 0 ? block : starts[static_cast<size_t>(input)] + block));
    }
    ASSIGN_OR_RETURN(auto layer, graph::MaterializedLayer::Make(std::move(description), std::move(offsets_),
                                                                std::move(numbers), std::move(sizes)));
    return graph->Add(std::move(layer), std::move(inputs_));
  }

 private:
  size_t own_tasks_;
  std::vector<uint32_t> offsets_;
  std::vector<std::pair<int32_t, int64_t>> targets_;  // input (-1: own) and block
  std::vector<int32_t> inputs_;
  std::unordered_map<int32_t, int32_t> input_of_;  // graph layer -> input
};

std::string NameOf(const std::vector<NodePtr>& calls) {
  const std::string_view first = AsDelayed(calls.front().get())->call()->name();
  const auto same = [&](const NodePtr& call) { return AsDelayed(call.get())->call()->name() == first; };
  return std::all_of(calls.begin(), calls.end(), same) ? std::string(first) : "delayed";
}

Status AddBridge(const DelayedNode& call, const Replacements& replacements, Lowering* lowering, EdgeList* edges) {
  const auto replaced = replacements.find(call.collection().get());
  const NodePtr& collection = replaced == replacements.end() ? call.collection() : replaced->second;
  ASSIGN_OR_RETURN(const int32_t layer, lowering->LayerOf(collection));
  const int64_t blocks = lowering->graph().layers()[static_cast<size_t>(layer)].layer->task_count();
  if (call.block() >= blocks) return Status::IndexError("block ", call.block(), " of a collection that has ", blocks);
  const int64_t first = call.block() == kAllBlocks ? 0 : call.block();
  const int64_t last = call.block() == kAllBlocks ? blocks : first + 1;
  for (int64_t block = first; block < last; ++block) edges->AddBlock(layer, block);
  return Status::OK();
}

}  // namespace

CallLevels FindCalls(const std::vector<NodePtr>& roots) { return CallFinder().Find(roots); }

Result<graph::TaskId> Lowering::TaskOf(const NodePtr& call) const {
  const auto it = task_of_.find(call.get());
  if (it == task_of_.end()) return Status::UnknownError("'", call->Describe(), "' is read before it was lowered");
  return it->second;
}

Status LowerCalls(const std::vector<NodePtr>& calls, const Replacements& replacements, Lowering* lowering) {
  if (calls.empty()) return Status::OK();
  std::unordered_map<const Node*, int64_t> own;
  own.reserve(calls.size());
  auto params = std::make_shared<ops::FunctionCalls>();
  params->calls.reserve(calls.size());
  EdgeList edges(calls.size());
  for (const NodePtr& node : calls) {
    const DelayedNode& call = *AsDelayed(node.get());
    for (const NodePtr& input : call.calls()) {
      if (const auto mine = own.find(input.get()); mine != own.end()) {
        edges.AddOwn(mine->second);
        continue;
      }
      ASSIGN_OR_RETURN(const graph::TaskId task, lowering->TaskOf(input));
      edges.AddBlock(static_cast<int32_t>(task.layer()), task.block());
    }
    if (call.collection()) RETURN_IF_ERROR(AddBridge(call, replacements, lowering, &edges));
    edges.EndTask();
    own.emplace(node.get(), static_cast<int64_t>(params->calls.size()));
    params->calls.push_back(call.call());
  }
  graph::LayerDescription description{.name = NameOf(calls), .call = {ops::FunctionCalls::kOp, std::move(params)}};
  ASSIGN_OR_RETURN(const int32_t layer, std::move(edges).AddTo(&lowering->graph(), std::move(description)));
  for (const auto& [node, block] : own) lowering->SetTask(node, graph::TaskId(layer, block));
  return Status::OK();
}

}  // namespace swath::expr
