// Python arguments -> the engine's operands, scalars and chunk specifications.
#include <complex>
#include <map>
#include <string>

#include <nanobind/stl/string.h>

#include "array.h"
#include "numpy_bridge.h"

namespace swath::python {
namespace {

// A Python int as int64, or as the bits of a uint64; OverflowError (as NumPy) for a larger one.
ops::ScalarConstant IntConstant(nb::handle value) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow == 0) {
    if (number == -1 && PyErr_Occurred()) throw nb::python_error();
    return ops::ScalarConstant::Int(number);
  }
  const unsigned long long bits = PyLong_AsUnsignedLongLong(value.ptr());
  if (PyErr_Occurred()) throw nb::python_error();
  return ops::ScalarConstant::Int(static_cast<int64_t>(bits), kUInt64);
}

std::complex<double> ComplexOf(nb::handle value) {
  const Py_complex number = PyComplex_AsCComplex(value.ptr());
  if (number.real == -1.0 && PyErr_Occurred()) throw nb::python_error();
  return {number.real, number.imag};
}

bool IsNumpyScalar(nb::handle value) { return nb::hasattr(value, "dtype") && nb::hasattr(value, "item"); }

}  // namespace

ops::ScalarConstant ScalarFromPython(nb::handle value) {
  if (PyBool_Check(value.ptr())) return ops::ScalarConstant::Bool(value.is(Py_True));
  if (PyLong_CheckExact(value.ptr())) return IntConstant(value);
  if (PyFloat_CheckExact(value.ptr())) return ops::ScalarConstant::Float(PyFloat_AS_DOUBLE(value.ptr()));
  if (PyComplex_CheckExact(value.ptr())) {
    const auto number = ComplexOf(value);
    return ops::ScalarConstant::Complex(number.real(), number.imag());
  }
  if (!IsNumpyScalar(value)) {
    throw nb::type_error(
        ("expected a number, got " + nb::cast<std::string>(nb::str(value.type().attr("__name__")))).c_str());
  }
  const DType dtype = DTypeFromPython(value.attr("dtype"));
  if (dtype.is_date()) {
    ops::ScalarConstant constant = ops::ScalarConstant::Int(nb::cast<int64_t>(value.attr("view")("i8").attr("item")()));
    constant.dtype = dtype;
    return constant;
  }
  nb::object item = value.attr("item")();
  ops::ScalarConstant constant;
  if (dtype.is_bool()) {
    constant = ops::ScalarConstant::Bool(nb::cast<bool>(item));
  } else if (dtype.is_integer()) {
    constant = IntConstant(item);
  } else if (dtype.is_floating()) {
    constant = ops::ScalarConstant::Float(nb::cast<double>(item));
  } else if (dtype.is_complex()) {
    const auto number = ComplexOf(item);
    constant = ops::ScalarConstant::Complex(number.real(), number.imag());
  } else {
    throw nb::type_error(("a scalar of dtype " + dtype.ToString() + " cannot stand in an expression").c_str());
  }
  constant.dtype = dtype;
  return constant;
}

expr::ArrayOperand OperandFromPython(nb::handle value) {
  PyArray* array = nullptr;
  if (nb::try_cast<PyArray*>(value, array) && array) return array->array().node();
  expr::ArrayOperand operand(ScalarFromPython(value));
  operand.weak = PyLong_CheckExact(value.ptr()) || PyFloat_CheckExact(value.ptr()) || PyComplex_CheckExact(value.ptr());
  return operand;
}

namespace {

// One axis, when it is not the lengths of its blocks.
std::optional<expr::AxisChunks> SimpleAxis(nb::handle chunks) {
  if (chunks.is_none()) return expr::AxisChunks();
  if (nb::isinstance<nb::str>(chunks)) return expr::AxisChunks(nb::cast<std::string>(chunks));
  if (PyIndex_Check(chunks.ptr())) {
    const int64_t length = PyNumber_AsSsize_t(chunks.ptr(), PyExc_OverflowError);
    if (length == -1 && PyErr_Occurred()) throw nb::python_error();
    return expr::AxisChunks(length);
  }
  if (PyFloat_Check(chunks.ptr())) {
    const double length = PyFloat_AS_DOUBLE(chunks.ptr());
    if (length == static_cast<double>(static_cast<int64_t>(length)))
      return expr::AxisChunks(static_cast<int64_t>(length));
    throw nb::value_error("chunk lengths must be whole numbers");
  }
  return std::nullopt;
}

expr::AxisChunks AxisFromPython(nb::handle chunks) {
  if (auto simple = SimpleAxis(chunks)) return *simple;
  std::vector<int64_t> lengths;
  for (nb::handle length : chunks) {
    auto one = SimpleAxis(length);
    if (!one || !one->length())
      throw nb::value_error("the blocks of an axis are given by their lengths: whole numbers");
    lengths.push_back(*one->length());
  }
  return lengths;
}

}  // namespace

expr::ChunkSpec ChunksFromPython(nb::handle chunks) {
  if (auto simple = SimpleAxis(chunks)) return *simple;
  if (nb::isinstance<nb::dict>(chunks)) {
    std::map<int64_t, expr::AxisChunks> by_axis;
    for (auto [axis, rule] : nb::cast<nb::dict>(chunks)) by_axis[nb::cast<int64_t>(axis)] = AxisFromPython(rule);
    return by_axis;
  }
  if (!PySequence_Check(chunks.ptr())) {
    throw nb::value_error(
        "chunks must be a number, a tuple with one rule an axis, a dict by axis, 'auto' or a size such as '64MiB'");
  }
  std::vector<expr::AxisChunks> axes;
  for (nb::handle rule : chunks) axes.push_back(AxisFromPython(rule));
  return axes;
}

std::optional<DType> OptionalDType(nb::handle dtype) {
  if (dtype.is_none()) return std::nullopt;
  return DTypeFromPython(dtype);
}

std::vector<Array> ArraysOf(const std::vector<PyArray>& arrays) {
  std::vector<Array> result;
  result.reserve(arrays.size());
  for (const PyArray& array : arrays) result.push_back(array.array());
  return result;
}

}  // namespace swath::python
