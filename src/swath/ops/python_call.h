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
  std::chrono::nanoseconds time_limit{0};  // of one call; 0: config "python.time-limit"
  int64_t memory_limit_bytes = 0;          // of the child's private memory; 0: config "python.memory-limit"
};
using PythonFunctionPtr = std::shared_ptr<const PythonFunction>;

class PythonExecutor {
 public:
  virtual ~PythonExecutor() = default;
  // Calls `function(values, block)` in a child and waits. Chunks and Partitions reach the child as read-only views on
  // shared memory, Objects as what they pickle with out-of-band buffers, HostObjects by their Serialize(), Pieces as a
  // list, an empty Value as None. The result comes back as a Chunk (a NumPy array of a dtype of ours), a Partition (an
  // Arrow table) or an Object ("pickle5"); its memory may be shared, is reserved in the process's pool, and goes to
  // the next call without a copy.
  // Errors: an exception of the function is kUserFunction with traceback and the pickled exception (none when it
  // cannot be pickled: the message then has its type and says why); a child that died or used too much memory kKilled
  // with the cause, the memory peak and limit, and its last output; a passed time limit kTimeout; OutOfMemory when
  // arguments or result do not fit the pool. Only this call is lost: the child is replaced. Cancelled soon after
  // `cancelled` becomes true (the function is interrupted, then killed).
  // Thread-safe: as many calls run at once as there are children, others wait. Ends the thread's CallBatch.
  virtual Result<Value> Call(const PythonFunctionPtr& function, std::span<const Value> values, int64_t block,
                             const std::atomic<bool>* cancelled) = 0;
  virtual int child_count() const = 0;  // now: they are started when calls need them
};

}  // namespace swath::ops
