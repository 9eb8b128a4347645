// Hand-written graphs, as expressions: {key: (function, argument, key, [key, …])} and objects of swath.task_spec and
// dask._task_spec (a GraphNode: `node(values of its dependencies)`). Only what the wanted keys need is read.
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "swath/expr/delayed/delayed_node.h"

#include "bindings.h"
#include "call_arguments.h"
#include "calls.h"
#include "errors.h"
#include "python_call.h"
#include "runtime.h"

namespace swath::python {
namespace {

using Kind = ArgumentKind;

enum class SpecKind : uint8_t { kNone, kNode, kRef };

class DictGraph {
 public:
  explicit DictGraph(nb::dict graph) : graph_(std::move(graph)), location_(UserLocation()) {
    identity_ = nb::module_::import_("swath._pickling").attr("identity");
  }

  std::vector<PyNode> NodesOf(nb::handle keys) {
    std::vector<int32_t> wanted;
    for (nb::handle key : keys) {
      const int32_t task = FindTask(key.ptr());
      if (task < 0) {
        PyErr_SetObject(PyExc_KeyError, key.ptr());
        throw nb::python_error();
      }
      wanted.push_back(task);
    }
    for (size_t i = 0; i < tasks_.size(); ++i) {  // grows while it is read
      std::vector<int32_t> inputs;
      reading_ = static_cast<int32_t>(i);
      Argument body = ReadTask(PyDict_GetItem(graph_.ptr(), tasks_[i].key.ptr()), &inputs);
      if (body.input == 0 && inputs.front() == static_cast<int32_t>(i)) {  // {0: 0}: data that looks like its own key
        body = Argument::Literal(PyDict_GetItem(graph_.ptr(), tasks_[i].key.ptr()));
        inputs.clear();
      }
      tasks_[i].body = std::move(body);
      tasks_[i].inputs = std::move(inputs);
    }
    for (const int32_t task : wanted) MakeWithInputs(task);
    std::vector<PyNode> nodes;
    nodes.reserve(wanted.size());
    for (const int32_t task : wanted) nodes.push_back({At(task).node});
    return nodes;
  }

 private:
  struct Task {
    nb::object key;
    Argument body = {};
    std::vector<int32_t> inputs = {};
    expr::NodePtr node = nullptr;
    bool open = false;  // its inputs are being made
  };
  Task& At(int32_t task) { return tasks_[static_cast<size_t>(task)]; }

  // The number of the task of `key`, which is a new one when it is met first; -1: not in the graph.
  int32_t FindTask(PyObject* key) {
    PyObject* known = PyDict_GetItemWithError(number_of_.ptr(), key);
    if (known != nullptr) return static_cast<int32_t>(PyLong_AsLong(known));
    if (PyErr_Occurred() || PyDict_GetItemWithError(graph_.ptr(), key) == nullptr) {
      PyErr_Clear();  // what cannot be hashed is no key
      return -1;
    }
    const auto number = static_cast<int32_t>(tasks_.size());
    const nb::int_ object(number);
    if (PyDict_SetItem(number_of_.ptr(), key, object.ptr()) != 0) throw nb::python_error();
    tasks_.push_back({nb::borrow(key)});
    return number;
  }

  Argument InputOf(int32_t task, std::vector<int32_t>* inputs) {
    read_by_.resize(tasks_.size(), -1);
    position_.resize(tasks_.size());
    const auto number = static_cast<size_t>(task);
    if (read_by_[number] != reading_) {
      read_by_[number] = reading_;
      position_[number] = static_cast<int32_t>(inputs->size());
      inputs->push_back(task);
    }
    return Argument::Input(position_[number]);
  }

