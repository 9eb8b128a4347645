// Every concrete layer: dependencies and dependents are inverse relations, counts agree; culling and order on random
// graphs against plain loops.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "swath/graph/all_to_all_layer.h"
#include "swath/graph/cull.h"
#include "swath/graph/fold_layer.h"
#include "swath/graph/materialized_layer.h"
#include "swath/graph/order.h"
#include "swath/graph/source_layer.h"

namespace swath::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<const Layer> Source(int64_t tasks) {
  return std::make_shared<SourceLayer>(LayerDescription{.name = "source"}, tasks);
}

std::shared_ptr<const MaterializedLayer> Edges(std::vector<std::vector<uint32_t>> reads,
                                               std::vector<int64_t> inputs = {}) {
  std::vector<uint32_t> offsets = {0}, targets;
  for (const auto& list : reads) {
    targets.insert(targets.end(), list.begin(), list.end());
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  return MaterializedLayer::Make({.name = "delayed"}, offsets, targets, inputs).ValueOrDie();
}

// The edges of every task, both ways.
void ExpectInverse(const Graph& graph) {
  std::map<TaskId, std::multiset<TaskId>> forward, backward;
  std::vector<TaskId> list;
  for (int64_t layer = 0; layer < static_cast<int64_t>(graph.layers().size()); ++layer) {
    for (int64_t block = 0; block < graph.layers()[layer].layer->task_count(); ++block) {
      const TaskId task(layer, block);
      list.clear();
      graph.AppendDependencies(task, &list);
      EXPECT_EQ(static_cast<int64_t>(list.size()), graph.layers()[layer].layer->DependencyCount(block))
          << graph.KeyOf(task);
      for (TaskId read : list) backward[read].insert(task);
      list.clear();
      graph.AppendDependents(task, &list);
      forward[task] = {list.begin(), list.end()};
      if (forward[task].empty()) forward.erase(task);
    }
  }
  EXPECT_EQ(forward, backward);
}

Graph RandomGraph(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t n) { return static_cast<int64_t>(random() % n); };
  Graph graph;
  const auto size = [&](int32_t layer) { return graph.layers()[layer].layer->task_count(); };
  for (int64_t i = 0, n = 2 + below(6); i < n; ++i) {
    const auto a = static_cast<int32_t>(i == 0 ? 0 : below(i)), b = static_cast<int32_t>(i == 0 ? 0 : below(i));
    switch (i == 0 ? 0 : below(4)) {
      case 0:
        graph.Add(Source(1 + below(9)), {});
        break;
      case 1:
        graph.Add(
            std::make_shared<AllToAllLayer>(LayerDescription{"exchange"}, 1 + below(5), std::vector{size(a), size(b)}),
            {a, b});
        break;
      case 2:
        graph.Add(std::make_shared<FoldLayer>(LayerDescription{"fold"}, FoldLayer::EvenBounds(size(a), 1 + below(4)),
                                              std::vector{size(b)}),
                  {a, b});
        break;
      default: {
        std::vector<std::vector<uint32_t>> reads(1 + below(12));
        const auto tasks = static_cast<int64_t>(reads.size());
        for (int64_t t = 0; t < tasks; ++t) {
          std::set<uint32_t> ends;
          for (int64_t k = below(4); k > 0; --k) {
            const int64_t end = below(t + size(a));
            ends.insert(static_cast<uint32_t>(end < t ? end : end - t + tasks));
          }
          reads[t].assign(ends.begin(), ends.end());
        }
        graph.Add(Edges(reads, {size(a)}), {a});
      }
    }
  }
  for (int64_t k = 1 + below(5); k > 0; --k) {
    const auto layer = static_cast<int32_t>(below(graph.layers().size()));
    if (below(4) == 0) {
      graph.Want(layer);
    } else {
      graph.Want(TaskId(layer, below(size(layer))));
    }
  }
  return graph;
}

std::set<TaskId> ReachableByLoops(const Graph& graph) {
  std::set<TaskId> seen;
  std::vector<TaskId> open = graph.wanted();
  while (!open.empty()) {
    const TaskId task = open.back();
    open.pop_back();
    if (seen.insert(task).second) graph.AppendDependencies(task, &open);
  }
  return seen;
}

TEST(Layers, EdgesAreInverse) {
  for (uint64_t seed = 0; seed < 200; ++seed) ExpectInverse(RandomGraph(seed));
}

