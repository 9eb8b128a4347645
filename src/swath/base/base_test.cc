// The small parts of base: machine, names, log, metrics, time and chance.
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "swath/base/cpu.h"
#include "swath/base/env.h"
#include "swath/base/log.h"
#include "swath/base/metrics.h"
#include "swath/base/nearest.h"
#include "swath/base/thread_name.h"

namespace swath {
namespace {

class FakeRoot {
 public:
  FakeRoot() : path_(std::filesystem::temp_directory_path() / ("swath-root-" + std::to_string(getpid()))) {}
  ~FakeRoot() { std::filesystem::remove_all(path_); }
  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(Cpu, CgroupV2LimitsOfAllParentsCount) {
  FakeRoot root;
  root.Write("proc/self/cgroup", "0::/a/b\n");
  root.Write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  root.Write("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  root.Write("sys/fs/cgroup/a/b/memory.max", "1000000\n");
  root.Write("sys/fs/cgroup/a/memory.max", "max\n");
  root.Write("sys/fs/cgroup/a/memory.high", "500000\n");
  EXPECT_DOUBLE_EQ(internal::CgroupCpuQuota(root.path()), 1.5);
  EXPECT_EQ(internal::CgroupMemoryLimitBytes(root.path()), 500000);
}

TEST(Cpu, CgroupV1Limits) {
  FakeRoot root;
  root.Write("proc/self/cgroup", "4:cpu,cpuacct:/job\n7:memory:/job\n");
  root.Write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
  root.Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n");
  root.Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  root.Write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "777\n");
  EXPECT_DOUBLE_EQ(internal::CgroupCpuQuota(root.path()), 3);
  EXPECT_EQ(internal::CgroupMemoryLimitBytes(root.path()), 777);
}

TEST(Cpu, WithoutCgroupsThereIsNoLimit) {
  EXPECT_EQ(internal::CgroupCpuQuota("/nowhere"), 0);
  EXPECT_EQ(internal::CgroupMemoryLimitBytes("/nowhere"), INT64_MAX);
  EXPECT_GE(CpuCount(), 1);
  EXPECT_GT(MemoryAvailableBytes(), 1 << 20);
  EXPECT_GE(PeakResidentBytes(), ResidentBytes() / 2);
}

TEST(Cpu, TheSimdLevelCanOnlyBeLowered) {
  EXPECT_EQ(internal::SimdLevelFromText("v2", SimdLevel::kV4), SimdLevel::kV2);
  EXPECT_EQ(internal::SimdLevelFromText("v4", SimdLevel::kV3), SimdLevel::kV3);
  EXPECT_EQ(internal::SimdLevelFromText("", SimdLevel::kV3), SimdLevel::kV3);
  EXPECT_EQ(internal::SimdLevelFromText("v9", SimdLevel::kV4), SimdLevel::kV4);
}

TEST(NearestNames, FindsTyposAndSwapsNearestFirst) {
  const std::vector<std::string> names{"carrier", "dep_delay", "arr_delay", "origin", "dest"};
  EXPECT_THAT(NearestNames("carier", names), ::testing::ElementsAre("carrier"));
  EXPECT_THAT(NearestNames("dpe_delay", names), ::testing::ElementsAre("dep_delay", "arr_delay"));
  EXPECT_THAT(NearestNames("ORIGIN", names), ::testing::ElementsAre("origin"));
  EXPECT_TRUE(NearestNames("altitude", names).empty());
  EXPECT_EQ(DidYouMean("dets", names), "; did you mean 'dest'?");
  EXPECT_EQ(DidYouMean("altitude", names), "");
}

TEST(Log, TextAndJsonLines) {
  EXPECT_EQ(
      internal::FormatLog(false, LogLevel::kInfo, "worker lost", {{"worker", "w 1"}, {"tasks", 3}, {"host", "a"}}),
      "info: worker lost worker=\"w 1\" tasks=3 host=a");
  EXPECT_EQ(internal::FormatLog(true, LogLevel::kError, "a \"b\"\n", {{"worker", "w1"}, {"seconds", 3}}),
            "\"level\":\"error\",\"message\":\"a \\\"b\\\"\\u000a\",\"worker\":\"w1\",\"seconds\":3");
  EXPECT_EQ(*ParseLogLevel("warning"), LogLevel::kWarning);
  EXPECT_TRUE(ParseLogLevel("loud").status().IsInvalid());
  EXPECT_FALSE(LogEnabled(LogLevel::kDebug));
}

TEST(Metrics, CountFromManyThreadsAndShowInTheSnapshot) {
  Counter& counter = GetCounter("test.counter", "counts");
  EXPECT_EQ(&counter, &GetCounter("test.counter"));
  Histogram& histogram = GetHistogram("test.histogram");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 1; i <= 1000; ++i) {
        counter.Add(2);
        histogram.Record(i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  GetGauge("test.gauge").Set(-5);
  EXPECT_EQ(counter.value(), 8000);
  EXPECT_EQ(histogram.count(), 4000);
  EXPECT_EQ(histogram.sum(), 4 * 500500);
  EXPECT_GE(histogram.Quantile(0.5), 500);
  EXPECT_LE(histogram.Quantile(0.5), 1000);
  int found = 0;
  for (const MetricValue& metric : MetricsSnapshot()) {
    if (metric.name == "test.counter") found += metric.value == 8000 && metric.help == "counts";
    if (metric.name == "test.gauge") found += metric.value == -5;
    if (metric.name == "test.histogram") found += metric.value == 4000;
  }
  EXPECT_EQ(found, 3);
}

TEST(Env, RngIsTheSameEverywhereAndUniform) {
  Rng rng(1);
  EXPECT_EQ(rng(), 0x910a2dec89025cc1ULL);  // the reference SplitMix64
  std::array<int, 10> counts{};
  for (int i = 0; i < 100000; ++i) ++counts[rng.Below(10)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
  ManualClock clock(5);
  clock.Advance(3);
  EXPECT_EQ(clock.now_ns(), 8);
}

TEST(ThreadName, IsCutAtFifteenBytes) {
  std::thread([] {
    SetThreadName("swath-a-very-long-name");
    EXPECT_EQ(ThreadName(), "swath-a-very-lo");
  }).join();
}

}  // namespace
}  // namespace swath
