// A ScalarConstant as the bytes of an array element. Pure.
#pragma once

#include <cstdint>

#include "swath/ops/scalar.h"

namespace swath::kernels {

// Writes dtype.itemsize bytes. `value` was cast to its dtype (ops::CastScalar).
void WriteScalar(const ops::ScalarConstant& value, uint8_t* out);

}  // namespace swath::kernels
