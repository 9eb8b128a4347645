#include "call_arguments.h"

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <nanobind/stl/string_view.h>

#include "calls.h"
#include "runtime.h"

namespace swath::python {
namespace {

using Kind = ArgumentKind;

// By kind; what TemplateOf calls them.
constexpr std::array<const char*, 15> kNames = {"literal", "literal", "",          "",     "",
                                                "",        "list",    "tuple",     "set",  "frozenset",
                                                "dict",    "slice",   "dataclass", "late", "call"};

Kind ClassifyType(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PyList_Type) return Kind::kList;
  if (type == &PyTuple_Type) return Kind::kTuple;
  if (type == &PySet_Type) return Kind::kSet;
  if (type == &PyFrozenSet_Type) return Kind::kFrozenSet;
  if (type == &PyDict_Type) return Kind::kDict;
  if (type == &PySlice_Type) return Kind::kSlice;
  const std::string_view name = type->tp_name;
  if (name == "list_iterator" || name == "tuple_iterator" || name == "set_iterator") return Kind::kIterator;
  if (nb::isinstance<PyNode>(object)) return Kind::kNode;
  const CallHooks& hooks = GetCallHooks();
  auto* type_object = reinterpret_cast<PyObject*>(type);
  if (hooks.delayed_type != nullptr && PyObject_IsSubclass(type_object, hooks.delayed_type) == 1) return Kind::kDelayed;
  if (PyObject_HasAttrString(type_object, "__swath_node__") || PyObject_HasAttrString(type_object, "__dask_graph__"))
    return Kind::kCollection;
  if (PyObject_HasAttrString(type_object, "__dataclass_fields__") && !PyType_Check(object)) return Kind::kDataclass;
  if (PyTuple_Check(object) && PyObject_HasAttrString(type_object, "_fields")) return Kind::kTuple;  // a namedtuple
  if (PyObject_HasAttrString(type_object, "nbytes") || PyObject_HasAttrString(type_object, "memory_usage"))
    return Kind::kSized;
  return Kind::kLiteral;
}

// A dataclass with results inside is made anew when the call runs: what that raises should be raised at the user's
// line.
void CheckRebuilds(nb::handle object) {
  try {
    nb::module_::import_("dataclasses").attr("replace")(object);
  } catch (nb::python_error& error) {
    const std::string name = nb::cast<std::string>(object.type().attr("__name__"));
    const std::string text = "an instance of " + name + " holds calls and cannot be made again from its fields (" +
                             error.what() + "); __init__ must take the fields";
    nb::raise_from(error, error.matches(PyExc_ValueError) ? PyExc_ValueError : PyExc_TypeError, "%s", text.c_str());
  }
}

nb::object BuildDataclass(const Argument& argument, PyObject* const* inputs) {
  nb::dict fields;
  std::vector<std::pair<nb::handle, nb::object>> later;
  for (size_t i = 0; i < argument.parts.size(); i += 2) {
    nb::object value = BuildArgument(argument.parts[i + 1], inputs);
    if (argument.parts[i].kind == Kind::kLateField)
      later.emplace_back(argument.parts[i].object, std::move(value));
    else
      fields[argument.parts[i].object] = value;
  }
  nb::object made = argument.object(**fields);
  for (const auto& [name, value] : later)
    nb::module_::import_("builtins").attr("object").attr("__setattr__")(made, name, value);
  return made;
}

nb::object BuildCall(const Argument& argument, PyObject* const* inputs) {
  std::vector<nb::object> parts;
  std::vector<PyObject*> raw;
  for (const Argument& part : argument.parts) {
    parts.push_back(BuildArgument(part, inputs));
    raw.push_back(parts.back().ptr());
  }
  nb::object result = nb::steal(PyObject_Vectorcall(raw[0], raw.data() + 1, raw.size() - 1, nullptr));
  if (!result.is_valid()) throw nb::python_error();
  return result;
}

}  // namespace

CallHooks& GetCallHooks() {
  static auto* hooks = new CallHooks;
  return *hooks;
}

