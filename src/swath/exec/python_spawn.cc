#include "swath/exec/python_spawn.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <future>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arrow/util/io_util.h"

#include "swath/base/thread_name.h"

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

// In the child until exec. It shares our memory while we wait (vfork): system calls only, and nothing is changed.
[[noreturn]] void Become(char* const* command, char* const* environment, const std::array<int, kChildFds>& fds,
                         pid_t parent, volatile int* error) {
  setpgid(0, 0);  // Ctrl-C in a terminal is the parent's affair
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  for (size_t i = 0; i < kChildFds; ++i) {
    if (dup2(fds[i], static_cast<int>(i)) < 0) {
      *error = errno;
      _exit(127);
    }
  }
  syscall(SYS_close_range, kChildFds, ~0U, 0);  // what others left inheritable
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1}) sigaction(number, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(command[0], command, environment);
  *error = errno;
  _exit(127);
}

// vfork: no copy of a large parent's page tables, no handlers of fork.
pid_t Fork(char* const* command, char* const* environment, const std::array<int, kChildFds>& fds, volatile int* error) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // a handler of ours must not run in the child
  const pid_t parent = getpid();
  const pid_t pid = vfork();
  if (pid == 0) Become(command, environment, fds, parent, error);
  if (pid < 0) *error = errno;
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
  volatile int failure = 0;
  const pid_t pid =
      Fork(arguments.data(), variables.data(),
           {input.get(), output.second.get(), error.second.get(), socket.second.get(), their_crash.get()}, &failure);
  if (pid < 0 || failure != 0) {
    return arrow::internal::IOErrorFromErrno(failure, "the command '", command[0],
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
