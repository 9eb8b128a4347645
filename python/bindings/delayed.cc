// Delayed calls: `swath._core.delayed_call` makes an expression node of a Python function and its arguments. Arguments
// are searched for calls (and collections, which `as_call` bridges) inside lists, tuples, dicts, sets, slices and
// dataclasses; what is found is replaced by results when the call runs.
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "swath/expr/delayed/delayed_node.h"
#include "swath/ops/python_call.h"

#include "bindings.h"
#include "calls.h"
#include "errors.h"
#include "numpy_bridge.h"
#include "runtime.h"

namespace swath::python {
namespace {

enum class Kind : uint8_t {
  kLiteral,
  kDelayed,
  kCollection,
  kList,
  kTuple,
  kSet,
  kFrozenSet,
  kDict,
  kSlice,
  kDataclass
};

// What delayed.py tells: its class, and how a collection becomes a call. Held for ever.
struct Hooks {
  PyObject* delayed_type = nullptr;
  PyObject* as_call = nullptr;                    // collection -> core.Node of a call that answers it
  std::unordered_map<PyTypeObject*, Kind> kinds;  // by type; types in it are kept alive
};
Hooks& GetHooks() {
  static auto* hooks = new Hooks;
  return *hooks;
}

Kind ClassifyType(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PyList_Type) return Kind::kList;
  if (type == &PyTuple_Type) return Kind::kTuple;
  if (type == &PySet_Type) return Kind::kSet;
  if (type == &PyFrozenSet_Type) return Kind::kFrozenSet;
  if (type == &PyDict_Type) return Kind::kDict;
  if (type == &PySlice_Type) return Kind::kSlice;
  const Hooks& hooks = GetHooks();
  auto* type_object = reinterpret_cast<PyObject*>(type);
  if (hooks.delayed_type != nullptr && PyObject_IsSubclass(type_object, hooks.delayed_type) == 1) return Kind::kDelayed;
  if (PyObject_HasAttrString(type_object, "__dataclass_fields__") && !PyType_Check(object)) return Kind::kDataclass;
  if (PyTuple_Check(object) && PyObject_HasAttrString(type_object, "_fields")) return Kind::kTuple;  // a namedtuple
  if (PyObject_HasAttrString(type_object, "__swath_node__") || PyObject_HasAttrString(type_object, "__dask_graph__"))
    return Kind::kCollection;
  return Kind::kLiteral;
}

Kind KindOf(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PyLong_Type || type == &PyFloat_Type || type == &PyUnicode_Type) return Kind::kLiteral;
  auto& kinds = GetHooks().kinds;
  if (const auto it = kinds.find(type); it != kinds.end()) return it->second;
  const Kind kind = ClassifyType(object);
  Py_INCREF(type);
  kinds.emplace(type, kind);
  return kind;
}

// One argument: a literal, the result of an input, or a container with results somewhere inside.
struct Argument {
  Kind kind = Kind::kLiteral;
  int32_t input = -1;           // >= 0: the result of that input
  nb::object object;            // the literal; of a namedtuple or dataclass its type
  std::vector<Argument> parts;  // dict: key, value, …; slice: start, stop, step; dataclass: name, value, …
  bool has_input() const { return input >= 0 || !parts.empty(); }
};

// Finds the calls in arguments and numbers them, each once.
class ArgumentReader {
 public:
  explicit ArgumentReader(bool traverse) : traverse_(traverse) {}

  Argument Read(nb::handle object, bool top = true) {
    const Kind kind = KindOf(object.ptr());
    switch (kind) {
      case Kind::kLiteral:
        return Literal(object);
      case Kind::kDelayed:
        return Input(nb::cast<PyNode&>(object.attr("_node")).node);
      case Kind::kCollection:
        return ReadCollection(object);
      default:
        return traverse_ || top ? ReadContainer(kind, object) : Literal(object);
    }
  }
  std::vector<expr::NodePtr> TakeInputs() { return std::move(inputs_); }

