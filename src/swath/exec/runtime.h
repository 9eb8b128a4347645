// The runtime that a compute uses when none is named.
#pragma once

#include <memory>

#include "swath/graph/runtime.h"

namespace swath::exec {

// By config "scheduler": "threads" (a LocalRuntime with config "num-workers" threads) or "sync". One per process and
// setting, made at the first call and again when the setting has changed; a child after fork() gets a fresh one. A
// setting that is wrong gives a runtime whose Submit fails with the reason. Thread-safe.
std::shared_ptr<graph::Runtime> DefaultRuntime();

// Waits for the tasks that cancelled runs left behind and ends the threads of the default runtime; the next
// DefaultRuntime() makes a new one. Registered for the exit of the program; bindings call it before their interpreter
// goes.
void StopDefaultRuntime();

// The runtime of a named scheduler: "threads", "threading", "processes", "multiprocessing" and "single-threaded",
// "sync", "synchronous" as Dask calls them. `threads` <= 0: as configured. Invalid lists the names.
Result<std::shared_ptr<graph::Runtime>> MakeRuntime(std::string_view scheduler, int threads = 0);

}  // namespace swath::exec
