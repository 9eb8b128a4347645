#include "swath/api/bag_functions.h"

#include <exception>

#include "swath/api/error.h"
#include "swath/expr/delayed/delayed_node.h"
#include "swath/ops/bag_column.h"

namespace swath::bag {
namespace {

using PartitionFunction = std::function<std::vector<Item>(std::vector<Item>)>;

class CallableStep : public ops::HostStep {
 public:
  CallableStep(PartitionFunction function, std::string name)
      : function_(std::move(function)), name_(std::move(name)), token_(expr::UniqueToken()) {}
  std::string_view name() const override { return name_; }
  const Token& token() const override { return token_; }
  std::string_view language() const override { return "c++"; }
  const PartitionFunction& function() const { return function_; }
  Result<ops::FunctionCallPtr> Compose(std::span<const ops::HostLink> chain, int32_t item_inputs,
                                       ops::HostResult result) const override;

 private:
  PartitionFunction function_;
  std::string name_;
  Token token_;
};

class CallableChain : public ops::FunctionCall {
 public:
  CallableChain(std::vector<PartitionFunction> functions, std::string name)
      : functions_(std::move(functions)), name_(std::move(name)) {}
  std::string_view name() const override { return name_; }

  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext& context) const override {
    const Partition* partition = inputs[0].partition();
    if (!partition) return Status::TypeError("'", name_, "' reads a partition of objects of another language");
    std::vector<Item> items;
    {
      ops::ItemArena arena;
      ASSIGN_OR_RETURN(const auto views, ops::ItemsOf(*partition, &arena, context.memory_pool));
      for (const ops::BagItem& view : views) items.push_back(Item::FromView(view));
    }
    try {
      for (const PartitionFunction& function : functions_) items = function(std::move(items));
    } catch (const Error& error) {
      return error.status();
    } catch (const std::exception& error) {
      return Status::UnknownError(name_, ": ", error.what());
    }
    ops::ItemColumnBuilder builder(context.memory_pool);
    for (const Item& item : items) {
      ops::ItemArena arena;
      RETURN_IF_ERROR(builder.Append(item.View(&arena)));
    }
    ASSIGN_OR_RETURN(Partition made, builder.Finish());
    return Value(std::move(made));
  }

 private:
  std::vector<PartitionFunction> functions_;
  std::string name_;
};

Result<ops::FunctionCallPtr> CallableStep::Compose(std::span<const ops::HostLink> chain, int32_t item_inputs,
                                                   ops::HostResult result) const {
  if (item_inputs != 1 || result == ops::HostResult::kTable) {
    return Status::NotImplemented("C++ functions of bags take one partition and make items");
  }
  std::vector<PartitionFunction> functions;
  for (const ops::HostLink& link : chain) {
    const auto* step = dynamic_cast<const CallableStep*>(link.step.get());
    if (!step) return Status::TypeError("a step of a bag is of another language than C++");
    functions.push_back(step->function());
  }
  return std::make_shared<CallableChain>(std::move(functions), std::string(chain.back().step->name()));
}

}  // namespace

ops::HostStepPtr MakePartitionStep(PartitionFunction function, std::string name) {
  return std::make_shared<CallableStep>(std::move(function), std::move(name));
}

}  // namespace swath::bag
