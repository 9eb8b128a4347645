#include "swath/graph/task_log.h"

#include <gtest/gtest.h>

namespace swath::graph {
namespace {

TaskEvent Event(TaskEvent::Kind kind, int64_t time) { return {.kind = kind, .time_ns = time}; }

TEST(TaskLog, KeepsEventsInOrderAndForgetsWhatWasTaken) {
  TaskLog log;
  log.Append({Event(TaskEvent::Kind::kStarted, 1), Event(TaskEvent::Kind::kFinished, 2)});
  log.Append({Event(TaskEvent::Kind::kReleased, 3)});
  const TaskLog::Batch batch = log.Take();
  ASSERT_EQ(batch.events.size(), 3U);
  EXPECT_EQ(batch.events[2].time_ns, 3);
  EXPECT_TRUE(batch.values.empty());
  EXPECT_TRUE(log.Take().events.empty());
}

TEST(TaskLog, IsBounded) {
  TaskLog log(/*keep_values=*/false, /*most_events=*/2);
  log.Append(
      {Event(TaskEvent::Kind::kStarted, 1), Event(TaskEvent::Kind::kFinished, 2), Event(TaskEvent::Kind::kStarted, 3)});
  EXPECT_EQ(log.dropped(), 1);
  EXPECT_EQ(log.Take().events.size(), 2U);
  log.Append({Event(TaskEvent::Kind::kStarted, 4)});
  EXPECT_EQ(log.Take().events.size(), 1U) << "there is room again after a Take";
}

TEST(TaskLog, TellsTheOuterLog) {
  const auto outer = std::make_shared<TaskLog>();
  outer->AddRun(std::make_shared<Graph>());
  TaskLog inner(/*keep_values=*/false, /*most_events=*/10, outer);
  const int32_t run = inner.AddRun(std::make_shared<Graph>());
  TaskEvent event = Event(TaskEvent::Kind::kStarted, 5);
  event.run = run;
  inner.Append({event});
  EXPECT_EQ(inner.Take().events.at(0).run, 0);
  EXPECT_EQ(outer->Take().events.at(0).run, 1) << "the second run of the outer log";
}

TEST(TaskLog, IsCurrentUntilReplaced) {
  EXPECT_EQ(TaskLog::Current(), nullptr);
  const auto log = std::make_shared<TaskLog>();
  TaskLog::SetCurrent(log);
  EXPECT_EQ(TaskLog::Current(), log);
  TaskLog::SetCurrent(nullptr);
  EXPECT_EQ(TaskLog::Current(), nullptr);
}

}  // namespace
}  // namespace swath::graph
