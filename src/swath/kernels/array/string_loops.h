// Loops for fixed-width strings ('S' and 'U'): comparisons, and casts between widths and kinds, to and from numbers.
// Plain code: a string costs more than a loop.
#pragma once

#include <string_view>

#include "swath/kernels/array/loops.h"

namespace swath::kernels {

// Null when there is no such loop. Comparisons take strings of one dtype; "cast" takes `first` to `second`.
LoopFunction FindStringLoop(std::string_view op, const DType& first, const DType& second);

}  // namespace swath::kernels
