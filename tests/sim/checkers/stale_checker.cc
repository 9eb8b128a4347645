#include <algorithm>
#include <stdexcept>

#include "checker.h"
#include "world.h"

namespace swath::sim {
namespace {

// Is the action about the task? Spilling is not: it may begin at any event, when enough time has passed.
bool IsAbout(const sched::WorkerAction& action, const sched::TaskRef& ref) {
  return std::visit(
      [&](const auto& e) {
        if constexpr (std::is_same_v<std::decay_t<decltype(e)>, sched::Spill>) {
          return false;
        } else if constexpr (requires { e.ref; }) {
          return e.ref.run == ref.run && e.ref.task == ref.task;
        }
        return false;
      },
      action);
}

class StaleChecker : public Checker {
 public:
  void OnStaleReport(World&, const StaleReport& report) override {
    // A worker may be told once more to free what it reports under an old attempt; nothing else may come of it.
    const bool harmless = std::all_of(report.actions.begin(), report.actions.end(), [&](const auto& action) {
      const auto* release = std::get_if<sched::ReleaseData>(&action);
      return report.of_an_attempt && release != nullptr && release->ref == report.head.ref;
    });
    if (harmless && report.before == report.after) return;
    throw std::runtime_error(std::string("a report of an old ") + (report.of_an_attempt ? "attempt" : "incarnation") +
                             " was obeyed: from " + report.before + " to " + report.after);
  }

  void OnStaleCommand(World&, const StaleCommand& command) override {
    const bool harmless = std::none_of(command.actions.begin(), command.actions.end(),
                                       [&](const auto& action) { return IsAbout(action, command.ref); });
    if (harmless && command.before == command.after) return;
    throw std::runtime_error("a command of an old incarnation or attempt was obeyed: from " + command.before + " to " +
                             command.after);
  }
};

}  // namespace

std::unique_ptr<Checker> MakeStaleChecker() { return std::make_unique<StaleChecker>(); }

}  // namespace swath::sim
