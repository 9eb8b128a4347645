// What each *_simd.cc of this folder defines, once per instruction set: a function that appends its rows.
#pragma once

#include "swath/kernels/array/loops.h"

#ifndef SWATH_SIMD
#error "loop_families.h is for *_simd.cc files and loops.cc"
#endif

namespace swath::kernels::SWATH_SIMD {

void AppendArithmetic(LoopRows* rows);  // + - * and what is one instruction
void AppendIntegers(LoopRows* rows);    // integer division, power, shifts, bits, gcd
void AppendComparisons(LoopRows* rows);
void AppendFloats(LoopRows* rows);  // division, remainder, rounding, parts of floats
void AppendMath(LoopRows* rows);    // exp, sin, … through libmvec
void AppendComplex(LoopRows* rows);
void AppendDates(LoopRows* rows);
void AppendSelections(LoopRows* rows);  // where, clip, minimum, maximum
void AppendCasts(LoopRows* rows);

}  // namespace swath::kernels::SWATH_SIMD
