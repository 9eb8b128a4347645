// PythonChild: one process that calls Python functions, and the watch over a call in it: its end, its memory, its time,
// its output. Used by one thread at a time. Never pickles or unpickles.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

#include "swath/base/status.h"
#include "swath/exec/python_message.h"
#include "swath/exec/python_output.h"
#include "swath/exec/python_spawn.h"
#include "swath/ops/python_call.h"

namespace swath::exec {

// What bounds one call.
struct CallWatch {
  std::chrono::nanoseconds time_limit{0};  // 0: none
  int64_t memory_limit_bytes = 0;          // of the child's private memory; 0: none
  const std::atomic<bool>* cancelled = nullptr;
};

// How a call ended.
struct CallOutcome {
  enum class End : uint8_t {
    kReplied,
    kDied,          // the process ended by itself, or was killed by others
    kTimedOut,      // interrupted or killed by us
    kOutOfMemory,   // killed by us
    kCancelled,     // interrupted or killed by us
    kNeverStarted,  // the process ended before it could take calls
  };
  End end = End::kReplied;
  std::optional<MessageReader> reply;  // kReplied; kTimedOut when the function could be interrupted
  std::string cause;                   // kDied, kNeverStarted: "killed by SIGSEGV", "exited with code 3"
  std::string traceback;               // where it was, as faulthandler saw it
  std::string output;                  // the last lines that it printed
  int64_t peak_bytes = 0;              // of its memory, as far as seen
};

class PythonChild {
 public:
  // Starts the process; it may take a while until it reads calls.
  static Result<std::unique_ptr<PythonChild>> Start(ChildSpawner* spawner, const std::vector<std::string>& command);
  ~PythonChild();  // kills it
  PythonChild(const PythonChild&) = delete;
  PythonChild& operator=(const PythonChild&) = delete;

  pid_t pid() const { return process_.pid; }
  // Fit for a call: alive, no signal on its way, and without a large memory left behind by earlier calls.
  bool Usable(int64_t memory_limit_bytes);
  // Sends the request and waits. An error only when the transport fails.
  Result<CallOutcome> Call(const Message& request, const CallWatch& watch);
  // The reply says that our interrupt has arrived: the child may go on with other calls.
  void ConfirmInterrupted();
  // Where its function was when we ended the call, as far as it could tell.
  std::string CrashText();
  // Lets the process end by itself; the destructor kills it if it is still there.
  void Close() { process_.socket.Close(); }

  // The number under which the child knows the function, or 0: it must be sent and will be known as NameFunction says.
  int64_t KnownFunction(const ops::PythonFunctionPtr& function) const;
  int64_t NameFunction(const ops::PythonFunctionPtr& function);
  void ForgetFunction(const ops::PythonFunctionPtr& function) { functions_.erase(function.get()); }
  // Numbers of functions that nobody can call again; the child drops them. Each is told once.
  std::vector<int64_t> TakeDeadFunctions();

 private:
  using Clock = std::chrono::steady_clock;
  struct Known {
    std::weak_ptr<const ops::PythonFunction> function;
    int64_t number;
  };
  struct Exchange;  // the state of one Call

  explicit PythonChild(SpawnedProcess process);
  bool DropIfDead(const Known& known);
  void SetMemoryLimit(int64_t bytes);
  int64_t PrivateBytes();  // now; 0 when it cannot be read
  bool alive();
  void Kill();
  void Reap();  // waits for its end and notes how it ended

  Status SendSome(Exchange* exchange);
  Status ReceiveSome(Exchange* exchange);
  Status TakePacket(std::string packet, Exchange* exchange);
  void WatchLimits(Clock::time_point now, Exchange* exchange);
  void EndCall(CallOutcome::End why, Clock::time_point kill_at, int signal, Exchange* exchange);
  int PollTimeoutMs(Clock::time_point now, const Exchange& exchange) const;
  Status WaitForEvents(int timeout_ms, Exchange* exchange);
  CallOutcome Obituary();  // of the process that has ended

  SpawnedProcess process_;
  ChildOutput output_;
  ChildOutput error_;
  UniqueFd memory_file_;  // /proc/PID/statm
  std::string received_;
  bool ready_ = false;  // has said hello
  bool reaped_ = false;
  bool interrupted_ = false;  // a signal may still be on its way: not for another call
  int wait_status_ = 0;
  int64_t memory_limit_ = 0;  // as the process has it
  int64_t peak_bytes_ = 0;
  int64_t peak_credible_above_ = 0;  // the kernel's figure begins with that of the process that started it
  int64_t oom_kills_ = 0;            // of the whole system, when it started
  std::unordered_map<const ops::PythonFunction*, Known> functions_;
  std::vector<const ops::PythonFunction*> large_functions_;  // those worth a look at each call
  std::vector<int64_t> dead_functions_;
  size_t sweep_at_ = 64;
};

}  // namespace swath::exec