TEST(Layers, CullAndOrderAgreeWithReachability) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    const Graph graph = RandomGraph(seed);
    const std::set<TaskId> expected = ReachableByLoops(graph);
    const NeededTasks needed(graph);
    Order order(graph);
    EXPECT_EQ(needed.count(), static_cast<int64_t>(expected.size()));
    EXPECT_EQ(order.task_count(), expected.size());
    const std::vector<uint32_t> reads = order.TakeDependencyCounts(), read_by = order.TakeDependentCounts();
    for (int32_t layer = 0; layer < static_cast<int32_t>(graph.layers().size()); ++layer) {
      EXPECT_EQ(needed.count(layer), static_cast<int64_t>(needed.Blocks(layer).size()));
      for (int64_t block = 0; block < graph.layers()[layer].layer->task_count(); ++block) {
        const TaskId task(layer, block);
        const bool want = expected.contains(task);
        EXPECT_EQ(needed.Contains(task), want);
        const uint32_t rank = order.RankOf(task);
        ASSERT_EQ(rank != Order::kNoRank, want);
        if (!want) continue;
        EXPECT_EQ(order.task(rank), task);
        std::vector<TaskId> list;
        graph.AppendDependencies(task, &list);
        EXPECT_EQ(reads[rank], list.size());
        for (TaskId read : list) EXPECT_LT(order.RankOf(read), rank);
        list.clear();
        graph.AppendDependents(task, &list);
        EXPECT_EQ(read_by[rank],
                  std::count_if(list.begin(), list.end(), [&](TaskId t) { return expected.contains(t); }));
      }
    }
  }
}

TEST(Order, FinishesOneOutputBeforeTheNext) {
  Graph graph;
  const int32_t source = graph.Add(Source(6), {});
  const int32_t fold =
      graph.Add(std::make_shared<FoldLayer>(LayerDescription{"fold"}, FoldLayer::EvenBounds(6, 2)), {source});
  graph.Want(fold);
  const Order order(graph);
  std::vector<TaskId> tasks;
  for (uint32_t rank = 0; rank < order.task_count(); ++rank) tasks.push_back(order.task(rank));
  EXPECT_THAT(tasks, ElementsAre(TaskId(0, 0), TaskId(0, 1), TaskId(1, 0), TaskId(0, 2), TaskId(0, 3), TaskId(1, 1),
                                 TaskId(0, 4), TaskId(0, 5), TaskId(1, 2)));
}

TEST(Order, LongChainsNeedNoDeepStack) {
  std::vector<uint32_t> offsets = {0, 0}, targets;
  for (uint32_t t = 1; t < 200'000; ++t) {
    targets.push_back(t - 1);
    offsets.push_back(t);
  }
  Graph graph;
  graph.Add(MaterializedLayer::Make({.name = "chain"}, offsets, targets).ValueOrDie(), {});
  graph.Want(TaskId(0, 199'999));
  const Order order(graph);
  EXPECT_EQ(order.task_count(), 200'000u);
  EXPECT_EQ(order.task(7), TaskId(0, 7));
}

TEST(Cull, TouchesFewTasksOfALargeLayer) {
  Graph graph;
  const int32_t source = graph.Add(Source(int64_t{1} << 32), {});
  const int32_t fold = graph.Add(
      std::make_shared<FoldLayer>(LayerDescription{"fold"}, std::vector<int64_t>{0, 4, int64_t{1} << 32}), {source});
  graph.Want(TaskId(fold, 0));
  EXPECT_EQ(Order(graph).task_count(), 5u);
}

TEST(Materialized, SaysWhatIsWrong) {
  const auto make = [](std::vector<uint32_t> offsets, std::vector<uint32_t> targets) {
    return MaterializedLayer::Make({.name = "m"}, std::move(offsets), std::move(targets)).status().message();
  };
  EXPECT_THAT(make({0, 1, 2}, {1, 0}), HasSubstr("cycle"));
  EXPECT_THAT(make({0, 1}, {0}), HasSubstr("cycle"));
  EXPECT_THAT(make({0, 1}, {7}), HasSubstr("reads number 7, but there are only 1"));
  EXPECT_THAT(make({0, 0, 2}, {0, 0}), HasSubstr("task 1 of layer 'm' lists an input twice"));
  EXPECT_THAT(make({0, 3}, {0}), HasSubstr("must ascend from 0 to the number of edges, 1"));
}

TEST(Fold, EvenBounds) {
  EXPECT_THAT(FoldLayer::EvenBounds(7, 3), ElementsAre(0, 3, 6, 7));
  EXPECT_THAT(FoldLayer::EvenBounds(0, 3), ElementsAre(0, 0));
}

TEST(Graph, KeysNameLayerAndBlock) {
  Graph graph;
  graph.Add(Source(3), {});
  EXPECT_EQ(graph.KeyOf(TaskId(0, 2)), "source-0:2");
}

}  // namespace
}  // namespace swath::graph
