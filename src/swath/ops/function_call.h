// Calls of functions that are not of the catalogue: the user's own, in Python or C++. The engine knows them by this
// interface only: a name for people, values in, one value out. delayed, map_blocks, map_partitions, bags and Submit
// all make their tasks of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/ops/op_params.h"

namespace swath::ops {

class PythonExecutor;   // ops/python_call.h
struct PythonFunction;  // ops/python_call.h

// What a call may use besides its inputs.
struct CallContext {
  int64_t block = 0;  // the task's number in its layer
  arrow::MemoryPool* memory_pool = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
  PythonExecutor* python = nullptr;  // child processes for Python functions; null: there are none
  bool python_in_processes = false;  // the run asks for them (scheduler="processes")
};

class FunctionCall {
 public:
  virtual ~FunctionCall() = default;
  virtual std::string_view name() const = 0;                // of the function: "inc", "<lambda>"
  virtual std::string_view location() const { return {}; }  // where the call was written, when its layer does not know
  // Calls the function on the values of the task's dependencies, in Layer order. A user's exception is a Status with
  // ErrorKind::kUserFunction. Thread-safe; may block; may submit to a runtime (nested compute).
  virtual Result<Value> Call(std::span<const Value> inputs, const CallContext& context) const = 0;
  // What makes an equal call in another process (cluster/wire): a function that a PythonExecutor there can call with
  // the same inputs. TypeError: it has no such form and must run here.
  virtual Result<std::shared_ptr<const PythonFunction>> Serialize() const {
    return Status::TypeError("the call of '", name(), "' has no bytes and cannot leave this process");
  }
};
using FunctionCallPtr = std::shared_ptr<const FunctionCall>;

// Task t makes calls[t]: a graph of unlike calls (delayed).
struct FunctionCalls : public OpParams {
  static constexpr std::string_view kOp = "function.calls";
  std::vector<FunctionCallPtr> calls;
  std::string ToString() const override { return "calls(" + std::to_string(calls.size()) + ")"; }
};

// Every task makes the same call; CallContext::block tells which one it is (map_blocks, map_partitions, bags).
struct FunctionMap : public OpParams {
  static constexpr std::string_view kOp = "function.map";
  FunctionCallPtr call;
  explicit FunctionMap(FunctionCallPtr function) : call(std::move(function)) {}
  std::string ToString() const override { return "map(" + std::string(call->name()) + ")"; }
};

// A thread may keep something costly between calls (Python's lock). Runtimes open a batch around a row of tasks; what
// a call leaves with KeepUntilBatchEnd is given back when the batch ends, or earlier by EndCallBatch. Without an open
// batch the caller must give it back itself: KeepUntilBatchEnd answers false. Batches nest (a task that computes).
class CallBatch {
 public:
  CallBatch();
  ~CallBatch();
  CallBatch(const CallBatch&) = delete;
  CallBatch& operator=(const CallBatch&) = delete;

 private:
  void (*outer_give_back_)();
  bool outer_open_;
};
bool KeepUntilBatchEnd(void (*give_back)());
// Is this thread inside a task of a runtime (a batch is open)? Then a compute is nested.
bool InsideTask();
// Before this thread runs something long of another kind, or waits for others. The batch stays open.
void EndCallBatch();

}  // namespace swath::ops
