// Explain and the legality check: what people and tests see of the optimizer.
#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "swath/base/units.h"
#include "swath/expr/array/array_node.h"
#include "swath/expr/lower/lower.h"
#include "swath/expr/passes.h"

namespace swath::expr {
namespace {

// A tree with branches; a node that several read is printed once with a number and then referred to.
class TreePrinter {
 public:
  explicit TreePrinter(const std::vector<NodePtr>& roots) {
    for (const NodePtr& root : roots) Count(root);
  }

  std::string Print(const std::vector<NodePtr>& roots) {
    for (const NodePtr& root : roots) Print(root, "  ", "  ");
    return out_.str();
  }

 private:
  void Count(const NodePtr& root) {
    std::vector<const Node*> stack{root.get()};
    while (!stack.empty()) {
      const Node* node = stack.back();
      stack.pop_back();
      if (++readers_[node] > 1) continue;
      for (const NodePtr& input : node->inputs()) stack.push_back(input.get());
      for (const NodePtr& input : node->call_inputs()) stack.push_back(input.get());
    }
  }

  void Print(const NodePtr& node, const std::string& first, const std::string& rest) {
    out_ << first;
    std::vector<NodePtr> inputs(node->inputs().begin(), node->inputs().end());
    inputs.insert(inputs.end(), node->call_inputs().begin(), node->call_inputs().end());
    const bool shared = readers_[node.get()] > 1 && !inputs.empty();
    if (const auto it = numbers_.find(node.get()); it != numbers_.end()) {
      out_ << "(" << it->second << ") again\n";
      return;
    }
    if (shared) {
      const int number = static_cast<int>(numbers_.size()) + 1;
      numbers_.emplace(node.get(), number);
      out_ << "(" << number << ") ";
    }
    out_ << node->Describe();
    if (!node->location().empty()) out_ << "   [" << node->location() << "]";
    out_ << "\n";
    if (rest.size() > 240) {  // about 60 levels
      out_ << rest << "…\n";
      return;
    }
    constexpr size_t kMostInputs = 12;  // of one node: graphs of calls are wide
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (i == kMostInputs - 1 && inputs.size() > kMostInputs) {
        out_ << rest << "└─ … and " << inputs.size() - i << " more\n";
        return;
      }
      const bool last = i + 1 == inputs.size();
      Print(inputs[i], rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "));
    }
  }

  std::ostringstream out_;
  std::unordered_map<const Node*, int> readers_;
  std::unordered_map<const Node*, int> numbers_;
};

std::string PassText(const std::vector<PassReport>& reports) {
  std::ostringstream out;
  size_t width = 0;
  for (const Pass& pass : AllPasses()) width = std::max(width, pass.name.size());
  for (const Pass& pass : AllPasses()) {
    const auto report =
        std::find_if(reports.begin(), reports.end(), [&](const PassReport& r) { return r.name == pass.name; });
    if (report == reports.end()) {
      out << "  " << pass.name << std::string(width - pass.name.size(), ' ') << "  off\n";
    } else if (report->fired) {
      out << "  " << pass.name << std::string(width - pass.name.size(), ' ') << "  "
          << FormatTime(static_cast<double>(report->nanoseconds) * 1e-9) << "   " << pass.what << "\n";
    }
  }
  return out.str().empty() ? "  none\n" : out.str();
}

std::string LayerText(const graph::Graph& graph) {
  std::ostringstream out;
  for (size_t i = 0; i < graph.layers().size(); ++i) {
    const graph::LayerNode& node = graph.layers()[i];
    const int64_t tasks = node.layer->task_count();
    out << "  " << i << "  " << node.layer->name() << "  " << tasks << (tasks == 1 ? " task" : " tasks");
    if (!node.inputs.empty()) {
      out << "  ◀";
      for (const int32_t input : node.inputs) out << " " << input;
    }
    if (node.layer->call().params) out << "   " << node.layer->call().params->ToString();
    out << "\n";
  }
  return out.str();
}

// The largest sum of results that live at once when layers run one after the other: an upper estimate for depth-first
// runs.
int64_t ProjectedPeakBytes(const graph::Graph& graph) {
  const size_t count = graph.layers().size();
  std::vector<int64_t> bytes(count, 0), last_reader(count);
  for (size_t i = 0; i < count; ++i) {
    const graph::Layer& layer = *graph.layers()[i].layer;
    for (int64_t block = 0; block < layer.task_count(); ++block) bytes[i] += layer.EstimatedBytes(block);
    last_reader[i] = static_cast<int64_t>(i);
    for (const int32_t input : graph.layers()[i].inputs) last_reader[input] = static_cast<int64_t>(i);
  }
  for (const graph::TaskId task : graph.wanted()) last_reader[task.layer()] = static_cast<int64_t>(count);
  int64_t peak = 0;
  for (size_t i = 0; i < count; ++i) {
    int64_t alive = 0;
    for (size_t j = 0; j <= i; ++j) alive += last_reader[j] >= static_cast<int64_t>(i) ? bytes[j] : 0;
    peak = std::max(peak, alive);
  }
  return peak;
}

}  // namespace

Status CheckLegal(const std::vector<NodePtr>& before, const std::vector<NodePtr>& after) {
  if (before.size() != after.size()) return Status::UnknownError("a pass changed the number of roots");
  for (size_t i = 0; i < before.size(); ++i) {
    const ArrayPtr old_array = AsArray(before[i]);
    const ArrayPtr new_array = AsArray(after[i]);
    if (!old_array && !new_array) continue;
    const bool same =
        old_array && new_array && old_array->grid() == new_array->grid() && old_array->dtype() == new_array->dtype();
    if (!same)
      return Status::UnknownError("a pass made of '", before[i]->Describe(), "' this: '", after[i]->Describe(), "'");
  }
  return Status::OK();
}

std::string PlanText(const std::vector<NodePtr>& roots) { return TreePrinter(roots).Print(roots); }

Result<std::string> Explain(std::vector<NodePtr> roots) {
  std::string text = "plan as written\n" + PlanText(roots);
  ASSIGN_OR_RETURN(const OptimizedPlan optimized, MakeOptimizedPlan(roots));
  const graph::Graph& graph = *optimized.plan.graph;
  text += "passes that changed it\n" + PassText(optimized.reports) + "plan as run\n" + PlanText(optimized.roots);
  text += "layers (" + std::to_string(graph.layers().size()) + ", " + std::to_string(graph.task_count()) + " tasks)\n" +
          LayerText(graph);
  return text + "projected peak memory of results: at most " + FormatBytes(ProjectedPeakBytes(graph)) + "\n";
}

}  // namespace swath::expr
