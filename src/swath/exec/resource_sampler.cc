#include "swath/exec/resource_sampler.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unordered_map>
#include <utility>

#include <unistd.h>

#include "swath/base/env.h"
#include "swath/base/thread_name.h"

namespace swath::exec {
namespace {

constexpr size_t kMostSamples = size_t{1} << 20;

struct ProcessUse {
  pid_t parent = 0;
  int64_t cpu_ns = 0;
  int64_t resident_bytes = 0;
};

// /proc/PID/stat: the name in brackets may hold anything, so fields are counted from the last bracket (proc(5)).
bool ReadStat(const std::string& path, ProcessUse* use) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t end = text.rfind(')');
  if (end == std::string::npos) return false;
  char state = 0;
  int parent = 0;
  unsigned long user = 0, system = 0;
  long resident_pages = 0;
  const int fields = std::sscanf(
      text.c_str() + end + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u %*u %ld",
      &state, &parent, &user, &system, &resident_pages);
  if (fields != 5) return false;
  static const int64_t tick_ns = 1'000'000'000 / sysconf(_SC_CLK_TCK);
  static const int64_t page = sysconf(_SC_PAGESIZE);
  *use = {parent, static_cast<int64_t>(user + system) * tick_ns, resident_pages * page};
  return true;
}

// This process and everything below it.
ProcessUse UseOfFamily() {
  std::unordered_map<pid_t, ProcessUse> all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    ProcessUse use;
    if (ReadStat(entry.path() / "stat", &use)) all.emplace(std::stoi(name), use);
  }
  const pid_t self = getpid();
  ProcessUse sum;
  for (const auto& [pid, use] : all) {
    pid_t ancestor = pid;
    for (int depth = 0; depth < 64 && ancestor != self; ++depth) {
      const auto it = all.find(ancestor);
      if (it == all.end()) break;
      ancestor = it->second.parent;
    }
    if (ancestor != self) continue;
    sum.cpu_ns += use.cpu_ns;
    sum.resident_bytes += use.resident_bytes;
  }
  return sum;
}

}  // namespace

ResourceSampler::ResourceSampler(std::chrono::nanoseconds interval)
    : interval_(interval), thread_([this] { Loop(); }) {}

ResourceSampler::~ResourceSampler() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stop_changed_.notify_all();
  thread_.join();
}

std::vector<ResourceSample> ResourceSampler::Take() {
  std::lock_guard lock(mutex_);
  SampleLocked();
  return std::exchange(samples_, {});
}

void ResourceSampler::Loop() {
  SetThreadName("swath-sampler");
  std::unique_lock lock(mutex_);
  while (!stop_) {
    SampleLocked();
    stop_changed_.wait_for(lock, interval_, [this] { return stop_; });
  }
}

void ResourceSampler::SampleLocked() {
  const ProcessUse use = UseOfFamily();
  const int64_t now = SystemClock().now_ns();
  double percent = 0;
  if (last_cpu_ns_ >= 0 && now > last_time_ns_)  // a child that ended takes its time with it
    percent = std::max(
        0.0, 100.0 * static_cast<double>(use.cpu_ns - last_cpu_ns_) / static_cast<double>(now - last_time_ns_));
  last_time_ns_ = now;
  last_cpu_ns_ = use.cpu_ns;
  if (samples_.size() < kMostSamples) samples_.push_back({now, use.resident_bytes, percent});
}

}  // namespace swath::exec
