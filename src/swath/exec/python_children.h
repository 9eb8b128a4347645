// PythonChildExecutor: the executor of Python functions in child processes (ops/python_call.h). Children are started
// when calls find none idle, up to the configured number, and are reused; one that ends is replaced by the next call
// that needs one. The thread that makes a call does the talking: there is no other thread but the one that starts
// children.
//
//   Call ─▶ take an idle child, or start one ─▶ encode values (python_values.h) ─▶ send, watch, receive
//   (python_child.h) ─▶ decode the value, or the Status of what went wrong (python_errors.h) ─▶ give the child back
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "swath/exec/python_child.h"
#include "swath/exec/python_copies.h"
#include "swath/exec/python_spawn.h"
#include "swath/ops/python_call.h"

namespace swath::exec {

struct PythonChildOptions {
  std::vector<std::string> command;  // runs python/swath/_child.py; empty: as SetPythonCommand says
  int children = 0;                  // 0: config "num-workers"
};

class PythonChildExecutor : public ops::PythonExecutor {
 public:
  explicit PythonChildExecutor(PythonChildOptions options = {});
  ~PythonChildExecutor() override;  // no call may be running

  Result<Value> Call(const ops::PythonFunctionPtr& function, std::span<const Value> values, int64_t block,
                     const std::atomic<bool>* cancelled) override;
  int child_count() const override;
  // Lets idle children end, and those with a call when it is over. Later calls start new ones.
  void Close();

 private:
  using ChildPtr = std::unique_ptr<PythonChild>;

  // Waits for a child. Cancelled when nobody wants it any more.
  Result<ChildPtr> Acquire(int64_t memory_limit_bytes, const std::atomic<bool>* cancelled);
  void Release(ChildPtr child, int generation);
  Result<int> MostChildren() const;
  Result<Message> Request(PythonChild* child, const ops::PythonFunctionPtr& function, std::span<const Value> values,
                          int64_t block);
  Result<Value> CallIn(PythonChild* child, const ops::PythonFunctionPtr& function, std::span<const Value> values,
                       int64_t block, const CallWatch& watch, bool* keep);

  const PythonChildOptions options_;
  SharedCopies copies_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<ChildSpawner> spawner_;  // made by the first call
  std::vector<ChildPtr> idle_;             // the last one is the warmest
  int count_ = 0;                          // idle and busy
  int generation_ = 0;                     // children of earlier ones are not kept
};

// The command that runs children, e.g. {sys.executable, "-m", "swath._child", *sys.path}: what follows the module
// becomes the child's sys.path. Set by the bindings before the first call.
void SetPythonCommand(std::vector<std::string> command);

// The executor of this process, made at the first use; a forked process gets one of its own. Starts nothing before the
// first call; its children end with the process.
std::shared_ptr<ops::PythonExecutor> PythonChildren();

}  // namespace swath::exec
