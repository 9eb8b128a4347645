// The loops of reductions: how contiguous elements are folded into slots, and how slots of two partials are merged. One
// table row per (reduction, dtype), compiled for x86-64-v2, v3 and v4 (reduce_simd.cc) and chosen once. Pure; no
// allocation.
//
//   Span: n elements ──▶ one slot        (the inner axis is reduced)
//   Rows: n elements ──▶ n slots, 1 : 1  (the inner axis is kept; called once a row)
//   Merge: the slots of another partial ──▶ ours, 1 : 1
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "swath/data/dtype.h"

namespace swath::kernels {

// Up to four arrays of slots; what they mean is the reduction's own matter:
//   sum, prod: total, compensation · mean: total, compensation, count · var, std: count, mean, m2, mean_low · min, max,
//   any, all, count: value arg…: value, index (-1: nothing seen)
struct ReduceState {
  void* part[4] = {};
};

struct ReduceLoops {
  std::array<DType, 4> types;  // of the parts
  int parts = 1;
  // A compensation is added to the total before a partial leaves its task; such parts are not stored.
  bool compensated = false;  // part 1 is a compensation
  void (*init)(const ReduceState& state, int64_t slots) = nullptr;
  void (*span)(const ReduceState& state, int64_t slot, const void* x, int64_t n, int64_t index,
               int64_t index_step) = nullptr;
  void (*rows)(const ReduceState& state, int64_t slot, const void* x, int64_t n, int64_t index) = nullptr;
  void (*merge)(const ReduceState& state, const ReduceState& other, int64_t slots) = nullptr;
  void (*settle)(const ReduceState& state, int64_t slots) = nullptr;  // total += compensation
};

// Loops of `reduction` (a row of ops/reduction.h) for elements of `kind` (float16: ask for float32). Null when there
// are none.
const ReduceLoops* FindReduceLoops(std::string_view reduction, Kind kind);

class ReduceRows {
 public:
  virtual ~ReduceRows() = default;
  virtual void Add(std::string_view reduction, Kind kind, const ReduceLoops& loops) = 0;
};

}  // namespace swath::kernels
