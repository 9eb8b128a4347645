#include "swath/data/memory_pool.h"

#include <cstring>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arrow/buffer.h"

#include "swath/base/config.h"
#include "swath/base/cpu.h"
#include "swath/base/env.h"
#include "swath/base/units.h"

namespace swath {
namespace {

using namespace literals;
using ::testing::HasSubstr;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kBlocks = false;
#else
constexpr bool kBlocks = true;
#endif

TEST(MemoryPool, ChargesSizeClassesOfAtMostAnEighthMore) {
  for (int64_t size = 1; size < 10_GiB; size += size / 7 + 1) {
    const int64_t charged = MemoryPool::ChargedBytes(size);
    EXPECT_GE(charged, size);
    EXPECT_LE(charged, size + size / 8 + 4096);
    EXPECT_EQ(MemoryPool::ChargedBytes(charged), charged) << size;
  }
}

TEST(MemoryPool, RandomAllocationsKeepTheirBytesAndTheAccount) {
  MemoryPool pool(1_GiB);
  Rng rng(7);
  struct Block {
    uint8_t* data;
    int64_t size;
    uint8_t mark;
  };
  std::vector<Block> blocks;
  int64_t charged = 0;
  const auto check = [](const Block& block) {
    return block.size == 0 || (block.data[0] == block.mark && block.data[block.size / 2] == block.mark &&
                               block.data[block.size - 1] == block.mark);
  };
  for (int step = 0; step < 3000; ++step) {
    const auto size = static_cast<int64_t>(rng.Below(uint64_t{1} << (4 + rng.Below(20))));
    if (blocks.size() < 40 && rng.Chance(0.6)) {
      Block block{nullptr, size, static_cast<uint8_t>(step)};
      ASSERT_TRUE(pool.Allocate(size, &block.data).ok());
      EXPECT_EQ(reinterpret_cast<uintptr_t>(block.data) % 64, 0u);
      std::memset(block.data, block.mark, static_cast<size_t>(size));
      charged += MemoryPool::ChargedBytes(size);
      blocks.push_back(block);
    } else if (!blocks.empty()) {
      Block& block = blocks[rng.Below(blocks.size())];
      ASSERT_TRUE(check(block)) << step;
      charged -= MemoryPool::ChargedBytes(block.size);
      if (rng.Chance(0.5)) {
        const uint8_t first = block.size > 0 ? block.data[0] : block.mark;
        ASSERT_TRUE(pool.Reallocate(block.size, size, &block.data).ok());
        if (size > 0 && block.size > 0) {
          EXPECT_EQ(block.data[0], first);
        }
        std::memset(block.data, block.mark, static_cast<size_t>(size));
        block.size = size;
        charged += MemoryPool::ChargedBytes(size);
      } else {
        pool.Free(block.data, block.size);
        block = blocks.back();
        blocks.pop_back();
      }
    }
    ASSERT_EQ(pool.bytes_allocated(), charged);
  }
  for (const Block& block : blocks) {
    EXPECT_TRUE(check(block));
    pool.Free(block.data, block.size);
  }
  EXPECT_EQ(pool.bytes_allocated(), 0);
  EXPECT_EQ(pool.available_bytes(), 1_GiB);
}

TEST(MemoryPool, FreedBlocksAreReusedAndNeverRaiseThePeak) {
  if (!kBlocks) GTEST_SKIP() << "blocks are malloc's under AddressSanitizer";
  MemoryPool pool(1_GiB);
  for (int i = 0; i < 100; ++i) auto buffer = *arrow::AllocateBuffer(8_MiB, &pool);
  EXPECT_EQ(pool.stats().fresh_blocks, 1);
  EXPECT_EQ(pool.stats().reused_blocks, 99);
  EXPECT_EQ(pool.stats().kept_bytes, 8_MiB);
  // Other sizes: what is kept goes back rather than piling up.
  for (int64_t size = 2_MiB; size < 9_MiB; size += 1_MiB) auto buffer = *arrow::AllocateBuffer(size, &pool);
  EXPECT_LE(pool.stats().kept_bytes, 9_MiB);
  const int64_t kept = pool.stats().kept_bytes;
  EXPECT_EQ(pool.Trim(), kept);
  EXPECT_EQ(pool.stats().kept_bytes, 0);
}

TEST(MemoryPool, ARequestThatCanNeverFitNamesTheNumbers) {
  MemoryPool pool(100_MiB);
  bool asked = false;
  const int64_t id = pool.AddReclaimer(0, [&](int64_t) { return asked = true, 0; });
  const Status status = arrow::AllocateBuffer(192_MiB, &pool).status();
  EXPECT_TRUE(status.IsOutOfMemory());
  EXPECT_THAT(status.message(), HasSubstr("192.00 MiB can never fit: the memory limit is 100.00 MiB"));
  EXPECT_THAT(status.message(), HasSubstr("memory.limit"));
  EXPECT_FALSE(asked);
  pool.RemoveReclaimer(id);
  const auto held = *arrow::AllocateBuffer(64_MiB, &pool);
  EXPECT_THAT(arrow::AllocateBuffer(64_MiB, &pool).status().message(), HasSubstr("in use 64.00 MiB of 100.00 MiB"));
  EXPECT_EQ(pool.available_bytes(), 36_MiB);  // a refused request leaves no trace
}

TEST(MemoryPool, ReclaimersAreAskedInOrderUntilItFits) {
  MemoryPool pool(10_MiB);
  std::vector<std::shared_ptr<arrow::Buffer>> cache;
  for (int i = 0; i < 8; ++i) cache.push_back(*arrow::AllocateBuffer(1_MiB, &pool));
  std::vector<int> calls;
  pool.AddReclaimer(2, [&](int64_t) { return calls.push_back(2), int64_t{0}; });
  pool.AddReclaimer(1, [&](int64_t wanted) {
    calls.push_back(1);
    int64_t freed = 0;
    while (freed < wanted && !cache.empty()) {
      freed += cache.back()->size();
      cache.pop_back();
    }
    return freed;
  });
  const auto buffer = arrow::AllocateBuffer(5_MiB, &pool);
  ASSERT_TRUE(buffer.ok()) << buffer.status();
  EXPECT_EQ(cache.size(), 5u);  // three went: 5 + 5 = 10
  EXPECT_THAT(calls, ::testing::ElementsAre(1));
}

TEST(MemoryPool, AReservationIsDrawnFirstAndReturnsItsRest) {
  MemoryPool pool(100_MiB);
  auto reservation = *pool.Reserve(60_MiB);
  EXPECT_EQ(pool.available_bytes(), 40_MiB);
  EXPECT_TRUE(pool.Reserve(50_MiB, false).status().IsOutOfMemory());
  {
    const ReservationScope scope(&reservation);
    auto result = *arrow::AllocateBuffer(20_MiB, &pool);
    EXPECT_EQ(reservation.remaining_bytes(), 40_MiB);
    EXPECT_EQ(pool.available_bytes(), 40_MiB);
    for (int i = 0; i < 10; ++i) auto scratch = *arrow::AllocateBuffer(40_MiB, &pool);  // freed scratch is drawn again
    EXPECT_EQ(pool.available_bytes(), 40_MiB);
    auto more = *arrow::AllocateBuffer(60_MiB, &pool);  // grows beyond what was reserved
    EXPECT_EQ(pool.available_bytes(), 20_MiB);
  }
  reservation.Release();
  EXPECT_EQ(pool.available_bytes(), 100_MiB);
  EXPECT_EQ(pool.stats().reserved_bytes, 0);
}

TEST(MemoryPool, ThreadsTogetherNeverPassTheLimit) {
  MemoryPool pool(64_MiB);
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Rng rng(static_cast<uint64_t>(t));
      std::vector<std::unique_ptr<arrow::Buffer>> held;
      for (int i = 0; i < 2000; ++i) {
        auto buffer = arrow::AllocateBuffer(static_cast<int64_t>(rng.Below(4_MiB)), &pool);
        if (buffer.ok()) held.push_back(*std::move(buffer));
        refused += !buffer.ok();
        if (!buffer.ok() || held.size() > 12)
          held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(held.size() / 2));
        EXPECT_LE(pool.bytes_allocated(), 64_MiB);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(refused, 0);
  EXPECT_LE(pool.stats().peak_bytes, 64_MiB);
  EXPECT_EQ(pool.bytes_allocated(), 0);
}

TEST(MemoryPool, ClassesAreBookedAndTheRestIsWorking) {
  MemoryPool pool(0);
  EXPECT_EQ(pool.limit_bytes(), INT64_MAX);
  const auto buffer = *arrow::AllocateBuffer(3008, &pool);
  pool.Account(MemoryClass::kResult, 1000);
  EXPECT_EQ(pool.stats().by_class[static_cast<size_t>(MemoryClass::kResult)], 1000);
  EXPECT_EQ(pool.stats().by_class[static_cast<size_t>(MemoryClass::kWorking)], 2008);
  EXPECT_THAT(pool.Describe(), HasSubstr("results 0.98 kiB"));
}

TEST(Pool, FollowsTheConfiguredLimit) {
  const int64_t before = Pool()->limit_bytes();
  ASSERT_TRUE(Config::Set("memory.limit", "3GiB").ok());
  ASSERT_TRUE(ApplyConfiguredMemoryLimit().ok());
  EXPECT_EQ(Pool()->limit_bytes(), 3_GiB);
  ASSERT_TRUE(Config::Set("memory.limit", "50%").ok());
  EXPECT_EQ(*ConfiguredMemoryLimitBytes(), MemoryAvailableBytes() / 100 * 50);
  ASSERT_TRUE(Config::Set("memory.limit", 0).ok());
  EXPECT_EQ(*ConfiguredMemoryLimitBytes(), INT64_MAX);
  ASSERT_TRUE(Config::Set("memory.limit", "500%").ok());
  EXPECT_THAT(ApplyConfiguredMemoryLimit().message(), HasSubstr("500%"));
  Config::Unset("memory.limit");
  ASSERT_TRUE(ApplyConfiguredMemoryLimit().ok());
  EXPECT_EQ(Pool()->limit_bytes(), before);
}

TEST(Pool, WorksInAForkedChildWhileOtherThreadsAllocate) {
  std::atomic<bool> stop{false};
  std::thread allocator([&] {
    while (!stop) auto buffer = *arrow::AllocateBuffer(2_MiB, Pool());
  });
  for (int i = 0; i < 10; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(arrow::AllocateBuffer(2_MiB, Pool()).ok() ? 0 : 1);
    int code = -1;
    ASSERT_EQ(waitpid(child, &code, 0), child);
    EXPECT_EQ(code, 0);
  }
  stop = true;
  allocator.join();
}

}  // namespace
}  // namespace swath
