// RandomGenerator: the numbers of a random TileSource (catalogue: ops/random.h). Element e of a source with seed s is a
// pure function of (s, e), bit for bit the same for every chunking, order, thread count and instruction set.
//
//   Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011), key = seed[0]
//   elements 16 g … 16 g + 15 come from the counters 8 g … 8 g + 7: element 16 g + i from the low half of counter 8 g +
//   i for i < 8, from the high half of counter 8 g + i - 8 otherwise; so vectors are stored as they are computed
//
// Uniform doubles have 53 random bits; normals are the inverse CDF of one uniform (Wichura, AS 241, relative error
// 1e-16); exponentials its logarithm; "integers" multiplies and rejects (Lemire 2019); the other distributions are
// NumPy's own algorithms (npyrandom) on a stream of their own per element. Immutable, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "swath/base/status.h"
#include "swath/data/dtype.h"
#include "swath/ops/tile_program.h"

namespace swath::kernels {

class RandomGenerator {
 public:
  // KeyError for an unknown distribution. The parameters were checked when the expression was made.
  static Result<RandomGenerator> Make(const ops::TileSource& source);

  // Writes elements first … first + count - 1 (C order in the source's shape) of the source's dtype to `out`,
  // contiguously. Fastest for runs of a multiple of 16 that start at one.
  void Fill(int64_t first, int64_t count, void* out) const { (this->*fill_)(first, count, static_cast<uint8_t*>(out)); }

 private:
  using FillFunction = void (RandomGenerator::*)(int64_t, int64_t, uint8_t*) const;
  void FillVector(int64_t first, int64_t count, uint8_t* out) const;  // uniform, normal, exponential
  void FillIntegers(int64_t first, int64_t count, uint8_t* out) const;
  void FillStreams(int64_t first, int64_t count, uint8_t* out) const;  // NumPy's algorithms

  FillFunction fill_ = nullptr;
  DType dtype_;
  std::array<uint64_t, 2> seed_{};
  std::vector<double> parameters_;
  uint64_t low_ = 0, range_ = 0;  // of "integers"; range 0 = 2^64
  int32_t shape_ = 0;             // which curve (random_simd.h) or which row of the stream table
  double offset_ = 0, scale_ = 1;
};

}  // namespace swath::kernels