 private:
  static Argument Literal(nb::handle object) {
    Argument argument;
    argument.object = nb::borrow(object);
    return argument;
  }
  Argument Input(const expr::NodePtr& node) {
    Argument argument;
    argument.input = static_cast<int32_t>(inputs_.size());
    if (inputs_.size() < 8) {
      for (size_t i = 0; i < inputs_.size(); ++i) {
        if (inputs_[i] != node) continue;
        argument.input = static_cast<int32_t>(i);
        return argument;
      }
    } else {
      for (size_t i = number_of_.size(); i < inputs_.size(); ++i) number_of_.emplace(inputs_[i].get(), i);
      const auto [it, fresh] = number_of_.emplace(node.get(), argument.input);
      argument.input = it->second;
      if (!fresh) return argument;
    }
    inputs_.push_back(node);
    return argument;
  }
  Argument ReadCollection(nb::handle object) {
    Hooks& hooks = GetHooks();
    // A type may have the protocol and an instance not be a collection (an xarray on NumPy memory).
    const nb::object call = nb::steal(PyObject_CallOneArg(hooks.as_call, object.ptr()));
    if (!call.is_valid()) throw nb::python_error();
    if (call.is_none()) return Literal(object);
    return Input(nb::cast<PyNode&>(call).node);
  }

  Argument ReadContainer(Kind kind, nb::handle object) {
    if (!traverse_) return Literal(object);
    Argument argument;
    argument.kind = kind;
    bool any = false;
    const auto add = [&](nb::handle part) {
      argument.parts.push_back(Read(part, false));
      any |= argument.parts.back().has_input();
    };
    if (kind == Kind::kDict) {
      for (auto item : nb::borrow<nb::dict>(object)) {
        add(item.first);
        add(item.second);
      }
    } else if (kind == Kind::kSlice) {
      for (const char* name : {"start", "stop", "step"}) add(object.attr(name));
    } else if (kind == Kind::kDataclass) {
      argument.object = nb::borrow(object.type());
      for (auto item : nb::borrow<nb::dict>(object.attr("__dataclass_fields__"))) {
        if (!nb::hasattr(object, item.first)) continue;
        Argument name = Literal(item.first);
        // A field that __init__ does not take is set afterwards.
        name.input = -1;
        name.kind = nb::cast<bool>(item.second.attr("init")) ? Kind::kLiteral : Kind::kSlice;
        argument.parts.push_back(std::move(name));
        add(nb::getattr(object, item.first));
      }
    } else {
      if (kind == Kind::kTuple) argument.object = nb::borrow(object.type());
      for (nb::handle item : object) add(item);
    }
    return any ? std::move(argument) : Literal(object);
  }

  bool traverse_;
  std::vector<expr::NodePtr> inputs_;
  std::unordered_map<const expr::Node*, int32_t> number_of_;  // of the first inputs_, when there are many
};

nb::object Build(const Argument& argument, const std::vector<nb::object>& inputs);

nb::object BuildDataclass(const Argument& argument, const std::vector<nb::object>& inputs) {
  nb::dict fields;
  std::vector<std::pair<nb::handle, nb::object>> later;
  for (size_t i = 0; i < argument.parts.size(); i += 2) {
    nb::object value = Build(argument.parts[i + 1], inputs);
    if (argument.parts[i].kind == Kind::kLiteral)
      fields[argument.parts[i].object] = value;
    else
      later.emplace_back(argument.parts[i].object, std::move(value));
  }
  nb::object made = argument.object(**fields);
  for (const auto& [name, value] : later)
    nb::module_::import_("builtins").attr("object").attr("__setattr__")(made, name, value);
  return made;
}

nb::object Build(const Argument& argument, const std::vector<nb::object>& inputs) {
  if (argument.input >= 0) return inputs[static_cast<size_t>(argument.input)];
  if (argument.parts.empty()) return argument.object;
  if (argument.kind == Kind::kDict) {
    nb::dict dict;
    for (size_t i = 0; i < argument.parts.size(); i += 2)
      dict[Build(argument.parts[i], inputs)] = Build(argument.parts[i + 1], inputs);
    return dict;
  }
  if (argument.kind == Kind::kDataclass) return BuildDataclass(argument, inputs);
  nb::list list;
  for (const Argument& part : argument.parts) list.append(Build(part, inputs));
  switch (argument.kind) {
    case Kind::kList:
      return list;
    case Kind::kSlice:
      return nb::steal(PySlice_New(nb::object(list[0]).ptr(), nb::object(list[1]).ptr(), nb::object(list[2]).ptr()));
    case Kind::kSet:
      return nb::steal(PySet_New(list.ptr()));
    case Kind::kFrozenSet:
      return nb::steal(PyFrozenSet_New(list.ptr()));
    default:
      break;
  }
  nb::object tuple = nb::steal(PyList_AsTuple(list.ptr()));
  if (argument.object.ptr() == reinterpret_cast<PyObject*>(&PyTuple_Type)) return tuple;
  return argument.object.attr("_make")(tuple);
}