Kind KindOfArgument(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PyLong_Type || type == &PyFloat_Type) return Kind::kLiteral;
  static auto* mutex = new GilMutex;
  const std::lock_guard lock(*mutex);
  auto& kinds = GetCallHooks().kinds;
  if (const auto it = kinds.find(type); it != kinds.end()) return it->second;
  const Kind kind = ClassifyType(object);
  Py_INCREF(type);
  kinds.emplace(type, kind);
  return kind;
}

bool HoldsCalls(nb::handle object) {
  switch (KindOfArgument(object.ptr())) {
    case Kind::kNode:
    case Kind::kDelayed:
    case Kind::kCollection:
      return true;
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kSet:
    case Kind::kFrozenSet:
      for (nb::handle item : object)
        if (HoldsCalls(item)) return true;
      return false;
    case Kind::kDict:
      for (auto [key, value] : nb::borrow<nb::dict>(object))
        if (HoldsCalls(key) || HoldsCalls(value)) return true;
      return false;
    case Kind::kSlice:
      return HoldsCalls(object.attr("start")) || HoldsCalls(object.attr("stop")) || HoldsCalls(object.attr("step"));
    case Kind::kDataclass:
      for (auto item : nb::borrow<nb::dict>(object.attr("__dataclass_fields__")))
        if (nb::hasattr(object, item.first) && HoldsCalls(nb::getattr(object, item.first))) return true;
      return false;
    default:
      return false;
  }
}

Argument ArgumentReader::Read(nb::handle object) {
  const Kind kind = KindOfArgument(object.ptr());
  switch (kind) {
    case Kind::kLiteral:
      if (PyUnicode_CheckExact(object.ptr())) literal_bytes_ += PyUnicode_GET_LENGTH(object.ptr());
      if (PyBytes_CheckExact(object.ptr())) literal_bytes_ += PyBytes_GET_SIZE(object.ptr());
      return Argument::Literal(object);
    case Kind::kSized:
      return ReadLarge(object);
    case Kind::kNode:
      return NumberOf(nb::cast<PyNode&>(object).node);
    case Kind::kDelayed:
      return NumberOf(nb::cast<PyNode&>(object.attr("_node")).node);
    case Kind::kCollection:
      return ReadCollection(object);
    case Kind::kIterator:
      return traverse_ ? ReadContainer(Kind::kList, nb::list(object)) : Argument::Literal(object);
    default:
      return traverse_ ? ReadContainer(kind, object) : Argument::Literal(object);
  }
}

Argument ArgumentReader::NumberOf(const expr::NodePtr& node) {
  auto next = static_cast<int32_t>(inputs_.size());
  if (inputs_.size() < 8) {
    for (int32_t i = 0; i < next; ++i) {
      if (inputs_[static_cast<size_t>(i)] == node) return Argument::Input(i);
    }
  } else {
    for (size_t i = number_of_.size(); i < inputs_.size(); ++i)
      number_of_.emplace(inputs_[i].get(), static_cast<int32_t>(i));
    const auto [it, fresh] = number_of_.emplace(node.get(), next);
    if (!fresh) return Argument::Input(it->second);
  }
  inputs_.push_back(node);
  return Argument::Input(next);
}

Argument ArgumentReader::ReadCollection(nb::handle object) {
  // A type may have the protocol and an instance not be a collection (an xarray on NumPy memory).
  const nb::object call = nb::steal(PyObject_CallOneArg(GetCallHooks().as_call, object.ptr()));
  if (!call.is_valid()) throw nb::python_error();
  if (call.is_none()) return Argument::Literal(object);
  return NumberOf(nb::cast<PyNode&>(call).node);
}

