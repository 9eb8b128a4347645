// What recycled, huge-page backed blocks win over fresh memory: a block is allocated, written once from end to end, and
// freed.
//   swath_data_benchmark
#include <cstdlib>
#include <cstring>

#include <benchmark/benchmark.h>

#include "arrow/memory_pool.h"

#include "swath/base/status.h"
#include "swath/data/memory_pool.h"

namespace swath {
namespace {

void Malloc(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    void* block = std::malloc(size);
    std::memset(block, 1, size);
    benchmark::DoNotOptimize(block);
    std::free(block);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void FromPool(benchmark::State& state, arrow::MemoryPool* pool) {
  for (auto _ : state) {
    uint8_t* block = nullptr;
    CHECK(pool->Allocate(state.range(0), &block).ok());
    std::memset(block, 1, static_cast<size_t>(state.range(0)));
    benchmark::DoNotOptimize(block);
    pool->Free(block, state.range(0));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
void Arrow(benchmark::State& state) { FromPool(state, arrow::default_memory_pool()); }
void Recycled(benchmark::State& state) {
  MemoryPool pool(0);
  FromPool(state, &pool);
}
// The first touch alone: nothing is kept.
void FreshHugePages(benchmark::State& state) {
  MemoryPool pool(0);
  for (auto _ : state) {
    uint8_t* block = nullptr;
    CHECK(pool.Allocate(state.range(0), &block).ok());
    std::memset(block, 1, static_cast<size_t>(state.range(0)));
    pool.Free(block, state.range(0));
    pool.Trim();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(Malloc)->Arg(4 << 20)->Arg(64 << 20)->Unit(benchmark::kMicrosecond);
BENCHMARK(Arrow)->Arg(4 << 20)->Arg(64 << 20)->Unit(benchmark::kMicrosecond);
BENCHMARK(FreshHugePages)->Arg(4 << 20)->Arg(64 << 20)->Unit(benchmark::kMicrosecond);
BENCHMARK(Recycled)->Arg(4 << 20)->Arg(64 << 20)->Unit(benchmark::kMicrosecond);

// The cost of the account itself.
void SmallAllocation(benchmark::State& state) {
  MemoryPool pool(0);
  for (auto _ : state) {
    uint8_t* block = nullptr;
    CHECK(pool.Allocate(256, &block).ok());
    pool.Free(block, 256);
  }
}
void SmallAllocationByArrow(benchmark::State& state) {
  for (auto _ : state) {
    uint8_t* block = nullptr;
    CHECK(arrow::default_memory_pool()->Allocate(256, &block).ok());
    arrow::default_memory_pool()->Free(block, 256);
  }
}
BENCHMARK(SmallAllocation);
BENCHMARK(SmallAllocationByArrow);

}  // namespace
}  // namespace swath
