#include <stdexcept>

#include "checker.h"
#include "world.h"

namespace swath::sim {
namespace {

class ResultChecker : public Checker {
 public:
  void AtQuiescence(World& world) override {
    for (auto& [run_id, run] : world.runs()) {
      if (run.released) continue;
      for (graph::TaskId task : run.wanted) CheckWanted(world, run_id, run, task);
    }
  }

 private:
  static void CheckWanted(World& world, sched::RunId run_id, SimRun& run, graph::TaskId task) {
    const std::string key = run.made.graph->KeyOf(task);
    if (run.failed.contains(task)) {
      CheckReason(run, run.failed.at(task), key);
      return;
    }
    if (run.fail_fast && !run.failed.empty()) return;  // the run ended by another failure
    if (!run.ready.contains(task)) throw std::runtime_error(key + " is wanted, but was never announced");
    const std::vector<sched::WorkerId> holders = world.scheduler().HoldersOf(run_id, task);
    if (holders.empty()) throw std::runtime_error(key + " is wanted and was announced, but is nowhere");
    for (sched::WorkerId holder : holders) {
      const SimWorker& worker = *world.workers()[holder];
      const auto value = worker.values().find({run_id, task});
      if (value == worker.values().end())
        throw std::runtime_error(key + " is not on the worker that is said to hold it");
      if (value->second.hash != run.oracle.at(task)) throw std::runtime_error(key + " has a wrong value");
    }
  }

  // A failure must go back to a task that really failed or crashed more often than it may, or was lost though it must
  // not run twice.
  static void CheckReason(SimRun& run, const sched::ResultFailed& failure, const std::string& key) {
    const auto times = [&](const std::map<graph::TaskId, int32_t>& counts) {
      const auto found = counts.find(failure.culprit);
      return found == counts.end() ? 0 : found->second;
    };
    const bool impure = !run.made.graph->layers()[failure.culprit.layer()].layer->pure();
    const int32_t deaths_allowed = impure ? 0 : sched::SchedulerOptions().allowed_deaths;
    if (failure.kind == sched::FailureKind::kError && times(run.failures) > (impure ? 0 : run.retries)) return;
    if (failure.kind == sched::FailureKind::kCrashed && times(run.crashes) > deaths_allowed) return;
    if (failure.kind == sched::FailureKind::kLost && impure) return;
    throw std::runtime_error(key + " failed because of " + run.made.graph->KeyOf(failure.culprit) +
                             ", which may fail " + std::to_string(run.retries) + " times, failed " +
                             std::to_string(times(run.failures)) + " times and crashed " +
                             std::to_string(times(run.crashes)) + " times");
  }
};

}  // namespace

std::unique_ptr<Checker> MakeResultChecker() { return std::make_unique<ResultChecker>(); }

}  // namespace swath::sim