Argument ArgumentReader::ReadLarge(nb::handle object) {
  const nb::object bytes = nb::steal(PyObject_GetAttrString(object.ptr(), "nbytes"));
  if (bytes.is_valid() && PyLong_Check(bytes.ptr())) {
    literal_bytes_ += PyLong_AsLongLong(bytes.ptr());
  } else if (nb::hasattr(object, "memory_usage")) {  // a pandas frame
    const nb::object sizes = object.attr("memory_usage")();
    literal_bytes_ += nb::cast<int64_t>(nb::int_(nb::hasattr(sizes, "sum") ? sizes.attr("sum")() : sizes));
  }
  if (PyErr_Occurred()) PyErr_Clear();
  return Argument::Literal(object);
}

Argument ArgumentReader::ReadContainer(Kind kind, nb::handle object) {
  Argument argument;
  argument.kind = kind;
  bool any = false;
  const auto add = [&](nb::handle part) {
    argument.parts.push_back(Read(part));
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
      Argument name = Argument::Literal(item.first);
      if (!nb::cast<bool>(item.second.attr("init"))) name.kind = Kind::kLateField;
      argument.parts.push_back(std::move(name));
      add(nb::getattr(object, item.first));
    }
  } else {
    if (kind == Kind::kTuple) argument.object = nb::borrow(object.type());
    for (nb::handle item : object) add(item);
  }
  if (any && kind == Kind::kDataclass) CheckRebuilds(object);
  return any ? std::move(argument) : Argument::Literal(object);
}

nb::object BuildArgument(const Argument& argument, PyObject* const* inputs) {
  if (argument.input >= 0) return nb::borrow(inputs[argument.input]);
  if (argument.parts.empty()) return argument.object;
  if (argument.kind == Kind::kDict) {
    nb::dict dict;
    for (size_t i = 0; i < argument.parts.size(); i += 2)
      dict[BuildArgument(argument.parts[i], inputs)] = BuildArgument(argument.parts[i + 1], inputs);
    return dict;
  }
  if (argument.kind == Kind::kDataclass) return BuildDataclass(argument, inputs);
  if (argument.kind == Kind::kCall) return BuildCall(argument, inputs);
  nb::list list;
  for (const Argument& part : argument.parts) list.append(BuildArgument(part, inputs));
  nb::object made;
  switch (argument.kind) {
    case Kind::kList:
      return list;
    case Kind::kSlice:
      return nb::steal(PySlice_New(nb::object(list[0]).ptr(), nb::object(list[1]).ptr(), nb::object(list[2]).ptr()));
    case Kind::kSet:
      made = nb::steal(PySet_New(list.ptr()));
      break;
    case Kind::kFrozenSet:
      made = nb::steal(PyFrozenSet_New(list.ptr()));
      break;
    default:
      made = nb::steal(PyList_AsTuple(list.ptr()));
      if (made.is_valid() && argument.object.ptr() != reinterpret_cast<PyObject*>(&PyTuple_Type))
        return argument.object.attr("_make")(made);
  }
  if (!made.is_valid()) throw nb::python_error();
  return made;
}

nb::object TemplateOf(const Argument& argument) {
  if (argument.input >= 0) return nb::make_tuple("input", argument.input);
  const char* name = kNames[static_cast<size_t>(argument.kind)];
  if (argument.parts.empty()) return nb::make_tuple(name, argument.object);
  nb::list parts;
  for (const Argument& part : argument.parts) parts.append(TemplateOf(part));
  return nb::make_tuple(name, parts, argument.object.is_valid() ? argument.object : nb::none());
}

Argument ArgumentOfTemplate(nb::handle form) {
  const auto name = nb::cast<std::string_view>(form[0]);
  if (name == "input") return Argument::Input(nb::cast<int32_t>(form[1]));
  Argument argument;
  for (size_t kind = 0; kind < kNames.size(); ++kind) {
    if (name != kNames[kind]) continue;
    argument.kind = static_cast<Kind>(kind);
    break;
  }
  if (argument.kind == Kind::kLiteral || argument.kind == Kind::kLateField) {
    argument.object = nb::borrow(form[1]);
    return argument;
  }
  for (nb::handle part : nb::borrow(form[1])) argument.parts.push_back(ArgumentOfTemplate(part));
  argument.object = nb::borrow(form[2]);
  return argument;
}

}  // namespace swath::python
