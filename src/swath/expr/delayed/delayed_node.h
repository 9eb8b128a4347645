// DelayedNode: one call of a user's function on the results of other calls. Calls and blocked collections meet at
// bridges: a call that reads blocks of exactly one collection, and collections that take calls as blocks
// (Node::call_inputs). Passes never see calls: a graph of a million of them costs the optimizer nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swath/expr/node.h"
#include "swath/ops/function_call.h"

namespace swath::expr {

inline constexpr int64_t kAllBlocks = -1;

class DelayedNode : public Node {
 public:
  static constexpr std::string_view kOp = "delayed";
  DelayedNode(Token token, std::vector<NodePtr> calls, ops::FunctionCallPtr call, NodePtr collection, int64_t block);
  ~DelayedNode() override;  // iterative: chains of calls are deeper than the stack

  std::string_view op() const override { return kOp; }
  std::string Describe() const override;
  // Passes hand back the collection only; the calls stay.
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;

  const ops::FunctionCallPtr& call() const { return call_; }
  // The calls whose results it reads, in the order in which `call` receives them, each once. Empty for a bridge.
  std::span<const NodePtr> calls() const { return call_inputs(); }
  // Of a bridge: what it reads, and which block of it (kAllBlocks: all, in block order); else null.
  const NodePtr& collection() const { return collection_; }
  int64_t block() const { return block_; }

 private:
  ops::FunctionCallPtr call_;
  NodePtr collection_;
  int64_t block_ = 0;
};
using DelayedPtr = std::shared_ptr<const DelayedNode>;

// A call on the results of `calls` (DelayedNodes, each at most once). Equal tokens are one call: no token means that
// it is unlike any other. TypeError when an input is no call.
Result<NodePtr> MakeDelayed(ops::FunctionCallPtr call, std::vector<NodePtr> calls, std::optional<Token> token = {});
// A call on one block of `collection`, or on all of them.
Result<NodePtr> MakeDelayedOn(ops::FunctionCallPtr call, NodePtr collection, int64_t block,
                              std::optional<Token> token = {});
// A value that is there already, as a call (delayed(5), persisted results).
Result<NodePtr> MakeDelayedValue(std::string name, Value value, std::optional<Token> token = {});
// A token that no other has, in this process or another.
Token UniqueToken();

inline const DelayedNode* AsDelayed(const Node* node) {
  return node->op() == DelayedNode::kOp ? static_cast<const DelayedNode*>(node) : nullptr;
}

}  // namespace swath::expr
