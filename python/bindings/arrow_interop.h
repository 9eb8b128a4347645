// Arrow data and Python objects, through the Arrow PyCapsule protocol: no copy, no dependency on pyarrow's C++
// interface. Everything here needs the GIL; what runs long releases it.
#pragma once

#include <memory>

#include <nanobind/nanobind.h>

#include "arrow/type_fwd.h"

namespace swath::python {

namespace nb = nanobind;

// An object with `__arrow_c_stream__`: a table on its way to Python. The stream may be taken many times.
struct ArrowStream {
  std::shared_ptr<arrow::Table> table;
};

// An object with `__arrow_c_array__`: an array, or one scalar as an array of one, on its way to Python.
struct ArrowArrayOut {
  std::shared_ptr<arrow::Array> array;
};

// "arrow_schema" capsule.
nb::object ExportSchema(const arrow::Schema& schema);
// The table of an object with `__arrow_c_stream__`. TypeError for others.
std::shared_ptr<arrow::Table> ImportTable(nb::handle object);
// The array of an object with `__arrow_c_array__`.
std::shared_ptr<arrow::Array> ImportArray(nb::handle object);
// The type of an object with `__arrow_c_schema__` (a pyarrow.DataType).
std::shared_ptr<arrow::DataType> ImportType(nb::handle object);
// int, float, bool, str and None as Python's own; anything else as an ArrowArrayOut of one.
nb::object ScalarToPython(const std::shared_ptr<arrow::Scalar>& scalar);

void BindArrow(nb::module_& module);

}  // namespace swath::python
