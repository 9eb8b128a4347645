// What crosses between Python and the engine for every collection: expressions (PyNode) and computed blocks (PyValues).
#pragma once

#include <string>
#include <vector>

#include <nanobind/nanobind.h>

#include "swath/data/value.h"
#include "swath/expr/node.h"

namespace swath::python {

namespace nb = nanobind;

// An expression, as Python holds it: `swath._core.Node`.
struct PyNode {
  expr::NodePtr node;
};

// The computed blocks of one collection, in block order: `swath._core.Values`.
struct PyValues {
  std::vector<Value> values;
};

struct PyComputeOptions {
  std::string scheduler;  // empty: as configured
  int num_workers = 0;    // 0: as configured
  bool optimize = true;
  int retries = -1;  // -1: as configured
};

// Optimizes, lowers and runs all roots as one graph; one entry per root. Releases the GIL while it waits and takes it
// every 50 ms to look for signals (Ctrl-C cancels the run and raises KeyboardInterrupt) and to call `callback(done,
// total, bytes, spilled)` unless None.
std::vector<std::vector<Value>> ComputeRoots(std::vector<expr::NodePtr> roots, nb::handle callback,
                                             const PyComputeOptions& options = {});

}  // namespace swath::python
