// What the table bindings share. The classes of swath._core are those of api/ as they are: DataFrame, Series, Scalar,
// GroupBy; python/swath/dataframe wraps them in pandas' manners.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nanobind/nanobind.h>

#include "swath/api/dataframe.h"

#include "runtime.h"

namespace swath::python {

namespace nb = nanobind;

// A Series, a Scalar, None, a Python bool, int, float or str (which take the type of the column beside them), or an
// Arrow array of one.
Operand OperandFrom(nb::handle value);
std::vector<Operand> OperandsFrom(nb::handle sequence);
ReduceOptions ReduceOptionsFrom(const nb::dict& options);
nb::object DivisionsToPython(const expr::Divisions& divisions);
// [(column, label or None)]
nb::list LevelsToPython(const expr::IndexLevels& levels);
// The fields of the columns, then those of the index: the order in which Python gets tables.
std::vector<int> ColumnsThenIndex(const arrow::Schema& schema, const expr::IndexLevels& levels);
nb::object SchemaToPython(const arrow::Schema& schema, const expr::IndexLevels& levels);
std::vector<std::string> StringsFrom(nb::handle sequence);
// The computed blocks as an ArrowStream.
nb::object Assemble(const expr::FramePtr& frame, const PyValues& values);
int64_t CountExpressions(const expr::NodePtr& root);

void BindSeries(nb::module_& module);   // frame_series.cc
void BindGroupBy(nb::module_& module);  // frame_groupby.cc
void BindFrameIo(nb::module_& module);  // frame_io.cc

}  // namespace swath::python
