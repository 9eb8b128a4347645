// The keys that Swath reads. The documentation's table is printed from this one.
#include "swath/base/config.h"

namespace swath {
namespace {

using Type = ConfigKey::Type;

constexpr ConfigKey kKeys[] = {
    {"scheduler", Type::kString, "threads",
     "Who runs graphs: \"threads\" (the thread pool) or \"sync\" (the calling thread; for debugging)."},
    {"num-workers", Type::kInt, "null", "Threads of the thread pool; null: the cores that this process may use."},
    {"retries", Type::kInt, "0", "How often a task that failed is tried again, where the call does not say."},
    {"memory.limit", Type::kAny, "80%",
     "Most bytes that the memory pool holds: \"8GiB\", a share of the machine's or the cgroup's memory (\"60%\"), or 0 "
     "for no limit."},
    {"memory.spill", Type::kBool, "true", "May results that do not fit the limit go to files in temporary-directory?"},
    {"memory.target", Type::kDouble, "0.7",
     "Share of memory.limit up to which results stay in memory before they are spilled."},
    {"temporary-directory", Type::kString, "null", "Folder of spill files; null: $TMPDIR, else /tmp."},
    {"spill.threads", Type::kInt, "2", "Threads that write and read spill files."},
    {"python.memory-limit", Type::kAny, "80%",
     "Most private memory of a child process that runs a Python function: \"2GiB\", a share of the machine's or the "
     "cgroup's memory, or 0 for no limit. A child above it is killed and its task fails."},
    {"python.time-limit", Type::kTime, "null",
     "Longest time of one call of a Python function in a child process (\"5 min\"); null: no limit."},
    {"array.chunk-size", Type::kBytes, "128MiB", "Size that chunks=\"auto\" aims at."},
    {"array.slicing.split-large-chunks", Type::kAny, "null",
     "Split chunks that slicing would make too large? null: warn and keep them."},
    {"array.rechunk.threshold", Type::kInt, "4", "Growth of the graph that a rechunk in one step may cost."},
    {"array.svg.size", Type::kInt, "120", "Pixels of the chunk picture of an array."},
    {"dataframe.blocksize", Type::kBytes, "64MiB", "Bytes of a text file that make one partition."},
    {"dataframe.convert-string", Type::kBool, "true", "Strings are Arrow strings, not Python objects."},
    {"optimizer.passes.disabled", Type::kAny, "[]", "Names of optimizer passes that are left out."},
    {"progress", Type::kAny, "null", "Show a progress bar? null: only in a terminal and only after a second."},
    {"log.level", Type::kString, "warning", "Least severity that is logged: trace, debug, info, warning, error, off."},
    {"log.format", Type::kString, "text", "\"text\" for people or \"json\", one object a line."},
    {"log.file", Type::kString, "null", "File that the log is appended to; null: standard error."},
};

}  // namespace

std::span<const ConfigKey> ConfigKeys() { return kKeys; }

}  // namespace swath
