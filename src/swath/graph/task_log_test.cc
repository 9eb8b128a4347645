#include "swath/graph/task_log.h"

#include <gtest/gtest.h>

namespace swath::graph {
namespace {

TaskEvent Event(TaskEvent::Kind kind, int64_t time) { return {.kind = kind, .time_ns = time}; }

TEST(TaskLog, KeepsEventsInOrderAndForgetsWhatWasTaken) {
  TaskLog log;
  for (int64_t time = 1; time <= 3; ++time) log.Append(Event(TaskEvent::Kind::kStarted, time));
  const TaskLog::Batch batch = log.Take();
  ASSERT_EQ(batch.events.size(), 3U);
  EXPECT_EQ(batch.events[2].time_ns, 3);
  EXPECT_TRUE(batch.values.empty());
  EXPECT_TRUE(log.Take().events.empty());
}

TEST(TaskLog, IsBounded) {
  TaskLog log(/*keep_values=*/false, /*most_events=*/2);
  for (int64_t time = 1; time <= 3; ++time) log.Append(Event(TaskEvent::Kind::kStarted, time));
  EXPECT_EQ(log.dropped(), 1);
  EXPECT_EQ(log.Take().events.size(), 2U);
  log.Append(Event(TaskEvent::Kind::kStarted, 4));
  EXPECT_EQ(log.Take().events.size(), 1U) << "there is room again after a Take";
}

TEST(TaskLog, RunsTellTheLogsThatWereActiveWhenTheyBegan) {
  const auto graph = std::make_shared<Graph>();
  EXPECT_EQ(RunLog::Open(graph), nullptr);
  const auto first = std::make_shared<TaskLog>(), second = std::make_shared<TaskLog>(/*keep_values=*/true);
  TaskLog::Activate(first);
  const auto early = RunLog::Open(graph);
  TaskLog::Activate(second);
  const auto both = RunLog::Open(graph);
  TaskLog::Deactivate(first.get());  // in another order than they came
  TaskLog::Deactivate(second.get());
  TaskLog::Deactivate(second.get());
  EXPECT_EQ(RunLog::Open(graph), nullptr);
  early->Note(TaskEvent::Kind::kStarted, TaskId(0, 1));
  both->Note(TaskEvent::Kind::kFinished, TaskId(0, 2), 5);
  EXPECT_FALSE(early->keep_values());
  EXPECT_TRUE(both->keep_values());
  const TaskLog::Batch heard = first->Take();
  ASSERT_EQ(heard.events.size(), 2U);
  EXPECT_EQ(heard.events[0].run, 0);
  EXPECT_EQ(heard.events[1].run, 1) << "the second run of the first log";
  const TaskLog::Batch also = second->Take();
  ASSERT_EQ(also.events.size(), 1U);
  EXPECT_EQ(also.events[0].run, 0);
  EXPECT_EQ(also.values.size(), 1U);
}

}  // namespace
}  // namespace swath::graph
