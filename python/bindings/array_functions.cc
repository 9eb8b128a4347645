// Python functions on blocks of arrays: `swath._core.map_blocks`, and `overlap` and `trim`.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "swath/expr/array/map_blocks.h"
#include "swath/expr/array/overlap.h"

#include "array.h"
#include "bindings.h"
#include "block_calls.h"
#include "numpy_bridge.h"

namespace swath::python {
namespace {

PyArray MapBlocks(nb::object function, std::string name, std::string label,
                  const std::vector<std::pair<PyArray, std::vector<int32_t>>>& inputs, std::vector<int64_t> groups,
                  const std::vector<PyNode>& calls, const std::string& result, nb::handle dtype,
                  const std::vector<std::vector<int64_t>>& chunks, std::string token, bool in_process) {
  BlockCallSpec spec{.function = std::move(function),
                     .name = std::move(name),
                     .label = label,
                     .result = BlockResultFrom(result),
                     .dtype = DTypeFromPython(dtype),
                     .grid = ops::Grid(chunks),
                     .in_process = in_process};
  expr::BlockMapping mapping{.label = std::move(label), .identity = result + token, .groups = std::move(groups)};
  std::vector<expr::ArrayPtr> arrays;
  for (const auto& [input, axes] : inputs) {
    arrays.push_back(input.array().node());
    mapping.axes.push_back(axes);
  }
  std::vector<expr::NodePtr> call_nodes;
  for (const PyNode& call : calls) call_nodes.push_back(call.node);
  const DType type = spec.dtype;
  ops::Grid grid = spec.grid;
  mapping.call = MakeCheckedCall(std::move(spec));
  CallScope scope;
  return PyArray(Array(ValueOrRaise(
      expr::MakeMapBlocks(std::move(arrays), std::move(call_nodes), type, std::move(grid), std::move(mapping)))));
}

expr::Boundary BoundaryFrom(const std::string& name) {
  if (name == "none") return expr::Boundary::kNone;
  if (name == "periodic") return expr::Boundary::kPeriodic;
  if (name == "reflect") return expr::Boundary::kReflect;
  if (name == "nearest") return expr::Boundary::kNearest;
  if (name == "constant") return expr::Boundary::kConstant;
  throw nb::value_error(
      ("unknown boundary '" + name + "'; accepted: 'none', 'periodic', 'reflect', 'nearest' or a number").c_str());
}

// (before, after, boundary, bytes of the constant)
using PyAxis = std::tuple<int64_t, int64_t, std::string, nb::bytes>;

std::vector<expr::AxisOverlap> AxesFrom(const std::vector<PyAxis>& axes) {
  std::vector<expr::AxisOverlap> result;
  for (const auto& [before, after, boundary, fill] : axes)
    result.push_back({before, after, BoundaryFrom(boundary), std::string(fill.c_str(), fill.size())});
  return result;
}

}  // namespace

void BindArrayFunctions(nb::module_& module) {
  module.def("map_blocks", &MapBlocks,
             "An array of what function(blocks, block number) returns. inputs: (array, for each of its axes the output "
             "axis, -1 the first block, -2 all blocks).",
             nb::arg("function").none(), nb::arg("name"), nb::arg("label"), nb::arg("inputs"), nb::arg("groups"),
             nb::arg("calls"), nb::arg("result"), nb::arg("dtype"), nb::arg("chunks"), nb::arg("token"),
             nb::arg("in_process") = false);
  module.def(
      "overlap",
      [](const PyArray& x, const std::vector<PyAxis>& axes) {
        CallScope scope;
        return PyArray(Array(ValueOrRaise(expr::MakeOverlap(x.array().node(), AxesFrom(axes)))));
      },
      nb::arg("x"), nb::arg("axes"));
  module.def(
      "trim",
      [](const PyArray& x, const std::vector<PyAxis>& axes) {
        CallScope scope;
        return PyArray(Array(ValueOrRaise(expr::MakeTrim(x.array().node(), AxesFrom(axes)))));
      },
      nb::arg("x"), nb::arg("axes"));
}

}  // namespace swath::python
