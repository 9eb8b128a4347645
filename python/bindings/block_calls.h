// Calls of Python functions on the blocks of arrays and the partitions of tables, with results that are checked.
#pragma once

#include <memory>
#include <string>

#include <nanobind/nanobind.h>

#include "arrow/type_fwd.h"

#include "swath/data/dtype.h"
#include "swath/ops/function_call.h"
#include "swath/ops/grid.h"

namespace swath::python {

namespace nb = nanobind;

struct BlockCallSpec {
  // A callable (values, block) -> result, as ValueToPython gives the values of the task's inputs in Layer order. None:
  // the value of the only input is the result.
  nb::object function;
  std::string name;   // of the user's function
  std::string label;  // for errors: "map_blocks(sin)"
  // What the result must be.
  //   kArray: an array of `dtype` (converted where NumPy's "same_kind" allows) in the shape of the block of `grid`;
  //   kTable: a pyarrow.Table of `schema`; kPieces: a list of tables; kObject: anything.
  enum class Result : uint8_t { kArray, kTable, kPieces, kObject };
  Result result = Result::kObject;
  DType dtype = {};
  ops::Grid grid = {};
  std::shared_ptr<arrow::Schema> schema = {};
  // An input of several pieces stands for the piece with the task's number: the receiving half of an exchange.
  bool takes_piece = false;
  bool in_process = false;  // it has effects on objects of this process: never in a child
};

// Needs the GIL. Under scheduler="processes" the function runs in a child (pickled once, when first needed).
ops::FunctionCallPtr MakeCheckedCall(BlockCallSpec spec);
// "array", "table", "pieces", "object"; ValueError for others.
BlockCallSpec::Result BlockResultFrom(const std::string& name);

}  // namespace swath::python
