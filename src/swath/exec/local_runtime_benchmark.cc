// Cost of a native no-op task, all in (order, submit, run, results), for the shapes of Task Bench: items_per_second is
// tasks.
//   swath_exec_benchmark --benchmark_filter=Tasks
#include <benchmark/benchmark.h>

#include "swath/base/env.h"
#include "swath/exec/local_runtime.h"
#include "swath/exec/test_ops.h"

namespace swath::exec {
namespace {

constexpr uint32_t kTasks = 1'000'000;
constexpr uint32_t kWidth = 1024;

// CSR edges of a grid of rows of `width` tasks: task (row, column) reads some columns of the row before.
template <typename Columns>
std::shared_ptr<const graph::Layer> Rows(uint32_t width, Columns&& columns) {
  std::vector<uint32_t> offsets{0}, targets;
  for (uint32_t task = 0; task < kTasks; ++task) {
    const uint32_t row = task / width;
    if (row > 0) {
      columns(row, task % width, [&](uint32_t column) { targets.push_back((row - 1) * width + column); });
    }
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  graph::LayerDescription description{.name = "noop",
                                      .call = {"test.nothing", std::make_shared<testing::TestParams>()}};
  return *graph::MaterializedLayer::Make(std::move(description), std::move(offsets), std::move(targets));
}

std::shared_ptr<const graph::Layer> Chain() {
  return Rows(1, [](uint32_t, uint32_t, auto&& read) { read(0); });
}
std::shared_ptr<const graph::Layer> Trivial() {
  return Rows(kTasks, [](uint32_t, uint32_t, auto&&) {});
}
// A binary tree, leaves first: inner task leaves + i reads 2i and 2i + 1.
std::shared_ptr<const graph::Layer> Tree() {
  std::vector<uint32_t> offsets{0}, targets;
  const uint32_t leaves = (kTasks + 1) / 2;
  for (uint32_t task = 0; task < leaves; ++task) offsets.push_back(0);
  for (uint32_t task = leaves; task + 1 < kTasks; ++task) {
    targets.push_back(2 * (task - leaves));
    targets.push_back(2 * (task - leaves) + 1);
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  graph::LayerDescription description{.name = "noop",
                                      .call = {"test.nothing", std::make_shared<testing::TestParams>()}};
  return *graph::MaterializedLayer::Make(std::move(description), std::move(offsets), std::move(targets));
}
std::shared_ptr<const graph::Layer> Stencil() {
  return Rows(kWidth, [](uint32_t, uint32_t column, auto&& read) {
    if (column > 0) read(column - 1);
    read(column);
    if (column + 1 < kWidth) read(column + 1);
  });
}
std::shared_ptr<const graph::Layer> Fft() {
  return Rows(kWidth, [](uint32_t row, uint32_t column, auto&& read) {
    const uint32_t stride = uint32_t{1} << (row - 1) % 10;
    read(column);
    read(column ^ stride);
  });
}
std::shared_ptr<const graph::Layer> Random() {
  Rng rng(1);
  return Rows(kWidth, [&](uint32_t, uint32_t column, auto&& read) {
    read(column);
    const auto other = static_cast<uint32_t>(rng.Below(kWidth));
    if (other != column) read(other);
  });
}

void Tasks(benchmark::State& state, std::shared_ptr<const graph::Layer> (*shape)(), bool last_row_only) {
  const auto layer = shape();
  auto runtime = *LocalRuntime::Make({.threads = static_cast<int>(state.range(0)),
                                      .pool = nullptr,
                                      .find_kernel = testing::FindTestKernel,
                                      .spill_folder = {}});
  auto graph = std::make_shared<graph::Graph>();
  graph->Add(layer, {});
  const int64_t count = layer->task_count();
  for (int64_t block = last_row_only ? count - 1 : std::max<int64_t>(0, count - kWidth - count % kWidth); block < count;
       ++block) {
    graph->Want(graph::TaskId(0, block));
  }
  int64_t tasks = 0;
  for (auto _ : state) {
    auto run = *runtime->Submit(graph, {});
    CHECK(run->Results().ok());
    tasks += run->progress().tasks_total;
  }
  state.SetItemsProcessed(tasks);
  state.counters["ns_per_task"] =
      benchmark::Counter(static_cast<double>(tasks) * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["tasks"] = static_cast<double>(tasks) / static_cast<double>(state.iterations());
}

#define SHAPE(name, function, last)              \
  BENCHMARK_CAPTURE(Tasks, name, function, last) \
      ->Arg(1)                                   \
      ->Arg(2)                                   \
      ->Unit(benchmark::kMillisecond)            \
      ->MeasureProcessCPUTime()                  \
      ->UseRealTime()                            \
      ->MinTime(0.5)
SHAPE(chain, Chain, true);
SHAPE(tree, Tree, true);
SHAPE(stencil, Stencil, false);
SHAPE(fft, Fft, false);
SHAPE(random, Random, false);

void IndependentTasks(benchmark::State& state) {
  auto graph = std::make_shared<graph::Graph>();
  graph->Add(Trivial(), {});
  graph->Want(0);
  auto runtime = *LocalRuntime::Make({.threads = static_cast<int>(state.range(0)),
                                      .pool = nullptr,
                                      .find_kernel = testing::FindTestKernel,
                                      .spill_folder = {}});
  for (auto _ : state) CHECK((*runtime->Submit(graph, {}))->Results().ok());
  state.SetItemsProcessed(state.iterations() * kTasks);
}
BENCHMARK(IndependentTasks)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

// Submit and result of one task: two wake-ups.
void RoundTrip(benchmark::State& state) {
  auto runtime =
      *LocalRuntime::Make({.threads = 2, .pool = nullptr, .find_kernel = testing::FindTestKernel, .spill_folder = {}});
  const auto graph = testing::OneLayer(testing::MakeLayer("test.nothing", {{}}));
  for (auto _ : state) CHECK((*runtime->Submit(graph, {}))->Results().ok());
}
BENCHMARK(RoundTrip)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace swath::exec
