// What one seed simulates. Everything follows from the seed; faults can be switched off by name to find the one that
// matters.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace swath::sim {

class Rng {
 public:
  explicit Rng(uint64_t seed) : engine_(seed) {}
  int64_t Below(int64_t n) { return static_cast<int64_t>(engine_() % static_cast<uint64_t>(n)); }
  int64_t Between(int64_t low, int64_t high) { return low + Below(high - low + 1); }
  bool Chance(double p) { return static_cast<double>(engine_() >> 11) * 0x1p-53 < p; }

 private:
  std::mt19937_64 engine_;
};

enum Fault : uint32_t {
  kKill = 1 << 0,       // a worker process dies and is restarted
  kFreeze = 1 << 1,     // a worker stands still: for a while, or until it is declared dead
  kCut = 1 << 2,        // two workers can not reach each other, one way or both
  kLoss = 1 << 3,       // messages are lost and sent again later
  kDuplicate = 1 << 4,  // messages arrive twice
  kReorder = 1 << 5,    // messages overtake each other
  kDisk = 1 << 6,       // disks are full, spill files are damaged
  kSlow = 1 << 7,       // some workers are a hundred times slower
  kFail = 1 << 8,       // tasks fail, once or always
  kCrash = 1 << 9,      // tasks kill their worker
  kCancel = 1 << 10,    // clients give up runs and results
  kRetire = 1 << 11,    // workers are retired and new ones come
  kImpure = 1 << 12,    // some tasks must not run twice
  kAllFaults = (1 << 13) - 1,
};
struct FaultName {
  std::string_view name;
  Fault fault;
};
extern const std::vector<FaultName> kFaultNames;
std::string ToString(uint32_t faults);
// Exits with a message for an unknown name.
uint32_t ParseFaults(const std::string& names);

struct SimOptions {
  uint64_t seed = 1;
  uint32_t faults = kAllFaults;  // those of the seed, and allowed by the caller
  int64_t layers_max = 7;
  int64_t blocks_max = 8;
  int64_t runs = 1;
  int64_t workers = 3;
  int32_t threads = 2;
  int64_t memory_bytes = 0;
  int64_t fault_every_ms = 50;
  bool liveness = false;  // some things stay broken for ever, the rest heals and must finish
};

// Derived from the seed, then limited by `allowed` faults and, when shrinking, by smaller maxima.
SimOptions OptionsOf(uint64_t seed, uint32_t allowed);
std::string Describe(const SimOptions& options);

}  // namespace swath::sim
