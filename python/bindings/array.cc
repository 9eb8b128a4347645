// swath._core.Array: what is known of an array, making one from memory, and results as NumPy arrays.
#include "array.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "swath/api/creation.h"
#include "swath/base/units.h"

#include "bindings.h"
#include "numpy_bridge.h"

namespace swath::python {
namespace {

nb::tuple IntTuple(std::span<const int64_t> values) {
  nb::object tuple = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(values.size())));
  for (size_t i = 0; i < values.size(); ++i) PyTuple_SET_ITEM(tuple.ptr(), i, PyLong_FromLongLong(values[i]));
  return nb::borrow<nb::tuple>(tuple);
}

nb::tuple ChunksTuple(const ops::Grid& grid) {
  nb::list axes;
  for (const auto& lengths : grid.chunks()) axes.append(IntTuple(lengths));
  return nb::tuple(axes);
}

// The whole array as one NumPy array; takes the blocks out of `values`, so that memory is freed while it is copied.
nb::object ResultToNumpy(const PyArray& self, PyValues& values) {
  Result<Chunk> chunk = [&] {
    nb::gil_scoped_release release;
    return AssembleChunk(*self.array().node(), std::move(values.values));
  }();
  return ChunkToNumpy(ValueOrRaise(std::move(chunk)));
}

// The same array on blocks that are in memory already.
PyArray Hold(const PyArray& self, PyValues& values) {
  const auto node = self.array().node();
  std::vector<Chunk> blocks;
  blocks.reserve(values.values.size());
  for (Value& value : values.values) {
    if (!value.chunk()) throw nb::type_error("the computed blocks of an array are not chunks");
    blocks.push_back(*value.chunk());
  }
  values.values.clear();
  return MakeArray([&] { return array::from_blocks(std::move(blocks), node->grid().chunks(), node->dtype()); });
}

nb::tuple NormalizedChunks(nb::handle chunks, const Shape& shape, nb::handle dtype, int64_t limit,
                           nb::handle previous) {
  std::optional<ops::Grid> grid;
  if (!previous.is_none()) grid.emplace(nb::cast<std::vector<std::vector<int64_t>>>(previous));
  const auto result =
      expr::NormalizeChunks(ChunksFromPython(chunks), shape, DTypeFromPython(dtype), limit, grid ? &*grid : nullptr);
  return ChunksTuple(ValueOrRaise(result));
}

}  // namespace

void BindArray(nb::module_& module) {
  nb::class_<PyArray, PyNode>(module, "Array", "The expression of an array.")
      .def_prop_ro("shape", [](const PyArray& self) { return IntTuple(self.array().shape()); })
      .def_prop_ro("dtype", [](const PyArray& self) { return DTypeToPython(self.array().dtype()); })
      .def_prop_ro("chunks", [](const PyArray& self) { return ChunksTuple(self.array().node()->grid()); })
      .def_prop_ro("label", [](const PyArray& self) { return self.array().node()->Label(); })
      .def_prop_ro("name", [](const PyArray& self) { return self.array().name(); });
  module.def(
      "as_array",
      [](const PyNode& node) {
        expr::ArrayPtr array = expr::AsArray(node.node);
        if (!array) throw nb::type_error("this expression is not an array");
        return PyArray(Array(std::move(array)));
      },
      nb::arg("node"));
  module.def("array_result", &ResultToNumpy, "The computed blocks as one NumPy array.", nb::arg("node"),
             nb::arg("values"));
  module.def("array_hold", &Hold, nb::arg("node"), nb::arg("values"));
  module.def(
      "from_numpy",
      [](nb::object data, nb::object chunks) {
        return MakeArray([&] { return array::from_chunk(ChunkFromNumpy(data), ChunksFromPython(chunks)); });
      },
      "Views of a NumPy array as blocks.", nb::arg("data"), nb::arg("chunks").none());
  module.def("normalize_chunks", &NormalizedChunks, nb::arg("chunks").none(), nb::arg("shape"), nb::arg("dtype"),
             nb::arg("limit") = 0, nb::arg("previous").none() = nb::none());
  module.def(
      "parse_bytes", [](const std::string& text) { return ValueOrRaise(ParseBytes(text)); }, nb::arg("text"));
}

}  // namespace swath::python
