#include "swath/api/delayed.h"

#include <atomic>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace swath {
namespace {

int Inc(int x) { return x + 1; }

TEST(DelayTest, RunsWhenComputed) {
  std::atomic<int> calls = 0;
  const Delayed<int> x = Delay([&](int n) { return ++calls, n + 1; }, 1);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(x.compute(), 2);
  EXPECT_EQ(calls, 1);
}

TEST(DelayTest, ArgumentsArriveAsResultsInTheirOrder) {
  const auto a = Delay(Inc, 1);
  const auto b = Delay([](int x) { return std::to_string(x); }, a);
  const auto c = Delay(
      [](const std::string& text, int x, const std::string& again, double y) {
        return text + "," + std::to_string(x) + "," + again + "," + std::to_string(static_cast<int>(y));
      },
      b, a, b, 7.5);
  EXPECT_EQ(c.compute(), "2,2,2,7");
}

TEST(DelayTest, VectorsOfCalls) {
  std::vector<Delayed<int>> parts;
  for (int i = 0; i < 1000; ++i) parts.push_back(Delay(Inc, i));
  const auto total = Delay([](const std::vector<int>& x) { return std::accumulate(x.begin(), x.end(), 0); }, parts);
  EXPECT_EQ(total.compute(), 1000 * 1001 / 2);
  EXPECT_EQ(Compute(parts)[999], 1000);
}

TEST(DelayTest, SharedWorkRunsOnce) {
  std::atomic<int> calls = 0;
  const auto shared = Delay([&] { return ++calls; });
  const auto [x, y, z] = Compute(shared, Delay(Inc, shared), Delay([](int a, int b) { return a + b; }, shared, shared));
  EXPECT_EQ(x, 1);
  EXPECT_EQ(y, 2);
  EXPECT_EQ(z, 2);
  EXPECT_EQ(calls, 1);
  const auto kept = shared.persist();
  EXPECT_EQ(kept.compute(), kept.compute());
  EXPECT_EQ(calls, 2);
}

TEST(DelayTest, FunctionsOfNoResult) {
  std::atomic<int> calls = 0;
  const Delayed<void> x = Delay([&] { ++calls; });
  x.compute();
  EXPECT_EQ(calls, 1);
}

TEST(DelayTest, ExceptionsReachTheCaller) {
  const auto broken = Delay([](int) -> int { throw std::runtime_error("no such thing"); }, 1);
  try {
    Delay(Inc, broken).compute();
    FAIL() << "should have thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "no such thing");
    ASSERT_NE(error.detail(), nullptr);
    EXPECT_EQ(error.detail()->kind, ErrorKind::kUserFunction);
  }
}

TEST(DelayTest, RetriesRunAgain) {
  std::atomic<int> calls = 0;
  const auto flaky = Delay([&] {
    if (++calls < 3) throw std::runtime_error("not yet");
    return calls.load();
  });
  EXPECT_EQ(flaky.compute({.retries = 5}), 3);
}

TEST(DelayTest, CallsMayCompute) {
  const auto outer = Delay(
      [](int n) {
        std::vector<Delayed<int>> inner;
        for (int i = 0; i < n; ++i) inner.push_back(Delay(Inc, i));
        const std::vector<int> results = Compute(inner);
        return std::accumulate(results.begin(), results.end(), 0);
      },
      10);
  EXPECT_EQ(outer.compute(), 55);
}

TEST(DelayTest, ChainsDeeperThanTheStack) {
  auto x = Delay(Inc, 0);
  for (int i = 1; i < 100'000; ++i) x = Delay(Inc, x);
  EXPECT_EQ(x.compute(), 100'000);
}

TEST(SubmitTest, RunsAtOnce) {
  std::atomic<bool> go = false;
  const auto future = Submit(
      [&](int x) {
        while (!go) std::this_thread::yield();
        return x * 2;
      },
      21);
  EXPECT_FALSE(future.done());
  go = true;
  EXPECT_EQ(future.get(), 42);
  EXPECT_EQ(future.get(), 42);
  EXPECT_TRUE(future.done());
}

TEST(SubmitTest, Cancels) {
  std::atomic<bool> go = false;
  const auto first = Delay([&] {
    while (!go) std::this_thread::yield();
    return 1;
  });
  const auto future = Start(Delay(Inc, first));
  future.cancel();
  go = true;
  EXPECT_THROW(future.get(), CancelledError);
}

}  // namespace
}  // namespace swath
