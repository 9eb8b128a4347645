// Micro-benchmarks of the array kernels on one thread: ns an element. Run with --benchmark_filter=...
#include <map>

#include "arrow/memory_pool.h"

#include "swath/kernels/array/random/random.h"
#include "swath/kernels/array/tile.h"
#include "swath/ops/tile_program.h"

#include "benchmark/benchmark.h"

namespace swath::kernels {
namespace {

using ops::Grid;
using ops::ScalarConstant;
using ops::TileInstruction;
using ops::TileProgram;
using ops::TileSource;

constexpr int32_t kConstant = TileInstruction::kConstantArgument;

TileSource RandomSource(int64_t n, bool transposed, const char* distribution = "random") {
  TileSource x;
  x.kind = TileSource::Kind::kRandom;
  x.dtype = kFloat64;
  x.distribution = distribution;
  x.seed = {1, 2};
  x.grid = Grid(std::vector<std::vector<int64_t>>{{n}, {n}});
  x.map = {{transposed ? 1 : 0, 1, 0}, {transposed ? 0 : 1, 1, 0}};
  return x;
}

TileProgram Square(int64_t n) {
  TileProgram program;
  program.grid = Grid(std::vector<std::vector<int64_t>>{{n}, {n}});
  program.dtype = kFloat64;
  return program;
}

void Reduce(TileProgram* program, std::string_view reduction, std::vector<int32_t> axes) {
  program->sink.kind = ops::TileSink::Kind::kReduce;
  program->sink.reduction = reduction;
  program->sink.axes = std::move(axes);
  program->sink.accumulator = kFloat64;
}

void RunAll(benchmark::State& state, const TileProgram& program, const std::vector<Value>& inputs, int64_t elements) {
  TaskContext context;
  context.memory_pool = arrow::default_memory_pool();
  for (auto _ : state) {
    auto value = TileKernels()[0].kernel(program, inputs, context);
    if (!value.ok()) return state.SkipWithError(value.status().ToString().c_str());
    benchmark::DoNotOptimize(value);
  }
  state.counters["ns/element"] =
      benchmark::Counter(static_cast<double>(elements) * 1e-9,
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_Random(benchmark::State& state, const char* distribution) {
  const int64_t n = 1024;
  const TileSource x = RandomSource(n, false, distribution);
  const auto generator = RandomGenerator::Make(x).ValueOrDie();
  std::vector<double> out(4096);
  for (auto _ : state) {
    for (int64_t first = 0; first < n * n; first += 4096) generator.Fill(first, 4096, out.data());
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["ns/element"] = benchmark::Counter(
      static_cast<double>(n * n) * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(BM_Random, random, "random");
BENCHMARK_CAPTURE(BM_Random, standard_normal, "standard_normal");
BENCHMARK_CAPTURE(BM_Random, standard_exponential, "standard_exponential");

void BM_SumRandom(benchmark::State& state) {
  TileProgram program = Square(2000);
  program.sources = {RandomSource(2000, false)};
  Reduce(&program, "sum", {0, 1});
  RunAll(state, program, {}, 2000 * 2000);
}
BENCHMARK(BM_SumRandom);

void BM_MeanRandomAxis1(benchmark::State& state) {
  TileProgram program = Square(2000);
  program.sources = {RandomSource(2000, false)};
  Reduce(&program, "mean", {1});
  RunAll(state, program, {}, 2000 * 2000);
}
BENCHMARK(BM_MeanRandomAxis1);

// ((x + x.T) - m).sum() with x generated twice.
void BM_SymmetricSum(benchmark::State& state) {
  const int64_t n = 2000;
  TileProgram program = Square(n);
  TileSource m;
  m.dtype = kFloat64;
  m.grid = Grid(std::vector<std::vector<int64_t>>{{n}});
  m.map = {{1, 1, 0}};
  program.sources = {RandomSource(n, false), RandomSource(n, true), m};
  program.instructions = {{"add", kFloat64, {0, 1, -1}, {}}, {"subtract", kFloat64, {3, 2, -1}, {}}};
  Reduce(&program, "sum", {0, 1});
  Chunk mean = Chunk::Allocate(kFloat64, {n}, arrow::default_memory_pool()).ValueOrDie();
  std::fill_n(mean.mutable_data_as<double>(), n, 0.5);
  RunAll(state, program, {mean}, n * n);
}
BENCHMARK(BM_SymmetricSum);

std::vector<Value> Vectors(int64_t n, int count, std::vector<TileSource>* sources) {
  std::vector<Value> inputs;
  for (int k = 0; k < count; ++k) {
    Chunk chunk = Chunk::Allocate(kFloat64, {n}, arrow::default_memory_pool()).ValueOrDie();
    TileSource random = RandomSource(n, false);
    random.seed = {static_cast<uint64_t>(k), 3};
    RandomGenerator::Make(random).ValueOrDie().Fill(0, n, chunk.mutable_data());
    inputs.emplace_back(chunk);
    TileSource source;
    source.dtype = kFloat64;
    source.grid = Grid(std::vector<std::vector<int64_t>>{{n}});
    source.map = {{0, 1, 0}};
    sources->push_back(source);
  }
  return inputs;
}

// sum(where(2a + 3b - ab > c, sqrt(aa + bb), exp(-a))) on memory.
void BM_Expression(benchmark::State& state) {
  const int64_t n = state.range(0);
  TileProgram program;
  program.grid = Grid(std::vector<std::vector<int64_t>>{{n}});
  program.dtype = kFloat64;
  const auto inputs = Vectors(n, 3, &program.sources);
  const auto f = kFloat64;
  program.instructions = {{"multiply", f, {0, kConstant, -1}, ScalarConstant::Float(2)},  // 3 = 2a
                          {"multiply", f, {1, kConstant, -1}, ScalarConstant::Float(3)},  // 4 = 3b
                          {"add", f, {3, 4, -1}, {}},                                     // 5
                          {"multiply", f, {0, 1, -1}, {}},                                // 6 = ab
                          {"subtract", f, {5, 6, -1}, {}},                                // 7
                          {"greater", kBool, {7, 2, -1}, {}},                             // 8
                          {"multiply", f, {0, 0, -1}, {}},                                // 9
                          {"multiply", f, {1, 1, -1}, {}},                                // 10
                          {"add", f, {9, 10, -1}, {}},                                    // 11
                          {"sqrt", f, {11, -1, -1}, {}},                                  // 12
                          {"negative", f, {0, -1, -1}, {}},                               // 13
                          {"exp", f, {13, -1, -1}, {}},                                   // 14
                          {"where", f, {8, 12, 14}, {}}};                                 // 15
  Reduce(&program, "sum", {0});
  RunAll(state, program, inputs, n);
}
BENCHMARK(BM_Expression)->Arg(1 << 16)->Arg(1 << 23);

void BM_Sum(benchmark::State& state) {
  const int64_t n = state.range(0);
  TileProgram program;
  program.grid = Grid(std::vector<std::vector<int64_t>>{{n}});
  program.dtype = kFloat64;
  const auto inputs = Vectors(n, 1, &program.sources);
  Reduce(&program, "sum", {0});
  RunAll(state, program, inputs, n);
}
BENCHMARK(BM_Sum)->Arg(1 << 16)->Arg(1 << 23);

void BM_TransposeStore(benchmark::State& state) {
  const int64_t n = state.range(0);
  TileProgram program = Square(n);
  Chunk chunk = Chunk::Allocate(kFloat64, {n, n}, arrow::default_memory_pool()).ValueOrDie();
  std::fill_n(chunk.mutable_data_as<double>(), n * n, 1.0);
  TileSource source;
  source.dtype = kFloat64;
  source.grid = program.grid;
  source.map = {{1, 1, 0}, {0, 1, 0}};
  program.sources = {source};
  RunAll(state, program, {chunk}, n * n);
}
BENCHMARK(BM_TransposeStore)->Arg(256)->Arg(2000);

void BM_Unary(benchmark::State& state, std::string_view op) {
  const int64_t n = 1 << 16;
  TileProgram program;
  program.grid = Grid(std::vector<std::vector<int64_t>>{{n}});
  program.dtype = kFloat64;
  const auto inputs = Vectors(n, 1, &program.sources);
  program.instructions = {{op, kFloat64, {0, -1, -1}, {}}};
  Reduce(&program, "sum", {0});
  RunAll(state, program, inputs, n);
}
BENCHMARK_CAPTURE(BM_Unary, exp, "exp");
BENCHMARK_CAPTURE(BM_Unary, log, "log");
BENCHMARK_CAPTURE(BM_Unary, sin, "sin");
BENCHMARK_CAPTURE(BM_Unary, sqrt, "sqrt");
BENCHMARK_CAPTURE(BM_Unary, floor, "floor");

}  // namespace
}  // namespace swath::kernels
