#include "swath/exec/python_child.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "swath/base/cpu.h"

namespace swath::exec {
namespace {

// Address space that a child may have beyond its limit: what libraries set aside and never touch.
constexpr int64_t kAddressSlackBytes = int64_t{256} << 20;
constexpr int64_t kLargeFunctionBytes = 1 << 20;     // with the objects that its pickle holds
constexpr std::chrono::milliseconds kFarewell{300};  // for an idle child to end by itself

// Processes that the kernel has killed for lack of memory since it started.
int64_t CountOutOfMemoryKills() {
  const UniqueFd file(open("/proc/vmstat", O_RDONLY | O_CLOEXEC));
  std::string text(32 << 10, '\0');
  const ssize_t got = file ? read(file.get(), text.data(), text.size()) : 0;
  text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  const size_t at = text.find("oom_kill ");
  int64_t count = 0;
  if (at != std::string::npos) std::from_chars(text.data() + at + 9, text.data() + text.size(), count);
  return count;
}

std::string SignalName(int number) {
  const char* name = sigabbrev_np(number);
  const char* meaning = sigdescr_np(number);
  std::string text = name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(number);
  if (meaning != nullptr) text += " (" + std::string(meaning) + ")";
  return text;
}

}  // namespace

Result<std::unique_ptr<PythonChild>> PythonChild::Start(ChildSpawner* spawner,
                                                        const std::vector<std::string>& command) {
  ASSIGN_OR_RETURN(SpawnedProcess process, spawner->Spawn(command));
  return std::unique_ptr<PythonChild>(new PythonChild(std::move(process)));
}

PythonChild::PythonChild(SpawnedProcess process)
    : process_(std::move(process)),
      output_(std::move(process_.output), STDOUT_FILENO),
      error_(std::move(process_.error), STDERR_FILENO),
      memory_file_(open(("/proc/" + std::to_string(process_.pid) + "/statm").c_str(), O_RDONLY | O_CLOEXEC)),
      peak_credible_above_(PeakResidentBytes()),
      oom_kills_(CountOutOfMemoryKills()) {}

PythonChild::~PythonChild() {
  if (!reaped_ && !process_.socket) {  // Close: it sees the end of the socket and leaves
    const auto until = Clock::now() + kFarewell;
    while (alive() && Clock::now() < until) {
      pollfd end{.fd = process_.process.get(), .events = POLLIN, .revents = 0};
      poll(&end, 1, process_.process ? static_cast<int>(kFarewell.count()) : 5);
    }
  }
  Kill();
  output_.Drain();
  error_.Drain();
  output_.Flush();
  error_.Flush();
}

bool PythonChild::alive() {
  if (reaped_) return false;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(process_.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0) return false;
  return info.si_pid == 0;
}

void PythonChild::Kill() {
  if (reaped_) return;
  kill(-process_.pid, SIGKILL);  // with what it started itself
  kill(process_.pid, SIGKILL);   // when it has left its group, or has not made it yet
  Reap();
}

void PythonChild::Reap() {
  if (reaped_) return;
  rusage usage{};
  pid_t got = 0;
  do {
    got = wait4(process_.pid, &wait_status_, 0, &usage);
  } while (got < 0 && errno == EINTR);
  reaped_ = true;
  if (got < 0) wait_status_ = -1;  // SIGCHLD is ignored in this process: nobody knows
  const int64_t peak = int64_t{usage.ru_maxrss} << 10;
  if (got > 0 && peak > peak_credible_above_) peak_bytes_ = std::max(peak_bytes_, peak);
  kill(-process_.pid, SIGKILL);
}

bool PythonChild::Usable(int64_t memory_limit_bytes) {
  if (interrupted_ || !alive()) return false;
  output_.Drain();  // what it printed between two calls
  error_.Drain();
  // Else the next call would be blamed for what others left.
  return memory_limit_bytes <= 0 || PrivateBytes() <= memory_limit_bytes / 2;
}

int64_t PythonChild::PrivateBytes() {
  std::array<char, 128> text{};
  const ssize_t got = memory_file_ ? pread(memory_file_.get(), text.data(), text.size() - 1, 0) : 0;
  int64_t resident = 0;
  int64_t shared = 0;
  if (got <= 0 || std::sscanf(text.data(), "%*d %ld %ld", &resident, &shared) != 2) return 0;
  return (resident - shared) * sysconf(_SC_PAGESIZE);
}

void PythonChild::SetMemoryLimit(int64_t bytes) {
  if (bytes == memory_limit_) return;
  memory_limit_ = bytes;
  rlimit limit{};
  if (prlimit(process_.pid, RLIMIT_DATA, nullptr, &limit) != 0) return;
  limit.rlim_cur =
      bytes <= 0 ? limit.rlim_max : std::min(limit.rlim_max, static_cast<rlim_t>(bytes + kAddressSlackBytes));
  prlimit(process_.pid, RLIMIT_DATA, &limit, nullptr);
}

std::string PythonChild::CrashText() {
  std::string text(16 << 10, '\0');
  const ssize_t got = pread(process_.crash.get(), text.data(), text.size(), 0);
  text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

CallOutcome PythonChild::Obituary() {
  Reap();
  CallOutcome outcome;
  outcome.peak_bytes = peak_bytes_;
  outcome.traceback = CrashText();
  output_.Drain();
  error_.Drain();
  output_.Flush();
  error_.Flush();
  outcome.output = output_.tail() + error_.tail();
  if (wait_status_ < 0) {
    outcome.cause = "its exit code is unknown, because this process ignores SIGCHLD";
  } else if (WIFSIGNALED(wait_status_)) {
    outcome.cause = "killed by " + SignalName(WTERMSIG(wait_status_));
    if (WTERMSIG(wait_status_) == SIGKILL && CountOutOfMemoryKills() > oom_kills_)
      outcome.cause += "; the kernel has killed processes for lack of memory meanwhile";
  } else {
    outcome.cause = "exited with code " + std::to_string(WEXITSTATUS(wait_status_));
  }
  return outcome;
}

int64_t PythonChild::KnownFunction(const ops::PythonFunctionPtr& function) const {
  const auto it = functions_.find(function.get());
  return it != functions_.end() && it->second.function.lock() == function ? it->second.number : 0;
}

bool PythonChild::DropIfDead(const Known& known) {
  if (!known.function.expired()) return false;
  dead_functions_.push_back(known.number);
  return true;
}

int64_t PythonChild::NameFunction(const ops::PythonFunctionPtr& function) {
  static std::atomic<int64_t> last{0};
  if (functions_.size() >= sweep_at_) {
    std::erase_if(functions_, [&](const auto& entry) { return DropIfDead(entry.second); });
    sweep_at_ = std::max<size_t>(64, 2 * functions_.size());
  }
  const int64_t number = last.fetch_add(1, std::memory_order_relaxed) + 1;
  const auto [it, added] = functions_.try_emplace(function.get(), Known{function, number});
  if (!added) {  // the address of one that is gone
    dead_functions_.push_back(it->second.number);
    it->second = {function, number};
  }
  int64_t bytes = function->pickled.bytes ? function->pickled.bytes->size() : 0;
  for (const auto& buffer : function->pickled.buffers) bytes += buffer->size();
  if (bytes >= kLargeFunctionBytes) large_functions_.push_back(function.get());
  return number;
}

std::vector<int64_t> PythonChild::TakeDeadFunctions() {
  std::erase_if(large_functions_, [&](const ops::PythonFunction* function) {
    const auto it = functions_.find(function);
    if (it != functions_.end() && !DropIfDead(it->second)) return false;
    if (it != functions_.end()) functions_.erase(it);
    return true;
  });
  return std::exchange(dead_functions_, {});
}

void PythonChild::ConfirmInterrupted() {
  interrupted_ = false;
  [[maybe_unused]] const int failed = ftruncate(process_.crash.get(), 0);
}

}  // namespace swath::exec
