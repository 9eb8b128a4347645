// Starts the processes that run Python functions. Linux kills such a child when the thread that started it ends
// (PR_SET_PDEATHSIG), so one thread that lives as long as its ChildSpawner starts them all: no child outlives this
// process, however it ends, and none dies with a pool thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "swath/base/status.h"
#include "swath/exec/python_segment.h"

namespace swath::exec {

struct SpawnedProcess {
  pid_t pid = -1;
  UniqueFd process;  // readable when it has ended (pidfd); may be missing on kernels before 5.3
  UniqueFd socket;   // its descriptor 3
  UniqueFd output;   // its descriptors 1 and 2
  UniqueFd error;
  UniqueFd crash;  // its descriptor 4: a file that faulthandler writes to
};

class ChildSpawner {
 public:
  ChildSpawner();
  ~ChildSpawner();  // ends the thread, and with it what it started
  ChildSpawner(const ChildSpawner&) = delete;
  ChildSpawner& operator=(const ChildSpawner&) = delete;

  // Runs `command` (looked up in $PATH). IOError when it cannot be run. Thread-safe.
  Result<SpawnedProcess> Spawn(const std::vector<std::string>& command);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> job_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace swath::exec
