// Checker: a judge of one property of a simulation. It sees what happens, changes nothing, and throws
// std::runtime_error.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "swath/sched/actions.h"
#include "swath/sched/events.h"

namespace swath::sim {

class World;

// What a report says of itself.
struct ReportHead {
  sched::WorkerId worker = 0;
  sched::Epoch epoch = 0;  // 0: not a report
  sched::TaskRef ref;      // run 0: about no task
};
ReportHead HeadOf(const sched::SchedulerEvent& event);

struct StaleReport {
  ReportHead head;
  bool of_an_attempt = false;  // the incarnation and the run go on, but the task was started again since
  std::string before, after;   // all that is known of the task and the worker
  const std::vector<sched::SchedulerAction>& actions;
};

struct StaleCommand {
  sched::TaskRef ref;
  std::string before, after;  // of the task on the worker
  const std::vector<sched::WorkerAction>& actions;
};

class Checker {
 public:
  virtual ~Checker() = default;
  virtual void OnExecute(World&, sched::WorkerId, const sched::TaskRef&) {}
  // A notice to the client (ResultReady, ResultFailed, RunEnded).
  virtual void OnNotice(World&, const sched::SchedulerAction&) {}
  // The scheduler took a report of an incarnation, a run or an attempt that it knows to be over.
  virtual void OnStaleReport(World&, const StaleReport&) {}
  // A worker took a command of another incarnation, or of an older attempt at a task than the one that it has.
  virtual void OnStaleCommand(World&, const StaleCommand&) {}
  // Every run that was not given up has ended, nothing moves any more, all values are still held.
  virtual void AtQuiescence(World&) {}
  // All runs were released and nothing moves any more.
  virtual void AtEnd(World&) {}
};

std::unique_ptr<Checker>
MakeResultChecker();  // every wanted task ends in memory or erred, for a reason; values are right
std::unique_ptr<Checker>
MakeOnceChecker();  // nothing is announced twice or after it was given up; impure tasks run once
std::unique_ptr<Checker>
MakeAccountingChecker();  // what the scheduler believes is what workers hold; bytes add up; nothing leaks
std::unique_ptr<Checker> MakeStaleChecker();  // messages of an old incarnation or attempt change nothing

}  // namespace swath::sim
