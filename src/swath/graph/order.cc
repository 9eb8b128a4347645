#include "swath/graph/order.h"

#include <algorithm>
#include <new>

namespace swath::graph {

// Depth-first with an explicit stack, as chains are as long as graphs. The inputs of all open tasks lie on one shared
// stack.
class Order::Walk {
 public:
  Walk(const Graph& graph, Order* order) : graph_(graph), order_(order) {}

  void Visit(TaskId root) {
    if (Seen(root)) return;
    Open(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.next == frame.end) {
        Close();
        continue;
      }
      const TaskId read = reads_[frame.next++];
      if (!Seen(read)) Open(read);
    }
  }

 private:
  struct Frame {
    TaskId task;
    size_t begin, next, end;
  };

  bool Seen(TaskId task) const { return order_->RankOf(task) != kNoRank; }

  void Open(TaskId task) {
    const size_t begin = reads_.size();
    graph_.AppendDependencies(task, &reads_);
    frames_.push_back({task, begin, begin, reads_.size()});
  }

  void Close() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    for (size_t i = frame.begin; i < frame.end; ++i) ++order_->dependent_counts_[order_->RankOf(reads_[i])];
    reads_.resize(frame.begin);
    order_->tasks_.push_back(frame.task);
    order_->ranks_[frame.task.layer()][frame.task.block()] = order_->task_count();
    order_->dependency_counts_.push_back(static_cast<uint32_t>(frame.end - frame.begin));
    order_->dependent_counts_.push_back(0);
  }

  const Graph& graph_;
  Order* order_;
  std::vector<Frame> frames_;
  std::vector<TaskId> reads_;
};

Order::Order(const Graph& graph) {
  for (const LayerNode& node : graph.layers()) {
    const auto count = static_cast<size_t>(std::max<int64_t>(node.layer->task_count(), 1));
    auto* ranks = static_cast<uint32_t*>(std::calloc(count, sizeof(uint32_t)));
    if (ranks == nullptr) throw std::bad_alloc();
    ranks_.emplace_back(ranks);
  }
  Walk walk(graph, this);
  for (TaskId task : graph.wanted()) walk.Visit(task);
  CHECK(tasks_.size() < kNoRank);
}

}  // namespace swath::graph
