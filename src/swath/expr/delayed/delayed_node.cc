#include "swath/expr/delayed/delayed_node.h"

#include <atomic>
#include <chrono>
#include <random>
#include <utility>

#include <unistd.h>

namespace swath::expr {
namespace {

// What nodes held whose last handle went while another one was being destroyed on this thread. A call may hold nodes as
// well: those of its arguments.
struct Dying {
  std::vector<NodePtr> nodes;
  std::vector<ops::FunctionCallPtr> calls;
};
thread_local Dying* dying = nullptr;

// What a call that is already done answers.
class DoneCall : public ops::FunctionCall {
 public:
  DoneCall(std::string name, Value value) : name_(std::move(name)), value_(std::move(value)) {}
  std::string_view name() const override { return name_; }
  Result<Value> Call(std::span<const Value>, const ops::CallContext&) const override { return value_; }

 private:
  std::string name_;
  Value value_;
};

std::vector<NodePtr> OfCollection(const NodePtr& collection) {
  return collection ? std::vector<NodePtr>{collection} : std::vector<NodePtr>{};
}

}  // namespace

DelayedNode::DelayedNode(Token token, std::vector<NodePtr> calls, ops::FunctionCallPtr call, NodePtr collection,
                         int64_t block)
    : Node(token, OfCollection(collection), std::move(calls)),
      call_(std::move(call)),
      collection_(std::move(collection)),
      block_(block) {}

DelayedNode::~DelayedNode() {
  if (dying != nullptr) {
    for (NodePtr& input : call_inputs_) dying->nodes.push_back(std::move(input));
    dying->calls.push_back(std::move(call_));
    return;
  }
  Dying queue{.nodes = std::move(call_inputs_), .calls = {}};
  queue.calls.push_back(std::move(call_));
  dying = &queue;
  while (!queue.nodes.empty() || !queue.calls.empty()) {
    if (!queue.calls.empty()) {
      const ops::FunctionCallPtr last = std::move(queue.calls.back());
      queue.calls.pop_back();
    } else {
      const NodePtr last = std::move(queue.nodes.back());
      queue.nodes.pop_back();
    }
  }
  dying = nullptr;
}

std::string DelayedNode::Describe() const { return "delayed " + std::string(call_->name()); }

Result<NodePtr> DelayedNode::WithInputs(std::vector<NodePtr> inputs) const {
  if (!collection_) return Status::UnknownError("a call has no inputs that passes may change");
  return MakeDelayedOn(call_, std::move(inputs.front()), block_, token());
}

Token UniqueToken() {
  // A random number of the program, the process (forks share the random number) and a count.
  static const uint64_t process = [] {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
  }();
  static std::atomic<uint64_t> next{static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count())};
  TokenBuilder token("unique");
  token.Add(static_cast<int64_t>(process)).Add(static_cast<int64_t>(getpid()));
  token.Add(static_cast<int64_t>(next.fetch_add(1, std::memory_order_relaxed)));
  return token.Finish();
}

Result<NodePtr> MakeDelayed(ops::FunctionCallPtr call, std::vector<NodePtr> calls, std::optional<Token> token) {
  for (const NodePtr& input : calls) {
    if (!AsDelayed(input.get()))
      return Status::TypeError("a call reads the results of calls only, not '", input->Describe(), "'");
  }
  auto node =
      std::make_shared<DelayedNode>(token.value_or(UniqueToken()), std::move(calls), std::move(call), nullptr, 0);
  return token ? Intern(std::move(node)) : NodePtr(std::move(node));
}

Result<NodePtr> MakeDelayedOn(ops::FunctionCallPtr call, NodePtr collection, int64_t block,
                              std::optional<Token> token) {
  if (AsDelayed(collection.get())) return Status::TypeError("a bridge reads a collection, not a call");
  auto node = std::make_shared<DelayedNode>(token.value_or(UniqueToken()), std::vector<NodePtr>{}, std::move(call),
                                            std::move(collection), block);
  return token ? Intern(std::move(node)) : NodePtr(std::move(node));
}

Result<NodePtr> MakeDelayedValue(std::string name, Value value, std::optional<Token> token) {
  return MakeDelayed(std::make_shared<DoneCall>(std::move(name), std::move(value)), {}, token);
}

}  // namespace swath::expr
