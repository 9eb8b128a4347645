// Delayed calls: `swath._core.delayed_call` makes an expression node of a Python function and its arguments. Arguments
// are searched for calls (and collections, which `as_call` bridges) inside lists, tuples, dicts, sets, slices and
// dataclasses; what is found is replaced by results when the call runs.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "swath/base/config.h"
#include "swath/expr/delayed/delayed_node.h"

#include "bindings.h"
#include "call_arguments.h"
#include "calls.h"
#include "errors.h"
#include "python_call.h"
#include "runtime.h"

namespace swath::python {
namespace {

constexpr int64_t kLargeBytes = 10'000'000;  // Dask's

void WarnOfLargeArguments(int64_t bytes, const std::string& name) {
  if (bytes <= kLargeBytes) return;
  const std::string text = "the arguments of " + name + " hold " + std::to_string(bytes / 1'000'000) +
                           " MB that become part of the graph; load them in a task of their own, or pass "
                           "swath.delayed(data), made once, to all calls that read them";
  if (PyErr_WarnEx(PyExc_UserWarning, text.c_str(), 3) != 0) throw nb::python_error();
}

std::optional<Token> IdentityOf(const std::string& key) {
  if (key.empty()) return {};
  return TokenBuilder("delayed").Add(std::string_view(key)).Finish();
}

// An empty key: a call that is unlike any other.
PyNode DelayedCall(nb::object function, nb::tuple args, nb::dict kwargs, std::string name, std::string key,
                   bool traverse, int retries) {
  ArgumentReader reader(traverse);
  auto parts = std::make_unique<PythonCall::Parts>();
  const size_t by_keyword = nb::len(kwargs);
  parts->arguments.reserve(nb::len(args) + by_keyword);
  for (nb::handle argument : args) parts->arguments.push_back(reader.Read(argument));
  if (by_keyword > 0) {
    nb::list names;
    for (auto item : kwargs) {
      names.append(item.first);
      parts->arguments.push_back(reader.Read(item.second));
    }
    parts->keyword_names = nb::steal(PyList_AsTuple(names.ptr()));
  }
  WarnOfLargeArguments(reader.literal_bytes(), name);
  parts->function = std::move(function);
  const std::optional<Token> identity = IdentityOf(key);
  auto call = std::make_shared<PythonCall>(
      std::move(parts),
      PythonCall::Options{
          .name = std::move(name), .key = std::move(key), .location = UserLocation(), .retries = retries});
  return {ValueOrRaise(expr::MakeDelayed(std::move(call), reader.TakeInputs(), identity))};
}

// The call of a template (python_call.h: AsCallable) on other nodes.
PyNode DelayedOfTemplate(nb::object function, nb::list arguments, nb::tuple names, const std::vector<PyNode>& inputs,
                         std::string name, std::string key) {
  auto parts = std::make_unique<PythonCall::Parts>();
  for (nb::handle argument : arguments) parts->arguments.push_back(ArgumentOfTemplate(argument));
  if (nb::len(names) > 0) parts->keyword_names = std::move(names);
  parts->function = std::move(function);
  std::vector<expr::NodePtr> nodes;
  for (const PyNode& input : inputs) nodes.push_back(input.node);
  const std::optional<Token> identity = IdentityOf(key);
  auto call = std::make_shared<PythonCall>(
      std::move(parts),
      PythonCall::Options{.name = std::move(name), .key = std::move(key), .location = UserLocation()});
  return {ValueOrRaise(expr::MakeDelayed(std::move(call), std::move(nodes), identity))};
}

// A call that answers function(blocks of `node`), run in this process. Equal (node, token) are one call.
PyNode DelayedOn(const PyNode& node, int64_t block, nb::object function, std::string name, std::string token) {
  TokenBuilder identity("bridge");
  identity.Add(node.node->token()).Add(block).Add(std::string_view(token));
  return {ValueOrRaise(expr::MakeDelayedOn(MakeBlockCall(std::move(function), std::move(name), true), node.node, block,
                                           identity.Finish()))};
}

PyNode DelayedValue(nb::object object, std::string name, std::string key) {
  const std::optional<Token> identity = IdentityOf(key);
  auto call = std::make_shared<PythonValueCall>(ValueFromPython(std::move(object)), std::move(name), std::move(key));
  return {ValueOrRaise(expr::MakeDelayed(std::move(call), {}, identity))};
}

void SetHooks(nb::object delayed_type, nb::object as_call) {
  CallHooks& hooks = GetCallHooks();
  hooks.delayed_type = delayed_type.release().ptr();
  hooks.as_call = as_call.release().ptr();
  hooks.kinds.clear();
}

nb::list ObjectsOf(const PyValues& values) {
  nb::list list;
  for (const Value& value : values.values) list.append(ValueToPython(value));
  return list;
}

}  // namespace

void BindDelayed(nb::module_& module) {
  module.def("set_delayed_hooks", &SetHooks, nb::arg("delayed_type"), nb::arg("as_call"));
  module.def("inside_task", &ops::InsideTask, "Does a task of the engine run this code, in this process?");
  module.def("delayed_call", &DelayedCall, "The node of function(*args, **kwargs).", nb::arg("function"),
             nb::arg("args"), nb::arg("kwargs"), nb::arg("name"), nb::arg("key") = "", nb::arg("traverse") = true,
             nb::arg("retries") = 0);
  module.def("delayed_template", &DelayedOfTemplate, "The node of swath._pickling.Call(function, arguments, names).",
             nb::arg("function"), nb::arg("arguments"), nb::arg("names"), nb::arg("inputs"), nb::arg("name"),
             nb::arg("key") = "");
  module.def("delayed_on", &DelayedOn, "The node of function(Values of one block of node, or of all: -1; block).",
             nb::arg("node"), nb::arg("block"), nb::arg("function"), nb::arg("name"), nb::arg("token"));
  module.def("delayed_value", &DelayedValue, "The node of a value that is there already.", nb::arg("object").none(),
             nb::arg("name"), nb::arg("key") = "");
  module.def(
      "holds_calls", [](nb::handle object) { return HoldsCalls(object); },
      "Is it a call or a collection, or a container with one somewhere inside?", nb::arg("object").none());
  module.def(
      "delayed_pure",
      [] {
        const ConfigValue value = Config::Current()->Get("delayed-pure");
        const bool* pure = value.get_if<bool>();
        return pure != nullptr && *pure;
      },
      "The setting that says whether calls are pure when nothing else does.");
  module.def("objects", &ObjectsOf, "The values as Python objects.", nb::arg("values"));
}

}  // namespace swath::python
