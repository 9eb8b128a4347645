#include "swath/api/delayed.h"

#include <exception>
#include <new>
#include <unordered_map>

#include "swath/exec/runtime.h"
#include "swath/expr/lower/lower.h"
#include "swath/ops/function_call.h"

namespace swath::internal {
namespace {

// The engine gives each input once; the function wants them as often as they were written.
class HostCall : public ops::FunctionCall {
 public:
  HostCall(std::string name, ValueFunction function, std::vector<size_t> input_of)
      : name_(std::move(name)), function_(std::move(function)), input_of_(std::move(input_of)) {}

  std::string_view name() const override { return name_; }

  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext&) const override {
    try {
      const bool as_given = input_of_.size() == inputs.size();
      if (as_given) return function_(inputs);
      std::vector<Value> values;
      values.reserve(input_of_.size());
      for (const size_t input : input_of_) values.push_back(inputs[input]);
      return function_(values);
    } catch (const Error& error) {
      return error.status();
    } catch (const std::bad_alloc&) {
      return Status::OutOfMemory("memory ran out in ", name_);
    } catch (const std::exception& error) {
      auto detail = std::make_shared<ErrorDetail>();
      detail->kind = ErrorKind::kUserFunction;
      return Status::UnknownError(error.what()).WithDetail(std::move(detail));
    }
  }

 private:
  std::string name_;
  ValueFunction function_;
  std::vector<size_t> input_of_;
};

}  // namespace

expr::NodePtr MakeCallNode(std::string name, ValueFunction function, const std::vector<expr::NodePtr>& inputs) {
  std::vector<expr::NodePtr> distinct;
  std::vector<size_t> input_of;
  std::unordered_map<const expr::Node*, size_t> number_of;
  for (const expr::NodePtr& input : inputs) {
    const auto [it, fresh] = number_of.emplace(input.get(), distinct.size());
    if (fresh) distinct.push_back(input);
    input_of.push_back(it->second);
  }
  auto call = std::make_shared<HostCall>(std::move(name), std::move(function), std::move(input_of));
  return ValueOrThrow(expr::MakeDelayed(std::move(call), std::move(distinct)));
}

std::vector<Value> ComputeCalls(std::vector<expr::NodePtr> calls, const ComputeOptions& options) {
  std::vector<Value> values;
  for (Blocks& blocks : ValueOrThrow(ComputeBlocks(std::move(calls), options)))
    values.push_back(std::move(blocks.front()));
  return values;
}

std::shared_ptr<graph::Run> StartCall(const expr::NodePtr& call, const ComputeOptions& options) {
  const expr::Plan plan = ValueOrThrow(expr::MakePlan({call}));
  const std::shared_ptr<graph::Runtime> runtime = options.runtime ? options.runtime : exec::DefaultRuntime();
  return ValueOrThrow(runtime->Submit(plan.graph, {.retries = options.retries, .label = options.label}));
}

}  // namespace swath::internal
