// ScalarConstant: one value of any dtype of ours, kept in the widest type of its class. A value type, used as a
// parameter of operations (a Python scalar in an expression, the fill value of `full`).
#pragma once

#include <cstdint>
#include <string>

#include "swath/base/status.h"
#include "swath/data/dtype.h"

namespace swath::ops {

struct ScalarConstant {
  DType dtype;
  int64_t i = 0;          // bool, signed, unsigned (as bits), dates
  double re = 0, im = 0;  // floats and complex
  friend bool operator==(const ScalarConstant&, const ScalarConstant&) = default;

  static ScalarConstant Bool(bool value) { return {swath::kBool, value, 0, 0}; }
  static ScalarConstant Int(int64_t value, DType dtype = swath::kInt64) { return {dtype, value, 0, 0}; }
  static ScalarConstant Float(double value, DType dtype = swath::kFloat64) { return {dtype, 0, value, 0}; }
  static ScalarConstant Complex(double re, double im, DType dtype = swath::kComplex128) { return {dtype, 0, re, im}; }

  std::string ToString() const;  // "2", "1.5", "(1+2j)", "True"
};

// `value` converted as NumPy's astype converts (integers wrap, floats are cut off, dates change their unit, float16 and
// float32 round). TypeError when there is no such cast.
Result<ScalarConstant> CastScalar(const ScalarConstant& value, const DType& to);
// The same for a Python scalar that meets an array of dtype `to` (NEP 50): Invalid "Python integer 300 out of bounds
// for uint8" when an integer does not fit.
Result<ScalarConstant> CastWeakScalar(const ScalarConstant& value, const DType& to);

}  // namespace swath::ops
