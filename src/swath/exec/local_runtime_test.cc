// What only the thread-pool runtime does: memory limits, spilling, fork, cancelling in time, threads that sleep.
#include "swath/exec/local_runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arrow/buffer.h"

#include "swath/base/units.h"
#include "swath/exec/runtime.h"
#include "swath/exec/test_ops.h"
#include "swath/exec/thread_pool.h"
#include "swath/ops/values.h"

namespace swath::exec {
namespace {

using namespace literals;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::MakeLayer;
using testing::NumberOf;
using testing::OneLayer;
using testing::TestParams;

std::shared_ptr<LocalRuntime> MakeRuntimeOn(MemoryPool* pool, int threads = 2, std::string folder = {}) {
  return *LocalRuntime::Make(
      {.threads = threads, .pool = pool, .find_kernel = testing::FindTestKernel, .spill_folder = std::move(folder)});
}

std::shared_ptr<const TestParams> BytesParams(int64_t bytes) {
  auto params = std::make_shared<TestParams>();
  params->bytes = bytes;
  return params;
}

// Every block is needed twice: once for a running total, and once more, with the total, at the end. So all must be
// kept:
//   a0 … an ─▶ s0 ─▶ s1 ─▶ … ─▶ sn      t_i = f(sn, a_i), all t wanted
std::shared_ptr<graph::Graph> KeepAllBlocks(uint32_t count, int64_t block_bytes, bool estimated) {
  auto graph = std::make_shared<graph::Graph>();
  const std::vector<std::vector<uint32_t>> no_inputs(count);
  const int32_t blocks =
      graph->Add(MakeLayer("test.bytes", no_inputs, BytesParams(block_bytes), estimated ? block_bytes : 0), {});
  std::vector<uint32_t> offsets{0}, targets;
  const uint32_t first_block = 2 * count;  // own tasks come first
  for (uint32_t i = 0; i < count; ++i) {
    if (i > 0) targets.push_back(i - 1);
    targets.push_back(first_block + i);
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  for (uint32_t i = 0; i < count; ++i) {
    targets.push_back(count - 1);
    targets.push_back(first_block + i);
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  graph::LayerDescription description{.name = "total", .call = {"test.sum", std::make_shared<TestParams>()}};
  const int32_t totals =
      graph->Add(*graph::MaterializedLayer::Make(std::move(description), offsets, targets, {count}), {blocks});
  for (uint32_t i = 0; i < count; ++i) graph->Want(graph::TaskId(totals, count + i));
  return graph;
}

std::vector<int64_t> KeepAllBlocksByLoop(uint32_t count) {
  uint64_t total = 0;
  for (uint64_t i = 0; i < count; ++i)
    total = i == 0 ? 1 : 1 + i + 3 * total + 5 * i;  // test.sum of (total, block i's number i)
  std::vector<int64_t> results;
  for (uint64_t i = 0; i < count; ++i) results.push_back(static_cast<int64_t>(1 + count + i + 3 * total + 5 * i));
  return results;
}

class MemoryLimit : public ::testing::TestWithParam<bool> {};

TEST_P(MemoryLimit, TenTimesTheLimitIsComputedUnderTheLimit) {
  constexpr uint32_t kCount = 160;
  MemoryPool pool(64_MiB);
  const auto runtime = MakeRuntimeOn(&pool);
  auto run = *runtime->Submit(KeepAllBlocks(kCount, 4_MiB, GetParam()), {});
  const auto results = run->Results();
  ASSERT_TRUE(results.ok()) << results.status();
  const auto expected = KeepAllBlocksByLoop(kCount);
  for (uint32_t i = 0; i < kCount; ++i) ASSERT_EQ(NumberOf((*results)[i]), expected[i]) << i;
  EXPECT_LE(pool.stats().peak_bytes, 64_MiB);
}
INSTANTIATE_TEST_SUITE_P(WithAndWithoutEstimates, MemoryLimit, ::testing::Bool());

TEST(LocalRuntime, ATaskThatCanNeverFitFailsWithTheNumbers) {
  MemoryPool pool(32_MiB);
  const auto runtime = MakeRuntimeOn(&pool);
  for (const int64_t estimate : {int64_t{0}, 64_MiB}) {
    const Status status = (*runtime->Submit(OneLayer(MakeLayer("test.bytes", {{}}, BytesParams(64_MiB), estimate)), {}))
                              ->Results()
                              .status();
    EXPECT_TRUE(status.IsOutOfMemory()) << status;
    EXPECT_THAT(status.message(), HasSubstr("64.00 MiB can never fit: the memory limit is 32.00 MiB"));
    ASSERT_NE(ErrorDetail::Of(status), nullptr);
    EXPECT_EQ(ErrorDetail::Of(status)->key, "task-0:0");
  }
}

TEST(LocalRuntime, TasksThatDoNotFitTogetherRunOneByOne) {
  MemoryPool pool(32_MiB);
  const auto runtime = MakeRuntimeOn(&pool, 4);
  auto params = std::make_shared<TestParams>();
  params->body = [](kernels::TaskContext& context) {
    ASSIGN_OR_RETURN(const auto scratch, arrow::AllocateBuffer(20_MiB, context.memory_pool));
    return Status::OK();
  };
  const auto results =
      (*runtime->Submit(OneLayer(MakeLayer("test.call", std::vector<std::vector<uint32_t>>(40), params)), {}))
          ->Results();
  EXPECT_TRUE(results.ok()) << results.status();
  EXPECT_LE(pool.stats().peak_bytes, 32_MiB);
}

TEST(LocalRuntime, ResultsThatDoNotFitFailAndLeaveNothing) {
  MemoryPool pool(32_MiB);
  {
    const auto runtime = MakeRuntimeOn(&pool);
    const auto graph =
        OneLayer(MakeLayer("test.bytes", std::vector<std::vector<uint32_t>>(40), BytesParams(4_MiB), 4_MiB));
    EXPECT_TRUE((*runtime->Submit(graph, {}))->Results().status().IsOutOfMemory());
  }
  EXPECT_EQ(pool.bytes_allocated(), 0);
}

TEST(LocalRuntime, AnUnwritableSpillFolderIsNoDisasterWhileMemorySuffices) {
  MemoryPool pool(64_MiB);
  const auto runtime = MakeRuntimeOn(&pool, 2, "/nowhere");
  EXPECT_TRUE((*runtime->Submit(KeepAllBlocks(8, 4_MiB, true), {}))->Results().ok());
  EXPECT_TRUE((*runtime->Submit(KeepAllBlocks(40, 4_MiB, true), {}))->Results().status().IsOutOfMemory());
}

TEST(LocalRuntime, ThreadsComputeUnderOneLimitTogether) {
  MemoryPool pool(96_MiB);
  const auto runtime = MakeRuntimeOn(&pool, 3);
  const auto expected = KeepAllBlocksByLoop(40);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      const auto results = (*runtime->Submit(KeepAllBlocks(40, 2_MiB, true), {}))->Results();
      EXPECT_TRUE(results.ok()) << results.status();
      right += results.ok() && NumberOf((*results)[39]) == expected[39];
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 3);
  EXPECT_LE(pool.stats().peak_bytes, 96_MiB);
}

TEST(LocalRuntime, CancelEndsAtOnceAndDroppingTheHandleCancels) {
  const auto runtime = MakeRuntimeOn(nullptr);
  auto params = std::make_shared<TestParams>();
  {
    auto run = *runtime->Submit(OneLayer(MakeLayer("test.wait", std::vector<std::vector<uint32_t>>(10), params)), {});
    while (params->started == 0) std::this_thread::yield();
    EXPECT_FALSE(run->WaitFor(1ms));
    run->Cancel();
    EXPECT_TRUE(run->WaitFor(0ms));  // done without waiting for the kernels
  }
  auto dropped = std::make_shared<TestParams>();
  (*runtime->Submit(OneLayer(MakeLayer("test.wait", std::vector<std::vector<uint32_t>>(10), dropped)), {})).reset();
  EXPECT_TRUE(
      (*runtime->Submit(OneLayer(MakeLayer("test.sum", {{}})), {}))->Results().ok());  // the threads are free again
}

TEST(LocalRuntime, DeepNestingDoesNotDeadlock) {
  const auto runtime = MakeRuntimeOn(nullptr, 1);
  std::function<Status(int)> nest = [&](int depth) -> Status {
    if (depth == 0) return Status::OK();
    auto params = std::make_shared<TestParams>();
    params->body = [&nest, depth](kernels::TaskContext&) { return nest(depth - 1); };
    return (*runtime->Submit(OneLayer(MakeLayer("test.call", {{}, {}}, params)), {}))->Results().status();
  };
  const Status status = nest(6);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(LocalRuntime, AChildAfterForkComputes) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer allows no threads in a child of a process with threads";
#endif
  ASSERT_TRUE((*DefaultRuntime()->Submit(std::make_shared<graph::Graph>(), {}))->Results().ok());
  const auto parent = DefaultRuntime();
  const pid_t child = fork();
  if (child == 0) {
    auto graph = std::make_shared<graph::Graph>();
    auto params = std::make_shared<ops::ValuesParams>(std::vector<Value>{testing::Number(5, Pool())});
    graph::LayerDescription description{.name = "values", .call = {ops::ValuesParams::kOp, params}};
    graph->Add(*graph::MaterializedLayer::Make(std::move(description), {0, 0}, {}), {});
    graph->Want(0);
    const auto fresh = DefaultRuntime();
    const auto results = (*fresh->Submit(graph, {}))->Results();
    _exit(fresh != parent && results.ok() && NumberOf((*results)[0]) == 5 ? 0 : 1);
  }
  int code = -1;
  ASSERT_EQ(waitpid(child, &code, 0), child);
  EXPECT_EQ(code, 0);
}

class CountingSource : public WorkSource {
 public:
  bool Work() override {
    ++asked;
    int left = work.load();
    while (left > 0 && !work.compare_exchange_weak(left, left - 1)) {
    }
    return left > 0;
  }
  std::atomic<int> asked{0};
  std::atomic<int> work{0};
};

TEST(ThreadPool, StartsThreadsOnlyForWorkAndLetsThemSleep) {
  ThreadPool pool(3);
  auto source = std::make_shared<CountingSource>();
  pool.Add(source, 1);
  EXPECT_EQ(pool.started_count(), 0);
  for (int round = 0; round < 200; ++round) {
    source->work = 5;
    pool.Wake(5);
    while (source->work > 0) std::this_thread::yield();
  }
  EXPECT_GE(pool.started_count(), 1);
  EXPECT_LE(pool.started_count(), 3);
  pool.Remove(source.get());
  pool.Stop();
  const int asked = source->asked;
  pool.Wake(3);
  EXPECT_EQ(source->asked, asked);
}

}  // namespace
}  // namespace swath::exec
