// Expressions of bags out of nested tuples of Python (ops/bag_expression.h).
#pragma once

#include <nanobind/nanobind.h>

#include "swath/ops/bag_expression.h"

namespace swath::python {

namespace nb = nanobind;

// `swath._core.BagExpression`.
struct PyBagExpression {
  ops::BagExpressionPtr expression;
};

// TypeError when the object is no native item.
ops::OwnedItem LiteralFromPython(nb::handle object);

void BindBagExpression(nb::module_& module);

}  // namespace swath::python
