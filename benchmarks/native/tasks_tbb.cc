// Times no-op task graphs on oneTBB's flow graph: tasks_tbb SHAPE TASKS REPEATS → one JSON line.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>

#include "shapes.h"

int main(int argc, char** argv) {
  namespace flow = oneapi::tbb::flow;
  using Clock = std::chrono::steady_clock;
  const auto shape =
      swath::benchmarks::MakeShape(argc > 1 ? argv[1] : "stencil", argc > 2 ? std::atoll(argv[2]) : 1'000'000);
  const int repeats = argc > 3 ? std::atoi(argv[3]) : 3;
  std::atomic<int64_t> ran{0};
  flow::graph graph;
  using Node = flow::continue_node<flow::continue_msg>;
  std::vector<std::unique_ptr<Node>> nodes;
  nodes.reserve(static_cast<size_t>(shape.task_count()));
  for (int64_t t = 0; t < shape.task_count(); ++t) {
    nodes.push_back(std::make_unique<Node>(
        graph, [&ran](const flow::continue_msg&) { ran.fetch_add(1, std::memory_order_relaxed); }));
  }
  std::vector<int64_t> dependencies;
  for (int64_t step = 1; step < shape.steps; ++step) {
    for (int64_t i = 0; i < shape.width; ++i) {
      dependencies.clear();
      shape.Dependencies(step, i, &dependencies);
      for (int64_t d : dependencies)
        flow::make_edge(*nodes[(step - 1) * shape.width + d], *nodes[step * shape.width + i]);
    }
  }
  std::printf("{\"seconds\": [");
  for (int r = 0; r <= repeats; ++r) {
    ran = 0;
    const auto begin = Clock::now();
    for (int64_t i = 0; i < shape.width; ++i) nodes[i]->try_put(flow::continue_msg());
    graph.wait_for_all();
    std::printf("%s%.6f", r ? ", " : "", std::chrono::duration<double>(Clock::now() - begin).count());
  }
  std::printf("], \"tasks\": %lld}\n", static_cast<long long>(ran.load()));
}
