#include "swath/graph/task_log.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "swath/base/env.h"
#include "swath/ops/function_call.h"

namespace swath::graph {
namespace {

std::mutex active_mutex;
std::atomic<bool> any_active{false};  // so that runs without a log take no lock

std::vector<std::shared_ptr<TaskLog>>& ActiveLogs() {
  static auto* logs = new std::vector<std::shared_ptr<TaskLog>>;
  return *logs;
}

}  // namespace

int32_t TaskLog::AddRun(std::shared_ptr<const Graph> graph) {
  std::lock_guard lock(mutex_);
  graphs_.push_back(std::move(graph));
  return static_cast<int32_t>(graphs_.size()) - 1;
}

void TaskLog::Append(const TaskEvent& event, Value value) {
  std::lock_guard lock(mutex_);
  if (static_cast<int64_t>(batch_.events.size()) >= most_events_) {
    ++dropped_;
    return;
  }
  batch_.events.push_back(event);
  if (keep_values_) batch_.values.push_back(std::move(value));
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

int32_t TaskLog::ThreadNumber() {
  static std::atomic<int32_t> next{0};
  thread_local const int32_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

void TaskLog::Activate(std::shared_ptr<TaskLog> log) {
  std::lock_guard lock(active_mutex);
  ActiveLogs().push_back(std::move(log));
  any_active.store(true, std::memory_order_release);
}

void TaskLog::Deactivate(const TaskLog* log) {
  std::lock_guard lock(active_mutex);
  std::erase_if(ActiveLogs(), [log](const std::shared_ptr<TaskLog>& active) { return active.get() == log; });
  any_active.store(!ActiveLogs().empty(), std::memory_order_release);
}

std::unique_ptr<RunLog> RunLog::Open(const std::shared_ptr<const Graph>& graph) {
  if (!any_active.load(std::memory_order_acquire)) return nullptr;
  auto opened = std::make_unique<RunLog>();
  std::lock_guard lock(active_mutex);
  for (const std::shared_ptr<TaskLog>& log : ActiveLogs()) {
    opened->listeners_.push_back({log, log->AddRun(graph)});
    opened->keep_values_ |= log->keep_values();
  }
  return opened;
}

void RunLog::Note(TaskEvent::Kind kind, TaskId task, int64_t nbytes, const Value& value) {
  TaskEvent event{.kind = kind,
                  .thread = TaskLog::ThreadNumber(),
                  .task = task,
                  .time_ns = SystemClock().now_ns(),
                  .nbytes = nbytes};
  for (const Listener& listener : listeners_) {
    event.run = listener.run;
    listener.log->Append(event, listener.log->keep_values() ? value : Value());
  }
}

}  // namespace swath::graph
