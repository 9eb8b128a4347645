// Checker: a judge of one property of a simulation. It sees what happens, changes nothing, and throws
// std::runtime_error.
#pragma once

#include <memory>
#include <vector>

#include "swath/sched/actions.h"
#include "swath/sched/events.h"

namespace swath::sim {

class World;

class Checker {
 public:
  virtual ~Checker() = default;
  virtual void OnExecute(World&, sched::WorkerId, const sched::TaskRef&) {}
  // A notice to the client (ResultReady, ResultFailed, RunEnded).
  virtual void OnNotice(World&, const sched::SchedulerAction&) {}
  // The scheduler took a batch of reports of incarnations that it knows to be over, and answered with so many actions.
  virtual void OnStale(World&, size_t) {}
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
std::unique_ptr<Checker> MakeEpochChecker();  // reports of an old incarnation change nothing

}  // namespace swath::sim
