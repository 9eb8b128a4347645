// Calls of your own functions on the engine: Delay makes a lazy call, Submit starts one.
//
//   auto load = [](std::string path) { … return Table{…}; };
//   swath::Delayed<Table> a = swath::Delay(load, "a.csv"), b = swath::Delay(load, "b.csv");
//   swath::Delayed<int64_t> rows = swath::Delay([](const Table& x, const Table& y) { return x.rows() + y.rows(); }, a,
//   b); int64_t n = rows.compute();                       // loads both at the same time auto [x, y] =
//   swath::Compute(a, b);               // several in one graph: what they share runs once swath::Future<int64_t> f =
//   swath::Submit(work, 5);  // runs now; f.get() waits
//
// Handles are cheap to copy and thread-safe. Results live in the engine's memory account by sizeof only; functions must
// be thread-safe when several calls share them, and may compute themselves. What a function throws reaches the caller
// as swath::Error with its what().
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "swath/api/compute.h"
#include "swath/api/error.h"
#include "swath/expr/delayed/delayed_node.h"

namespace swath {

template <typename T>
class Delayed;

namespace internal {

// A C++ value inside a Value. It stays in its process.
template <typename T>
class HeldValue : public HostObject {
 public:
  explicit HeldValue(T held) : value(std::move(held)) {}
  int64_t nbytes() const override { return static_cast<int64_t>(sizeof(T)); }
  Result<Object> Serialize() const override { return Status::TypeError("a C++ value cannot leave its process"); }
  const T value;
};

struct Nothing {};  // the result of a function that returns void
template <typename T>
using HeldType = std::conditional_t<std::is_void_v<T>, Nothing, T>;

template <typename T>
const HeldType<T>& HeldIn(const Value& value) {
  return static_cast<const HeldValue<HeldType<T>>*>(value.host())->value;
}

using ValueFunction = std::function<Value(std::span<const Value>)>;
// A node of function(results of inputs); inputs may repeat. What it throws is a Status.
expr::NodePtr MakeCallNode(std::string name, ValueFunction function, const std::vector<expr::NodePtr>& inputs);
// The results of calls, run as one graph. Throws swath::Error.
std::vector<Value> ComputeCalls(std::vector<expr::NodePtr> calls, const ComputeOptions& options);
std::shared_ptr<graph::Run> StartCall(const expr::NodePtr& call, const ComputeOptions& options);

// How an argument reaches the function: itself, or the results of the calls in it. `inputs` of Bind counts the nodes.
template <typename A>
struct Argument {
  static void Collect(const A&, std::vector<expr::NodePtr>*) {}
  static const A& Bind(const A& argument, std::span<const Value>*) { return argument; }
};
template <typename T>
struct Argument<Delayed<T>> {
  static void Collect(const Delayed<T>& call, std::vector<expr::NodePtr>* inputs) { inputs->push_back(call.node()); }
  static const HeldType<T>& Bind(const Delayed<T>&, std::span<const Value>* inputs) {
    const Value& value = inputs->front();
    *inputs = inputs->subspan(1);
    return HeldIn<T>(value);
  }
};
template <typename T>
struct Argument<std::vector<Delayed<T>>> {
  static void Collect(const std::vector<Delayed<T>>& calls, std::vector<expr::NodePtr>* inputs) {
    for (const auto& call : calls) inputs->push_back(call.node());
  }
  static std::vector<T> Bind(const std::vector<Delayed<T>>& calls, std::span<const Value>* inputs) {
    std::vector<T> results;
    results.reserve(calls.size());
    for (size_t i = 0; i < calls.size(); ++i) results.push_back(HeldIn<T>((*inputs)[i]));
    *inputs = inputs->subspan(calls.size());
    return results;
  }
};
template <typename A>
using BoundType = decltype(Argument<A>::Bind(std::declval<const A&>(), nullptr));

}  // namespace internal

// A call that has not run yet.
template <typename T>
class Delayed {
 public:
  explicit Delayed(expr::NodePtr node) : node_(std::move(node)) {}

