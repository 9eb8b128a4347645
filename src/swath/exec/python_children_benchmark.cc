// Calls in one child: a tiny one (a round trip), and how long 100 MB of an argument take to reach the function, made by
// another child (by handle), sent before (by handle), or fresh memory of this process (a copy).
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "swath/data/memory_pool.h"
#include "swath/exec/python_children.h"

#include "benchmark/benchmark.h"

namespace swath::exec {
namespace {

constexpr int64_t kElements = 100'000'000 / 8;

ops::PythonFunctionPtr Function(const std::string& text) {
  auto function = std::make_shared<ops::PythonFunction>();
  function->name = "f";
  std::string pickle = "cbuiltins\neval\n(Vlambda values, block: ";
  pickle += text;
  pickle += "\ntR.";
  function->pickled = {.format = "pickle5", .bytes = arrow::Buffer::FromString(pickle), .buffers = {}};
  return function;
}

PythonChildExecutor& Children() {
  static auto* children = [] {
    const auto program = std::filesystem::path(__FILE__).parent_path() / "../../../python/swath/_child.py";
    return new PythonChildExecutor({.command = {"python3", "-P", program.lexically_normal()}, .children = 1});
  }();
  return *children;
}

void Repeat(benchmark::State& state, const std::string& text, std::span<const Value> values) {
  const auto function = Function(text);
  for (int i = 0; i < 3; ++i) {
    if (const auto result = Children().Call(function, values, 0, nullptr); !result.ok())
      return state.SkipWithError(result.status().ToString().c_str());
  }
  for (auto _ : state) benchmark::DoNotOptimize(Children().Call(function, values, 0, nullptr));
}

Value Number() { return Object{.format = "pickle5", .bytes = arrow::Buffer::FromString("I5\n."), .buffers = {}}; }

void BM_TinyCall(benchmark::State& state) {
  const Value number = Number();
  Repeat(state, "values[0] + 1", {&number, 1});
}
BENCHMARK(BM_TinyCall)->UseRealTime();

void BM_TinyArray(benchmark::State& state) {
  Chunk chunk = *Chunk::Allocate(kFloat64, {100}, Pool());
  std::memset(chunk.mutable_data(), 0, 800);
  const Value value = chunk;
  Repeat(state, "values[0] + 1", {&value, 1});
}
BENCHMARK(BM_TinyArray)->UseRealTime();

Chunk Large() {
  Chunk chunk = *Chunk::Allocate(kFloat64, {kElements}, Pool());
  std::memset(chunk.mutable_data(), 0, static_cast<size_t>(chunk.nbytes()));
  return chunk;
}

void BM_100MBMadeByAChild(benchmark::State& state) {
  const auto made = Children().Call(Function("__import__('numpy').ones(12500000)"), {}, 0, nullptr);
  if (!made.ok()) return state.SkipWithError(made.status().ToString().c_str());
  Repeat(state, "values[0].size", {&*made, 1});
}
BENCHMARK(BM_100MBMadeByAChild)->UseRealTime();

void BM_100MBSentBefore(benchmark::State& state) {
  const Value value = Large();
  Repeat(state, "values[0].size", {&value, 1});
}
BENCHMARK(BM_100MBSentBefore)->UseRealTime();

void BM_100MBForTheFirstTime(benchmark::State& state) {
  const auto function = Function("values[0].size");
  for (auto _ : state) {
    state.PauseTiming();
    const Value value = Large();
    state.ResumeTiming();
    benchmark::DoNotOptimize(Children().Call(function, {&value, 1}, 0, nullptr));
  }
}
BENCHMARK(BM_100MBForTheFirstTime)->UseRealTime()->Iterations(5);

void BM_100MBResult(benchmark::State& state) {
  const Value number = Number();
  const auto function = Function("globals().setdefault('kept', __import__('numpy').ones(12500000))");
  for (auto _ : state) benchmark::DoNotOptimize(Children().Call(function, {&number, 1}, 0, nullptr));
}
BENCHMARK(BM_100MBResult)->UseRealTime()->Iterations(5);

void BM_100MBMemcpy(benchmark::State& state) {  // into fresh memory: what any copy costs here
  const Chunk from = Large();
  for (auto _ : state) {
    std::vector<std::byte> to(static_cast<size_t>(from.nbytes()));
    std::memcpy(to.data(), from.data(), to.size());
    benchmark::DoNotOptimize(to.data());
  }
}
BENCHMARK(BM_100MBMemcpy)->UseRealTime()->Iterations(5);

}  // namespace
}  // namespace swath::exec
