// What the machine offers this process: instruction set, cores, caches and memory, as limited by affinity masks and
// cgroups (v1 and v2). Every answer is computed once and cached; thread-safe. Never looks at other processes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace swath {

// The x86-64 micro-architecture levels for which *_simd.cc files are compiled: v2 = SSE4.2, v3 = AVX2 + FMA + BMI,
// v4 = AVX-512 F/BW/CD/DQ/VL. Other architectures have only kV2, compiled with their baseline.
enum class SimdLevel : uint8_t { kV2 = 2, kV3 = 3, kV4 = 4 };

// The best level of this CPU and operating system, or the lower one that the environment variable SWATH_SIMD_LEVEL asks
// for
// ("v2", "v3", "v4"; a level that the CPU lacks or a word that is none of these is ignored).
SimdLevel CpuSimdLevel();
std::string_view ToString(SimdLevel level);

// Chooses among the variants of one function: `static const auto f = SimdChoice(&v2::F, &v3::F, &v4::F);`
template <typename Function>
Function SimdChoice(Function v2, Function v3, Function v4) {
  switch (CpuSimdLevel()) {
    case SimdLevel::kV4:
      return v4;
    case SimdLevel::kV3:
      return v3;
    default:
      return v2;
  }
}

// Cores that this process may use: the affinity mask and the cgroup's CPU quota (rounded up), at least 1.
int CpuCount();
// Bytes that this process may use: the smaller of physical memory and every enclosing cgroup's limit.
int64_t MemoryAvailableBytes();
// Bytes of the level-2 cache of one core (1 MiB where the system does not tell).
int64_t L2CacheBytes();

// Resident bytes of this process now (0 where the system does not tell).
int64_t ResidentBytes();
// The highest ResidentBytes so far.
int64_t PeakResidentBytes();

namespace internal {
// For tests: the same questions answered from a folder that stands for "/" (proc and sys files below it).
double CgroupCpuQuota(const std::string& root);           // cores; 0 = no limit
int64_t CgroupMemoryLimitBytes(const std::string& root);  // INT64_MAX = no limit
SimdLevel SimdLevelFromText(std::string_view text, SimdLevel best);
}  // namespace internal

}  // namespace swath
