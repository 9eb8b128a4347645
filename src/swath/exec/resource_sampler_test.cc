#include "swath/exec/resource_sampler.h"

#include <vector>

#include <gtest/gtest.h>

namespace swath::exec {
namespace {

TEST(ResourceSampler, SeesMemoryAndWork) {
  ResourceSampler sampler(std::chrono::milliseconds(10));
  std::vector<char> block(64 << 20, 1);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(120);
  volatile int64_t work = 0;
  while (std::chrono::steady_clock::now() < end) work = work + block[static_cast<size_t>(work) % block.size()];
  const std::vector<ResourceSample> samples = sampler.Take();
  ASSERT_GE(samples.size(), 3U);
  EXPECT_GE(samples.back().resident_bytes, int64_t{64} << 20);
  double most = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    most = std::max(most, samples[i].cpu_percent);
    if (i > 0) {
      EXPECT_GT(samples[i].time_ns, samples[i - 1].time_ns);
    }
  }
  EXPECT_GT(most, 0) << "the loop above used a processor";
}

}  // namespace
}  // namespace swath::exec
