// The parts of swath._core, one function a file. Each is called once, at import, in the order of module.cc.
#pragma once

#include <nanobind/nanobind.h>

namespace swath::python {

void BindConfig(nanobind::module_& module);
void BindRuntime(nanobind::module_& module);
void BindDelayed(nanobind::module_& module);
void BindDictGraph(nanobind::module_& module);
void BindPlanExport(nanobind::module_& module);
void BindArray(nanobind::module_& module);
void BindArrayOps(nanobind::module_& module);
void BindArrayFunctions(nanobind::module_& module);  // array_functions.cc
void BindFrameFunctions(nanobind::module_& module);  // frame_functions.cc
void BindFrame(nanobind::module_& module);           // frame.cc
void BindDiagnostics(nanobind::module_& module);
void BindBag(nanobind::module_& module);  // bag.cc

}  // namespace swath::python
