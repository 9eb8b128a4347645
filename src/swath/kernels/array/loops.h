// The loops behind the rows of ops/elementwise.h: contiguous arguments, contiguous result, one (op, dtype) each.
// Compiled for x86-64-v2, v3 and v4 (*_simd.cc) and chosen once. Pure; no allocation.
#pragma once

#include <cstdint>
#include <string_view>

#include "swath/data/dtype.h"

namespace swath::kernels {

// One call: `n` elements. `result` may be the same memory as an argument of equal itemsize.
struct LoopCall {
  const void* in[3] = {};
  void* out = nullptr;
  int64_t n = 0;
  DType types[3];  // of the arguments
  DType result;
};

// Returns null, or the text of a ValueError (static storage).
using LoopFunction = const char* (*)(const LoopCall& call);

// `first` and `second` are the kinds of the first two arguments (unary: both the first; cast: argument and result;
// where: bool and the values').
struct LoopRow {
  std::string_view op;
  Kind first;
  Kind second;
  LoopFunction loop;
};

// Null when there is no such loop. float16 has loops of its own only where going through float32 would be wrong.
LoopFunction FindLoop(std::string_view op, Kind first, Kind second);

// Every family of loops is one function that adds its rows. An interface and no vector: code of std that is
// instantiated in a file for AVX-512 must not become the copy that the linker keeps for everybody.
class LoopRows {
 public:
  virtual ~LoopRows() = default;
  virtual void Add(const LoopRow& row) = 0;
};

}  // namespace swath::kernels
