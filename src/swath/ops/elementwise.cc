#include "swath/ops/elementwise.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

#include "swath/ops/elementwise_dates.h"

namespace swath::ops {
namespace {

// Loop lists that many ufuncs share.
constexpr std::string_view kAll = "?bBhHiIlLefdFD";
constexpr std::string_view kNumbers = "bBhHiIlLefdFD";
constexpr std::string_view kReals = "bBhHiIlLefd";
constexpr std::string_view kBoolReals = "?bBhHiIlLefd";
constexpr std::string_view kInexact = "efdFD";
constexpr std::string_view kFloats = "efd";
constexpr std::string_view kBits = "?bBhHiIlL";
constexpr std::string_view kInts = "bBhHiIlL";

// Results beside those that the header names: 'i' int32, 'u' uint8, 'c' the result is given by the caller (cast).
constexpr ElementwiseOp kOps[] = {
    {"add", 2, kAll, '=', "+", "x + y; the \"or\" of bools"},
    {"subtract", 2, kNumbers, '=', "-", "x - y"},
    {"multiply", 2, kAll, '=', "*", "x * y; the \"and\" of bools"},
    {"divide", 2, kInexact, '/', "/", "x / y; integers are divided as float64"},
    {"floor_divide", 2, kReals, '=', "//", "the largest integer not above x / y; 0 for a zero integer y"},
    {"remainder", 2, kReals, '=', "%", "x - y * floor(x / y): the sign of y; 0 for a zero integer y"},
    {"fmod", 2, kReals, '=', "", "the C remainder: the sign of x"},
    {"power", 2, kNumbers, '=', "**", "x to the power y; integers wrap, a negative integer y is an error"},
    {"float_power", 2, "dD", '=', "", "x to the power y in float64 or complex128"},
    {"negative", 1, kNumbers, '=', "-", "-x"},
    {"positive", 1, kNumbers, '=', "+", "x"},
    {"absolute", 1, kAll, 'r', "", "|x|; of complex numbers the modulus"},
    {"fabs", 1, kFloats, '=', "", "|x| as a float"},
    {"sign", 1, kNumbers, '=', "", "-1, 0 or 1; x / |x| of complex numbers; NaN stays"},
    {"rint", 1, kInexact, '=', "", "the nearest integer, halves to even"},
    {"floor", 1, kBoolReals, '=', "", "the largest integer not above x"},
    {"ceil", 1, kBoolReals, '=', "", "the smallest integer not below x"},
    {"trunc", 1, kBoolReals, '=', "", "x without its fraction"},
    {"round", 2, kNumbers, '=', "", "x rounded to `decimals` places, halves to even (numpy.round)"},
    {"sqrt", 1, kInexact, '=', "", "the square root; NaN of negative reals"},
    {"cbrt", 1, kFloats, '=', "", "the cube root"},
    {"square", 1, kNumbers, '=', "", "x * x"},
    {"reciprocal", 1, kNumbers, '=', "", "1 / x; of integers cut off"},
    {"exp", 1, kInexact, '=', "", "e to the power x"},
    {"exp2", 1, kInexact, '=', "", "2 to the power x"},
    {"expm1", 1, kInexact, '=', "", "exp(x) - 1, exact near 0"},
    {"log", 1, kInexact, '=', "", "the natural logarithm"},
    {"log2", 1, kInexact, '=', "", "the logarithm to base 2"},
    {"log10", 1, kInexact, '=', "", "the logarithm to base 10"},
    {"log1p", 1, kInexact, '=', "", "log(1 + x), exact near 0"},
    {"sin", 1, kInexact, '=', "", "sine of radians"},
    {"cos", 1, kInexact, '=', "", "cosine of radians"},
    {"tan", 1, kInexact, '=', "", "tangent of radians"},
    {"arcsin", 1, kInexact, '=', "", "inverse sine"},
    {"arccos", 1, kInexact, '=', "", "inverse cosine"},
    {"arctan", 1, kInexact, '=', "", "inverse tangent"},
    {"sinh", 1, kInexact, '=', "", "hyperbolic sine"},
    {"cosh", 1, kInexact, '=', "", "hyperbolic cosine"},
    {"tanh", 1, kInexact, '=', "", "hyperbolic tangent"},
    {"arcsinh", 1, kInexact, '=', "", "inverse hyperbolic sine"},
    {"arccosh", 1, kInexact, '=', "", "inverse hyperbolic cosine"},
    {"arctanh", 1, kInexact, '=', "", "inverse hyperbolic tangent"},
    {"arctan2", 2, kFloats, '=', "", "the angle of the point (y = first, x = second)"},
    {"hypot", 2, kFloats, '=', "", "sqrt(x*x + y*y) without overflow"},
    {"deg2rad", 1, kFloats, '=', "", "degrees to radians"},
    {"rad2deg", 1, kFloats, '=', "", "radians to degrees"},
    {"logaddexp", 2, kFloats, '=', "", "log(exp(x) + exp(y))"},
    {"logaddexp2", 2, kFloats, '=', "", "log2(2**x + 2**y)"},
    {"maximum", 2, kAll, '=', "", "the larger; NaN wins"},
    {"minimum", 2, kAll, '=', "", "the smaller; NaN wins"},
    {"fmax", 2, kAll, '=', "", "the larger; NaN loses"},
    {"fmin", 2, kAll, '=', "", "the smaller; NaN loses"},
    {"equal", 2, kAll, '?', "==", "x == y"},
    {"not_equal", 2, kAll, '?', "!=", "x != y"},
    {"less", 2, kAll, '?', "<", "x < y; complex numbers by real, then imaginary part"},
    {"less_equal", 2, kAll, '?', "<=", "x <= y"},
    {"greater", 2, kAll, '?', ">", "x > y"},
    {"greater_equal", 2, kAll, '?', ">=", "x >= y"},
    {"logical_and", 2, kAll, '?', "", "x and y, as truth values"},
    {"logical_or", 2, kAll, '?', "", "x or y, as truth values"},
    {"logical_xor", 2, kAll, '?', "", "one of x and y, as truth values"},
    {"logical_not", 1, kAll, '?', "", "not x, as truth value"},
    {"bitwise_and", 2, kBits, '=', "&", "x & y"},
    {"bitwise_or", 2, kBits, '=', "|", "x | y"},
    {"bitwise_xor", 2, kBits, '=', "^", "x ^ y"},
    {"left_shift", 2, kInts, '=', "<<", "x << y; 0 when y is not below the bits"},
    {"right_shift", 2, kInts, '=', ">>", "x >> y; the sign's bits when y is not below the bits"},
    {"invert", 1, kBits, '=', "~", "all bits flipped; \"not\" of bools"},
    {"bitwise_count", 1, kInts, 'u', "", "the number of set bits of |x|"},
    {"isnan", 1, kAll, '?', "", "is x not a number (or NaT)?"},
    {"isinf", 1, kAll, '?', "", "is x infinite?"},
    {"isfinite", 1, kAll, '?', "", "is x neither infinite nor NaN nor NaT?"},
    {"isnat", 1, "", '?', "", "is x not a time?"},
    {"signbit", 1, kFloats, '?', "", "is the sign bit set?"},
    {"copysign", 2, kFloats, '=', "", "|x| with the sign of y"},
    {"nextafter", 2, kFloats, '=', "", "the next float from x towards y"},
    {"spacing", 1, kFloats, '=', "", "the distance from x to the next float away from 0"},
    {"ldexp", 2, kFloats, 'x', "", "x * 2**exponent"},
    {"frexp_mantissa", 1, kFloats, '=', "", "m of x = m * 2**e with 0.5 <= |m| < 1"},
    {"frexp_exponent", 1, kFloats, 'i', "", "e of x = m * 2**e with 0.5 <= |m| < 1"},
    {"modf_fractional", 1, kFloats, '=', "", "the fraction of x, with its sign"},
    {"modf_integral", 1, kFloats, '=', "", "x without its fraction"},
    {"heaviside", 2, kFloats, '=', "", "0 below 0, y at 0, 1 above"},
    {"gcd", 2, kInts, '=', "", "the greatest common divisor of |x| and |y|"},
    {"lcm", 2, kInts, '=', "", "the least common multiple of |x| and |y|"},
    {"conjugate", 1, kNumbers, '=', "", "the complex conjugate"},
    {"real", 1, kAll, 'r', "", "the real part"},
    {"imag", 1, kAll, 'r', "", "the imaginary part; 0 of reals"},
    {"angle", 1, kInexact, 'r', "", "the angle of a complex number"},
    {"where", 3, kAll, 'w', "", "x where the condition is true, y elsewhere"},
    {"clip", 3, kAll, '=', "", "x, but at least `low` and at most `high`"},
    {"nan_to_num", 1, kAll, '=', "", "NaN as 0, infinities as the largest finite numbers"},
    {"cast", 1, kAll, 'c', "", "x as another dtype (numpy.astype)"},
};

struct OpAlias {
  std::string_view alias, name;
};
constexpr OpAlias kAliases[] = {
    {"abs", "absolute"},
    {"true_divide", "divide"},
    {"mod", "remainder"},
    {"radians", "deg2rad"},
    {"degrees", "rad2deg"},
    {"around", "round"},
    {"conj", "conjugate"},
    {"fix", "trunc"},
    {"pow", "power"},
    {"bitwise_not", "invert"},
    {"acos", "arccos"},
    {"acosh", "arccosh"},
    {"asin", "arcsin"},
    {"asinh", "arcsinh"},
    {"atan", "arctan"},
    {"atan2", "arctan2"},
    {"atanh", "arctanh"},
    {"astype", "cast"},
    {"bitwise_invert", "invert"},
    {"bitwise_left_shift", "left_shift"},
    {"bitwise_right_shift", "right_shift"},
};

Result<DType> TypeOfLetter(char letter) { return DType::Parse(std::string_view(&letter, 1)); }

DType RealOf(const DType& type) {
  return type.kind == Kind::kComplex64 ? kFloat32 : type.kind == Kind::kComplex128 ? kFloat64 : type;
}

Status NotSupported(const ElementwiseOp& op) {
  return Status::TypeError("ufunc '", op.name,
                           "' not supported for the input types, and the inputs could not be safely coerced to any "
                           "supported types according to the casting rule ''safe''");
}

Status NoLoop(const ElementwiseOp& op, std::span<const OperandType> operands) {
  std::string types;
  for (const OperandType& operand : operands)
    types += (types.empty() ? "" : ", ") + ("dtype('" + operand.dtype.ToString() + "')");
  return Status::TypeError("ufunc '", op.name, "' did not contain a loop with signature matching types (", types,
                           ") -> None");
}

// What NumPy refuses for bools in words of its own.
Status CheckBools(const ElementwiseOp& op) {
  if (op.name == "subtract") {
    return Status::TypeError(
        "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the "
        "logical_xor function instead.");
  }
  if (op.name == "negative") {
    return Status::TypeError(
        "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the logical_not "
        "function instead.");
  }
  if (op.name == "positive" || op.name == "sign") {
    return Status::TypeError("ufunc '", op.name, "' did not contain a loop with signature matching types ",
                             "<class 'numpy.dtypes.BoolDType'> -> None");
  }
  return op.name == "gcd" || op.name == "lcm" ? NotSupported(op) : Status::OK();
}

// The first loop to which every operand can be cast safely. Weak scalars have no dtype of their own: with one of them
// it is the common dtype that counts. (int8 with uint8 is int16, but arctan2 of them runs in float16, which holds
// both.)
Result<DType> ChooseLoop(const ElementwiseOp& op, std::span<const OperandType> operands) {
  ASSIGN_OR_RETURN(const DType common, ResultType(operands));
  const bool weak = std::any_of(operands.begin(), operands.end(), [](const OperandType& o) { return o.weak; });
  for (char letter : op.loops) {
    ASSIGN_OR_RETURN(const DType loop, TypeOfLetter(letter));
    bool safe = true;
    for (const OperandType& operand : operands) {
      ASSIGN_OR_RETURN(const bool one, CanCast(weak ? common : operand.dtype, loop, "safe"));
      safe &= one;
    }
    if (safe) return loop;
  }
  return NotSupported(op);
}

ElementwiseLoop LoopOf(const ElementwiseOp& op, const DType& loop) {
  ElementwiseLoop out{{loop, loop, loop}, loop};
  switch (op.result) {
    case '?':
      out.result = kBool;
      break;
    case 'r':
      out.result = RealOf(loop);
      break;
    case 'i':
      out.result = kInt32;
      break;
    case 'u':
      out.result = kUInt8;
      break;
    case 'x':
      out.arguments[1] = kInt64;
      break;
    default:
      break;
  }
  return out;
}

Result<ElementwiseLoop> ResolveWhere(std::span<const OperandType> operands) {
  ASSIGN_OR_RETURN(const DType type, ResultType(operands.subspan(1)));
  return ElementwiseLoop{{kBool, type, type}, type};
}

// Strings know comparisons only.
Result<ElementwiseLoop> ResolveStrings(const ElementwiseOp& op, std::span<const OperandType> operands) {
  const bool all =
      std::all_of(operands.begin(), operands.end(), [](const OperandType& o) { return o.dtype.is_string(); });
  const bool comparison = op.result == '?' && op.arity == 2 && !op.symbol.empty();
  if (!comparison || !all || operands[0].dtype.kind != operands[1].dtype.kind) return NoLoop(op, operands);
  ASSIGN_OR_RETURN(const DType type, Promote(operands[0].dtype, operands[1].dtype));
  return ElementwiseLoop{{type, type, type}, kBool};
}

// NumPy compares int64 with uint64 exactly, without a common type.
bool IsMixedComparison(const ElementwiseOp& op, std::span<const OperandType> operands) {
  if (op.result != '?' || op.symbol.empty() || operands.size() != 2) return false;
  const DType &a = operands[0].dtype, &b = operands[1].dtype;
  return !operands[0].weak && !operands[1].weak && ((a.is_signed() && b == kUInt64) || (a == kUInt64 && b.is_signed()));
}

Result<ElementwiseLoop> ResolveLdexp(const ElementwiseOp& op, std::span<const OperandType> operands) {
  const DType& exponent = operands[1].dtype;
  if (!(exponent.is_bool() || exponent.is_integer()) || exponent == kUInt64) return NotSupported(op);
  // The first loop takes a Python integer.
  if (operands[0].weak && operands[0].dtype.is_integer() && !exponent.is_bool()) return LoopOf(op, kFloat16);
  ASSIGN_OR_RETURN(const DType loop, ChooseLoop(op, operands.first(1)));
  return LoopOf(op, loop);
}

Result<ElementwiseLoop> ResolveRound(const ElementwiseOp& op, std::span<const OperandType> operands) {
  // numpy.round of bools gives float16; integers stay what they are.
  const DType type = operands[0].dtype.is_bool() ? kFloat16 : operands[0].dtype;
  if (!type.is_numeric()) return NotSupported(op);
  return ElementwiseLoop{{type, kInt64, kInt64}, type};
}

}  // namespace

std::span<const ElementwiseOp> ElementwiseOps() { return kOps; }

Result<const ElementwiseOp*> FindElementwise(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const ElementwiseOp*> map;
    for (const ElementwiseOp& op : kOps) map[op.name] = &op;
    for (const OpAlias& alias : kAliases) map[alias.alias] = map.at(alias.name);
    return map;
  }();
  const auto it = by_name.find(name);
  if (it == by_name.end())
    return Status::KeyError("no elementwise operation '", name, "'; see ops/elementwise.cc for the list");
  return it->second;
}

