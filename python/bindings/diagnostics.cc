// The task log and the resource sampler, for swath.diagnostics; and the trace file.
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "swath/exec/resource_sampler.h"
#include "swath/graph/task_log.h"
#include "swath/graph/task_trace.h"

#include "bindings.h"
#include "calls.h"

namespace swath::python {
namespace {

namespace nb = nanobind;
using graph::TaskEvent;
using graph::TaskLog;

const char* NameOf(TaskEvent::Kind kind) {
  switch (kind) {
    case TaskEvent::Kind::kStarted:
      return "started";
    case TaskEvent::Kind::kFinished:
      return "finished";
    case TaskEvent::Kind::kFailed:
      return "failed";
    default:
      return "released";
  }
}

double Seconds(int64_t ns) { return static_cast<double>(ns) * 1e-9; }  // as time.perf_counter()

// (kind, key, name, thread, seconds, bytes, value) an event.
nb::list Take(TaskLog& log) {
  const TaskLog::Batch batch = log.Take();
  nb::list list;
  for (size_t i = 0; i < batch.events.size(); ++i) {
    const TaskEvent& event = batch.events[i];
    const nb::object value = batch.values.empty() ? nb::none() : ValueToPython(batch.values[i]);
    list.append(nb::make_tuple(NameOf(event.kind), log.KeyOf(event), log.NameOf(event), event.thread,
                               Seconds(event.time_ns), event.nbytes, value));
  }
  return list;
}

// Writes the events as a trace file and forgets them; beside the place first, so that nothing is left half-written.
void WriteTrace(TaskLog& log, const std::string& path) {
  nb::gil_scoped_release release;
  const std::string text = graph::ChromeTrace(log, log.Take());
  const std::string temporary = path + ".part";
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  bool good = file != nullptr;
  if (good) good = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr) good = std::fclose(file) == 0 && good;
  good = good && std::rename(temporary.c_str(), path.c_str()) == 0;
  if (good) return;
  const int number = errno;
  std::remove(temporary.c_str());
  nb::gil_scoped_acquire acquire;
  errno = number;
  PyErr_SetFromErrnoWithFilename(PyExc_OSError, path.c_str());
  throw nb::python_error();
}

}  // namespace

void BindDiagnostics(nb::module_& module) {
  nb::class_<TaskLog>(module, "TaskLog", "What happens to every task of runs submitted while it is current.")
      .def(nb::init<bool>(), nb::arg("keep_values") = false)
      .def("take", &Take, "The events so far, and forget them.")
      .def("write_trace", &WriteTrace, nb::arg("path"))
      .def_prop_ro("dropped", &TaskLog::dropped)
      .def(
          "activate", [](std::shared_ptr<TaskLog> self) { TaskLog::Activate(std::move(self)); },
          "Runs submitted from now on tell it.")
      .def(
          "deactivate", [](const TaskLog& self) { TaskLog::Deactivate(&self); }, "The end of activate.");
  nb::class_<exec::ResourceSampler>(module, "ResourceSampler")
      .def(
          "__init__",
          [](exec::ResourceSampler* self, double seconds) {
            new (self) exec::ResourceSampler(std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9)));
          },
          nb::arg("interval"))
      .def("take", [](exec::ResourceSampler& self) {
        std::vector<exec::ResourceSample> samples;
        {
          nb::gil_scoped_release release;
          samples = self.Take();
        }
        nb::list list;
        for (const exec::ResourceSample& sample : samples)
          list.append(nb::make_tuple(Seconds(sample.time_ns), static_cast<double>(sample.resident_bytes) / 1e6,
                                     sample.cpu_percent));
        return list;
      });
}

}  // namespace swath::python
