// TaskLog: what happened to every task of the runs that were submitted while it was current: started, finished with
// so many bytes, failed, released. Bounded: beyond the limit the newest events are counted and dropped. Profilers,
// callbacks and trace files read it; without a current log a task costs nothing more. Thread-safe.
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
  // With `keep_values` the results of finished tasks are held until they are taken. What this log hears, `outer` hears
  // too.
  explicit TaskLog(bool keep_values = false, int64_t most_events = int64_t{1} << 24,
                   std::shared_ptr<TaskLog> outer = nullptr)
      : keep_values_(keep_values), most_events_(most_events), outer_(std::move(outer)) {}

  int32_t AddRun(std::shared_ptr<const Graph> graph);
  // `values`: one an event, or empty.
  void Append(const std::vector<TaskEvent>& events, std::vector<Value> values = {});

  struct Batch {
    std::vector<TaskEvent> events;  // in the order of Append
    std::vector<Value> values;      // one an event, or empty
  };
  Batch Take();  // and forgets them
  int64_t dropped() const;
  std::string KeyOf(const TaskEvent& event) const;
  std::string NameOf(const TaskEvent& event) const;  // of the layer, or of the function called
  std::vector<std::string> DependenciesOf(const TaskEvent& event) const;
  bool keep_values() const { return keep_values_ || (outer_ && outer_->keep_values()); }

  static int64_t Now();
  static int32_t ThreadNumber();
  // The log of the runs that are submitted from now on; null: none.
  static std::shared_ptr<TaskLog> Current();
  static void SetCurrent(std::shared_ptr<TaskLog> log);

 private:
  std::shared_ptr<const Graph> GraphOf(const TaskEvent& event) const;

  const bool keep_values_;
  const int64_t most_events_;
  const std::shared_ptr<TaskLog> outer_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<const Graph>> graphs_;
  std::vector<int32_t> outer_runs_;  // the number of each run in `outer_`
  Batch batch_;
  int64_t dropped_ = 0;
};

}  // namespace swath::graph
