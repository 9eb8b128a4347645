#include "swath/api/compute.h"

#include "swath/exec/runtime.h"
#include "swath/expr/frame/write.h"
#include "swath/expr/lower/lower.h"
#include "swath/graph/drawing.h"

namespace swath {
namespace {

// Waits for the run, polling only when somebody wants to be asked.
void Watch(graph::Run* run, const ComputeOptions& options) {
  if (!options.progress && !options.should_cancel) return;
  bool cancelled = false;
  for (;;) {
    const bool done = run->WaitFor(options.poll_interval);
    if (options.progress) options.progress(run->progress());
    if (done) return;
    if (!cancelled && options.should_cancel && options.should_cancel()) {
      cancelled = true;
      run->Cancel();
    }
  }
}

}  // namespace

Result<std::vector<Blocks>> ComputeBlocks(std::vector<expr::NodePtr> roots, const ComputeOptions& options) {
  const std::vector<expr::NodePtr> written = roots;
  ASSIGN_OR_RETURN(expr::Plan plan, expr::MakePlan(std::move(roots)));
  const std::shared_ptr<graph::Runtime> runtime = options.runtime ? options.runtime : exec::DefaultRuntime();
  ASSIGN_OR_RETURN(auto run, runtime->Submit(plan.graph, {.retries = options.retries, .label = options.label}));
  Watch(run.get(), options);
  Result<std::vector<Value>> computed = run->Results();
  if (!computed.ok()) SettleWrites(written);
  ASSIGN_OR_RETURN(std::vector<Value> values, std::move(computed));
  std::vector<Blocks> results;
  results.reserve(plan.outputs.size());
  for (const expr::Plan::Output& output : plan.outputs) {
    const auto first = values.begin() + output.first;
    results.emplace_back(std::make_move_iterator(first), std::make_move_iterator(first + output.count));
  }
  return results;
}

void SettleWrites(const std::vector<expr::NodePtr>& roots) {
  for (const expr::NodePtr& root : roots) {
    if (const auto* write = dynamic_cast<const expr::WriteNode*>(root.get())) write->target()->Settle();
  }
}

Result<std::string> ExplainPlan(std::vector<expr::NodePtr> roots) { return expr::Explain(std::move(roots)); }

Result<std::string> DrawPlan(std::vector<expr::NodePtr> roots, DrawingLevel level, std::string_view format,
                             bool optimize) {
  if (format != "dot" && format != "svg")
    return Status::Invalid("cannot draw a plan as '", format, "'; use 'dot' or 'svg'");
  ASSIGN_OR_RETURN(const expr::Plan plan, expr::MakePlan(std::move(roots), optimize));
  graph::Drawing drawing;
  if (level == DrawingLevel::kLayers) {
    drawing = graph::DrawLayers(*plan.graph);
  } else {
    ASSIGN_OR_RETURN(drawing, graph::DrawTasks(*plan.graph));
  }
  return format == "dot" ? graph::ToDot(drawing) : graph::ToSvg(drawing);
}

}  // namespace swath
