// The vector loops of random.h, compiled once per instruction set; all give the same bits.
#pragma once

#include <cstdint>

namespace swath::kernels {

enum class RandomCurve : int32_t { kUniform, kNormal, kExponential };

// Groups of 16 elements: raw 64-bit words, or doubles offset + scale * curve(word).
struct RandomLoops {
  void (*words)(uint64_t key, uint64_t stream, int64_t first_group, int64_t groups, uint64_t* out);
  void (*doubles)(uint64_t key, uint64_t stream, int64_t first_group, int64_t groups, RandomCurve curve, double offset,
                  double scale, double* out);
};

namespace v2 {
extern const RandomLoops kRandomLoops;
}
namespace v3 {
extern const RandomLoops kRandomLoops;
}
namespace v4 {
extern const RandomLoops kRandomLoops;
}

}  // namespace swath::kernels
