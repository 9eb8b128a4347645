#include "swath/exec/python_spawn.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arrow/util/io_util.h"

#include "swath/base/thread_name.h"

#ifdef __SANITIZE_THREAD__
extern "C" int __clone(int (*)(void*), void*, int, void*, ...);  // ThreadSanitizer takes clone for fork
static constexpr auto kClone = __clone;
#else
static constexpr auto kClone = clone;
#endif

extern char** environ;  // NOLINT(readability-redundant-declaration): not declared by every libc

namespace swath::exec {
namespace {

constexpr int kFirstFreeFd = 16;  // above the numbers that the child's own get
constexpr size_t kChildFds = 5;   // stdin, stdout, stderr, socket, crash file

// As many children as cores run at once: each computes on one thread, unless the user says otherwise.
constexpr std::array<std::string_view, 3> kThreadSettings{"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"};

std::vector<std::string> Environment() {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  for (const std::string_view name : kThreadSettings) {
    if (getenv(std::string(name).c_str()) == nullptr) environment.push_back(std::string(name) + "=1");
  }
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What the child needs until exec.
struct Birth {
  char* const* command;
  char* const* environment;
  std::array<int, kChildFds> fds;  // what becomes its 0, 1, …
  pid_t parent;
  int error = 0;  // why it could not become the command
};

// In the child, which shares our memory while we wait: system calls only, and nothing but `error` is changed. Signals
// stay blocked: a handler of ours must not run here, and the program unblocks them when its own are there.
int Become(void* argument) {
  auto* birth = static_cast<Birth*>(argument);
  const auto leave = [birth](int error) {
    birth->error = error;
    syscall(SYS_exit_group, 127);
  };
  setpgid(0, 0);  // Ctrl-C in a terminal is the parent's affair
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != birth->parent) leave(ESRCH);
  for (size_t i = 0; i < kChildFds; ++i) {
    if (dup2(birth->fds[i], static_cast<int>(i)) < 0) leave(errno);
  }
  syscall(SYS_close_range, kChildFds, ~0U, 0);  // what others left inheritable
  execvpe(birth->command[0], birth->command, birth->environment);
  leave(errno);
  return 127;
}

// As posix_spawn does it: no copy of a large parent's page tables, no handlers of fork. We wait until it has become the
// command.
pid_t Fork(Birth* birth) {
  constexpr size_t kStackBytes = 128 << 10;
  const std::unique_ptr<std::byte[]> stack(new std::byte[kStackBytes]);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  void* top = stack.get() + kStackBytes / 16 * 16;
  const pid_t pid = kClone(Become, top, CLONE_VM | CLONE_VFORK | SIGCHLD, birth);
  if (pid < 0) birth->error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

// A copy of `fd` that collides with none of the child's own numbers.
Result<UniqueFd> Lift(int fd) {
  UniqueFd lifted(fcntl(fd, F_DUPFD_CLOEXEC, kFirstFreeFd));
  if (!lifted) return arrow::internal::IOErrorFromErrno(errno, "no file descriptor left for a child process");
  return lifted;
}

// Both ends; the second one lifted.
Result<std::pair<UniqueFd, UniqueFd>> MakePair(bool socket) {
  int ends[2];
  const int failed = socket ? socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) : pipe2(ends, O_CLOEXEC);
  if (failed != 0) return arrow::internal::IOErrorFromErrno(errno, "no pipe to a child process");
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  ASSIGN_OR_RETURN(UniqueFd lifted, Lift(theirs.get()));
  return std::pair(std::move(ours), std::move(lifted));
}

// A child that grows too large goes before the process that holds the data.
void OfferToTheOutOfMemoryKiller(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/oom_score_adj";
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file) [[maybe_unused]]
    const ssize_t written = write(file.get(), "800", 3);
}

Result<SpawnedProcess> SpawnHere(std::vector<std::string> command) {
  if (command.empty()) return Status::Invalid("no command is known that runs Python functions in child processes");
  ASSIGN_OR_RETURN(auto socket, MakePair(true));
  ASSIGN_OR_RETURN(auto output, MakePair(false));
  ASSIGN_OR_RETURN(auto error, MakePair(false));
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSIGN_OR_RETURN(const UniqueFd input, Lift(null.get()));
  UniqueFd crash(memfd_create("swath-crash", MFD_CLOEXEC));
  fcntl(crash.get(), F_SETFL, O_APPEND);
  ASSIGN_OR_RETURN(const UniqueFd their_crash, Lift(crash.get()));

  std::vector<std::string> environment = Environment();
  const std::vector<char*> arguments = Pointers(command);
  const std::vector<char*> variables = Pointers(environment);
  Birth birth{
      .command = arguments.data(),
      .environment = variables.data(),
      .fds = {input.get(), output.second.get(), error.second.get(), socket.second.get(), their_crash.get()},
      .parent = getpid(),
  };
  const pid_t pid = Fork(&birth);
  if (pid < 0 || birth.error != 0) {
    if (pid > 0) waitpid(pid, nullptr, 0);
    return arrow::internal::IOErrorFromErrno(birth.error, "the command '", command[0],
                                             "' that runs Python functions in child processes cannot be started");
  }
  OfferToTheOutOfMemoryKiller(pid);
  return SpawnedProcess{.pid = pid,
                        .process = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))),
                        .socket = std::move(socket.first),
                        .output = std::move(output.first),
                        .error = std::move(error.first),
                        .crash = std::move(crash)};
}

}  // namespace

ChildSpawner::ChildSpawner() : thread_([this] { Run(); }) {}

ChildSpawner::~ChildSpawner() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<SpawnedProcess> ChildSpawner::Spawn(const std::vector<std::string>& command) {
  std::optional<Result<SpawnedProcess>> result;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !job_; });
  job_ = [&] { result.emplace(SpawnHere(command)); };
  changed_.notify_all();
  changed_.wait(lock, [&] { return result.has_value(); });
  return *std::move(result);
}

void ChildSpawner::Run() {
  SetThreadName("swath-spawn");
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || job_; });
    if (stopping_) return;
    job_();  // with the lock: one at a time, a millisecond
    job_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace swath::exec
