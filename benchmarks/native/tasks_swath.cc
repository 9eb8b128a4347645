// Times no-op task graphs on Swath's thread-pool runtime: tasks_swath SHAPE TASKS REPEATS → one JSON line.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "swath/exec/runtime.h"
#include "swath/graph/materialized_layer.h"
#include "swath/ops/values.h"

#include "shapes.h"

namespace {

using swath::benchmarks::TaskShape;

std::shared_ptr<const swath::graph::Graph> MakeGraph(const TaskShape& shape) {
  std::vector<uint32_t> offsets{0}, targets;
  std::vector<int64_t> dependencies;
  for (int64_t step = 0; step < shape.steps; ++step) {
    for (int64_t i = 0; i < shape.width; ++i) {
      dependencies.clear();
      shape.Dependencies(step, i, &dependencies);
      for (int64_t d : dependencies) targets.push_back(static_cast<uint32_t>((step - 1) * shape.width + d));
      offsets.push_back(static_cast<uint32_t>(targets.size()));
    }
  }
  swath::graph::LayerDescription description{.name = "noop",
                                             .call = {"noop", std::make_shared<swath::ops::ValuesParams>()}};
  auto layer = swath::graph::MaterializedLayer::Make(std::move(description), std::move(offsets), std::move(targets))
                   .ValueOrDie();
  auto graph = std::make_shared<swath::graph::Graph>();
  const int32_t number = graph->Add(std::move(layer), {});
  for (int64_t i = 0; i < shape.width; ++i)
    graph->Want(swath::graph::TaskId(number, (shape.steps - 1) * shape.width + i));
  return graph;
}

}  // namespace

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  const auto shape =
      swath::benchmarks::MakeShape(argc > 1 ? argv[1] : "stencil", argc > 2 ? std::atoll(argv[2]) : 1'000'000);
  const int repeats = argc > 3 ? std::atoi(argv[3]) : 3;
  const auto graph = MakeGraph(shape);
  const auto runtime = swath::exec::DefaultRuntime();
  std::printf("{\"seconds\": [");
  for (int r = 0; r <= repeats; ++r) {
    const auto begin = Clock::now();
    auto run = runtime->Submit(graph, {}).ValueOrDie();
    const auto results = run->Results();
    if (!results.ok()) {
      std::fprintf(stderr, "%s\n", results.status().ToString().c_str());
      return 1;
    }
    std::printf("%s%.6f", r ? ", " : "", std::chrono::duration<double>(Clock::now() - begin).count());
  }
  std::printf("], \"tasks\": %lld}\n", static_cast<long long>(shape.task_count()));
}