  Argument ReadTask(PyObject* object, std::vector<int32_t>* inputs) {
    if (PyTuple_CheckExact(object) && PyTuple_GET_SIZE(object) > 0 && PyCallable_Check(PyTuple_GET_ITEM(object, 0))) {
      Argument call;
      call.kind = Kind::kCall;
      call.parts.reserve(static_cast<size_t>(PyTuple_GET_SIZE(object)));
      call.parts.push_back(Argument::Literal(PyTuple_GET_ITEM(object, 0)));
      for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(object); ++i)
        call.parts.push_back(ReadTask(PyTuple_GET_ITEM(object, i), inputs));
      return call;
    }
    if (PyLong_Check(object) || PyUnicode_Check(object) || PyTuple_Check(object) || PyFloat_Check(object)) {
      if (const int32_t task = FindTask(object); task >= 0) return InputOf(task, inputs);
      if (!PyTuple_Check(object)) return Argument::Literal(object);
    }
    switch (SpecKindOf(object)) {
      case SpecKind::kNode:
        return ReadNode(object, inputs);
      case SpecKind::kRef:
        return InputOf(RequireTask(nb::handle(object).attr("key"), object), inputs);
      case SpecKind::kNone:
        break;
    }
    return ReadContainer(object, inputs);
  }

  int32_t RequireTask(nb::handle key, nb::handle reader) {
    const int32_t task = FindTask(key.ptr());
    if (task >= 0) return task;
    const std::string text = nb::cast<std::string>(nb::repr(key)) + ", which " +
                             nb::cast<std::string>(nb::repr(reader)) + " reads, is not in the graph";
    PyErr_SetString(PyExc_KeyError, text.c_str());
    throw nb::python_error();
  }

  // node({dependency: its result, …})
  Argument ReadNode(nb::handle node, std::vector<int32_t>* inputs) {
    Argument values;
    values.kind = Kind::kDict;
    for (nb::handle dependency : nb::object(node.attr("dependencies"))) {
      values.parts.push_back(Argument::Literal(dependency));
      values.parts.push_back(InputOf(RequireTask(dependency, node), inputs));
    }
    Argument call;
    call.kind = Kind::kCall;
    call.parts.push_back(Argument::Literal(node));
    call.parts.push_back(values.parts.empty() ? Argument::Literal(nb::dict()) : std::move(values));
    return call;
  }

  Argument ReadContainer(nb::handle object, std::vector<int32_t>* inputs) {
    const Kind kind = KindOfArgument(object.ptr());
    if (kind != Kind::kList && kind != Kind::kTuple && kind != Kind::kSet && kind != Kind::kDict)
      return Argument::Literal(object);
    Argument argument;
    argument.kind = kind;
    if (kind == Kind::kTuple) argument.object = nb::borrow(object.type());
    bool any = false;
    const auto add = [&](Argument part) {
      any |= part.has_input();
      argument.parts.push_back(std::move(part));
    };
    if (kind == Kind::kDict) {  // keys and values that only look like keys of the graph stay what they are
      for (auto [key, value] : nb::borrow<nb::dict>(object)) {
        add(Argument::Literal(key));
        add(SpecKindOf(value.ptr()) == SpecKind::kNone ? Argument::Literal(value) : ReadTask(value.ptr(), inputs));
      }
    } else {
      for (nb::handle item : object) add(ReadTask(item.ptr(), inputs));
    }
    return any ? std::move(argument) : Argument::Literal(object);
  }

  SpecKind SpecKindOf(PyObject* object) {
    PyTypeObject* type = Py_TYPE(object);
    if (type == &PyList_Type || type == &PyDict_Type || type == &PySet_Type || type == &PyTuple_Type)
      return SpecKind::kNone;
    if (const auto it = spec_kinds_.find(type); it != spec_kinds_.end()) return it->second;
    auto* type_object = reinterpret_cast<PyObject*>(type);
    SpecKind kind = SpecKind::kNone;
    if (PyObject_HasAttrString(type_object, "dependencies") && PyObject_HasAttrString(type_object, "substitute"))
      kind = SpecKind::kNode;
    else if (std::string_view(type->tp_name).ends_with("TaskRef") && PyObject_HasAttrString(object, "key"))
      kind = SpecKind::kRef;
    spec_kinds_.emplace(type, kind);
    return kind;
  }

