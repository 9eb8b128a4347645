// The catalogue of elementwise operations: NumPy's ufuncs and the few functions that behave like them (where, clip,
// cast, round, nan_to_num). A row tells name, arity, doc and dtype rule; kernels/array holds the loops. Pure; no data.
//
// The dtype rule is NumPy's (NEP 50): Python scalars are weak, the inputs are promoted, and the first loop of the ufunc
// to which they can be cast safely is taken. So sqrt(int8) is float16, true division of integers float64, add of bools
// their "or". Loops take all arguments in the dtypes that ResolveElementwise gives; casts are instructions of their own
// ("cast").
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "swath/base/status.h"
#include "swath/data/dtype.h"
#include "swath/ops/scalar.h"

namespace swath::ops {

struct ElementwiseOp {
  std::string_view name;  // static storage; what TileInstruction::op holds
  int32_t arity;          // 1 … 3
  // The loops in NumPy's order, as letters of the arguments' common dtype: ? bool, b/h/i/l int8…64, B/H/I/L uint8…64,
  // e/f/d float16…64, F/D complex. Dates and strings follow rules of their own.
  std::string_view loops;
  // '=' the loop's dtype, '?' bool, 'r' the real part's dtype, '/' true division, else see elementwise.cc.
  char result;
  std::string_view symbol;  // "+" where Python has an operator, for plans
  std::string_view doc;     // one line
};

// All rows. Functions with two results are two rows: frexp_mantissa, frexp_exponent, modf_fractional, modf_integral;
// divmod is floor_divide and remainder.
std::span<const ElementwiseOp> ElementwiseOps();
// By name or by an alias of NumPy ("abs", "true_divide", "mod", "radians", …). KeyError otherwise. The pointer stays
// valid.
Result<const ElementwiseOp*> FindElementwise(std::string_view name);

// An argument as the rule sees it: an array, or a Python scalar (`weak`: int, float or complex whose exact dtype does
// not count; `dtype` is then int64, float64 or complex128; a Python bool and NumPy scalars are not weak).
struct OperandType {
  DType dtype;
  bool weak = false;
};

// What a loop takes and gives; arguments beyond the arity are float64 and without meaning.
struct ElementwiseLoop {
  std::array<DType, 3> arguments;
  DType result;
};

// The loop that `op` runs for `operands` (as many as its arity), with NumPy's messages: TypeError where NumPy raises
// one. "cast" cannot be resolved: its result dtype is given by the user. "where": condition, x, y. "clip": x, low,
// high. "round": x, decimals (an int64 constant). "ldexp": x, exponent.
Result<ElementwiseLoop> ResolveElementwise(const ElementwiseOp& op, std::span<const OperandType> operands);

// numpy.result_type(...) with weak scalars; at least one operand.
Result<DType> ResultType(std::span<const OperandType> operands);

}  // namespace swath::ops