  // Runs what the call needs and answers its result. Throws swath::Error.
  T compute(const ComputeOptions& options = {}) const {
    const std::vector<Value> values = internal::ComputeCalls({node_}, options);
    if constexpr (!std::is_void_v<T>) return internal::HeldIn<T>(values.front());
  }
  // A call that holds its result: computing it again runs nothing.
  Delayed persist(const ComputeOptions& options = {}) const {
    Value value = internal::ComputeCalls({node_}, options).front();
    const std::string name(expr::AsDelayed(node_.get())->call()->name());
    return Delayed(ValueOrThrow(expr::MakeDelayedValue(name, std::move(value))));
  }
  const expr::NodePtr& node() const { return node_; }

 private:
  expr::NodePtr node_;
};

// function(args...), later; `name` is for errors and drawings. Arguments that are Delayed, or vectors of such, arrive
// as const references to their results, others as they are (they are kept).
template <typename F, typename... Args>
auto DelayNamed(std::string name, F function, Args... args) {
  using T = std::decay_t<std::invoke_result_t<const F&, internal::BoundType<Args>...>>;
  std::vector<expr::NodePtr> inputs;
  (internal::Argument<Args>::Collect(args, &inputs), ...);
  auto call = [function = std::move(function),
               held = std::make_tuple(std::move(args)...)](std::span<const Value> values) -> Value {
    // The braces bind the arguments from left to right.
    auto bind = [&](const auto&... each) {
      return std::tuple<internal::BoundType<Args>...>{internal::Argument<Args>::Bind(each, &values)...};
    };
    auto bound = std::apply(bind, held);
    if constexpr (std::is_void_v<T>) {
      std::apply(function, std::move(bound));
      return HostObjectPtr(std::make_shared<internal::HeldValue<internal::Nothing>>(internal::Nothing{}));
    } else {
      return HostObjectPtr(std::make_shared<internal::HeldValue<T>>(std::apply(function, std::move(bound))));
    }
  };
  return Delayed<T>(internal::MakeCallNode(std::move(name), std::move(call), inputs));
}
template <typename F, typename... Args>
auto Delay(F function, Args... args) {
  return DelayNamed("call", std::move(function), std::move(args)...);
}

// The results of several calls, run as one graph. Throws the first error.
template <typename... T>
std::tuple<T...> Compute(const Delayed<T>&... calls) {
  const std::vector<Value> values = internal::ComputeCalls({calls.node()...}, {});
  return [&]<size_t... i>(std::index_sequence<i...>) { return std::tuple<T...>{internal::HeldIn<T>(values[i])...}; }
  (std::index_sequence_for<T...>{});
}
template <typename T>
std::vector<T> Compute(const std::vector<Delayed<T>>& calls) {
  std::vector<expr::NodePtr> nodes;
  for (const auto& call : calls) nodes.push_back(call.node());
  std::vector<T> results;
  for (const Value& value : internal::ComputeCalls(std::move(nodes), {})) results.push_back(internal::HeldIn<T>(value));
  return results;
}

// A call that runs. Destroying the last handle of one that is not done cancels it.
template <typename T>
class Future {
 public:
  explicit Future(std::shared_ptr<graph::Run> run) : run_(std::move(run)) {}

  bool done() const { return run_->WaitFor(std::chrono::nanoseconds(0)); }
  bool wait_for(std::chrono::nanoseconds timeout) const { return run_->WaitFor(timeout); }
  void cancel() const { run_->Cancel(); }
  // Waits; the result, or swath::Error. May be asked again.
  T get() const {
    const std::vector<Value> values = ValueOrThrow(run_->Results());
    if constexpr (!std::is_void_v<T>) return internal::HeldIn<T>(values.front());
  }

 private:
  std::shared_ptr<graph::Run> run_;
};

// Starts function(args...) and what it needs now.
template <typename F, typename... Args>
auto Submit(F function, Args... args) {
  const auto call = Delay(std::move(function), std::move(args)...);
  return
      [&]<typename T>(const Delayed<T>& delayed) { return Future<T>(internal::StartCall(delayed.node(), {})); }(call);
}
// Starts a call that was made before.
template <typename T>
Future<T> Start(const Delayed<T>& call, const ComputeOptions& options = {}) {
  return Future<T>(internal::StartCall(call.node(), options));
}

}  // namespace swath
