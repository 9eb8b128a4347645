// SchedulerOptions: what can be tuned about the scheduler machine. Plain values; defaults suit a cluster.
#pragma once

#include <cstddef>
#include <cstdint>

namespace swath::sched {

struct SchedulerOptions {
  // Tasks without inputs are started only while results and running tasks of a worker stay under this share of its
  // memory.
  double queue_memory_fraction = 0.6;
  // Deaths that one task may cause before it fails, besides its retries.
  int32_t allowed_deaths = 3;
  // Failed fetches of one replica before it is given up although its worker lives.
  int32_t allowed_fetch_failures = 3;
  // For placement: bytes a nanosecond between workers, and the assumed length of a task until one has been measured.
  double bandwidth_bytes_per_ns = 1.0;
  int64_t task_duration_ns = 1'000'000;
  // Transitions kept for Story; a power of two, 0: none.
  size_t story_capacity = 4096;
};

struct WorkerOptions {
  uint32_t worker = 0;
  uint32_t epoch = 1;
  // Executions asked for at once. A driver with its own queues may ask for more than it has threads.
  int32_t threads = 1;
  // Fetches and unspills in flight at once, and their bytes (one may always go).
  int32_t transfers_max = 16;
  int64_t transfer_bytes_max = int64_t{256} << 20;
  // For values; 0: not limited. Above spill_fraction values are spilled, above pause_fraction nothing new starts while
  // something runs.
  int64_t memory_bytes = 0;
  double spill_fraction = 0.7;
  double pause_fraction = 0.85;
  size_t story_capacity = 4096;
};

}  // namespace swath::sched