Result<DType> ResultType(std::span<const OperandType> operands) {
  CHECK(!operands.empty());
  std::optional<DType> strong;
  for (const OperandType& operand : operands) {
    if (operand.weak) continue;
    if (!strong) {
      strong = operand.dtype;
    } else {
      ASSIGN_OR_RETURN(strong, Promote(*strong, operand.dtype));
    }
  }
  std::optional<DType> weak;
  for (const OperandType& operand : operands) {
    if (!operand.weak) continue;
    if (!weak || operand.dtype.kind > weak->kind) weak = operand.dtype;
  }
  if (!strong) return *weak;
  if (!weak) return *strong;
  // A Python scalar raises the class (bool < integer < float < complex), never the width within it.
  if (strong->is_string()) {
    return Status::TypeError("The DTypes ", strong->ToString(), " and ", weak->ToString(),
                             " do not have a common DType");
  }
  if (strong->is_date()) return Promote(*strong, *weak);
  if (weak->is_complex()) {
    if (strong->is_complex()) return *strong;
    const bool narrow = *strong == kFloat32 || *strong == kFloat16;
    return narrow ? kComplex64 : kComplex128;
  }
  if (weak->is_floating()) return strong->is_floating() || strong->is_complex() ? *strong : kFloat64;
  return strong->is_bool() ? *weak : *strong;
}

