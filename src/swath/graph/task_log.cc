#include "swath/graph/task_log.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include "swath/ops/function_call.h"

namespace swath::graph {
namespace {

std::mutex current_mutex;
std::atomic<bool> any_current{false};  // so that runs without a log take no lock

std::shared_ptr<TaskLog>& CurrentSlot() {
  static auto* slot = new std::shared_ptr<TaskLog>;
  return *slot;
}

}  // namespace

int32_t TaskLog::AddRun(std::shared_ptr<const Graph> graph) {
  const int32_t outer_run = outer_ ? outer_->AddRun(graph) : 0;
  std::lock_guard lock(mutex_);
  outer_runs_.push_back(outer_run);
  graphs_.push_back(std::move(graph));
  return static_cast<int32_t>(graphs_.size()) - 1;
}

void TaskLog::Append(const std::vector<TaskEvent>& events, std::vector<Value> values) {
  CHECK(values.empty() || values.size() == events.size());
  if (outer_) {
    std::vector<TaskEvent> copies = events;
    {
      std::lock_guard lock(mutex_);
      for (TaskEvent& event : copies) event.run = outer_runs_.at(static_cast<size_t>(event.run));
    }
    outer_->Append(copies, values);
  }
  std::lock_guard lock(mutex_);
  const int64_t room = most_events_ - static_cast<int64_t>(batch_.events.size());
  const int64_t kept = std::clamp<int64_t>(room, 0, static_cast<int64_t>(events.size()));
  dropped_ += static_cast<int64_t>(events.size()) - kept;
  batch_.events.insert(batch_.events.end(), events.begin(), events.begin() + kept);
  if (!keep_values_) return;
  values.resize(static_cast<size_t>(kept));
  batch_.values.insert(batch_.values.end(), std::make_move_iterator(values.begin()),
                       std::make_move_iterator(values.end()));
}

TaskLog::Batch TaskLog::Take() {
  std::lock_guard lock(mutex_);
  return std::exchange(batch_, {});
}

int64_t TaskLog::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

std::shared_ptr<const Graph> TaskLog::GraphOf(const TaskEvent& event) const {
  std::lock_guard lock(mutex_);
  return graphs_.at(static_cast<size_t>(event.run));
}

std::string TaskLog::KeyOf(const TaskEvent& event) const { return GraphOf(event)->KeyOf(event.task); }

std::string TaskLog::NameOf(const TaskEvent& event) const {
  const auto graph = GraphOf(event);
  const Layer& layer = *graph->layers()[static_cast<size_t>(event.task.layer())].layer;
  if (layer.call().op == ops::FunctionCalls::kOp) {
    const auto& calls = static_cast<const ops::FunctionCalls&>(*layer.call().params).calls;
    return std::string(calls[static_cast<size_t>(event.task.block())]->name());
  }
  return std::string(layer.name());
}

std::vector<std::string> TaskLog::DependenciesOf(const TaskEvent& event) const {
  const auto graph = GraphOf(event);
  std::vector<TaskId> tasks;
  graph->AppendDependencies(event.task, &tasks);
  std::vector<std::string> keys;
  for (const TaskId task : tasks) keys.push_back(graph->KeyOf(task));
  return keys;
}

int64_t TaskLog::Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int32_t TaskLog::ThreadNumber() {
  static std::atomic<int32_t> next{0};
  thread_local const int32_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

std::shared_ptr<TaskLog> TaskLog::Current() {
  if (!any_current.load(std::memory_order_acquire)) return nullptr;
  std::lock_guard lock(current_mutex);
  return CurrentSlot();
}

void TaskLog::SetCurrent(std::shared_ptr<TaskLog> log) {
  std::lock_guard lock(current_mutex);
  any_current.store(log != nullptr, std::memory_order_release);
  CurrentSlot() = std::move(log);
}

}  // namespace swath::graph
