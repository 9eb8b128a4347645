// TaskLog: what happened to every task of the runs that were submitted while it was active: started, finished with
// so many bytes, failed, released. Bounded: beyond the limit the newest events are counted and dropped. Profilers,
// callbacks and trace files read it; without an active log a task costs nothing more. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "swath/data/value.h"
#include "swath/graph/graph.h"

namespace swath::graph {

struct TaskEvent {
  enum class Kind : uint8_t { kStarted, kFinished, kFailed, kReleased };
  Kind kind = Kind::kStarted;
  int32_t thread = 0;  // a small number, the same for one thread as long as it lives
  int32_t run = 0;
  TaskId task = {};
  int64_t time_ns = 0;  // steady clock
  int64_t nbytes = 0;   // of the result, when finished
};

class TaskLog {
 public:
  // With `keep_values` the results of finished tasks are held until they are taken.
  explicit TaskLog(bool keep_values = false, int64_t most_events = int64_t{1} << 24)
      : keep_values_(keep_values), most_events_(most_events) {}

  int32_t AddRun(std::shared_ptr<const Graph> graph);
  // `value`: the result of a finished task, when it is wanted.
  void Append(const TaskEvent& event, Value value = {});

  struct Batch {
    std::vector<TaskEvent> events;  // in the order of Append
    std::vector<Value> values;      // one an event, or empty
  };
  Batch Take();  // and forgets them
  int64_t dropped() const;
  std::string KeyOf(const TaskEvent& event) const;
  std::string NameOf(const TaskEvent& event) const;  // of the layer, or of the function called
  std::vector<std::string> DependenciesOf(const TaskEvent& event) const;
  bool keep_values() const { return keep_values_; }

  static int32_t ThreadNumber();
  // Runs that are submitted from now on / from now on no longer tell this log. Once each; deactivating twice is fine.
  static void Activate(std::shared_ptr<TaskLog> log);
  static void Deactivate(const TaskLog* log);

 private:
  std::shared_ptr<const Graph> GraphOf(const TaskEvent& event) const;

  const bool keep_values_;
  const int64_t most_events_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<const Graph>> graphs_;
  Batch batch_;
  int64_t dropped_ = 0;
};

// One run's way to all logs that were active when it was submitted.
class RunLog {
 public:
  // Null when no log is active.
  static std::unique_ptr<RunLog> Open(const std::shared_ptr<const Graph>& graph);
  // Now, on this thread.
  void Note(TaskEvent::Kind kind, TaskId task, int64_t nbytes = 0, const Value& value = {});
  bool keep_values() const { return keep_values_; }

 private:
  struct Listener {
    std::shared_ptr<TaskLog> log;
    int32_t run;
  };
  std::vector<Listener> listeners_;
  bool keep_values_ = false;
};

}  // namespace swath::graph
