// The operations on arrays, one Python function for each function of the C++ API; names and arguments are polished in
// python/swath/array.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "swath/api/creation.h"
#include "swath/api/manipulation.h"
#include "swath/api/random.h"
#include "swath/ops/elementwise.h"
#include "swath/ops/random.h"
#include "swath/ops/reduction.h"

#include "array.h"
#include "bindings.h"
#include "numpy_bridge.h"

namespace swath::python {
namespace {

using Integers = std::vector<int64_t>;

nb::str Text(std::string_view text) { return nb::str(text.data(), text.size()); }

expr::IndexItem IndexItemFromPython(nb::handle item) {
  if (item.is_none()) return expr::NewAxis{};
  if (item.is(Py_Ellipsis)) return expr::Ellipsis{};
  if (PySlice_Check(item.ptr())) {
    auto part = [&](const char* name) -> std::optional<int64_t> {
      nb::object value = item.attr(name);
      if (value.is_none()) return std::nullopt;
      // clipped, as Python clips slices that reach further than any array
      const Py_ssize_t number = PyNumber_AsSsize_t(value.ptr(), nullptr);
      if (number == -1 && PyErr_Occurred()) throw nb::python_error();
      return number;
    };
    return expr::Slice{part("start"), part("stop"), part("step")};
  }
  if (PyIndex_Check(item.ptr())) {
    const Py_ssize_t number = PyNumber_AsSsize_t(item.ptr(), PyExc_IndexError);
    if (number == -1 && PyErr_Occurred()) throw nb::python_error();
    return int64_t{number};
  }
  return nb::cast<Integers>(item);
}

PyArray Index(const PyArray& x, nb::list items) {
  std::vector<expr::IndexItem> index;
  for (nb::handle item : items) index.push_back(IndexItemFromPython(item));
  return MakeArray([&] { return x.array().index(index); });
}

PyArray Elementwise(const std::string& op, nb::list arguments, nb::object dtype) {
  std::vector<ArrayOperand> operands;
  for (nb::handle argument : arguments) operands.push_back(OperandFromPython(argument));
  return MakeArray([&] { return array::elementwise(op, operands, OptionalDType(dtype)); });
}

PyArray Reduce(const std::string& op, const PyArray& x, std::optional<Integers> axes, bool keepdims, nb::object dtype,
               int64_t ddof, int64_t split_every) {
  Axes axis;
  axis.axes = std::move(axes);
  return MakeArray([&] {
    return x.array().reduce(
        op, axis, {.keepdims = keepdims, .dtype = OptionalDType(dtype), .ddof = ddof, .split_every = split_every});
  });
}

void BindElementwise(nb::module_& module) {
  module.def("elementwise", &Elementwise, nb::arg("op"), nb::arg("arguments"), nb::arg("dtype").none() = nb::none());
  module.def(
      "elementwise_ops",
      [] {
        nb::list rows;
        for (const auto& op : ops::ElementwiseOps())
          rows.append(nb::make_tuple(Text(op.name), op.arity, Text(op.doc), Text(op.loops)));
        return rows;
      },
      "Rows (name, arity, doc, loops) of the catalogue.");
  module.def("astype", [](const PyArray& x, nb::object dtype) {
    const DType target = DTypeFromPython(dtype);
    return MakeArray([&] { return x.array().astype(target); });
  });
  module.def("reduce", &Reduce, nb::arg("op"), nb::arg("x"), nb::arg("axes").none(), nb::arg("keepdims"),
             nb::arg("dtype").none(), nb::arg("ddof"), nb::arg("split_every"));
  module.def(
      "reduction_ops",
      [] {
        nb::list rows;
        for (const auto& op : ops::ReductionOps())
          rows.append(nb::make_tuple(Text(op.name), op.takes_dtype, op.takes_ddof, Text(op.doc)));
        return rows;
      },
      "Rows (name, takes dtype, takes ddof, doc) of the catalogue.");
  module.def(
      "cumulative",
      [](const std::string& op, const PyArray& x, int64_t axis, nb::object dtype) {
        return MakeArray([&] { return array::cumulative(op, x.array(), axis, OptionalDType(dtype)); });
      },
      nb::arg("op"), nb::arg("x"), nb::arg("axis"), nb::arg("dtype").none());
}

void BindShapes(nb::module_& module) {
  module.def("index", &Index, nb::arg("x"), nb::arg("items"));
  module.def("take", [](const PyArray& x, const Integers& indices, int64_t axis) {
    return MakeArray([&] { return x.array().take(indices, axis); });
  });
  module.def("transpose", [](const PyArray& x, const Integers& axes) {
    return MakeArray([&] { return x.array().transpose(axes); });
  });
  module.def("reshape", [](const PyArray& x, const Integers& shape) {
    return MakeArray([&] { return x.array().reshape(shape); });
  });
  module.def(
      "broadcast_to",
      [](const PyArray& x, const Integers& shape, nb::object chunks) {
        std::optional<ChunkSpec> spec;
        if (!chunks.is_none()) spec = ChunksFromPython(chunks);
        return MakeArray([&] { return array::broadcast_to(x.array(), shape, spec); });
      },
      nb::arg("x"), nb::arg("shape"), nb::arg("chunks").none());
  module.def("concatenate", [](const std::vector<PyArray>& arrays, int64_t axis) {
    return MakeArray([&] { return array::concatenate(ArraysOf(arrays), axis); });
  });
  module.def("stack", [](const std::vector<PyArray>& arrays, int64_t axis) {
    return MakeArray([&] { return array::stack(ArraysOf(arrays), axis); });
  });
  module.def(
      "rechunk",
      [](const PyArray& x, nb::object chunks, int64_t limit) {
        return MakeArray([&] { return x.array().rechunk(ChunksFromPython(chunks), limit); });
      },
      nb::arg("x"), nb::arg("chunks").none(), nb::arg("limit"));
  module.def("matmul", [](const PyArray& a, const PyArray& b) {
    return MakeArray([&] { return array::matmul(a.array(), b.array()); });
  });
  module.def("product", [](const PyArray& a, const PyArray& b, int64_t batch, int64_t summed) {
    return MakeArray([&] { return array::product(a.array(), b.array(), batch, summed); });
  });
  module.def("tensordot", [](const PyArray& a, const PyArray& b, const Integers& a_axes, const Integers& b_axes) {
    return MakeArray([&] { return array::tensordot(a.array(), b.array(), a_axes, b_axes); });
  });
}

void BindCounting(nb::module_& module) {
  using Numbers = std::vector<double>;
  const auto optional = [](nb::handle weights) -> std::optional<Array> {
    if (weights.is_none()) return std::nullopt;
    return nb::cast<const PyArray&>(weights).array();
  };
  module.def("quantile", [](const PyArray& x, const Numbers& fractions, int64_t axis, bool skip_nan) {
    return MakeArray([&] { return array::quantile(x.array(), fractions, axis, skip_nan); });
  });
  module.def("median", [](const PyArray& x, int64_t axis, bool skip_nan) {
    return MakeArray([&] { return array::median(x.array(), axis, skip_nan); });
  });
  module.def("topk", [](const PyArray& x, int64_t k, int64_t axis) {
    return MakeArray([&] { return array::topk(x.array(), k, axis); });
  });
  module.def(
      "bincount",
      [optional](const PyArray& x, int64_t bins, nb::handle weights) {
        return MakeArray([&] { return array::bincount(x.array(), bins, optional(weights)); });
      },
      nb::arg("x"), nb::arg("bins"), nb::arg("weights").none());
  module.def(
      "histogram",
      [optional](const PyArray& x, const Numbers& edges, nb::handle weights) {
        return MakeArray([&] { return array::histogram(x.array(), edges, optional(weights)); });
      },
      nb::arg("x"), nb::arg("edges"), nb::arg("weights").none());
  module.def("digitize", [](const PyArray& x, const Numbers& bins, bool right) {
    return MakeArray([&] { return array::digitize(x.array(), bins, right); });
  });
}

void BindCreation(nb::module_& module) {
  module.def(
      "full",
      [](const Integers& shape, nb::object value, nb::object dtype, nb::object chunks) {
        const ops::ScalarConstant constant = ScalarFromPython(value);
        return MakeArray([&] {
          return array::full(shape, constant, {.dtype = DTypeFromPython(dtype), .chunks = ChunksFromPython(chunks)});
        });
      },
      nb::arg("shape"), nb::arg("value"), nb::arg("dtype"), nb::arg("chunks").none());
  module.def(
      "arange",
      [](nb::object start, nb::object stop, nb::object step, nb::object dtype, nb::object chunks) {
        return MakeArray([&] {
          return array::arange(OperandFromPython(start), OperandFromPython(stop), OperandFromPython(step),
                               {.dtype = OptionalDType(dtype), .chunks = ChunksFromPython(chunks)});
        });
      },
      nb::arg("start"), nb::arg("stop"), nb::arg("step"), nb::arg("dtype").none(), nb::arg("chunks").none());
  module.def(
      "linspace",
      [](double start, double stop, int64_t num, bool endpoint, nb::object dtype, nb::object chunks) {
        return MakeArray([&] {
          return array::linspace(start, stop, num, endpoint,
                                 {.dtype = OptionalDType(dtype), .chunks = ChunksFromPython(chunks)});
        });
      },
      nb::arg("start"), nb::arg("stop"), nb::arg("num"), nb::arg("endpoint"), nb::arg("dtype").none(),
      nb::arg("chunks").none());
  module.def(
      "eye",
      [](int64_t rows, int64_t columns, int64_t k, nb::object dtype, nb::object chunks) {
        return MakeArray([&] {
          return array::eye(rows, columns, k, {.dtype = OptionalDType(dtype), .chunks = ChunksFromPython(chunks)});
        });
      },
      nb::arg("rows"), nb::arg("columns"), nb::arg("k"), nb::arg("dtype").none(), nb::arg("chunks").none());
}

void BindRandom(nb::module_& module) {
  nb::class_<array::Generator>(module, "Generator", "A seed and the number of the next call.")
      .def(nb::init<std::vector<uint64_t>>(), nb::arg("words"))
      .def(
          "draw",
          [](array::Generator& self, const std::string& distribution, const std::vector<double>& parameters,
             const Integers& shape, nb::object dtype, nb::object chunks) {
            return MakeArray([&] {
              return self.draw(distribution, parameters, shape, OptionalDType(dtype), ChunksFromPython(chunks));
            });
          },
          nb::arg("distribution"), nb::arg("parameters"), nb::arg("shape"), nb::arg("dtype").none(),
          nb::arg("chunks").none())
      .def(
          "integers",
          [](array::Generator& self, int64_t low, int64_t high, const Integers& shape, nb::object dtype,
             nb::object chunks) {
            return MakeArray(
                [&] { return self.integers(low, high, shape, DTypeFromPython(dtype), ChunksFromPython(chunks)); });
          },
          nb::arg("low"), nb::arg("high"), nb::arg("shape"), nb::arg("dtype"), nb::arg("chunks").none());
  module.def(
      "distributions",
      [] {
        nb::list rows;
        for (const auto& d : ops::Distributions()) {
          nb::list names, defaults;
          for (int32_t i = 0; i < d.parameter_count(); ++i) {
            names.append(Text(d.parameters[i]));
            defaults.append(d.defaults[i]);
          }
          rows.append(nb::make_tuple(Text(d.name), nb::tuple(names), nb::tuple(defaults), Text(d.doc)));
        }
        return rows;
      },
      "Rows (name, parameter names, defaults with NaN for none, doc) of the catalogue.");
}

}  // namespace

void BindArrayOps(nb::module_& module) {
  BindElementwise(module);
  BindShapes(module);
  BindCounting(module);
  BindCreation(module);
  BindRandom(module);
}

}  // namespace swath::python
