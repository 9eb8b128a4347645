#include "swath/base/cpu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace swath {
namespace {

std::string ReadFirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// A whole number at the start of a file; -1 when there is none ("max", missing file).
int64_t ReadNumber(const std::string& path) {
  const std::string line = ReadFirstLine(path);
  char* end = nullptr;
  const long long value = std::strtoll(line.c_str(), &end, 10);
  return end == line.c_str() ? -1 : value;
}

// The folders of our cgroup and all its parents for a controller, from /proc/self/cgroup: lines "0::/a/b" (v2) or
// "4:memory:/a/b" (v1). Inside a container the path may not exist under the mount; the mount's own root then counts.
std::vector<std::string> CgroupFolders(const std::string& root, const std::string& controller) {
  std::vector<std::string> folders;
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool v2 = names == ",,";
    if (!v2 && names.find("," + controller + ",") == std::string::npos) continue;
    const std::string mount = root + "/sys/fs/cgroup" + (v2 ? "" : "/" + controller);
    std::string path = line.substr(second + 1);
    while (!path.empty() && path != "/") {
      folders.push_back(mount + path);
      path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
    }
    folders.push_back(mount);
  }
  return folders;
}

SimdLevel DetectSimdLevel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // By features: older compilers do not know the names of the levels.
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                  __builtin_cpu_supports("fma");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  if (v4) return SimdLevel::kV4;
  if (v3) return SimdLevel::kV3;
#endif
  return SimdLevel::kV2;
}

int64_t StatusFieldBytes(std::string_view field) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(field, 0) == 0) return std::atoll(line.c_str() + field.size()) * 1024;
  }
  return 0;
}

}  // namespace

namespace internal {

double CgroupCpuQuota(const std::string& root) {
  double quota = 0;
  const auto limit = [&](double cores) {
    if (cores > 0) quota = quota > 0 ? std::min(quota, cores) : cores;
  };
  for (const std::string& folder : CgroupFolders(root, "cpu")) {
    std::istringstream line(ReadFirstLine(folder + "/cpu.max"));  // v2: "200000 100000" or "max 100000"
    double used = 0, period = 0;
    if (line >> used >> period && period > 0) limit(used / period);
    const int64_t used_v1 = ReadNumber(folder + "/cpu.cfs_quota_us");
    const int64_t period_v1 = ReadNumber(folder + "/cpu.cfs_period_us");
    if (used_v1 > 0 && period_v1 > 0) limit(static_cast<double>(used_v1) / static_cast<double>(period_v1));
  }
  return quota;
}

int64_t CgroupMemoryLimitBytes(const std::string& root) {
  int64_t limit = INT64_MAX;
  for (const std::string& folder : CgroupFolders(root, "memory")) {
    for (const char* file : {"/memory.max", "/memory.high", "/memory.limit_in_bytes"}) {
      const int64_t bytes = ReadNumber(folder + file);
      if (bytes > 0) limit = std::min(limit, bytes);
    }
  }
  return limit;
}

SimdLevel SimdLevelFromText(std::string_view text, SimdLevel best) {
  for (SimdLevel level : {SimdLevel::kV2, SimdLevel::kV3, SimdLevel::kV4}) {
    if (text == ToString(level) && level <= best) return level;
  }
  return best;
}

}  // namespace internal

SimdLevel CpuSimdLevel() {
  static const SimdLevel level = [] {
    const char* wanted = std::getenv("SWATH_SIMD_LEVEL");
    return internal::SimdLevelFromText(wanted ? wanted : "", DetectSimdLevel());
  }();
  return level;
}

std::string_view ToString(SimdLevel level) {
  switch (level) {
    case SimdLevel::kV2:
      return "v2";
    case SimdLevel::kV3:
      return "v3";
    case SimdLevel::kV4:
      return "v4";
  }
  return "?";
}

int CpuCount() {
  static const int count = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    int cores =
        sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    const double quota = internal::CgroupCpuQuota("");
    if (quota > 0) cores = std::min(cores, static_cast<int>(std::ceil(quota)));
    return std::max(cores, 1);
  }();
  return count;
}

int64_t MemoryAvailableBytes() {
  static const int64_t bytes = std::min(static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE),
                                        internal::CgroupMemoryLimitBytes(""));
  return bytes;
}

int64_t L2CacheBytes() {
  static const int64_t bytes = [] {
#ifdef _SC_LEVEL2_CACHE_SIZE
    if (const long size = sysconf(_SC_LEVEL2_CACHE_SIZE); size > 0) return static_cast<int64_t>(size);
#endif
    return int64_t{1} << 20;
  }();
  return bytes;
}

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

int64_t PeakResidentBytes() { return StatusFieldBytes("VmHWM:"); }

}  // namespace swath
