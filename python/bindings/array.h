// The expression of an array as Python holds it, and conversions of arguments, shared by the array*.cc files.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>

#include "swath/api/array.h"

#include "errors.h"
#include "runtime.h"

namespace swath::python {

// `swath._core.Array`: a Node that is an array.
struct PyArray : PyNode {
  PyArray() = default;
  explicit PyArray(const Array& array) : PyNode{array.node()} {}
  Array array() const { return Array(std::static_pointer_cast<const expr::ArrayNode>(node)); }
};

// A strong scalar out of a NumPy scalar, a weak operand out of a Python number, or an array. TypeError for anything
// else.
expr::ArrayOperand OperandFromPython(nb::handle value);
// The constant of a Python number or NumPy scalar, with the dtype that NumPy gives it.
ops::ScalarConstant ScalarFromPython(nb::handle value);
// An int, "auto" or byte text, None, a sequence of these or of block lengths, or a dict by axis.
expr::ChunkSpec ChunksFromPython(nb::handle chunks);
std::optional<DType> OptionalDType(nb::handle dtype);
std::vector<Array> ArraysOf(const std::vector<PyArray>& arrays);

// Calls a function of the C++ API with the user's line recorded.
template <typename Make>
PyArray MakeArray(Make&& make) {
  CallScope scope;
  return PyArray(make());
}

}  // namespace swath::python
