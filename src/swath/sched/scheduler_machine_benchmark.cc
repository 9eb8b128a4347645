// What the two machines cost a task, without any work, threads or network: ns_per_task is both machines and the loop
// that carries messages between them; *Scheduler and *Order are shares of it. bytes_per_task counts the allocations
// that live during the run.
#include <cstdlib>
#include <map>
#include <new>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "swath/graph/fold_layer.h"
#include "swath/graph/materialized_layer.h"
#include "swath/graph/source_layer.h"
#include "swath/sched/scheduler_machine.h"
#include "swath/sched/worker_machine.h"

namespace swath::sched {
namespace {

int64_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<int64_t>(info.uordblks + info.hblkhd);
}

std::shared_ptr<const graph::Graph> FromEdges(const std::vector<uint32_t>& offsets,
                                              const std::vector<uint32_t>& targets, bool want_all) {
  auto graph = std::make_shared<graph::Graph>();
  graph->Add(graph::MaterializedLayer::Make({.name = "task"}, offsets, targets).ValueOrDie(), {});
  const auto count = static_cast<int64_t>(offsets.size()) - 1;
  if (want_all) {
    std::vector<bool> read(count, false);
    for (uint32_t target : targets) read[target] = true;
    for (int64_t t = 0; t < count; ++t) {
      if (!read[t]) graph->Want(graph::TaskId(0, t));
    }
  } else {
    graph->Want(graph::TaskId(0, count - 1));
  }
  return graph;
}

std::shared_ptr<const graph::Graph> Chain(int64_t n) {
  std::vector<uint32_t> offsets = {0, 0}, targets;
  for (int64_t t = 1; t < n; ++t) {
    targets.push_back(static_cast<uint32_t>(t - 1));
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  return FromEdges(offsets, targets, false);
}

// A reduction of symbolic layers: n / 2 sources, then levels of two.
std::shared_ptr<const graph::Graph> Tree(int64_t n) {
  auto graph = std::make_shared<graph::Graph>();
  int32_t layer =
      graph->Add(std::make_shared<graph::SourceLayer>(graph::LayerDescription{.name = "source"}, n / 2), {});
  for (int64_t size = n / 2; size > 1; size = (size + 1) / 2) {
    layer = graph->Add(std::make_shared<graph::FoldLayer>(graph::LayerDescription{.name = "fold"},
                                                          graph::FoldLayer::EvenBounds(size, 2)),
                       {layer});
  }
  graph->Want(layer);
  return graph;
}

// 1,000 columns; every task reads its three neighbours of the step before.
std::shared_ptr<const graph::Graph> Stencil(int64_t n) {
  constexpr int64_t kWidth = 1000;
  std::vector<uint32_t> offsets = {0}, targets;
  for (int64_t t = 0; t < n; ++t) {
    const int64_t step = t / kWidth, column = t % kWidth;
    for (int64_t at = column - 1; step > 0 && at <= column + 1; ++at) {
      if (at >= 0 && at < kWidth) targets.push_back(static_cast<uint32_t>((step - 1) * kWidth + at));
    }
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  return FromEdges(offsets, targets, true);
}

std::shared_ptr<const graph::Graph> Random(int64_t n) {
  std::mt19937_64 random(1);
  std::vector<uint32_t> offsets = {0}, targets;
  for (int64_t t = 0; t < n; ++t) {
    const auto first = static_cast<int64_t>(targets.size());
    for (uint64_t k = random() % 4; t > 0 && k > 0; --k) {
      const auto target = static_cast<uint32_t>(t - 1 - static_cast<int64_t>(random() % std::min<uint64_t>(t, 1000)));
      if (std::find(targets.begin() + first, targets.end(), target) == targets.end()) targets.push_back(target);
    }
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  return FromEdges(offsets, targets, true);
}

// Carries messages between one scheduler and one worker machine until the run has ended; every Execute ends at once.
class OneWorker {
 public:
  OneWorker(int32_t threads, int32_t slots) : worker_({.worker = 0, .epoch = 1, .threads = threads}) {
    to_scheduler_.push_back(WorkerJoined{.worker = 0, .epoch = 1, .threads = threads, .slots = slots});
  }

  int64_t Run(std::shared_ptr<Submission> submission) {
    to_scheduler_.push_back(GraphSubmitted{1, submission});
    int64_t executed = 0;
    bool ended = false;
    while (!to_scheduler_.empty() || !to_worker_.empty()) {
      scheduled_.Clear();
      scheduler_.Handle(to_scheduler_, 0, &scheduled_);
      to_scheduler_.clear();
      for (const SchedulerAction& action : scheduled_.list) {
        if (const auto* run = std::get_if<RunTask>(&action)) {
          to_worker_.push_back(*run);
        } else if (const auto* release = std::get_if<ReleaseData>(&action)) {
          to_worker_.push_back(*release);
        } else if (const auto* open = std::get_if<OpenRun>(&action)) {
          to_worker_.push_back(RunOpened{open->epoch, open->run, submission->graph});
        } else if (std::holds_alternative<RunEnded>(action)) {
          ended = true;
        }
      }
      work_.Clear();
      worker_.Handle(to_worker_, scheduled_.sources, 0, &work_);
      to_worker_.clear();
      for (const WorkerAction& action : work_.list) {
        if (const auto* execute = std::get_if<Execute>(&action)) {
          to_worker_.push_back(ExecutionFinished{execute->ref, 8, 100});
          ++executed;
        } else if (const auto* finished = std::get_if<TaskFinished>(&action)) {
          to_scheduler_.push_back(*finished);
        }
      }
    }
    CHECK(ended);
    return executed;
  }

 private:
  SchedulerMachine scheduler_;
  WorkerMachine worker_;
  std::vector<SchedulerEvent> to_scheduler_;
  std::vector<WorkerEvent> to_worker_;
  SchedulerActions scheduled_;
  WorkerActions work_;
};

template <typename Make>
void BothMachines(benchmark::State& state, Make make) {
  const int64_t n = state.range(0);
  const auto graph = make(n);
  int64_t executed = 0;
  int64_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const int64_t before = AllocatedBytes();
    auto machines = std::make_unique<OneWorker>(8, 256);
    auto submission =
        std::make_shared<Submission>(Submission{.graph = graph, .order = std::make_shared<graph::Order>(*graph)});
    state.ResumeTiming();
    executed = machines->Run(submission);
    state.PauseTiming();
    bytes = AllocatedBytes() - before;
    machines.reset();
    state.ResumeTiming();
  }
  state.counters["ns_per_task"] =
      benchmark::Counter(static_cast<double>(executed) * 1e-9,
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["bytes_per_task"] = static_cast<double>(bytes) / static_cast<double>(executed);
  state.counters["tasks"] = static_cast<double>(executed);
}

void BM_Chain(benchmark::State& state) { BothMachines(state, Chain); }
void BM_Tree(benchmark::State& state) { BothMachines(state, Tree); }
void BM_Stencil(benchmark::State& state) { BothMachines(state, Stencil); }
void BM_Random(benchmark::State& state) { BothMachines(state, Random); }
BENCHMARK(BM_Chain)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Tree)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Stencil)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Random)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

template <typename Make>
void OrderOnly(benchmark::State& state, Make make) {
  const auto graph = make(state.range(0));
  int64_t tasks = 0;
  for (auto _ : state) tasks = graph::Order(*graph).task_count();
  state.counters["ns_per_task"] = benchmark::Counter(
      static_cast<double>(tasks) * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
void BM_OrderTree(benchmark::State& state) { OrderOnly(state, Tree); }
void BM_OrderStencil(benchmark::State& state) { OrderOnly(state, Stencil); }
BENCHMARK(BM_OrderTree)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_OrderStencil)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// The scheduler alone with many workers that finish what they get, round after round.
void BM_ManyWorkers(benchmark::State& state) {
  const auto graph = Random(state.range(1));
  int64_t executed = 0;
  for (auto _ : state) {
    SchedulerMachine scheduler;
    SchedulerActions actions;
    std::vector<SchedulerEvent> events;
    for (WorkerId w = 0; w < state.range(0); ++w) events.push_back(WorkerJoined{.worker = w, .epoch = 1, .threads = 4});
    events.push_back(GraphSubmitted{1, std::make_shared<Submission>(Submission{.graph = graph})});
    executed = 0;
    while (!events.empty()) {
      actions.Clear();
      scheduler.Handle(events, 0, &actions);
      events.clear();
      for (const SchedulerAction& action : actions.list) {
        if (const auto* run = std::get_if<RunTask>(&action)) {
          events.push_back(TaskFinished{run->worker, run->epoch, run->ref, 1000, 1'000'000});
          for (uint32_t i = 0; i < run->source_count; ++i) {
            const Source& source = actions.sources[run->first_source + i];
            events.push_back(ReplicaAdded{run->worker, run->epoch, source.data, source.nbytes});
          }
          ++executed;
        }
      }
    }
  }
  state.counters["ns_per_task"] =
      benchmark::Counter(static_cast<double>(executed) * 1e-9,
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_ManyWorkers)
    ->Args({10, 100'000})
    ->Args({1000, 100'000})
    ->Args({1000, 1'000'000})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace swath::sched
