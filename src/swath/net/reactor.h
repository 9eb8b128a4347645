// Reactor: the threads that do a process's network I/O. Each is a lane: what belongs to one connection happens on one
// lane, one thing after another, so that connections need no locks among their own callbacks.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "swath/base/status.h"

namespace swath::net {

class Lane;
class InprocListener;

// A timer of a lane; cancelled by destruction. Made and destroyed on the lane's thread.
class LaneTimer {
 public:
  virtual ~LaneTimer() = default;
};

class Lane {
 public:
  virtual ~Lane() = default;
  // Runs `task` on the lane's thread. Any thread. Dropped unrun when the reactor is gone.
  virtual void Post(std::function<void()> task) = 0;
  // Lane's thread only.
  [[nodiscard]] virtual std::unique_ptr<LaneTimer> After(std::chrono::nanoseconds delay,
                                                         std::function<void()> task) = 0;
  // `hook` runs on the lane when the reactor stops; it must end what would keep the lane busy. Lane's thread only.
  virtual int64_t AddStopHook(std::function<void()> hook) = 0;
  virtual void RemoveStopHook(int64_t id) = 0;
  virtual void* io_context() = 0;  // boost::asio::io_context, for the transports
};

class Reactor {
 public:
  explicit Reactor(int threads = 1);
  // Closes all connections and listeners (handlers hear of it), then ends the threads. Not on a lane.
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  std::shared_ptr<Lane> NextLane();  // round robin; thread-safe

  // Names of inproc:// listeners: one space a reactor.
  Status Register(const std::string& name, std::weak_ptr<InprocListener> listener);
  void Unregister(const std::string& name);
  std::shared_ptr<InprocListener> Find(const std::string& name);

 private:
  class AsioLane;
  std::vector<std::shared_ptr<AsioLane>> lanes_;
  std::mutex mutex_;
  size_t next_lane_ = 0;
  std::map<std::string, std::weak_ptr<InprocListener>> inproc_;
};

}  // namespace swath::net
