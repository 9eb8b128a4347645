#include "swath/graph/drawing.h"

#include <unordered_map>

#include "swath/ops/function_call.h"

namespace swath::graph {
namespace {

std::string_view KindName(LayerKind kind) {
  switch (kind) {
    case LayerKind::kBlockwise:
      return "blockwise";
    case LayerKind::kFold:
      return "fold";
    case LayerKind::kTree:
      return "tree";
    case LayerKind::kExchange:
      return "exchange";
    case LayerKind::kMaterialized:
      return "tasks";
    case LayerKind::kSource:
      return "source";
  }
  return "layer";
}

std::string Escaped(std::string_view text, bool html) {
  std::string out;
  for (char c : text) {
    if (html) {
      switch (c) {
        case '&':
          out += "&amp;";
          continue;
        case '<':
          out += "&lt;";
          continue;
        case '>':
          out += "&gt;";
          continue;
        case '"':
          out += "&quot;";
          continue;
        default:
          break;
      }
    } else if (c == '"' || c == '\\') {
      out += '\\';
    } else if (c == '\n') {
      out += "\\n";
      continue;
    }
    out += c;
  }
  return out;
}

std::string Shortened(const std::string& text, size_t limit) {
  return text.size() <= limit ? text : text.substr(0, limit - 1) + "…";
}

}  // namespace

Drawing DrawLayers(const Graph& graph) {
  Drawing drawing;
  const auto& layers = graph.layers();
  for (size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = *layers[i].layer;
    const int64_t tasks = layer.task_count();
    std::string what = layer.call().params ? layer.call().params->ToString() : std::string(layer.call().op);
    drawing.boxes.push_back({std::string(layer.name()) + "\n" + std::to_string(tasks) +
                                 (tasks == 1 ? " task, " : " tasks, ") + std::string(KindName(layer.kind())),
                             std::move(what), layer.kind() == LayerKind::kSource, static_cast<int32_t>(i)});
    for (int32_t input : layers[i].inputs) drawing.edges.emplace_back(input, static_cast<int32_t>(i));
  }
  return drawing;
}

namespace {

// Of the function, when the layer makes unlike calls.
std::string NameOf(const Layer& layer, int64_t block) {
  const auto* calls = dynamic_cast<const ops::FunctionCalls*>(layer.call().params.get());
  return std::string(calls ? calls->calls[static_cast<size_t>(block)]->name() : layer.name());
}

}  // namespace

Result<Drawing> DrawTasks(const Graph& graph, int64_t max_tasks) {
  Drawing drawing;
  std::unordered_map<TaskId, int32_t> box_of;
  std::vector<TaskId> pending(graph.wanted().rbegin(), graph.wanted().rend());
  std::vector<TaskId> dependencies;
  const auto box = [&](TaskId task) {
    auto [it, added] = box_of.try_emplace(task, static_cast<int32_t>(drawing.boxes.size()));
    if (added) {
      const Layer& layer = *graph.layers()[task.layer()].layer;
      drawing.boxes.push_back({NameOf(layer, task.block()) + "\n" + std::to_string(task.block()), graph.KeyOf(task),
                               layer.kind() == LayerKind::kSource, static_cast<int32_t>(task.layer())});
    }
    return std::pair(it->second, added);
  };
  for (TaskId task : graph.wanted()) box(task);
  std::unordered_map<TaskId, bool> expanded;
  while (!pending.empty()) {
    const TaskId task = pending.back();
    pending.pop_back();
    if (!expanded.try_emplace(task, true).second) continue;
    const int32_t to = box_of.at(task);
    dependencies.clear();
    graph.AppendDependencies(task, &dependencies);
    for (TaskId dependency : dependencies) {
      drawing.edges.emplace_back(box(dependency).first, to);
      pending.push_back(dependency);
    }
    if (static_cast<int64_t>(drawing.boxes.size()) > max_tasks) {
      return Status::Invalid("a drawing of over ", max_tasks, " tasks (the graph has ", graph.task_count(),
                             ") would not be readable; draw the layers instead (tasks=False) or select fewer blocks");
    }
  }
  return drawing;
}

std::string ToDot(const Drawing& drawing) {
  std::string out = "digraph swath {\n  rankdir=BT;\n  node [fontname=\"sans-serif\", fontsize=11, style=filled];\n";
  if (!drawing.title.empty()) out += "  label=\"" + Escaped(drawing.title, false) + "\";\n";
  for (size_t i = 0; i < drawing.boxes.size(); ++i) {
    const DrawnBox& box = drawing.boxes[i];
    const double hue = static_cast<double>((box.hue * 47) % 100) / 100.0;
    out += "  n" + std::to_string(i) + " [label=\"" + Escaped(box.label, false) +
           "\", shape=" + (box.round ? "ellipse" : "box") + ", fillcolor=\"" + std::to_string(hue) +
           " 0.18 0.97\", tooltip=\"" + Escaped(Shortened(box.tooltip, 200), false) + "\"];\n";
  }
  for (const auto& [from, to] : drawing.edges)
    out += "  n" + std::to_string(from) + " -> n" + std::to_string(to) + ";\n";
  return out + "}\n";
}

}  // namespace swath::graph
