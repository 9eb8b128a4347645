// Named numbers about the process: counters (only rise), gauges (go up and down) and histograms (of sizes and
// durations, one bucket a power of two). An update is one relaxed atomic operation; looking a name up takes a lock, so
// callers keep the reference:
//   static Counter& spilled = GetCounter("spill.bytes_written", "Bytes written to spill files");
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace swath {

class Counter {
 public:
  void Add(int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

class Gauge {
 public:
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(int64_t delta) { value_.fetch_add(delta, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// Bucket b counts values in [2^(b-1), 2^b); bucket 0 zeros and negatives.
class Histogram {
 public:
  static constexpr int kBuckets = 64;
  void Record(int64_t value) {
    const size_t bucket = value <= 0 ? 0 : static_cast<size_t>(std::bit_width(static_cast<uint64_t>(value)));
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  int64_t count() const;
  int64_t sum() const { return sum_.load(std::memory_order_relaxed); }
  int64_t bucket(int index) const { return buckets_[static_cast<size_t>(index)].load(std::memory_order_relaxed); }
  // An upper bound of the q-quantile, at most twice its value; 0 when empty.
  int64_t Quantile(double q) const;

 private:
  std::array<std::atomic<int64_t>, kBuckets> buckets_{};
  std::atomic<int64_t> sum_{0};
};

// The metric of a name, made at the first call; lives for ever. A name has one kind (CHECKed). `help` of the first call
// counts.
Counter& GetCounter(std::string_view name, std::string_view help = {});
Gauge& GetGauge(std::string_view name, std::string_view help = {});
Histogram& GetHistogram(std::string_view name, std::string_view help = {});

struct MetricValue {
  enum class Kind : uint8_t { kCounter, kGauge, kHistogram };
  std::string name;
  std::string help;
  Kind kind;
  int64_t value = 0;                     // of a histogram: its count
  const Histogram* histogram = nullptr;  // of a histogram
};
// All metrics by name, each read once.
std::vector<MetricValue> MetricsSnapshot();

}  // namespace swath
