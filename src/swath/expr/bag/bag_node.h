// BagNode: an expression whose value is a bag: partitions of items, columnar where native code made them, else opaque
// objects of the user's language. Knows how many partitions there are and, as far as the plan tells, what the items
// are. Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "swath/expr/node.h"
#include "swath/ops/bag_host.h"
#include "swath/ops/bag_pipeline.h"

namespace swath::expr {

// What the plan knows of the items. A partition may still turn out opaque when it is computed.
enum class BagItems : uint8_t {
  kText,
  kNative,  // of any native kind, perhaps mixed
  kOpaque,  // made by a function of the user's language
};
std::string_view ToString(BagItems items);  // "text", "items", "python"

class BagNode : public Node {
 public:
  int64_t npartitions() const { return npartitions_; }
  BagItems items() const { return items_; }
  // Bytes of a partition, estimated; 0: unknown.
  virtual int64_t EstimatedBytes(int64_t /*partition*/) const { return 0; }
  std::string Describe() const override;  // "map(x['age'])  native  8 partitions"

 protected:
  BagNode(Token token, std::vector<NodePtr> inputs, std::vector<NodePtr> call_inputs, int64_t npartitions,
          BagItems items)
      : Node(token, std::move(inputs), std::move(call_inputs)), npartitions_(npartitions), items_(items) {}
  virtual std::string Label() const = 0;
  // Who runs it, for explain().
  virtual std::string_view Runs() const { return items_ == BagItems::kOpaque ? "python" : "native"; }

 private:
  int64_t npartitions_;
  BagItems items_;
};
using BagPtr = std::shared_ptr<const BagNode>;

inline BagPtr AsBag(const NodePtr& node) { return std::static_pointer_cast<const BagNode>(node); }
// Null when `node` is no bag.
inline BagPtr ToBag(const NodePtr& node) { return std::dynamic_pointer_cast<const BagNode>(node); }

// The values that a function reads beside the items: every block of collections, and results of calls. Each value is
// one of inputs() or call_inputs() of the node that has them.
struct SideValue {
  bool is_call = false;
  size_t number = 0;  // among the node's inputs() or call_inputs()
};

// A function of the user's language in a plan: a step, and the values it reads.
struct HostFunction {
  ops::HostStepPtr step;
  std::vector<NodePtr> sides = {};
};

}  // namespace swath::expr
