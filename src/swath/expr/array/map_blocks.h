// MapBlocksNode: a user's function on the blocks of arrays, one call a block of the result (map_blocks, blockwise,
// gufuncs, reductions by callables, from_delayed). What the calls return is checked by the call itself; a node whose
// calls return other objects than blocks (partial results) has a grid of one element a block and is read by such nodes
// only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "swath/expr/array/array_node.h"
#include "swath/ops/function_call.h"

namespace swath::expr {

// How the task at position p of the result reads one input: along each input axis the block of one output axis, always
// block 0 (kFirstBlock), or all blocks (kEveryBlock). C order.
using BlockAxes = std::vector<int32_t>;
inline constexpr int32_t kFirstBlock = -1;
inline constexpr int32_t kEveryBlock = -2;

struct BlockMapping {
  ops::FunctionCallPtr call;
  std::string label;            // "map_blocks(sin)"
  std::string identity;         // equal identities on equal inputs are one node
  std::vector<BlockAxes> axes;  // of each input
  std::vector<int64_t> groups;  // instead of axes[0]: the task reads that many neighbours along each axis (a tree)
};

class MapBlocksNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "map_blocks";
  MapBlocksNode(Token token, std::vector<NodePtr> inputs, std::vector<NodePtr> calls, DType dtype, ops::Grid grid,
                std::shared_ptr<const BlockMapping> mapping)
      : ArrayNode(token, std::move(inputs), dtype, std::move(grid)), mapping_(std::move(mapping)) {
    call_inputs_ = std::move(calls);
  }
  std::string_view op() const override { return kOp; }
  std::string Label() const override { return mapping_->label; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const BlockMapping& mapping() const { return *mapping_; }

 private:
  std::shared_ptr<const BlockMapping> mapping_;
};

// A task receives the blocks of each input, then the result of each of `calls` (DelayedNodes). Invalid when the blocks
// of the inputs do not fit those of `grid` under the mapping.
Result<ArrayPtr> MakeMapBlocks(std::vector<ArrayPtr> inputs, std::vector<NodePtr> calls, DType dtype, ops::Grid grid,
                               BlockMapping mapping);

}  // namespace swath::expr
