#include "swath/net/reactor.h"

#include <algorithm>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "swath/base/log.h"
#include "swath/base/thread_name.h"

namespace swath::net {
namespace asio = boost::asio;
namespace {

class AsioTimer : public LaneTimer {
 public:
  AsioTimer(asio::io_context* context, std::chrono::nanoseconds delay, std::function<void()> task)
      : timer_(*context, std::chrono::duration_cast<asio::steady_timer::duration>(delay)),
        alive_(std::make_shared<bool>(true)) {
    // Cancelling is not enough: the handler may already stand in the queue.
    timer_.async_wait([alive = alive_, task = std::move(task)](const boost::system::error_code& error) {
      if (!error && *alive) task();
    });
  }
  ~AsioTimer() override { *alive_ = false; }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<bool> alive_;
};

}  // namespace

class Reactor::AsioLane : public Lane {
 public:
  AsioLane() : guard_(asio::make_work_guard(context_)) {}
  void StartThread(int number) {
    thread_ = std::thread([this, number] {
      SetThreadName("net-" + std::to_string(number));
      for (;;) {
        try {
          context_.run();
          return;
        } catch (const std::exception& error) {  // a handler's; the lane serves others, too
          Log(LogLevel::kError, "a network handler threw", {{"error", error.what()}});
        }
      }
    });
  }
  void Stop() {
    asio::post(context_, [this] {
      stopping_ = true;
      while (!hooks_.empty()) {
        const auto hook = std::move(hooks_.begin()->second);
        hooks_.erase(hooks_.begin());
        hook();
      }
      guard_.reset();
    });
    thread_.join();
    context_.restart();  // what was posted meanwhile, so that nothing stays alive in the queue
    context_.poll();
    context_.stop();
  }

  void Post(std::function<void()> task) override {
    if (!context_.stopped()) asio::post(context_, std::move(task));
  }
  std::unique_ptr<LaneTimer> After(std::chrono::nanoseconds delay, std::function<void()> task) override {
    return std::make_unique<AsioTimer>(&context_, delay, std::move(task));
  }
  int64_t AddStopHook(std::function<void()> hook) override {
    if (stopping_) {
      Post(std::move(hook));
      return 0;
    }
    hooks_.emplace(++last_hook_, std::move(hook));
    return last_hook_;
  }
  void RemoveStopHook(int64_t id) override { hooks_.erase(id); }
  void* io_context() override { return &context_; }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  std::map<int64_t, std::function<void()>> hooks_;
  int64_t last_hook_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

Reactor::Reactor(int threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) {
    lanes_.push_back(std::make_shared<AsioLane>());
    lanes_.back()->StartThread(i);
  }
}

Reactor::~Reactor() {
  for (const auto& lane : lanes_) lane->Stop();
}

std::shared_ptr<Lane> Reactor::NextLane() {
  const std::scoped_lock lock(mutex_);
  return lanes_[next_lane_++ % lanes_.size()];
}

Status Reactor::Register(const std::string& name, std::weak_ptr<InprocListener> listener) {
  const std::scoped_lock lock(mutex_);
  auto& slot = inproc_[name];
  if (!slot.expired()) return Status::IOError("inproc://", name, " is in use");
  slot = std::move(listener);
  return Status::OK();
}

void Reactor::Unregister(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  inproc_.erase(name);
}

std::shared_ptr<InprocListener> Reactor::Find(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  const auto found = inproc_.find(name);
  return found == inproc_.end() ? nullptr : found->second.lock();
}

}  // namespace swath::net
