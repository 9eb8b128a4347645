// Drawing: boxes and arrows of a graph, written as Graphviz text or laid out here as SVG (so that visualize() works
// where Graphviz is not installed). Pure; knows no files.
//
//   layers by longest path from the sources, order inside a layer by barycentre sweeps (Sugiyama, Tagawa, Toda 1981),
//   edges as vertical Bézier curves.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "swath/graph/graph.h"

namespace swath::graph {

struct DrawnBox {
  std::string label;  // lines separated by '\n'
  std::string tooltip;
  bool round = false;  // data (round) or work (square)
  int32_t hue = 0;     // boxes of one layer share a colour
};

struct Drawing {
  std::vector<DrawnBox> boxes;
  std::vector<std::pair<int32_t, int32_t>> edges;  // from, to
  std::string title;
};

// One box a layer: name, kind, tasks, op. Edges are layer dependencies.
Drawing DrawLayers(const Graph& graph);
// One box a task that the wanted blocks need; Invalid above `max_tasks` (the message gives the number and the
// alternative).
Result<Drawing> DrawTasks(const Graph& graph, int64_t max_tasks = 2000);

std::string ToDot(const Drawing& drawing);
std::string ToSvg(const Drawing& drawing);

}  // namespace swath::graph
