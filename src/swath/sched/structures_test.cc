// The small structures below the machines, against plain ones; the policy of placement by example.
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "swath/sched/policy/placement.h"
#include "swath/sched/ready_set.h"
#include "swath/sched/story.h"
#include "swath/sched/worker_set.h"
#include "swath/sched/worker_tasks.h"

namespace swath::sched {
namespace {

TEST(ReadySet, AgreesWithStdSet) {
  for (uint32_t capacity : {1u, 63u, 64u, 65u, 5000u, 300'000u}) {
    std::mt19937 random(capacity);
    ReadySet set(capacity);
    std::set<uint32_t> expected;
    for (int step = 0; step < 3000; ++step) {
      const uint32_t rank = random() % capacity;
      if (random() % 2) {
        set.Insert(rank);
        expected.insert(rank);
      } else {
        set.Erase(rank);
        expected.erase(rank);
      }
      ASSERT_EQ(set.size(), expected.size());
      ASSERT_EQ(set.First(), expected.empty() ? ReadySet::kNone : *expected.begin());
      ASSERT_EQ(set.Contains(rank), expected.contains(rank));
    }
  }
}

TEST(WorkerSet, AgreesWithStdSet) {
  std::mt19937 random(1);
  WorkerSet set;
  std::set<WorkerId> expected;
  for (int step = 0; step < 2000; ++step) {
    const WorkerId worker = random() % 50;
    const bool member = random() % 2;
    set.Put(worker, member);
    member ? (void)expected.insert(worker) : (void)expected.erase(worker);
    ASSERT_EQ(std::set<WorkerId>(set.members().begin(), set.members().end()), expected);
    ASSERT_EQ(set.Contains(worker), member);
  }
}

TEST(WorkerTasks, RecordsStayWhereTheyAre) {
  WorkerTasks tasks;
  EXPECT_EQ(tasks.Find(1'000'000), nullptr);
  WorkerTask* first = &tasks.Make(5);
  for (int64_t block = 6; block < 1000; ++block) tasks.Make(block).rank = static_cast<uint32_t>(block);
  EXPECT_EQ(tasks.Find(5), first);
  int64_t count = 0;
  tasks.ForEach(
      [&](int64_t block, const WorkerTask& task) { count += block == 5 || task.rank == static_cast<uint32_t>(block); });
  EXPECT_EQ(count, 995);
  for (int64_t block = 5; block < 1000; ++block) tasks.Erase(block);
  EXPECT_EQ(tasks.Find(5), nullptr);
  EXPECT_EQ(tasks.Make(5).rank, 0u);  // no trace of what was there
}

TEST(Story, RemembersTheLastTransitionsInOrder) {
  Story story(4);
  for (uint8_t i = 0; i < 6; ++i) story.Record({.time = i, .ref = {graph::TaskId(0, i % 2), 1, 0}});
  const auto entries = story.Of(1, graph::TaskId(0, 1));
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].time, 3);
  EXPECT_EQ(entries[1].time, 5);
  EXPECT_TRUE(story.Of(2, graph::TaskId(0, 1)).empty());
  Story none(0);
  none.Record({});
  EXPECT_TRUE(none.Of(0, {}).empty());
}

TEST(Placement, WeighsTransferAgainstQueue) {
  const PlacementCosts costs = {.bandwidth_bytes_per_ns = 1.0, .task_duration_ns = 1000};
  const PlacementCandidate holder = {.worker = 1, .local_bytes = 5000, .backlog = 4, .threads = 1};
  const PlacementCandidate idle = {.worker = 2, .threads = 1};
  const PlacementCandidate both[] = {idle, holder};
  EXPECT_EQ(StartDelay(holder, 5000, costs), 4000);  // four tasks before it
  EXPECT_EQ(StartDelay(idle, 5000, costs), 5000);    // all bytes to be moved
  EXPECT_EQ(ChoosePlacement(both, 5000, costs), 1);
  const PlacementCandidate busier[] = {idle, {.worker = 1, .local_bytes = 5000, .backlog = 6, .threads = 1}};
  EXPECT_EQ(ChoosePlacement(busier, 5000, costs), 0);
  EXPECT_EQ(ChoosePlacement({}, 0, costs), -1);
  const PlacementCandidate tie[] = {{.worker = 1, .held_bytes = 10}, {.worker = 2, .held_bytes = 5}};
  EXPECT_EQ(ChoosePlacement(tie, 0, costs), 1);  // the emptier one
}

}  // namespace
}  // namespace swath::sched
