// Elementwise operations with broadcasting: NumPy's ufuncs, where, clip and astype. Result dtypes follow NEP 50
// (ops/elementwise.h); chunks are unified as in Dask.
#pragma once

#include <complex>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "swath/expr/array/array_node.h"
#include "swath/ops/tile_program.h"

namespace swath::expr {

// An argument: an array, or a scalar. A weak scalar is a Python bool, int, float or complex (a C++ literal): it takes
// the class of the other arguments' dtype; a strong one (numpy.float32(1)) takes part in promotion.
struct ArrayOperand {
  ArrayPtr array;  // null: the scalar
  ops::ScalarConstant scalar;
  bool weak = false;

  ArrayOperand(ArrayPtr a) : array(std::move(a)) {}  // NOLINT(google-explicit-constructor)
  template <typename T>
  requires requires(const T& a) {
    { a.node() } -> std::convertible_to<ArrayPtr>;
  }
  ArrayOperand(const T& collection) : array(collection.node()) {}  // NOLINT(google-explicit-constructor): swath::Array
  ArrayOperand(ops::ScalarConstant typed) : scalar(typed) {}       // NOLINT(google-explicit-constructor)
  // bool is strong (NumPy has no weak one), integers and floats are weak.
  template <typename T>
  requires std::is_arithmetic_v<T> ArrayOperand(T value)  // NOLINT(google-explicit-constructor)
      : scalar(std::is_same_v<T, bool>       ? ops::ScalarConstant::Bool(static_cast<bool>(value))
               : std::is_floating_point_v<T> ? ops::ScalarConstant::Float(static_cast<double>(value))
                                             : ops::ScalarConstant::Int(static_cast<int64_t>(value))),
        weak(!std::is_same_v<T, bool>) {}
  ArrayOperand(std::complex<double> value)  // NOLINT(google-explicit-constructor): weak
      : scalar(ops::ScalarConstant::Complex(value.real(), value.imag())), weak(true) {}
};

// A row of ops/elementwise.h applied to arrays. `dtype`: as NumPy's dtype= argument. TypeError where NumPy has no loop,
// Invalid where shapes do not broadcast, KeyError for an unknown op.
Result<ArrayPtr> MakeElementwise(std::string_view op, const std::vector<ArrayOperand>& operands,
                                 std::optional<DType> dtype = std::nullopt);
// x.astype(dtype): TypeError where `casting` forbids it.
Result<ArrayPtr> MakeCast(const ArrayPtr& x, DType dtype, std::string_view casting = "unsafe");

class ElementwiseNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "elementwise";
  // An argument of the loop: input number `input`, or the constant when it is -1. All are already of the loop's dtypes.
  struct Argument {
    int32_t input = -1;
    ops::ScalarConstant constant;
  };
  ElementwiseNode(Token token, std::vector<NodePtr> inputs, DType dtype, ops::Grid grid, std::string_view function,
                  std::vector<Argument> arguments)
      : ArrayNode(token, std::move(inputs), dtype, std::move(grid)),
        function_(function),
        arguments_(std::move(arguments)) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override;
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  std::string_view function() const { return function_; }  // a string literal of the catalogue
  const std::vector<Argument>& arguments() const { return arguments_; }

 private:
  std::string_view function_;
  std::vector<Argument> arguments_;
};

}  // namespace swath::expr