// The Python parts of a call, freed under the GIL.
struct Parts {
  nb::object function;
  nb::object keyword_names;         // a tuple, or nothing
  std::vector<Argument> arguments;  // positional, then by keyword
  int32_t input_count = 0;
};

class PythonCall : public ops::FunctionCall {
 public:
  PythonCall(Parts* parts, std::shared_ptr<void> owner, std::string name, std::string location)
      : parts_(parts), owner_(std::move(owner)), name_(std::move(name)), location_(std::move(location)) {}

  std::string_view name() const override { return name_; }
  std::string_view location() const override { return location_; }

  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext& context) const override {
    if (context.python_in_processes && context.python != nullptr) return CallInChild(inputs, context);
    const GilForCall gil;
    try {
      return CallHere(inputs);
    } catch (nb::python_error& error) {
      error.restore();
      return StatusOfPythonError();
    }
  }

 private:
  Result<Value> CallHere(std::span<const Value> inputs) const {
    std::vector<nb::object> results;
    results.reserve(inputs.size());
    for (const Value& input : inputs) results.push_back(ValueToPython(input));
    const std::vector<Argument>& arguments = parts_->arguments;
    std::vector<nb::object> built(arguments.size());
    std::vector<PyObject*> raw(arguments.size() + 1);
    for (size_t i = 0; i < arguments.size(); ++i) {
      built[i] = Build(arguments[i], results);
      if (!built[i].is_valid()) throw nb::python_error();
      raw[i + 1] = built[i].ptr();
    }
    PyObject* names = parts_->keyword_names.ptr();
    const size_t by_keyword = names != nullptr ? static_cast<size_t>(PyTuple_GET_SIZE(names)) : 0;
    results.clear();  // so that a function may work in place on what nobody else reads
    nb::object result =
        nb::steal(PyObject_Vectorcall(parts_->function.ptr(), raw.data() + 1,
                                      (arguments.size() - by_keyword) | PY_VECTORCALL_ARGUMENTS_OFFSET, names));
    if (!result.is_valid()) throw nb::python_error();
    return ValueFromPython(std::move(result));
  }

  // As a function of the inputs alone: the arguments are pickled with it. See python/swath/_child.py.
  Result<Value> CallInChild(std::span<const Value> inputs, const ops::CallContext& context) const {
    ops::PythonFunctionPtr function;
    {
      const GilForCall gil;
      try {
        const nb::object pickled = nb::module_::import_("swath._pickling")
                                       .attr("pickled_call")(parts_->function, nb::cast(this->Template()), name_);
        ASSIGN_OR_RETURN(Object bytes, ValueFromPython(pickled).host()->Serialize());
        function = std::make_shared<ops::PythonFunction>(
            ops::PythonFunction{.name = name_, .pickled = std::move(bytes), .time_limit = {}, .memory_limit_bytes = 0});
      } catch (nb::python_error& error) {
        error.restore();
        return StatusOfPythonError();
      }
    }
    ops::EndCallBatch();
    return context.python->Call(function, inputs, context.block, context.cancelled);
  }

  // The arguments with inputs as numbers: (arguments, keyword names), where an argument is ("input", i),
  // ("literal", object) or (kind, parts, type).
  nb::object Template() const;

  Parts* parts_;
  std::shared_ptr<void> owner_;
  std::string name_;
  std::string location_;
};

const char* NameOf(Kind kind) {
  switch (kind) {
    case Kind::kList:
      return "list";
    case Kind::kSet:
      return "set";
    case Kind::kFrozenSet:
      return "frozenset";
    case Kind::kDict:
      return "dict";
    case Kind::kSlice:
      return "slice";
    case Kind::kDataclass:
      return "dataclass";
    default:
      return "tuple";
  }
}

nb::object TemplateOf(const Argument& argument) {
  if (argument.input >= 0) return nb::make_tuple("input", argument.input);
  if (argument.parts.empty())
    return nb::make_tuple(argument.kind == Kind::kSlice ? "late" : "literal", argument.object);
  nb::list parts;
  for (const Argument& part : argument.parts) parts.append(TemplateOf(part));
  return nb::make_tuple(NameOf(argument.kind), parts, argument.object.is_valid() ? argument.object : nb::none());
}

