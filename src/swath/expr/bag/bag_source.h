// Bags that are no steps of other bags: scans (lines of text, ranges), values that the client holds, and the blocks of
// other collections as partitions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "swath/data/value.h"
#include "swath/expr/bag/bag_node.h"
#include "swath/ops/scan_source.h"

namespace swath::expr {

class BagScanNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.scan";
  static Result<BagPtr> Make(std::shared_ptr<const ops::ScanSource> source);
  BagScanNode(Token token, std::shared_ptr<const ops::ScanSource> source, BagItems items)
      : BagNode(token, {}, {}, source->partition_count(), items), source_(std::move(source)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr>) const override;
  int64_t EstimatedBytes(int64_t partition) const override { return source_->EstimatedBytes(partition); }
  const std::shared_ptr<const ops::ScanSource>& source() const { return source_; }

 protected:
  std::string Label() const override { return source_->ToString(); }

 private:
  std::shared_ptr<const ops::ScanSource> source_;
};

// One partition a value: Partitions of items, HostObjects, Objects. Unlike any other bag.
class BagValuesNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.values";
  static Result<BagPtr> Make(std::vector<Value> values);
  BagValuesNode(Token token, std::vector<Value> values, BagItems items)
      : BagNode(token, {}, {}, static_cast<int64_t>(values.size()), items), values_(std::move(values)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr>) const override;
  int64_t EstimatedBytes(int64_t partition) const override { return values_[static_cast<size_t>(partition)].nbytes(); }
  const std::vector<Value>& values() const { return values_; }

 protected:
  std::string Label() const override { return "from_sequence"; }

 private:
  std::vector<Value> values_;
};

// Every block of every collection, and the result of every call, as a partition: concat, from_delayed, to_bag.
class BagBlocksNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.blocks";
  // TypeError for a collection that is no bag, table or call.
  static Result<BagPtr> Make(std::vector<NodePtr> nodes);
  BagBlocksNode(Token token, std::vector<NodePtr> inputs, std::vector<NodePtr> calls, std::vector<SideValue> order,
                int64_t npartitions, BagItems items)
      : BagNode(token, std::move(inputs), std::move(calls), npartitions, items), order_(std::move(order)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  // The collections and calls in the order of their partitions.
  const std::vector<SideValue>& order() const { return order_; }

 protected:
  std::string Label() const override { return "concat of " + std::to_string(order_.size()); }

 private:
  std::vector<SideValue> order_;
};

// Blocks of a bag, an array or a table; TypeError for other nodes.
Result<int64_t> BlockCount(const NodePtr& node);

}  // namespace swath::expr
