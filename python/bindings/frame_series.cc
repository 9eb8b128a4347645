#include <optional>

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrow/api.h"

#include "arrow_interop.h"
#include "errors.h"
#include "frame.h"

namespace swath::python {
namespace {

// `self` and `other` in the order in which they were written.
std::vector<Operand> Ordered(const Operand& self, nb::handle other, bool reflected) {
  Operand operand = OperandFrom(other);
  return reflected ? std::vector<Operand>{operand, self} : std::vector<Operand>{self, operand};
}

// As pandas: the common name, or none.
std::string ResultName(const Series& self, nb::handle other) {
  const bool same = !nb::isinstance<Series>(other) || nb::cast<const Series&>(other).name() == self.name();
  return same ? self.name() : std::string();
}

std::vector<Operand> WithSelf(const Operand& self, nb::handle more) {
  std::vector<Operand> operands = OperandsFrom(more);
  operands.insert(operands.begin(), self);
  return operands;
}

std::optional<Operand> Limit(nb::handle value) {
  if (value.is_none()) return std::nullopt;
  return OperandFrom(value);
}

void BindProperties(nb::class_<Series>& c) {
  c.def_prop_ro("name", &Series::name)
      .def_prop_ro("is_index", &Series::is_index)
      .def_prop_ro("index_levels", [](const Series& self) { return LevelsToPython(self.index_levels()); })
      .def_prop_ro("npartitions", &Series::npartitions)
      .def_prop_ro("divisions", [](const Series& self) { return DivisionsToPython(self.divisions()); })
      .def_prop_ro("index",
                   [](const Series& self) {
                     CallScope scope;
                     return self.index();
                   })
      .def_prop_ro("type_name", [](const Series& self) { return self.type()->ToString(); })
      .def_prop_ro("node",
                   [](const Series& self) {
                     CallScope scope;
                     return PyNode{self.node()};
                   })
      .def_prop_ro("operation", [](const Series& self) { return std::string(self.node()->op()); })
      .def_prop_ro("expression_count", [](const Series& self) { return CountExpressions(self.node()); })
      .def("__arrow_c_schema__", [](const Series& self) { return SchemaToPython(*self.schema(), self.index_levels()); })
      .def("same_as", [](const Series& self, const Series& other) {
        return self.root() == other.root() && self.column().expression.Equals(other.column().expression);
      });
}

void BindElementwise(nb::class_<Series>& c) {
  c.def(
       "binary",
       [](const Series& self, const std::string& function, nb::handle other, bool reflected) {
         CallScope scope;
         return Series::call(function, Ordered(self, other, reflected)).rename(ResultName(self, other));
       },
       nb::arg("function"), nb::arg("other").none(), nb::arg("reflected"))
      .def("call",
           [](const Series& self, const std::string& function, nb::handle more) {
             CallScope scope;
             return Series::call(function, WithSelf(self, more)).rename(self.name());
           })
      .def("isin",
           [](const Series& self, nb::handle values) {
             CallScope scope;
             return self.isin(ImportArray(values));
           })
      .def("astype",
           [](const Series& self, nb::handle type) {
             CallScope scope;
             return nb::isinstance<nb::str>(type) ? self.astype(nb::cast<std::string>(type))
                                                  : self.astype(ImportType(type));
           })
      .def("fillna",
           [](const Series& self, nb::handle value) {
             CallScope scope;
             return self.fillna(OperandFrom(value));
           })
      .def(
          "where",
          [](const Series& self, const Series& condition, nb::handle other) {
            CallScope scope;
            return other.is_none() ? self.where(condition) : self.where(condition, OperandFrom(other));
          },
          nb::arg("condition"), nb::arg("other").none())
      .def(
          "clip",
          [](const Series& self, nb::handle lower, nb::handle upper) {
            CallScope scope;
            return self.clip(Limit(lower), Limit(upper));
          },
          nb::arg("lower").none(), nb::arg("upper").none());
}

void BindRows(nb::class_<Series>& c) {
  c.def("filter",
        [](const Series& self, const Series& condition) {
          CallScope scope;
          return self.filter(condition);
        })
      .def("rename",
           [](const Series& self, std::string name) {
             CallScope scope;
             return self.rename(std::move(name));
           })
      .def("to_frame",
           [](const Series& self) {
             CallScope scope;
             return self.to_frame();
           })
      .def("to_series",
           [](const Series& self) {
             CallScope scope;
             return self.to_series();
           })
      .def("head",
           [](const Series& self, int64_t n, int64_t parts) {
             CallScope scope;
             return self.head(n, parts);
           })
      .def("tail",
           [](const Series& self, int64_t n) {
             CallScope scope;
             return self.tail(n);
           })
      .def("partitions",
           [](const Series& self, const std::vector<int64_t>& numbers) {
             CallScope scope;
             return self.partitions(numbers);
           })
      .def("repartition", [](const Series& self, int64_t n) {
        CallScope scope;
        return self.repartition(n);
      });
}

void BindAggregations(nb::class_<Series>& c) {
  c.def("reduce",
        [](const Series& self, const std::string& function, const nb::dict& options) {
          CallScope scope;
          return self.reduce(function, ReduceOptionsFrom(options));
        })
      .def("row_count",
           [](const Series& self) {
             CallScope scope;
             return self.size();
           })
      .def("unique",
           [](const Series& self) {
             CallScope scope;
             return self.unique();
           })
      .def("value_counts",
           [](const Series& self, bool sort, bool ascending, bool dropna, bool normalize) {
             CallScope scope;
             return self.value_counts({.sort = sort, .ascending = ascending, .dropna = dropna, .normalize = normalize});
           })
      .def("top",
           [](const Series& self, int64_t n, bool largest) {
             CallScope scope;
             return self.top(n, largest);
           })
      .def("describe", [](const Series& self) {
        CallScope scope;
        return self.describe();
      });
}

void BindScalar(nb::module_& module) {
  nb::class_<Scalar>(module, "Scalar")
      .def("__arrow_c_schema__",
           [](const Scalar& self) { return ExportSchema(arrow::Schema({arrow::field("value", self.type())})); })
      .def(
          "binary",
          [](const Scalar& self, const std::string& function, nb::handle other, bool reflected) {
            CallScope scope;
            return Scalar::call(function, Ordered(self, other, reflected));
          },
          nb::arg("function"), nb::arg("other").none(), nb::arg("reflected"))
      .def("call",
           [](const Scalar& self, const std::string& function, nb::handle more) {
             CallScope scope;
             return Scalar::call(function, WithSelf(self, more));
           })
      .def_prop_ro("node",
                   [](const Scalar& self) {
                     CallScope scope;
                     return PyNode{self.node()};
                   })
      .def_prop_ro("description", [](const Scalar& self) { return self.node()->Describe(); })
      .def("collect", [](const Scalar& self, const PyValues& values) { return Assemble(self.node(), values); })
      .def("rebuild",
           [](const Scalar&, const PyNode& node) { return Scalar(expr::ScalarColumn(expr::AsFrame(node.node))); });
}

}  // namespace

void BindSeries(nb::module_& module) {
  BindScalar(module);
  nb::class_<Series> c(module, "Series");
  BindProperties(c);
  BindElementwise(c);
  BindRows(c);
  BindAggregations(c);
  c.def("collect", [](const Series& self, const PyValues& values) {
     return Assemble(self.node(), values);
   }).def("rebuild", [](const Series& self, const PyNode& node) {
    Series series = Series::Of(expr::AsFrame(node.node));
    return Series(series.root(), series.column(), self.name(), self.is_index());
  });
}

}  // namespace swath::python
