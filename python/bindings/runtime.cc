#include "runtime.h"

#include <chrono>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "swath/api/compute.h"
#include "swath/base/config.h"
#include "swath/exec/python_children.h"
#include "swath/exec/runtime.h"
#include "swath/expr/delayed/delayed_node.h"
#include "swath/expr/lower/lower.h"
#include "swath/expr/passes.h"
#include "swath/graph/drawing.h"
#include "swath/graph/runtime.h"
#include "swath/ops/function_call.h"

#include "bindings.h"
#include "calls.h"
#include "errors.h"

namespace swath::python {
namespace {

using std::chrono::milliseconds;

bool InProcesses(std::string_view scheduler) { return scheduler == "processes" || scheduler == "multiprocessing"; }

// Plans and submits; needs no GIL.
struct Submitted {
  std::shared_ptr<graph::Run> run;
  std::vector<expr::Plan::Output> outputs;
};

// Children run the interpreter of this process with its search path.
void TellChildCommand() {
  const nb::module_ sys = nb::module_::import_("sys");
  const nb::object executable = sys.attr("executable");
  if (!PyUnicode_Check(executable.ptr()) || nb::len(executable) == 0) return;  // an embedded interpreter
  std::vector<std::string> command{nb::cast<std::string>(executable), "-m", "swath._child"};
  for (nb::handle path : nb::borrow(sys.attr("path"))) {
    if (PyUnicode_Check(path.ptr())) command.push_back(nb::cast<std::string>(path));
  }
  exec::SetPythonCommand(std::move(command));
}

Result<Submitted> SubmitRoots(std::vector<expr::NodePtr> roots, const PyComputeOptions& options) {
  std::shared_ptr<graph::Runtime> runtime;
  if (options.scheduler.empty() && options.num_workers == 0) {
    runtime = exec::DefaultRuntime();
  } else {
    std::string scheduler = options.scheduler;
    if (scheduler.empty()) {
      ASSIGN_OR_RETURN(scheduler, Config::Current()->GetString("scheduler"));
    }
    ASSIGN_OR_RETURN(runtime, exec::MakeRuntime(scheduler, options.num_workers));
  }
  ASSIGN_OR_RETURN(const std::string configured, Config::Current()->GetString("scheduler"));
  int64_t retries = options.retries;
  if (retries < 0) {
    ASSIGN_OR_RETURN(retries, Config::Current()->GetInt("retries"));
  }
  ASSIGN_OR_RETURN(expr::Plan plan, expr::MakePlan(std::move(roots), options.optimize));
  graph::RunOptions run_options;
  run_options.retries = static_cast<int>(retries);
  run_options.python_in_processes = InProcesses(options.scheduler.empty() ? configured : options.scheduler);
  ASSIGN_OR_RETURN(auto run, runtime->Submit(plan.graph, run_options));
  return Submitted{std::move(run), std::move(plan.outputs)};
}

// Waits with the GIL released in slices; false when a signal handler or the callback raised (the Python error is set).
bool WaitPolling(graph::Run& run, nb::handle callback) {
  const bool watched = !callback.is_none();
  milliseconds slice{2};  // short at first: an early Ctrl-C, and a bar that shows that something happens
  for (;;) {
    bool done = false;
    {
      nb::gil_scoped_release release;
      done = run.WaitFor(slice);
    }
    if (PyErr_CheckSignals() != 0) return false;
    if (watched) {
      const graph::Progress p = run.progress();
      nb::object result = nb::steal(PyObject_CallFunction(
          callback.ptr(), "LLLL", static_cast<long long>(p.tasks_done), static_cast<long long>(p.tasks_total),
          static_cast<long long>(p.bytes_in_memory), static_cast<long long>(p.bytes_spilled)));
      if (!result.is_valid()) return false;
    }
    if (done) return true;
    slice = milliseconds(50);
  }
}

}  // namespace

namespace {

// A compute inside a task waits there for tasks that other threads must run: right, but slower than one graph. Said
// once a line.
void WarnOfNestedCompute() {
  static auto* seen = new std::unordered_set<std::string>;
  const std::string location = UserLocation();
  if (!seen->insert(location).second) return;
  const size_t colon = location.rfind(':');
  const std::string file = colon == std::string::npos ? "<unknown>" : location.substr(0, colon);
  const int line = colon == std::string::npos ? 0 : std::atoi(location.c_str() + colon + 1);
  const char* text =
      "compute() inside a task: its tasks wait for this one's thread. Return the lazy object, or pass it as an "
      "argument, "
      "to make one graph of both";
  if (PyErr_WarnExplicit(PyExc_UserWarning, text, file.c_str(), line, nullptr, nullptr) != 0) throw nb::python_error();
}

}  // namespace

std::vector<std::vector<Value>> ComputeRoots(std::vector<expr::NodePtr> roots, nb::handle callback,
                                             const PyComputeOptions& options) {
  if (ops::InsideTask()) WarnOfNestedCompute();
  TellChildCommand();
  const std::vector<expr::NodePtr> written = roots;
  Result<Submitted> submitted = [&] {
    nb::gil_scoped_release release;
    return SubmitRoots(std::move(roots), options);
  }();
  CheckOk(submitted.status());
  std::shared_ptr<graph::Run> run = std::move(submitted->run);
  if (!WaitPolling(*run, callback)) {
    nb::python_error error;  // what the signal handler or the callback raised
    {
      nb::gil_scoped_release release;
      run->Cancel();
      run.reset();
      SettleWrites(written);
    }
    throw error;
  }
  Result<std::vector<Value>> values = [&] {
    nb::gil_scoped_release release;
    auto results = run->Results();
    run.reset();
    if (!results.ok()) SettleWrites(written);
    return results;
  }();
  CheckOk(values.status());
  std::vector<std::vector<Value>> split;
  split.reserve(submitted->outputs.size());
  for (const auto& output : submitted->outputs) {
    auto first = std::make_move_iterator(values->begin() + output.first);
    split.emplace_back(first, first + output.count);
  }
  return split;
}

namespace {

std::vector<expr::NodePtr> NodesOf(const std::vector<PyNode>& nodes) {
  std::vector<expr::NodePtr> roots;
  roots.reserve(nodes.size());
  for (const PyNode& node : nodes) roots.push_back(node.node);
  return roots;
}

std::vector<PyNode> OptimizeNodes(const std::vector<PyNode>& nodes) {
  expr::OptimizedPlan optimized = ValueOrRaise(expr::MakeOptimizedPlan(NodesOf(nodes)));
  std::vector<PyNode> result;
  for (expr::NodePtr& node : optimized.roots) result.push_back({std::move(node)});
  return result;
}

// The graph as Graphviz text and as SVG.
std::pair<std::string, std::string> DrawNodes(const std::vector<PyNode>& nodes, bool tasks, bool optimize) {
  const expr::Plan plan = ValueOrRaise(expr::MakePlan(NodesOf(nodes), optimize));
  const graph::Drawing drawing = tasks ? ValueOrRaise(graph::DrawTasks(*plan.graph)) : graph::DrawLayers(*plan.graph);
  return {graph::ToDot(drawing), graph::ToSvg(drawing)};
}

}  // namespace

void BindRuntime(nb::module_& module) {
  // Threads of the engine may be inside Python functions of a cancelled run: they must end before the interpreter does.
  nb::module_::import_("atexit").attr("register")(nb::cpp_function([] {
    nb::gil_scoped_release release;
    exec::StopDefaultRuntime();
  }));
  nb::class_<PyNode>(module, "Node", "An expression.")
      .def_prop_ro("token", [](const PyNode& self) { return self.node->token().ToString(); })
      .def_prop_ro("op", [](const PyNode& self) { return std::string(self.node->op()); })
      .def_prop_ro("label",
                   [](const PyNode& self) {
                     const auto* call = expr::AsDelayed(self.node.get());
                     return std::string(call ? call->call()->name() : self.node->op());
                   })
      .def_prop_ro("location", [](const PyNode& self) { return self.node->location(); })
      .def("__eq__", [](const PyNode& self, const PyNode& other) { return self.node == other.node; })
      .def("__hash__", [](const PyNode& self) { return std::hash<Token>()(self.node->token()); })
      .def("__repr__", [](const PyNode& self) { return self.node->Describe(); });
  nb::class_<PyValues>(module, "Values", "The computed blocks of one collection.")
      .def("__len__", [](const PyValues& self) { return self.values.size(); })
      .def_prop_ro("nbytes", [](const PyValues& self) {
        int64_t bytes = 0;
        for (const Value& value : self.values) bytes += value.nbytes();
        return bytes;
      });
  module.def(
      "compute",
      [](const std::vector<PyNode>& nodes, nb::handle callback, std::string scheduler, int num_workers, bool optimize,
         int retries) {
        auto results = ComputeRoots(NodesOf(nodes), callback, {std::move(scheduler), num_workers, optimize, retries});
        std::vector<PyValues> values;
        values.reserve(results.size());
        for (auto& blocks : results) values.push_back({std::move(blocks)});
        return values;
      },
      "Runs all nodes as one graph.", nb::arg("nodes"), nb::arg("callback").none() = nb::none(),
      nb::arg("scheduler") = "", nb::arg("num_workers") = 0, nb::arg("optimize") = true, nb::arg("retries") = -1);
  module.def(
      "compute_objects",
      [](const std::vector<PyNode>& nodes, nb::handle callback, std::string scheduler, int num_workers, bool optimize,
         int retries) {
        auto results = ComputeRoots(NodesOf(nodes), callback, {std::move(scheduler), num_workers, optimize, retries});
        nb::list objects;
        for (auto& blocks : results) {
          if (blocks.size() != 1) throw nb::value_error("compute_objects computes calls, which have one value each");
          objects.append(ValueToPython(blocks.front()));
        }
        return objects;
      },
      "The results of calls, run as one graph.", nb::arg("nodes"), nb::arg("callback").none() = nb::none(),
      nb::arg("scheduler") = "", nb::arg("num_workers") = 0, nb::arg("optimize") = true, nb::arg("retries") = -1);
  module.def("optimize", &OptimizeNodes, nb::arg("nodes"));
  module.def(
      "explain", [](const std::vector<PyNode>& nodes) { return ValueOrRaise(expr::Explain(NodesOf(nodes))); },
      nb::arg("nodes"));
  module.def("stop_runtime", &exec::StopDefaultRuntime, nb::call_guard<nb::gil_scoped_release>(),
             "Waits for what cancelled runs left behind and ends the threads.");
  module.def("set_python_command", &exec::SetPythonCommand, nb::arg("command"),
             "The command that starts child processes for Python functions.");
  module.def("draw", &DrawNodes, nb::arg("nodes"), nb::arg("tasks"), nb::arg("optimize"));
}

}  // namespace swath::python
