// Python functions in child processes, seen from the engine: bytes and values in, a value or an error out. Native code
// never unpickles: only the child does. exec/ has the executor; the Python bindings make the calls.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "swath/base/status.h"
#include "swath/data/value.h"

namespace swath::ops {

// One function as a child needs it. Immutable; shared by all tasks that call it, sent to each child once.
struct PythonFunction {
  std::string name;                        // for errors
  Object pickled;                          // a callable (values, block) -> result, by cloudpickle
  std::chrono::nanoseconds time_limit{0};  // of one call; 0: none
  int64_t memory_limit_bytes = 0;          // of the child's address space while it calls; 0: as configured
};
using PythonFunctionPtr = std::shared_ptr<const PythonFunction>;

class PythonExecutor {
 public:
  virtual ~PythonExecutor() = default;
  // Calls `function(values, block)` in a child and waits. Chunks and Partitions reach the child as read-only views on
  // shared memory, Objects as bytes it unpickles with out-of-band buffers, HostObjects by their Serialize(). The result
  // comes back as a Chunk (a NumPy array of a dtype of ours), a Partition (an Arrow table) or an Object ("pickle5").
  // Errors: an exception of the function is kUserFunction with traceback and the pickled exception; a child that died
  // kKilled with the cause (signal, exit code, memory peak and limit) and its last output; a passed limit kTimeout.
  // Only this call is lost: the child is replaced. Cancelled when `cancelled` becomes true (the child is ended).
  // Thread-safe: as many calls run at once as there are children, others wait.
  virtual Result<Value> Call(const PythonFunctionPtr& function, std::span<const Value> values, int64_t block,
                             const std::atomic<bool>* cancelled) = 0;
  virtual int child_count() const = 0;
};

}  // namespace swath::ops
