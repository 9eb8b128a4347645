// Culling: which tasks the wanted blocks need, layer by layer. O(needed tasks and their edges), a bit a task; layers
// that read an input whole are not expanded. A layer nobody needs costs nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "swath/graph/graph.h"

namespace swath::graph {

class NeededTasks {
 public:
  explicit NeededTasks(const Graph& graph);

  bool Contains(TaskId task) const;
  int64_t count(int32_t layer) const { return layers_[layer].count; }
  int64_t count() const;
  // Blocks of a layer that are needed, ascending.
  std::vector<int64_t> Blocks(int32_t layer) const;

 private:
  struct LayerNeed {
    int64_t size = 0;
    int64_t count = 0;           // == size: all, and `bits` may be empty
    std::vector<uint64_t> bits;  // empty while count is 0 or after MarkAll
  };
  bool Mark(TaskId task);  // false when it was marked before
  void MarkAll(int32_t layer);
  void Expand(const Graph& graph, int32_t layer);

  std::vector<LayerNeed> layers_;
};

}  // namespace swath::graph
