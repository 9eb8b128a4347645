// One conformance suite for all runtimes of this folder.
#include "swath/exec/runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "swath/base/config.h"
#include "swath/exec/local_runtime.h"
#include "swath/exec/sync_runtime.h"
#include "swath/exec/test_ops.h"
#include "swath/graph/source_layer.h"

namespace swath::exec {
namespace {

using testing::MakeLayer;
using testing::Number;
using testing::NumberOf;
using testing::OneLayer;
using testing::TestParams;
using namespace std::chrono_literals;

struct RuntimeCase {
  const char* name;
  std::shared_ptr<graph::Runtime> (*make)();
};

class RuntimeConformance : public ::testing::TestWithParam<RuntimeCase> {
 protected:
  Result<std::vector<Value>> Compute(std::shared_ptr<const graph::Graph> graph, const graph::RunOptions& options = {}) {
    ASSIGN_OR_RETURN(auto run, runtime_->Submit(std::move(graph), options));
    return run->Results();
  }
  std::shared_ptr<graph::Runtime> runtime_ = GetParam().make();
};

TEST_P(RuntimeConformance, RandomGraphsGiveTheNumbersOfAPlainLoop) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const auto edges = testing::RandomEdges(1 + static_cast<uint32_t>(seed) * 13, 1 + seed % 6, seed);
    const auto results = Compute(OneLayer(MakeLayer("test.sum", edges)));
    ASSERT_TRUE(results.ok()) << results.status();
    const auto expected = testing::SumsByLoop(edges);
    ASSERT_EQ(results->size(), expected.size());
    for (size_t task = 0; task < expected.size(); ++task)
      ASSERT_EQ(NumberOf((*results)[task]), expected[task]) << "seed " << seed;
  }
}

TEST_P(RuntimeConformance, RunsOnlyWhatIsNeededAndKeepsTheOrderWanted) {
  auto params = std::make_shared<TestParams>();
  auto run = *runtime_->Submit(OneLayer(MakeLayer("test.fail", {{}, {0}, {1}, {}, {3}}, params), {2, 0, 2}), {});
  const auto results = run->Results();
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(params->started, 3);  // 0, 1, 2
  EXPECT_EQ(run->progress().tasks_total, 3);
  EXPECT_EQ(run->progress().tasks_done, 3);
  ASSERT_EQ(results->size(), 3u);
  EXPECT_EQ(NumberOf((*results)[0]), 2);
  EXPECT_EQ(NumberOf((*results)[1]), 0);
  EXPECT_EQ(NumberOf((*results)[2]), 2);
}

TEST_P(RuntimeConformance, SourceValuesFlowThroughSeveralLayers) {
  auto graph = std::make_shared<graph::Graph>();
  const int32_t source = graph->Add(graph::SourceLayer::FromValues("x", {Number(5, Pool()), Number(7, Pool())}), {});
  // Numbers of edge ends: own tasks 0, 1, then the source's blocks 2, 3.
  graph::LayerDescription description{.name = "sum", .call = {"test.sum", std::make_shared<TestParams>()}};
  const int32_t sum = graph->Add(*graph::MaterializedLayer::Make(description, {0, 1, 3}, {2, 0, 3}, {2}), {source});
  graph->Want(sum);
  graph->Want(graph::TaskId(source, 1));
  const auto results = Compute(graph);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(NumberOf((*results)[0]), 1 + 3 * 5);
  EXPECT_EQ(NumberOf((*results)[1]), 2 + 3 * 16 + 5 * 7);
  EXPECT_EQ(NumberOf((*results)[2]), 7);
}

TEST_P(RuntimeConformance, NothingWantedIsDoneAtOnce) {
  const auto results = Compute(std::make_shared<graph::Graph>());
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_TRUE(results->empty());
}

TEST_P(RuntimeConformance, AnErrorNamesTheTaskAndTheLine) {
  auto params = std::make_shared<TestParams>();
  params->fail_block = 3;
  const auto results = Compute(OneLayer(MakeLayer("test.fail", {{}, {0}, {1}, {2}, {3}}, params)));
  ASSERT_TRUE(results.status().IsInvalid()) << results.status();
  EXPECT_EQ(results.status().message(), "told to fail");
  const auto detail = ErrorDetail::Of(results.status());
  ASSERT_NE(detail, nullptr);
  EXPECT_EQ(detail->key, "task-0:3");
  EXPECT_EQ(detail->location, "user.py:1");
  EXPECT_EQ(params->started, 4);  // task 4 did not run
}

TEST_P(RuntimeConformance, WhatAKernelThrowsIsAnError) {
  const auto results = Compute(OneLayer(MakeLayer("test.throw", {{}})));
  EXPECT_TRUE(results.status().IsUnknownError());
  EXPECT_THAT(results.status().ToString(), ::testing::HasSubstr("thrown"));
}

