#include "bag_expression.h"

#include <string>
#include <utility>
#include <vector>

#include <nanobind/stl/string.h>

#include "bag_items.h"
#include "errors.h"

namespace swath::python {
namespace {

using ops::BagExpression;
using ops::BagExpressionPtr;

BagExpressionPtr TreeFromPython(nb::handle tree) {
  if (nb::isinstance<PyBagExpression>(tree)) return nb::cast<PyBagExpression>(tree).expression;
  if (!PyTuple_CheckExact(tree.ptr())) return BagExpression::Literal(LiteralFromPython(tree).item());
  const auto tuple = nb::borrow<nb::tuple>(tree);
  if (tuple.size() == 0 || !nb::isinstance<nb::str>(tuple[0])) {
    throw nb::type_error(
        "an expression is a tuple that begins with the name of a function, 'item', 'acc' or 'literal'");
  }
  const auto name = nb::cast<std::string>(tuple[0]);
  if (name == "item") return BagExpression::Item();
  if (name == "acc") return BagExpression::Accumulator();
  if (name == "literal") {
    if (tuple.size() != 2) throw nb::type_error("('literal', value) is the form of a literal");
    return BagExpression::Literal(LiteralFromPython(tuple[1]).item());
  }
  std::vector<BagExpressionPtr> arguments;
  for (size_t i = 1; i < tuple.size(); ++i) arguments.push_back(TreeFromPython(tuple[i]));
  return ValueOrRaise(BagExpression::Call(name, std::move(arguments)));
}

nb::object HashOf(nb::handle object) {
  ops::ItemArena arena;
  ops::BagItem item;
  uint64_t hash = 0;
  if (!ItemFromPython(object.ptr(), &arena, &item) || !HashItem(item, &hash)) return nb::none();
  return nb::steal(PyLong_FromUnsignedLongLong(hash));
}

}  // namespace

ops::OwnedItem LiteralFromPython(nb::handle object) {
  ops::ItemArena arena;
  ops::BagItem item;
  if (!ItemFromPython(object.ptr(), &arena, &item)) {
    const std::string type = nb::cast<std::string>(nb::str(object.type().attr("__name__")));
    throw nb::type_error(("a value of type " + type + " has no native form").c_str());
  }
  return ops::OwnedItem(item);
}

void BindBagExpression(nb::module_& module) {
  nb::class_<PyBagExpression>(module, "BagExpression", "What a traced function does with an item.")
      .def(
          "__init__", [](PyBagExpression* self, nb::handle tree) { new (self) PyBagExpression{TreeFromPython(tree)}; },
          nb::arg("tree"))
      .def("__str__", [](const PyBagExpression& self) { return self.expression->ToString(); })
      .def("__repr__", [](const PyBagExpression& self) { return self.expression->ToString(); })
      .def("__eq__", [](const PyBagExpression& a,
                        const PyBagExpression& b) { return a.expression->token() == b.expression->token(); })
      .def("__hash__", [](const PyBagExpression& self) { return std::hash<Token>()(self.expression->token()); })
      .def_prop_ro("token", [](const PyBagExpression& self) { return self.expression->token().ToString(); });
  module.def("bag_hash", &HashOf, "The hash of a native key, the same in every process; None for other objects.",
             nb::arg("object").none());
}

}  // namespace swath::python
