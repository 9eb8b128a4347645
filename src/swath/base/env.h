// Clock and Rng: time and chance as arguments. Code that the simulator runs (sched and whatever drives it) gets them
// from Env and never asks the system.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace swath {

// Nanoseconds since an arbitrary start; never goes back.
using Time = int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now_ns() = 0;
};

class SystemClock final : public Clock {
 public:
  Time now_ns() override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

// A clock that stands still until it is told: for tests and the simulator.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start_ns = 0) : now_(start_ns) {}
  Time now_ns() override { return now_; }
  void Advance(Time delta_ns) { now_ += delta_ns; }
  void Set(Time time_ns) { now_ = time_ns; }

 private:
  Time now_;
};

// Random numbers from a seed (SplitMix64): the same on every machine. Also a uniform random bit generator of <random>.
class Rng {
 public:
  using result_type = uint64_t;
  explicit Rng(uint64_t seed) : state_(seed) {}
  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return std::numeric_limits<uint64_t>::max(); }
  uint64_t operator()() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // Uniform in [0, bound); bound > 0.
  uint64_t Below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>((*this)()) * bound) >> 64);
  }
  // Uniform in [0, 1).
  double Uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }
  bool Chance(double probability) { return Uniform() < probability; }
  // An independent stream.
  Rng Fork() { return Rng((*this)()); }

 private:
  uint64_t state_;
};

struct Env {
  Clock* clock = nullptr;
  Rng* rng = nullptr;
};

}  // namespace swath