TEST_P(RuntimeConformance, RetriesRunAFailedTaskAgain) {
  auto params = std::make_shared<TestParams>();
  params->fail_block = 1;
  params->failures = 2;
  EXPECT_TRUE(Compute(OneLayer(MakeLayer("test.fail", {{}, {}}, params)), {.retries = 2, .label = {}}).ok());
  params->failures = 3;
  EXPECT_TRUE(
      Compute(OneLayer(MakeLayer("test.fail", {{}, {}}, params)), {.retries = 2, .label = {}}).status().IsInvalid());
}

TEST_P(RuntimeConformance, AnOpWithoutKernelIsRefused) {
  EXPECT_TRUE(runtime_->Submit(OneLayer(MakeLayer("test.unknown", {{}})), {}).status().IsKeyError());
}

TEST_P(RuntimeConformance, CancelStopsRunningTasks) {
  auto params = std::make_shared<TestParams>();
  auto run = *runtime_->Submit(OneLayer(MakeLayer("test.wait", std::vector<std::vector<uint32_t>>(100), params)), {});
  std::thread canceller([&] {
    while (params->started == 0) std::this_thread::yield();
    run->Cancel();
  });
  EXPECT_TRUE(run->Results().status().IsCancelled());
  canceller.join();
  EXPECT_LT(params->started, 100);
  EXPECT_TRUE(run->WaitFor(0s));
  // The runtime is as good as new.
  EXPECT_TRUE(Compute(OneLayer(MakeLayer("test.sum", {{}, {0}}))).ok());
}

TEST_P(RuntimeConformance, ValuesAreDroppedAfterTheirLastReader) {
  const int64_t before = Pool()->bytes_allocated();
  auto params = std::make_shared<TestParams>();
  params->bytes = 1 << 20;
  std::vector<std::vector<uint32_t>> chain(200);
  for (uint32_t i = 1; i < 200; ++i) chain[i] = {i - 1};
  Pool()->ResetPeak();
  ASSERT_TRUE(Compute(OneLayer(MakeLayer("test.bytes", chain, params), {199})).ok());
  EXPECT_LE(Pool()->stats().peak_bytes - before, 4 << 20);
  runtime_.reset();  // a thread may still be busy with freeing the last ones
  EXPECT_EQ(Pool()->bytes_allocated(), before);
}

TEST_P(RuntimeConformance, ATaskMaySubmit) {
  auto params = std::make_shared<TestParams>();
  params->body = [this](kernels::TaskContext&) {
    return Compute(OneLayer(MakeLayer("test.sum", {{}, {0}, {1}}))).status();
  };
  const auto results = Compute(OneLayer(MakeLayer("test.call", std::vector<std::vector<uint32_t>>(50), params)));
  EXPECT_TRUE(results.ok()) << results.status();
}

TEST_P(RuntimeConformance, ManyThreadsComputeAtOnce) {
  const auto edges = testing::RandomEdges(500, 3, 1);
  const auto expected = testing::SumsByLoop(edges);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5; ++n) {
        const auto results = Compute(OneLayer(MakeLayer("test.sum", edges), {499}));
        right += results.ok() && NumberOf((*results)[0]) == expected[499];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

std::shared_ptr<graph::Runtime> MakeSync() { return std::make_shared<SyncRuntime>(nullptr, testing::FindTestKernel); }
template <int kThreads>
std::shared_ptr<graph::Runtime> MakeLocal() {
  return *LocalRuntime::Make(
      {.threads = kThreads, .pool = nullptr, .find_kernel = testing::FindTestKernel, .spill_folder = {}});
}

INSTANTIATE_TEST_SUITE_P(Runtimes, RuntimeConformance,
                         ::testing::Values(RuntimeCase{"sync", MakeSync}, RuntimeCase{"one_thread", MakeLocal<1>},
                                           RuntimeCase{"two_threads", MakeLocal<2>},
                                           RuntimeCase{"eight_threads", MakeLocal<8>}),
                         [](const auto& info) { return info.param.name; });

TEST(DefaultRuntime, FollowsTheConfig) {
  ASSERT_TRUE(Config::Set("scheduler", "sync").ok());
  const auto sync = DefaultRuntime();
  EXPECT_EQ(sync->name(), "sync");
  EXPECT_EQ(DefaultRuntime(), sync);
  ASSERT_TRUE(Config::Set("scheduler", "wishes").ok());
  const Status status = DefaultRuntime()->Submit(std::make_shared<graph::Graph>(), {}).status();
  EXPECT_TRUE(status.IsInvalid());
  EXPECT_THAT(status.message(), ::testing::HasSubstr("wishes"));
  Config::Unset("scheduler");
}

}  // namespace
}  // namespace swath::exec