nb::object PythonCall::Template() const {
  nb::list arguments;
  for (const Argument& argument : parts_->arguments) arguments.append(TemplateOf(argument));
  return nb::make_tuple(arguments, parts_->keyword_names.is_valid() ? parts_->keyword_names : nb::make_tuple());
}

constexpr const char* kPartsName = "swath.parts";

PyNode DelayedCall(nb::object function, nb::tuple args, nb::dict kwargs, std::string name,
                   std::optional<std::string> token, bool traverse) {
  ArgumentReader reader(traverse);
  auto parts = std::make_unique<Parts>();
  parts->arguments.reserve(nb::len(args) + nb::len(kwargs));
  for (nb::handle argument : args) parts->arguments.push_back(reader.Read(argument));
  if (nb::len(kwargs) > 0) {
    nb::list names;
    for (auto item : kwargs) {
      names.append(item.first);
      parts->arguments.push_back(reader.Read(item.second));
    }
    parts->keyword_names = nb::steal(PyList_AsTuple(names.ptr()));
  }
  parts->function = std::move(function);
  std::vector<expr::NodePtr> inputs = reader.TakeInputs();
  parts->input_count = static_cast<int32_t>(inputs.size());
  PyObject* capsule = PyCapsule_New(parts.get(), kPartsName, [](PyObject* self) {
    delete static_cast<Parts*>(PyCapsule_GetPointer(self, kPartsName));
  });
  if (capsule == nullptr) throw nb::python_error();
  Parts* raw = parts.release();
  const nb::object holder = nb::steal(capsule);
  auto call = std::make_shared<PythonCall>(raw, KeepAlive(holder), std::move(name), UserLocation());
  std::optional<Token> identity;
  if (token) identity = TokenBuilder("delayed").Add(std::string_view(*token)).Finish();
  return {ValueOrRaise(expr::MakeDelayed(std::move(call), std::move(inputs), identity))};
}

// A call that answers function(blocks of `node`), run in this process. Equal (node, token) are one call.
PyNode DelayedOn(const PyNode& node, int64_t block, nb::object function, std::string name, std::string token) {
  TokenBuilder identity("bridge");
  identity.Add(node.node->token()).Add(block).Add(std::string_view(token));
  return {ValueOrRaise(expr::MakeDelayedOn(MakeBlockCall(std::move(function), std::move(name), true), node.node, block,
                                           identity.Finish()))};
}

PyNode DelayedValue(nb::object object, std::string name, std::optional<std::string> token) {
  std::optional<Token> identity;
  if (token) identity = TokenBuilder("delayed value").Add(std::string_view(*token)).Finish();
  return {ValueOrRaise(expr::MakeDelayedValue(std::move(name), ValueFromPython(std::move(object)), identity))};
}

}  // namespace

void BindDelayed(nb::module_& module) {
  module.def(
      "set_delayed_hooks",
      [](nb::object delayed_type, nb::object as_call) {
        Hooks& hooks = GetHooks();
        hooks.delayed_type = delayed_type.release().ptr();
        hooks.as_call = as_call.release().ptr();
        hooks.kinds.clear();
      },
      nb::arg("delayed_type"), nb::arg("as_call"));
  module.def("delayed_call", &DelayedCall, "The node of function(*args, **kwargs).", nb::arg("function"),
             nb::arg("args"), nb::arg("kwargs"), nb::arg("name"), nb::arg("token").none() = nb::none(),
             nb::arg("traverse") = true);
  module.def("delayed_on", &DelayedOn, "The node of function(Values of one block of node, or of all: -1; block).",
             nb::arg("node"), nb::arg("block"), nb::arg("function"), nb::arg("name"), nb::arg("token"));
  module.def("delayed_value", &DelayedValue, "The node of a value that is there already.", nb::arg("object"),
             nb::arg("name"), nb::arg("token").none() = nb::none());
  module.def(
      "objects",
      [](const PyValues& values) {
        nb::list list;
        for (const Value& value : values.values) list.append(ValueToPython(value));
        return list;
      },
      "The values as Python objects.", nb::arg("values"));
}

}  // namespace swath::python
