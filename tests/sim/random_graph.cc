#include "random_graph.h"

#include <algorithm>
#include <set>

#include "swath/graph/all_to_all_layer.h"
#include "swath/graph/fold_layer.h"
#include "swath/graph/materialized_layer.h"
#include "swath/graph/order.h"
#include "swath/graph/source_layer.h"

namespace swath::sim {

namespace {

std::shared_ptr<const graph::Layer> RandomEdges(const SimOptions& options, Rng& rng,
                                                const graph::LayerDescription& description, int64_t input_size) {
  const int64_t count = rng.Between(1, options.blocks_max * 2);
  std::vector<uint32_t> offsets = {0}, targets;
  for (int64_t task = 0; task < count; ++task) {
    std::set<int64_t> ends;  // earlier tasks of the layer, then blocks of the input
    for (int64_t k = rng.Below(4); k > 0; --k) ends.insert(rng.Below(task + input_size));
    for (int64_t end : ends) targets.push_back(static_cast<uint32_t>(end < task ? end : end - task + count));
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  return graph::MaterializedLayer::Make(description, offsets, targets, {input_size}).ValueOrDie();
}

}  // namespace

SimGraph MakeRandomGraph(const SimOptions& options, Rng& rng) {
  SimGraph made;
  auto graph = std::make_shared<graph::Graph>();
  const auto size = [&](int32_t layer) { return graph->layers()[layer].layer->task_count(); };
  const int64_t layers = rng.Between(1, options.layers_max);
  for (int64_t i = 0; i < layers; ++i) {
    graph::LayerDescription description{.name = "layer", .result_bytes = {rng.Between(0, 300)}};
    description.pure = !((options.faults & kImpure) && rng.Chance(0.15));
    made.any_impure |= !description.pure;
    const auto a = static_cast<int32_t>(i == 0 ? 0 : rng.Below(i)), b = static_cast<int32_t>(i == 0 ? 0 : rng.Below(i));
    switch (i == 0 ? 0 : rng.Below(5)) {
      case 0:
        graph->Add(std::make_shared<graph::SourceLayer>(description, rng.Between(1, options.blocks_max * 2)), {});
        break;
      case 1:
        graph->Add(std::make_shared<graph::AllToAllLayer>(description, rng.Between(1, options.blocks_max),
                                                          std::vector{size(a), size(b)}),
                   {a, b});
        break;
      case 2:
        graph->Add(std::make_shared<graph::FoldLayer>(
                       description, graph::FoldLayer::EvenBounds(size(a), rng.Between(1, 4)), std::vector{size(b)}),
                   {a, b});
        break;
      default:
        graph->Add(RandomEdges(options, rng, description, size(a)), {a});
    }
  }
  for (int64_t k = rng.Between(1, 4); k > 0; --k) {
    const auto layer = static_cast<int32_t>(rng.Below(layers));
    if (rng.Chance(0.4)) {
      graph->Want(layer);
    } else {
      graph->Want(graph::TaskId(layer, rng.Below(size(layer))));
    }
  }
  const graph::Order order(*graph);
  for (uint32_t rank = 0; rank < order.task_count(); ++rank) {
    TaskNature nature;
    if ((options.faults & kFail) && rng.Chance(0.05)) nature.failures = static_cast<int32_t>(rng.Between(1, 2));
    if ((options.faults & kFail) && rng.Chance(0.01)) nature.always_fails = true;
    if ((options.faults & kCrash) && rng.Chance(0.03)) nature.crashes = static_cast<int32_t>(rng.Between(1, 3));
    if ((options.faults & kCrash) && rng.Chance(0.01)) nature.always_crashes = true;
    if (nature.failures > 0 || nature.always_fails || nature.crashes > 0 || nature.always_crashes)
      made.natures[order.task(rank)] = nature;
  }
  made.graph = graph;
  return made;
}

uint64_t ValueOf(graph::TaskId task, const std::vector<uint64_t>& inputs) {
  uint64_t hash = task.packed + 0x9E3779B97F4A7C15ULL;
  for (uint64_t input : inputs) hash = (hash ^ input) * 0xD6E8FEB86659FD93ULL + (hash >> 29);
  return hash ^ hash >> 32;
}

std::map<graph::TaskId, uint64_t> OracleValues(const graph::Graph& graph) {
  std::map<graph::TaskId, uint64_t> values;
  const graph::Order order(graph);
  for (uint32_t rank = 0; rank < order.task_count(); ++rank) {
    std::vector<graph::TaskId> reads;
    graph.AppendDependencies(order.task(rank), &reads);
    std::vector<uint64_t> inputs;
    for (graph::TaskId read : reads) inputs.push_back(values.at(read));
    values[order.task(rank)] = ValueOf(order.task(rank), inputs);
  }
  return values;
}

}  // namespace swath::sim
