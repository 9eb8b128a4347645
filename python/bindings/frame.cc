#include "frame.h"

#include <algorithm>
#include <unordered_set>

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "arrow/api.h"

#include "swath/api/frame_compute.h"
#include "swath/ops/table_pipeline.h"

#include "arrow_interop.h"
#include "bindings.h"
#include "errors.h"

namespace swath::python {

Operand OperandFrom(nb::handle value) {
  if (nb::isinstance<Series>(value)) return nb::cast<const Series&>(value);
  if (nb::isinstance<Scalar>(value)) return nb::cast<const Scalar&>(value);
  if (value.is_none()) return std::shared_ptr<arrow::Scalar>();
  if (PyBool_Check(value.ptr())) return value.ptr() == Py_True;
  if (PyLong_Check(value.ptr())) {
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    if (overflow == 0) return static_cast<int64_t>(number);
    return std::shared_ptr<arrow::Scalar>(std::make_shared<arrow::UInt64Scalar>(nb::cast<uint64_t>(value)));
  }
  if (PyFloat_Check(value.ptr())) return PyFloat_AS_DOUBLE(value.ptr());
  if (PyUnicode_Check(value.ptr())) return nb::cast<std::string>(value);
  std::shared_ptr<arrow::Array> array = ImportArray(value);
  CHECK(array->length() == 1);
  return ValueOrRaise(array->GetScalar(0));
}

std::vector<Operand> OperandsFrom(nb::handle sequence) {
  std::vector<Operand> operands;
  for (nb::handle item : nb::borrow<nb::sequence>(sequence)) operands.push_back(OperandFrom(item));
  return operands;
}

std::vector<std::string> StringsFrom(nb::handle sequence) { return nb::cast<std::vector<std::string>>(sequence); }

ReduceOptions ReduceOptionsFrom(const nb::dict& options) {
  ReduceOptions result;
  for (auto [key, value] : options) {
    const auto name = nb::cast<std::string>(key);
    if (name == "ddof") {
      result.ddof = nb::cast<int64_t>(value);
    } else if (name == "min_count") {
      result.min_count = nb::cast<int64_t>(value);
    } else if (name == "skipna") {
      result.skipna = nb::cast<bool>(value);
    } else if (name == "dropna") {
      result.dropna = nb::cast<bool>(value);
    } else if (name == "numeric_only") {
      result.numeric_only = nb::cast<bool>(value);
    } else {
      throw nb::type_error(("unknown option '" + name + "' of a reduction").c_str());
    }
  }
  return result;
}

nb::object DivisionsToPython(const expr::Divisions& divisions) {
  if (divisions.empty()) return nb::none();
  nb::list result;
  for (const auto& value : divisions) result.append(ScalarToPython(value));
  return result;
}

nb::list LevelsToPython(const expr::IndexLevels& levels) {
  nb::list result;
  for (const expr::IndexLevel& level : levels) {
    result.append(nb::make_tuple(level.column, level.label ? nb::object(nb::str(level.label->c_str())) : nb::none()));
  }
  return result;
}

nb::object Assemble(const expr::FramePtr& frame, const PyValues& values) {
  Result<std::shared_ptr<arrow::Table>> table = [&]() -> Result<std::shared_ptr<arrow::Table>> {
    nb::gil_scoped_release release;
    ASSIGN_OR_RETURN(const auto table, AssembleTable(frame, values.values));
    return table->SelectColumns(ColumnsThenIndex(*frame->schema(), frame->index()));
  }();
  return nb::cast(ArrowStream{ValueOrRaise(std::move(table))});
}

std::vector<int> ColumnsThenIndex(const arrow::Schema& schema, const expr::IndexLevels& levels) {
  std::vector<int> index;
  for (const expr::IndexLevel& level : levels) index.push_back(schema.GetFieldIndex(level.column));
  std::vector<int> order;
  for (int i = 0; i < schema.num_fields(); ++i) {
    if (std::find(index.begin(), index.end(), i) == index.end()) order.push_back(i);
  }
  order.insert(order.end(), index.begin(), index.end());
  return order;
}

nb::object SchemaToPython(const arrow::Schema& schema, const expr::IndexLevels& levels) {
  arrow::FieldVector fields;
  for (const int i : ColumnsThenIndex(schema, levels)) fields.push_back(schema.field(i));
  return ExportSchema(arrow::Schema(std::move(fields)));
}

int64_t CountExpressions(const expr::NodePtr& root) {
  std::unordered_set<const expr::Node*> seen;
  std::vector<const expr::Node*> open = {root.get()};
  while (!open.empty()) {
    const expr::Node* node = open.back();
    open.pop_back();
    if (!seen.insert(node).second) continue;
    for (const expr::NodePtr& input : node->inputs()) open.push_back(input.get());
  }
  return static_cast<int64_t>(seen.size());
}

namespace {

using Names = std::vector<std::string>;

DataFrame Assign(const DataFrame& self, const Names& names, nb::handle values) {
  std::vector<Operand> operands = OperandsFrom(values);
  CHECK(operands.size() == names.size());
  std::vector<std::pair<std::string, Operand>> columns;
  for (size_t i = 0; i < names.size(); ++i) columns.emplace_back(names[i], std::move(operands[i]));
  return self.assign(columns);
}

void BindProperties(nb::class_<DataFrame>& c) {
  c.def_prop_ro("columns", &DataFrame::columns)
      .def_prop_ro("index_levels", [](const DataFrame& self) { return LevelsToPython(self.index_levels()); })
      .def_prop_ro("npartitions", &DataFrame::npartitions)
      .def_prop_ro("divisions", [](const DataFrame& self) { return DivisionsToPython(self.divisions()); })
      .def_prop_ro("index",
                   [](const DataFrame& self) {
                     CallScope scope;
                     return self.index();
                   })
      .def_prop_ro("node",
                   [](const DataFrame& self) {
                     CallScope scope;
                     return PyNode{self.node()};
                   })
      .def_prop_ro("operation", [](const DataFrame& self) { return std::string(self.node()->op()); })
      .def_prop_ro("expression_count", [](const DataFrame& self) { return CountExpressions(self.node()); })
      .def("__arrow_c_schema__",
           [](const DataFrame& self) { return SchemaToPython(*self.schema(), self.index_levels()); });
}

void BindRows(nb::class_<DataFrame>& c) {
  c.def("column",
        [](const DataFrame& self, const std::string& name) {
          CallScope scope;
          return self[name];
        })
      .def("select",
           [](const DataFrame& self, const Names& names) {
             CallScope scope;
             return self.select(names);
           })
      .def("filter",
           [](const DataFrame& self, const Series& condition) {
             CallScope scope;
             return self.filter(condition);
           })
      .def("assign",
           [](const DataFrame& self, const Names& names, nb::handle values) {
             CallScope scope;
             return Assign(self, names, values);
           })
      .def("rename",
           [](const DataFrame& self, const Names& names) {
             CallScope scope;
             return self.rename(names);
           })
      .def("reset_index",
           [](const DataFrame& self, bool drop) {
             CallScope scope;
             return self.reset_index(drop);
           })
      .def("head",
           [](const DataFrame& self, int64_t n, int64_t parts) {
             CallScope scope;
             return self.head(n, parts);
           })
      .def("tail",
           [](const DataFrame& self, int64_t n) {
             CallScope scope;
             return self.tail(n);
           })
      .def("partitions",
           [](const DataFrame& self, const std::vector<int64_t>& numbers) {
             CallScope scope;
             return self.partitions(numbers);
           })
      .def("repartition",
           [](const DataFrame& self, int64_t n) {
             CallScope scope;
             return self.repartition(n);
           })
      .def(
          "repartition_bounds",
          [](const DataFrame& self, std::vector<int64_t> bounds, bool joins, nb::handle divisions) {
            CallScope scope;
            expr::Divisions known;
            if (!divisions.is_none()) {
              const std::shared_ptr<arrow::Array> values = ImportArray(divisions);
              for (int64_t i = 0; i < values->length(); ++i) known.push_back(ValueOrRaise(values->GetScalar(i)));
            }
            return self.repartition_bounds(std::move(bounds), joins, std::move(known));
          },
          nb::arg("bounds"), nb::arg("joins"), nb::arg("divisions").none())
      .def("drop_duplicates",
           [](const DataFrame& self, const Names& subset, const std::string& keep) {
             CallScope scope;
             return self.drop_duplicates(subset, keep);
           })
      .def("dropna", [](const DataFrame& self, const Names& subset) {
        CallScope scope;
        return self.dropna(subset);
      });
}

void BindAggregations(nb::class_<DataFrame>& c) {
  c.def("reduce",
        [](const DataFrame& self, const std::string& function, const nb::dict& options) {
          CallScope scope;
          return self.reduce(function, ReduceOptionsFrom(options));
        })
      .def("top",
           [](const DataFrame& self, int64_t n, const Names& columns, bool largest) {
             CallScope scope;
             return self.top(n, columns, largest);
           })
      .def("describe",
           [](const DataFrame& self, const std::vector<double>& percentiles) {
             CallScope scope;
             return self.describe(percentiles);
           })
      .def(
          "aggregate_row",
          [](const DataFrame& self, const std::vector<std::tuple<std::string, std::string, std::string, double>>& all) {
            CallScope scope;
            std::vector<ops::Aggregation> aggregations;
            for (const auto& [function, column, output, quantile] : all)
              aggregations.push_back({.function = function, .column = column, .output = output, .quantile = quantile});
            return self.aggregate_row(aggregations);
          })
      .def("row_count", [](const DataFrame& self) {
        CallScope scope;
        return self.row_count();
      });
}

}  // namespace

void BindFrame(nb::module_& module) {
  BindArrow(module);
  nb::class_<DataFrame> c(module, "DataFrame");
  BindProperties(c);
  BindRows(c);
  BindAggregations(c);
  c.def("collect", [](const DataFrame& self, const PyValues& values) {
     return Assemble(self.node(), values);
   }).def("rebuild", [](const DataFrame&, const PyNode& node) { return DataFrame(expr::AsFrame(node.node)); });
  BindSeries(module);
  BindGroupBy(module);
  BindFrameIo(module);
}

}  // namespace swath::python
