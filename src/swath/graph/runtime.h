// Runtime: who runs a graph: threads (exec/local_runtime), the calling thread (exec/sync_runtime, the oracle), later a
// cluster or a foreign engine. Thread-safe: many threads may submit at once, and a task may submit (nested compute).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/graph/graph.h"

namespace swath::graph {

struct Progress {
  int64_t tasks_done = 0;
  int64_t tasks_total = 0;  // of those needed for the wanted blocks
  int64_t bytes_in_memory = 0;
  int64_t bytes_spilled = 0;
};

struct RunOptions {
  int retries = 0;
  std::string label;                 // for logs and the progress bar
  bool python_in_processes = false;  // run Python functions in child processes (ops/python_call.h), where they allow it
};

// One submitted graph. Destroying the last handle of a run that is not done cancels it.
class Run {
 public:
  virtual ~Run() = default;
  // Waits up to `timeout`; true when done (finished, failed or cancelled).
  virtual bool WaitFor(std::chrono::nanoseconds timeout) = 0;
  // The wanted values in the order wanted, or the first error. Waits.
  virtual Result<std::vector<Value>> Results() = 0;
  virtual void Cancel() = 0;  // returns at once; running tasks see TaskContext::cancelled
  virtual Progress progress() const = 0;
};

class Runtime {
 public:
  virtual ~Runtime() = default;
  virtual Result<std::shared_ptr<Run>> Submit(std::shared_ptr<const Graph> graph, const RunOptions& options) = 0;
  virtual int thread_count() const = 0;
  virtual std::string name() const = 0;
};

}  // namespace swath::graph
