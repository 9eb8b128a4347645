// NumPy's elementwise functions under their own names. One line each over array::elementwise; dtypes and domains are
// those of the catalogue (ops/elementwise.h).
#pragma once

#include "swath/api/array.h"

namespace swath::array {

inline Array add(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("add", {x, y}); }
inline Array subtract(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("subtract", {x, y}); }
inline Array multiply(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("multiply", {x, y}); }
inline Array divide(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("divide", {x, y}); }
inline Array floor_divide(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("floor_divide", {x, y}); }
inline Array remainder(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("remainder", {x, y}); }
inline Array fmod(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("fmod", {x, y}); }
inline Array power(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("power", {x, y}); }
inline Array float_power(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("float_power", {x, y}); }
inline Array negative(const ArrayOperand& x) { return elementwise("negative", {x}); }
inline Array positive(const ArrayOperand& x) { return elementwise("positive", {x}); }
inline Array absolute(const ArrayOperand& x) { return elementwise("absolute", {x}); }
inline Array fabs(const ArrayOperand& x) { return elementwise("fabs", {x}); }
inline Array sign(const ArrayOperand& x) { return elementwise("sign", {x}); }
inline Array rint(const ArrayOperand& x) { return elementwise("rint", {x}); }
inline Array floor(const ArrayOperand& x) { return elementwise("floor", {x}); }
inline Array ceil(const ArrayOperand& x) { return elementwise("ceil", {x}); }
inline Array trunc(const ArrayOperand& x) { return elementwise("trunc", {x}); }
inline Array sqrt(const ArrayOperand& x) { return elementwise("sqrt", {x}); }
inline Array cbrt(const ArrayOperand& x) { return elementwise("cbrt", {x}); }
inline Array square(const ArrayOperand& x) { return elementwise("square", {x}); }
inline Array reciprocal(const ArrayOperand& x) { return elementwise("reciprocal", {x}); }
inline Array exp(const ArrayOperand& x) { return elementwise("exp", {x}); }
inline Array exp2(const ArrayOperand& x) { return elementwise("exp2", {x}); }
inline Array expm1(const ArrayOperand& x) { return elementwise("expm1", {x}); }
inline Array log(const ArrayOperand& x) { return elementwise("log", {x}); }
inline Array log2(const ArrayOperand& x) { return elementwise("log2", {x}); }
inline Array log10(const ArrayOperand& x) { return elementwise("log10", {x}); }
inline Array log1p(const ArrayOperand& x) { return elementwise("log1p", {x}); }
inline Array sin(const ArrayOperand& x) { return elementwise("sin", {x}); }
inline Array cos(const ArrayOperand& x) { return elementwise("cos", {x}); }
inline Array tan(const ArrayOperand& x) { return elementwise("tan", {x}); }
inline Array arcsin(const ArrayOperand& x) { return elementwise("arcsin", {x}); }
inline Array arccos(const ArrayOperand& x) { return elementwise("arccos", {x}); }
inline Array arctan(const ArrayOperand& x) { return elementwise("arctan", {x}); }
inline Array sinh(const ArrayOperand& x) { return elementwise("sinh", {x}); }
inline Array cosh(const ArrayOperand& x) { return elementwise("cosh", {x}); }
inline Array tanh(const ArrayOperand& x) { return elementwise("tanh", {x}); }
inline Array arcsinh(const ArrayOperand& x) { return elementwise("arcsinh", {x}); }
inline Array arccosh(const ArrayOperand& x) { return elementwise("arccosh", {x}); }
inline Array arctanh(const ArrayOperand& x) { return elementwise("arctanh", {x}); }
inline Array arctan2(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("arctan2", {x, y}); }
inline Array hypot(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("hypot", {x, y}); }
inline Array deg2rad(const ArrayOperand& x) { return elementwise("deg2rad", {x}); }
inline Array rad2deg(const ArrayOperand& x) { return elementwise("rad2deg", {x}); }
inline Array logaddexp(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("logaddexp", {x, y}); }
inline Array logaddexp2(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("logaddexp2", {x, y}); }
inline Array maximum(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("maximum", {x, y}); }
inline Array minimum(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("minimum", {x, y}); }
inline Array fmax(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("fmax", {x, y}); }
inline Array fmin(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("fmin", {x, y}); }
inline Array equal(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("equal", {x, y}); }
inline Array not_equal(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("not_equal", {x, y}); }
inline Array less(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("less", {x, y}); }
inline Array less_equal(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("less_equal", {x, y}); }
inline Array greater(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("greater", {x, y}); }
inline Array greater_equal(const ArrayOperand& x, const ArrayOperand& y) {
  return elementwise("greater_equal", {x, y});
}
inline Array logical_and(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("logical_and", {x, y}); }
inline Array logical_or(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("logical_or", {x, y}); }
inline Array logical_xor(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("logical_xor", {x, y}); }
inline Array logical_not(const ArrayOperand& x) { return elementwise("logical_not", {x}); }
inline Array bitwise_and(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("bitwise_and", {x, y}); }
inline Array bitwise_or(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("bitwise_or", {x, y}); }
inline Array bitwise_xor(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("bitwise_xor", {x, y}); }
inline Array left_shift(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("left_shift", {x, y}); }
inline Array right_shift(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("right_shift", {x, y}); }
inline Array invert(const ArrayOperand& x) { return elementwise("invert", {x}); }
inline Array bitwise_count(const ArrayOperand& x) { return elementwise("bitwise_count", {x}); }
inline Array isnan(const ArrayOperand& x) { return elementwise("isnan", {x}); }
inline Array isinf(const ArrayOperand& x) { return elementwise("isinf", {x}); }
inline Array isfinite(const ArrayOperand& x) { return elementwise("isfinite", {x}); }
inline Array isnat(const ArrayOperand& x) { return elementwise("isnat", {x}); }
inline Array signbit(const ArrayOperand& x) { return elementwise("signbit", {x}); }
inline Array copysign(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("copysign", {x, y}); }
inline Array nextafter(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("nextafter", {x, y}); }
inline Array spacing(const ArrayOperand& x) { return elementwise("spacing", {x}); }
inline Array ldexp(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("ldexp", {x, y}); }
inline Array frexp_mantissa(const ArrayOperand& x) { return elementwise("frexp_mantissa", {x}); }
inline Array frexp_exponent(const ArrayOperand& x) { return elementwise("frexp_exponent", {x}); }
inline Array modf_fractional(const ArrayOperand& x) { return elementwise("modf_fractional", {x}); }
inline Array modf_integral(const ArrayOperand& x) { return elementwise("modf_integral", {x}); }
inline Array heaviside(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("heaviside", {x, y}); }
inline Array gcd(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("gcd", {x, y}); }
inline Array lcm(const ArrayOperand& x, const ArrayOperand& y) { return elementwise("lcm", {x, y}); }
inline Array conjugate(const ArrayOperand& x) { return elementwise("conjugate", {x}); }
inline Array real(const ArrayOperand& x) { return elementwise("real", {x}); }
inline Array imag(const ArrayOperand& x) { return elementwise("imag", {x}); }
inline Array angle(const ArrayOperand& x) { return elementwise("angle", {x}); }
inline Array nan_to_num(const ArrayOperand& x) { return elementwise("nan_to_num", {x}); }

}  // namespace swath::array
