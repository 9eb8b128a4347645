// What the reduce_*_simd.cc files define, once per instruction set.
#pragma once

#include "swath/kernels/array/reduce_loops.h"

#ifndef SWATH_SIMD
#error "reduce_families.h is for *_simd.cc files"
#endif

namespace swath::kernels::SWATH_SIMD {

void AppendSums(ReduceRows* rows);      // sum, prod, mean, var, std, count_nonzero
void AppendExtremes(ReduceRows* rows);  // min, max, any, all, argmin, argmax

}  // namespace swath::kernels::SWATH_SIMD
