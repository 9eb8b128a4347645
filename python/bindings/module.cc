// The module swath._core: a list of what is bound, in dependency order.
#include <nanobind/nanobind.h>

#include "bindings.h"
#include "errors.h"

NB_MODULE(_core, module) {
  using namespace swath::python;  // NOLINT(google-build-using-namespace): the list reads as one
  nanobind::set_leak_warnings(
      false);  // handles may outlive the interpreter in user modules; the engine's own tests look for leaks
  BindErrors(module);
  BindConfig(module);
  BindRuntime(module);
  BindDelayed(module);
  BindDictGraph(module);
  BindPlanExport(module);
  BindArray(module);
  BindArrayOps(module);
  BindArrayFunctions(module);
  BindFrame(module);
  BindBag(module);
  BindFrameFunctions(module);
  BindDiagnostics(module);
}
