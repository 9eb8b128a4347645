// AxisView: a C-ordered block seen from one axis.
#pragma once

#include <cstdint>

#include "swath/data/chunk.h"

namespace swath::kernels {

// outer × length × inner elements: those before, along and after the axis.
struct AxisView {
  int64_t outer = 1, length = 1, inner = 1;
};

inline AxisView ViewAlong(const Shape& shape, int32_t axis) {
  AxisView view;
  for (size_t i = 0; i < shape.size(); ++i) {
    const auto position = static_cast<int32_t>(i);
    (position < axis ? view.outer : position > axis ? view.inner : view.length) *= shape[i];
  }
  return view;
}

}  // namespace swath::kernels
