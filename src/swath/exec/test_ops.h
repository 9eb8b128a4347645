// Ops and graphs for the tests and benchmarks of runtimes. Not part of the library: included by *_test.cc and
// *_benchmark.cc only.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "swath/data/memory_pool.h"
#include "swath/exec/task_runner.h"
#include "swath/graph/graph.h"
#include "swath/graph/materialized_layer.h"

namespace swath::exec::testing {

// What the test ops share with the test.
struct TestParams : ops::OpParams {
  std::string ToString() const override { return "test"; }
  int64_t bytes = 0;                             // "test.bytes": of each result
  int64_t fail_block = -1;                       // "test.fail": the task that fails
  mutable std::atomic<int> failures{INT32_MAX};  // … so often
  mutable std::atomic<int> started{0};
  mutable std::atomic<bool> open{false};  // "test.wait": tasks wait until it is true, or until they are cancelled
  std::function<Status(kernels::TaskContext&)> body;  // "test.call"
};

inline Value Number(int64_t number, arrow::MemoryPool* pool) {
  Chunk chunk = *Chunk::Allocate(kInt64, {}, pool);
  *chunk.mutable_data_as<int64_t>() = number;
  return chunk;
}
inline int64_t NumberOf(const Value& value) { return *value.chunk()->data_as<int64_t>(); }

// 1 + block + the sum of weighted inputs: any lost, doubled or swapped edge shows.
inline Result<Value> Sum(const ops::OpParams&, std::span<const Value> inputs, kernels::TaskContext& context) {
  uint64_t total = 1 + static_cast<uint64_t>(context.block);
  uint64_t weight = 1;
  for (const Value& input : inputs) total += static_cast<uint64_t>(NumberOf(input)) * (weight += 2);
  return Number(static_cast<int64_t>(total), context.memory_pool);
}
inline Result<Value> Nothing(const ops::OpParams&, std::span<const Value>, kernels::TaskContext&) { return Value(); }

// `bytes` bytes filled with a number that depends on the inputs' first elements.
inline Result<Value> Bytes(const ops::OpParams& params, std::span<const Value> inputs, kernels::TaskContext& context) {
  const auto& test = static_cast<const TestParams&>(params);
  ASSIGN_OR_RETURN(Chunk chunk, Chunk::Allocate(kInt64, {test.bytes / 8}, context.memory_pool));
  int64_t number = context.block;
  for (const Value& input : inputs) number += *input.chunk()->data_as<int64_t>();
  std::fill_n(chunk.mutable_data_as<int64_t>(), chunk.size(), number);
  return chunk;
}
inline Result<Value> Fail(const ops::OpParams& params, std::span<const Value>, kernels::TaskContext& context) {
  const auto& test = static_cast<const TestParams&>(params);
  ++test.started;
  if (context.block == test.fail_block && test.failures.fetch_sub(1) > 0) return Status::Invalid("told to fail");
  return Number(context.block, context.memory_pool);
}
inline Result<Value> Throw(const ops::OpParams&, std::span<const Value>, kernels::TaskContext&) {
  throw std::runtime_error("thrown");
}
inline Result<Value> Wait(const ops::OpParams& params, std::span<const Value>, kernels::TaskContext& context) {
  const auto& test = static_cast<const TestParams&>(params);
  ++test.started;
  while (!test.open.load()) {
    RETURN_IF_ERROR(context.CheckCancelled());
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return Number(context.block, context.memory_pool);
}
inline Result<Value> Call(const ops::OpParams& params, std::span<const Value>, kernels::TaskContext& context) {
  RETURN_IF_ERROR(static_cast<const TestParams&>(params).body(context));
  return Number(context.block, context.memory_pool);
}

inline Result<kernels::Kernel> FindTestKernel(std::string_view op) {
  static constexpr kernels::KernelEntry kKernels[] = {
      {"test.sum", Sum},     {"test.nothing", Nothing}, {"test.bytes", Bytes}, {"test.fail", Fail},
      {"test.throw", Throw}, {"test.wait", Wait},       {"test.call", Call},
  };
  for (const kernels::KernelEntry& entry : kKernels) {
    if (entry.op == op) return entry.kernel;
  }
  return kernels::FindKernel(op);
}

// Explicit edges: task t reads inputs[t].
inline std::shared_ptr<const graph::Layer> MakeLayer(
    std::string_view op, const std::vector<std::vector<uint32_t>>& inputs,
    std::shared_ptr<const TestParams> params = std::make_shared<TestParams>(), int64_t result_bytes = 0) {
  std::vector<uint32_t> offsets{0}, targets;
  for (const auto& list : inputs) {
    targets.insert(targets.end(), list.begin(), list.end());
    offsets.push_back(static_cast<uint32_t>(targets.size()));
  }
  graph::LayerDescription description{.name = "task", .call = {op, std::move(params)}, .location = "user.py:1"};
  if (result_bytes > 0) description.result_bytes = {result_bytes};
  return *graph::MaterializedLayer::Make(std::move(description), std::move(offsets), std::move(targets));
}

inline std::shared_ptr<graph::Graph> OneLayer(std::shared_ptr<const graph::Layer> layer,
                                              const std::vector<int64_t>& wanted = {}) {
  auto graph = std::make_shared<graph::Graph>();
  graph->Add(std::move(layer), {});
  for (int64_t block : wanted) graph->Want(graph::TaskId(0, block));
  if (wanted.empty()) graph->Want(0);
  return graph;
}

// A random acyclic graph of `count` tasks with at most `width` inputs each.
inline std::vector<std::vector<uint32_t>> RandomEdges(uint32_t count, uint32_t width, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::vector<uint32_t>> inputs(count);
  for (uint32_t task = 1; task < count; ++task) {
    for (uint64_t n = random() % (width + 1); n > 0; --n) {
      const auto target = static_cast<uint32_t>(random() % task);
      if (std::find(inputs[task].begin(), inputs[task].end(), target) == inputs[task].end())
        inputs[task].push_back(target);
    }
  }
  return inputs;
}

// The same numbers by a plain loop.
inline std::vector<int64_t> SumsByLoop(const std::vector<std::vector<uint32_t>>& inputs) {
  std::vector<int64_t> sums(inputs.size());
  for (size_t task = 0; task < inputs.size(); ++task) {
    uint64_t total = 1 + task, weight = 1;
    for (uint32_t input : inputs[task]) total += static_cast<uint64_t>(sums[input]) * (weight += 2);
    sums[task] = static_cast<int64_t>(total);
  }
  return sums;
}

}  // namespace swath::exec::testing
