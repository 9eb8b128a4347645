// A random stream per element, for distributions that need an unknown number of draws: NumPy's own algorithms
// (npyrandom, the C library inside the NumPy wheel) run on it. Thread-safe: streams live on the stack.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "swath/data/dtype.h"

namespace swath::kernels {

// The stream of element `element`: Philox4x32-10 with the element as counter and the draw number mixed into its upper
// half.
class ElementStream {
 public:
  ElementStream(const std::array<uint64_t, 2>& seed, int64_t element)
      : seed_(seed), element_(static_cast<uint64_t>(element)) {}
  uint64_t Next64();
  uint32_t Next32();
  double NextDouble() { return static_cast<double>(Next64() >> 11) * 0x1p-53; }

 private:
  std::array<uint64_t, 2> seed_;
  uint64_t element_;
  uint64_t draws_ = 0;
  uint64_t second_ = 0;
  bool has_second_ = false;
  uint32_t half_ = 0;
  bool has_half_ = false;
};

// The row of the table of distributions, or -1.
int32_t FindRandomStream(std::string_view name);
// Elements first … first + count - 1 as float64, int64 or a narrower dtype of the same class.
void FillFromStreams(int32_t row, const std::array<uint64_t, 2>& seed, const double* parameters, int64_t first,
                     int64_t count, DType dtype, uint8_t* out);

}  // namespace swath::kernels