Result<ElementwiseLoop> ResolveElementwise(const ElementwiseOp& op, std::span<const OperandType> operands) {
  if (static_cast<int32_t>(operands.size()) != op.arity) {
    return Status::TypeError(op.name, "() takes ", op.arity, " arguments, ", operands.size(), " given");
  }
  if (op.result == 'c') return Status::Invalid("the result dtype of a cast is its parameter, not a rule");
  if (op.result == 'w') return ResolveWhere(operands);
  if (op.name == "round" && !operands[0].dtype.is_date()) return ResolveRound(op, operands);
  const auto any = [&](auto predicate) {
    return std::any_of(operands.begin(), operands.end(), [&](const OperandType& o) { return predicate(o.dtype); });
  };
  if (any([](const DType& type) { return type.is_date(); })) return ResolveDates(op, operands);
  if (any([](const DType& type) { return type.is_string(); })) return ResolveStrings(op, operands);
  if (op.result == 'x') return ResolveLdexp(op, operands);
  if (IsMixedComparison(op, operands)) {
    ElementwiseLoop loop{
        {operands[0].dtype == kUInt64 ? kUInt64 : kInt64, operands[1].dtype == kUInt64 ? kUInt64 : kInt64, kBool},
        kBool};
    return loop;
  }
  ASSIGN_OR_RETURN(const DType common, ResultType(operands));
  if (common.is_bool()) RETURN_IF_ERROR(CheckBools(op));
  if (op.loops.empty()) return NoLoop(op, operands);
  // Integers divide as float64 whatever their width; float_power, sqrt and the like choose by width.
  if (op.result == '/' && (common.is_integer() || common.is_bool())) return LoopOf(op, kFloat64);
  ASSIGN_OR_RETURN(const DType loop, ChooseLoop(op, operands));
  return LoopOf(op, loop);
}

}  // namespace swath::ops
