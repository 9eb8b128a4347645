// A plan as plain callables, for schedulers that are not ours: `swath._core.export_graph`. Calls of Python functions
// become picklable callables of their inputs; a task of an array or a dataframe becomes an object that runs its kernel
// on one block each time it is called, in this process.
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "swath/data/memory_pool.h"
#include "swath/exec/task_runner.h"
#include "swath/expr/delayed/delayed_node.h"
#include "swath/expr/lower/delayed.h"
#include "swath/expr/lower/lower.h"
#include "swath/ops/function_call.h"

#include "bindings.h"
#include "calls.h"
#include "errors.h"
#include "python_call.h"
#include "runtime.h"

namespace swath::python {
namespace {

using graph::TaskId;

// A task whose inputs and results are Values of one block, or Python objects where calls make them.
class PlanTask {
 public:
  PlanTask(std::shared_ptr<const exec::TaskRunner> runner, TaskId task) : runner_(std::move(runner)), task_(task) {}

  std::string name() const {
    return std::string(runner_->graph().layers()[static_cast<size_t>(task_.layer())].layer->name());
  }
  std::string key() const { return runner_->graph().KeyOf(task_); }

  nb::object Run(const nb::args& inputs) const {
    std::vector<Value> values;
    for (nb::handle input : inputs) {
      PyValues* blocks = nullptr;
      if (nb::try_cast<PyValues*>(input, blocks) && blocks != nullptr && blocks->values.size() == 1)
        values.push_back(blocks->values.front());
      else
        values.push_back(ValueFromPython(nb::borrow(input)));
    }
    Result<Value> result = [&] {
      nb::gil_scoped_release release;
      // Of its own: what the kernel takes must be given back before this thread takes the GIL again.
      const ops::CallBatch calls;
      kernels::TaskContext context{.memory_pool = Pool()};
      return runner_->Run(task_, values, &context);
    }();
    Value value = ValueOrRaise(std::move(result));
    if (PyObject* held = HeldObject(value)) return nb::borrow(held);
    return nb::cast(PyValues{{std::move(value)}});
  }

 private:
  std::shared_ptr<const exec::TaskRunner> runner_;
  TaskId task_;
};

class Exporter {
 public:
  Exporter(const std::vector<expr::NodePtr>& roots, bool optimize) {
    TokenBuilder token("export");
    for (const expr::NodePtr& root : roots) token.Add(root->token());
    token_ = token.Finish().ToString();
    for (const auto& level : expr::FindCalls(roots).levels) {
      for (const expr::NodePtr& call : level.calls) node_of_.emplace(expr::AsDelayed(call.get())->call().get(), call);
    }
    plan_ = ValueOrRaise(expr::MakePlan(roots, optimize));
    kernels::InitializeKernels();
    runner_ = std::make_shared<const exec::TaskRunner>(
        ValueOrRaise(exec::TaskRunner::Make(plan_.graph, kernels::FindKernel)));
  }

  // ([(key, what, [number of an input, …], is_value), …] with inputs first, [[number of a block], …] of the roots)
  nb::tuple Export() {
    for (const TaskId task : plan_.graph->wanted()) Visit(task);
    nb::list outputs;
    for (const auto& output : plan_.outputs) {
      nb::list numbers;
      for (int64_t i = output.first; i < output.first + output.count; ++i)
        numbers.append(number_of_.at(plan_.graph->wanted()[static_cast<size_t>(i)]));
      outputs.append(numbers);
    }
    return nb::make_tuple(tasks_, outputs);
  }

 private:
  void Visit(TaskId root) {
    std::vector<TaskId> stack{root};
    std::vector<TaskId> inputs;
    while (!stack.empty()) {
      const TaskId task = stack.back();
      if (number_of_.contains(task)) {
        stack.pop_back();
        continue;
      }
      inputs.clear();
      plan_.graph->AppendDependencies(task, &inputs);
      const size_t before = stack.size();
      for (const TaskId input : inputs)
        if (!number_of_.contains(input)) stack.push_back(input);
      if (stack.size() > before) continue;
      stack.pop_back();
      Append(task, inputs);
    }
  }

  void Append(TaskId task, const std::vector<TaskId>& inputs) {
    nb::list numbers;
    for (const TaskId input : inputs) numbers.append(number_of_.at(input));
    const int64_t number = static_cast<int64_t>(number_of_.size());
    number_of_.emplace(task, number);
    const graph::Layer& layer = *plan_.graph->layers()[static_cast<size_t>(task.layer())].layer;
    if (const auto* calls = dynamic_cast<const ops::FunctionCalls*>(layer.call().params.get())) {
      const ops::FunctionCall* call = calls->calls[static_cast<size_t>(task.block())].get();
      if (AppendCall(call, numbers)) return;
    }
    const std::string name = std::string(layer.name()) + "-" + std::to_string(task.layer()) + "-" + token_;
    tasks_.append(
        nb::make_tuple(nb::make_tuple(name, task.block()), nb::cast(PlanTask(runner_, task)), numbers, false));
  }

  bool AppendCall(const ops::FunctionCall* call, const nb::list& numbers) {
    const auto key_of = [&](const std::string& key) {
      return key.empty() ? std::string(call->name()) + "-" + node_of_.at(call)->token().ToString() : key;
    };
    if (const auto* python = dynamic_cast<const PythonCall*>(call)) {
      tasks_.append(nb::make_tuple(key_of(python->key()), python->AsCallable(), numbers, false));
      return true;
    }
    if (const auto* value = dynamic_cast<const PythonValueCall*>(call)) {
      tasks_.append(nb::make_tuple(key_of(value->key()), ValueToPython(value->value()), numbers, true));
      return true;
    }
    return false;
  }

  std::string token_;
  std::unordered_map<const ops::FunctionCall*, expr::NodePtr> node_of_;
  expr::Plan plan_;
  std::shared_ptr<const exec::TaskRunner> runner_;
  std::unordered_map<TaskId, int64_t> number_of_;
  nb::list tasks_;
};

PyValues JoinValues(nb::handle parts) {
  PyValues joined;
  for (nb::handle part : parts) {
    PyValues* blocks = nullptr;
    if (nb::try_cast<PyValues*>(part, blocks) && blocks != nullptr)
      joined.values.insert(joined.values.end(), blocks->values.begin(), blocks->values.end());
    else
      joined.values.push_back(ValueFromPython(nb::borrow(part)));
  }
  return joined;
}

}  // namespace

void BindPlanExport(nb::module_& module) {
  nb::class_<PlanTask>(module, "Task", "One task of a plan: call it with the results of its inputs.")
      .def("__call__", &PlanTask::Run)
      .def_prop_ro("name", &PlanTask::name)
      .def("__repr__", [](const PlanTask& self) { return "<swath task " + self.key() + ">"; });
  module.def(
      "export_graph",
      [](const std::vector<PyNode>& nodes, bool optimize) {
        std::vector<expr::NodePtr> roots;
        for (const PyNode& node : nodes) roots.push_back(node.node);
        return Exporter(roots, optimize).Export();
      },
      "The tasks of a plan with their inputs, and the blocks of each node.", nb::arg("nodes"), nb::arg("optimize"));
  module.def("join_values", &JoinValues, "Values made of the results of exported tasks.", nb::arg("parts"));
}

}  // namespace swath::python
