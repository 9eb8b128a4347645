// A task log as a trace file: the JSON "Trace Event Format" that Perfetto (ui.perfetto.dev) and Chrome open.
#pragma once

#include <string>

#include "swath/graph/task_log.h"

namespace swath::graph {

// One complete event ("ph": "X") a task that started and ended inside `batch`, on its thread, named after its layer or
// function, with key, bytes and dependencies as arguments; microseconds since the first event.
std::string ChromeTrace(const TaskLog& log, const TaskLog::Batch& batch);

}  // namespace swath::graph