  // Depth first without recursion: chains are longer than the stack is deep.
  void MakeWithInputs(int32_t root) {
    std::vector<std::pair<int32_t, size_t>> stack{{root, 0}};  // task, how many of its inputs are made
    while (!stack.empty()) {
      auto& [number, next] = stack.back();
      Task& task = At(number);
      if (task.node == nullptr && next < task.inputs.size()) {
        task.open = true;
        const int32_t input = task.inputs[next++];
        if (At(input).open) RaiseCycle(stack, input);
        if (At(input).node == nullptr) stack.emplace_back(input, 0);
        continue;
      }
      if (task.node == nullptr) task.node = Make(&task);
      task.open = false;
      stack.pop_back();
    }
  }

  [[noreturn]] void RaiseCycle(const std::vector<std::pair<int32_t, size_t>>& stack, int32_t first) {
    std::string text = "the graph has a cycle: ";
    bool inside = false;
    for (const auto& [number, next] : stack) {
      inside |= number == first;
      if (inside) text += nb::cast<std::string>(nb::repr(At(number).key)) + " -> ";
    }
    text += nb::cast<std::string>(nb::repr(At(first).key));
    PyErr_SetString(PyExc_RuntimeError, text.c_str());
    throw nb::python_error();
  }

  expr::NodePtr Make(Task* task) {
    Argument& body = task->body;
    if (!body.has_input()) {
      auto call = std::make_shared<PythonValueCall>(ValueFromPython(body.object), "data", "");
      return ValueOrRaise(expr::MakeDelayed(std::move(call), {}));
    }
    auto parts = std::make_unique<PythonCall::Parts>();
    if (body.kind == Kind::kCall) {
      parts->function = std::move(body.parts.front().object);
      parts->arguments.assign(std::make_move_iterator(body.parts.begin() + 1),
                              std::make_move_iterator(body.parts.end()));
    } else {
      parts->function = identity_;
      parts->arguments.push_back(std::move(body));
    }
    const std::string& name = NameOf(parts->function);
    std::vector<expr::NodePtr> inputs;
    inputs.reserve(task->inputs.size());
    for (const int32_t input : task->inputs) inputs.push_back(At(input).node);
    auto call = std::make_shared<PythonCall>(std::move(parts),
                                             PythonCall::Options{.name = name, .key = {}, .location = location_});
    return ValueOrRaise(expr::MakeDelayed(std::move(call), std::move(inputs)));
  }

  const std::string& NameOf(nb::handle function) {
    auto [it, fresh] = names_.try_emplace(function.ptr());
    if (!fresh) return it->second;
    nb::object named = nb::borrow(function);
    if (SpecKindOf(function.ptr()) == SpecKind::kNode && nb::hasattr(function, "func")) named = function.attr("func");
    nb::object name = nb::getattr(named, "__name__", nb::none());
    if (!PyUnicode_Check(name.ptr())) name = named.type().attr("__name__");
    it->second = nb::cast<std::string>(name);
    return it->second;
  }

  nb::dict graph_;
  std::string location_;
  nb::object identity_;
  nb::dict number_of_;
  std::vector<Task> tasks_;
  int32_t reading_ = -1;           // the task that is being read
  std::vector<int32_t> read_by_;   // by task: the last one that reads it
  std::vector<int32_t> position_;  // and as which input
  std::unordered_map<PyTypeObject*, SpecKind> spec_kinds_;
  std::unordered_map<PyObject*, std::string> names_;  // of functions, which the graph keeps
};

}  // namespace

void BindDictGraph(nb::module_& module) {
  module.def(
      "graph_nodes", [](nb::dict graph, nb::list keys) { return DictGraph(std::move(graph)).NodesOf(keys); },
      "The nodes of some keys of a hand-written graph. KeyError: a key that is not there; RuntimeError: a cycle.",
      nb::arg("graph"), nb::arg("keys"));
}

}  // namespace swath::python
