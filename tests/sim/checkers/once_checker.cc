#include <stdexcept>

#include "checker.h"
#include "world.h"

namespace swath::sim {
namespace {

class OnceChecker : public Checker {
 public:
  void OnExecute(World& world, sched::WorkerId, const sched::TaskRef& ref) override {
    SimRun& run = world.runs().at(ref.run);
    const int32_t count = ++run.executions[ref.task];
    if (count > 1 && !run.made.graph->layers()[ref.task.layer()].layer->pure()) {
      throw std::runtime_error(run.made.graph->KeyOf(ref.task) + " must not run twice, but does");
    }
  }

  void OnNotice(World& world, const sched::SchedulerAction& action) override {
    if (const auto* ended = std::get_if<sched::RunEnded>(&action)) {
      SimRun& run = world.runs().at(ended->run);
      if (run.ended) throw std::runtime_error("a run ended twice");
      if (run.released) throw std::runtime_error("a run ended after it was given up");
    } else if (const auto* ready = std::get_if<sched::ResultReady>(&action)) {
      SimRun& run = world.runs().at(ready->run);
      if (run.released) throw std::runtime_error("a result was announced after its run was given up");
      if (run.failed.contains(ready->task)) throw std::runtime_error("a result was announced after its failure");
      if (!run.wanted.contains(ready->task)) throw std::runtime_error("a result was announced that nobody wants");
    } else if (const auto* failed = std::get_if<sched::ResultFailed>(&action)) {
      SimRun& run = world.runs().at(failed->run);
      if (run.released) throw std::runtime_error("a failure was announced after its run was given up");
      if (run.failed.contains(failed->task)) throw std::runtime_error("a failure was announced twice");
    }
  }
};

}  // namespace

std::unique_ptr<Checker> MakeOnceChecker() { return std::make_unique<OnceChecker>(); }

}  // namespace swath::sim
