// Computing expressions of any kind together: one plan, one graph, one run, so that shared work is done once. Called by
// the collections (Array::compute, DataFrame::compute) and by bindings. Thread-safe; may be called from inside a task.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/expr/node.h"
#include "swath/graph/runtime.h"

namespace swath {

struct ComputeOptions {
  std::shared_ptr<graph::Runtime> runtime = nullptr;  // null: exec::DefaultRuntime()
  int retries = 0;
  std::string label = {};  // for logs and progress bars
  std::function<void(const graph::Progress&)> progress =
      nullptr;                                    // called on the calling thread, at most once a poll and at the end
  std::function<bool()> should_cancel = nullptr;  // polled on the calling thread; true cancels (Ctrl-C)
  std::chrono::nanoseconds poll_interval = std::chrono::milliseconds(20);  // of progress and should_cancel
};

// The blocks (partitions) of one root, in block order.
using Blocks = std::vector<Value>;

// Optimizes, lowers and runs all roots in one graph; answers the blocks of each root. An error is the first task's that
// failed, with its key and the user's line in the ErrorDetail; Cancelled when should_cancel said so.
Result<std::vector<Blocks>> ComputeBlocks(std::vector<expr::NodePtr> roots, const ComputeOptions& options = {});
// After a run of `roots` that failed or was cancelled: waits until those that write tables have no file open. A task
// sees within a batch of rows that it is not wanted any more, and removes what it has begun.
void SettleWrites(const std::vector<expr::NodePtr>& roots);

// What compute would do: plan before, passes that fired with times, plan after, layers and tasks, projected peak
// memory.
Result<std::string> ExplainPlan(std::vector<expr::NodePtr> roots);

enum class DrawingLevel : uint8_t { kLayers, kTasks };
// The graph of the roots as Graphviz text ("dot") or SVG. Invalid for another format or too many tasks to draw.
Result<std::string> DrawPlan(std::vector<expr::NodePtr> roots, DrawingLevel level, std::string_view format,
                             bool optimize = true);

}  // namespace swath
