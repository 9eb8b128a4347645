// ResourceSampler: memory and processor use of this process and its children, read at a fixed interval by a thread of
// its own (so that no lock of the program's can hold it up). For the resource profiler.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace swath::exec {

struct ResourceSample {
  int64_t time_ns = 0;         // steady clock
  int64_t resident_bytes = 0;  // of this process and all its descendants
  double cpu_percent = 0;      // since the sample before; 100: one core
};

class ResourceSampler {
 public:
  explicit ResourceSampler(std::chrono::nanoseconds interval);
  ~ResourceSampler();  // stops the thread
  ResourceSampler(const ResourceSampler&) = delete;
  ResourceSampler& operator=(const ResourceSampler&) = delete;
  // The samples since the last Take; takes one more at once, so that short runs have some.
  std::vector<ResourceSample> Take();

 private:
  void Loop();
  void SampleLocked();

  const std::chrono::nanoseconds interval_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable stop_changed_;
  bool stop_ = false;
  int64_t last_time_ns_ = 0;
  int64_t last_cpu_ns_ = -1;
  std::vector<ResourceSample> samples_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace swath::exec
