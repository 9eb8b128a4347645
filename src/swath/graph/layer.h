// Layer: a set of like tasks, kept symbolic: an op, its parameters and a rule for the edges. A task exists only while
// it runs. Immutable after construction, thread-safe. A layer names its inputs by position (0 … input_count-1); Graph
// says which layers those are. It never sees data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "swath/ops/op_params.h"

namespace swath::graph {

enum class LayerKind : uint8_t { kBlockwise, kFold, kTree, kExchange, kMaterialized, kSource };

// InputBlock::input of an edge inside the layer itself; only layers with has_inner_edges() have such edges.
inline constexpr int32_t kInnerInput = -1;

// An edge end: block `block` of the layer's input number `input`.
struct InputBlock {
  int32_t input = 0;
  int64_t block = 0;
  friend bool operator==(const InputBlock&, const InputBlock&) = default;
};

class Layer {
 public:
  virtual ~Layer() = default;
  virtual LayerKind kind() const = 0;
  virtual std::string_view name() const = 0;  // for people: "add", "read_csv"; unique names come from Graph
  virtual int64_t task_count() const = 0;
  virtual int32_t input_count() const = 0;
  // Appends the inputs of task `block`, in the order in which its kernel receives them. No duplicates.
  virtual void AppendDependencies(int64_t block, std::vector<InputBlock>* out) const = 0;
  // Appends the tasks of this layer that read block `input_block` of input `input`. Exactly the inverse relation.
  virtual void AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const = 0;
  // Do tasks of this layer read other tasks of it (a materialized graph)? Then `input` may be kInnerInput on both ends.
  virtual bool has_inner_edges() const { return false; }
  // Does every task read every block of `input`? Lets culling mark the whole input at once.
  virtual bool reads_whole_input(int32_t input) const { return false; }
  // How many inputs task `block` has; cheaper than listing them where the rule allows.
  virtual int64_t DependencyCount(int64_t block) const;
  // Bytes of the result of task `block`, estimated; used for budgets and placement.
  virtual int64_t EstimatedBytes(int64_t block) const { return 0; }
  // Bytes that the kernel may need besides inputs and result.
  virtual int64_t EstimatedScratchBytes(int64_t block) const { return 0; }
  virtual const ops::OpCall& call() const = 0;
  // Where the expression was written ("file.py:12"), or empty.
  virtual std::string_view location() const { return {}; }
  // May the task run twice? False for tasks with effects outside (writes stay true: they go to a temporary name first).
  virtual bool pure() const { return true; }
};

}  // namespace swath::graph
