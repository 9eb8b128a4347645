// Errors of the engine become Python exceptions of the right class, with notes that say which line of the user's
// program wrote the failing expression and which task ran it. Everything here needs the GIL.
#pragma once

#include <string>
#include <utility>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "swath/base/status.h"
#include "swath/expr/node.h"

namespace swath::python {

namespace nb = nanobind;

// Sets the Python error that stands for `status` and throws nb::python_error.
[[noreturn]] void Raise(const Status& status);

inline void CheckOk(const Status& status) {
  if (!status.ok()) [[unlikely]]
    Raise(status);
}

template <typename T>
T ValueOrRaise(Result<T> result) {
  if (!result.ok()) [[unlikely]]
    Raise(result.status());
  return std::move(result).ValueUnsafe();
}

// "tour.py:12" of the innermost Python frame outside the swath package, or empty. Costs well under a microsecond.
std::string UserLocation();

// Nodes made on this thread while it lives carry the user's line.
class CallScope {
 public:
  CallScope() : scope_(UserLocation()) {}

 private:
  expr::LocationScope scope_;
};

void BindErrors(nb::module_& module);

}  // namespace swath::python
