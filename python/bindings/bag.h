// What the bindings of bags share.
#pragma once

#include <memory>
#include <optional>

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>

#include "swath/expr/bag/bag_node.h"

#include "bag_expression.h"
#include "bag_host.h"
#include "runtime.h"

namespace swath::python {

namespace nb = nanobind;

using OptionalExpression = std::optional<PyBagExpression>;

PyNode NodeOf(Result<expr::BagPtr> bag);
expr::BagPtr BagOf(const PyNode& node);  // TypeError for another expression
// A BagHost, or null for None.
std::shared_ptr<const PyBagHost> HostOf(nb::handle host);

void BindBagResults(nb::module_& module);  // bag_results.cc

}  // namespace swath::python
