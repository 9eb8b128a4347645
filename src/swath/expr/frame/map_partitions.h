// MapPartitionsNode: a user's function on the partitions of tables, one call a partition of the result
// (map_partitions, map_overlap, apply, from_map, from_delayed, group-by with functions).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "swath/expr/frame/frame_node.h"
#include "swath/ops/function_call.h"

namespace swath::expr {

struct PartitionMapping {
  ops::FunctionCallPtr call;
  std::string label;     // "map_partitions(clean)"
  std::string identity;  // equal identities on equal inputs are one node
  // reads[i][t]: the blocks of input i that task t reads, in this order; reads[i] empty: block t, or block 0 of an
  // input with one block.
  std::vector<std::vector<std::vector<int64_t>>> reads;
  bool call_each = false;  // task t reads the result of call t (from_delayed) instead of those of all calls
};

class MapPartitionsNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "map_partitions";
  // Inputs are tables or arrays; a task receives the blocks of each input, then the results of `calls` (DelayedNodes).
  // Invalid when an input has neither one partition nor as many as the result; IndexError for blocks that are not
  // there.
  static Result<FramePtr> Make(std::vector<NodePtr> inputs, std::vector<NodePtr> calls, FrameType type,
                               std::shared_ptr<const PartitionMapping> mapping);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const PartitionMapping& mapping() const { return *mapping_; }

 protected:
  std::string Details() const override { return "[" + mapping_->label + "]"; }

 private:
  MapPartitionsNode(Token token, std::vector<NodePtr> inputs, std::vector<NodePtr> calls, FrameType type,
                    std::shared_ptr<const PartitionMapping> mapping)
      : FrameNode(token, std::move(inputs), std::move(type)), mapping_(std::move(mapping)) {
    call_inputs_ = std::move(calls);
  }
  std::shared_ptr<const PartitionMapping> mapping_;
};

// How many blocks (partitions) a collection has.
int64_t BlockCountOf(const Node& collection);

}  // namespace swath::expr
