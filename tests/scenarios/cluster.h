// ScenarioCluster: one scheduler machine and some worker machines, joined by queues that a script can hold up, double
// and swap. What a machine asks of its driver (execute, fetch, spill, unspill) waits in lists until the script says how
// it ended; fetches, spills and unspills end well by themselves unless the script asks to do them by hand.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "swath/sched/scheduler_machine.h"
#include "swath/sched/worker_machine.h"

namespace swath::scenarios {

// One task of a script: a layer of its own, so that each can have its own properties.
struct ScriptTask {
  sched::RunId run = 0;
  graph::TaskId id;
};

struct ScriptWorker {
  std::string name;
  sched::WorkerId id = 0;
  sched::Epoch epoch = 0;
  std::unique_ptr<sched::WorkerMachine> machine;  // null: lost
  bool held = false;                              // messages wait in the queues
  bool reports_held = false;                      // those to the scheduler do
  std::deque<std::pair<sched::WorkerEvent, std::vector<sched::Source>>> inbox;
  std::deque<sched::SchedulerEvent> outbox;
  std::vector<sched::TaskRef> executing, stopped;
  std::vector<sched::Source> fetching;
  std::vector<sched::TaskRef> spilling, unspilling;
  std::set<std::pair<sched::RunId, graph::TaskId>> values;  // held by the driver, in memory or on disk
};

class ScenarioCluster {
 public:
  // Values that are not in memory anywhere else take this long to be explained: names of tasks are unique over all
  // runs.
  std::map<std::string, ScriptTask> tasks;
  std::map<std::string, sched::RunId> runs;
  std::map<std::string, ScriptWorker> workers;
  sched::SchedulerOptions options;
  bool manual_fetch = false, manual_spill = false;
  sched::Time now = 0;

  // What the client has been told.
  std::multiset<std::string> ready, failed_because;  // task; "task because culprit"
  std::map<sched::RunId, bool> ended;                // failed?
  std::set<std::string> dismissed;

  sched::SchedulerMachine& scheduler();
  void ToScheduler(sched::SchedulerEvent event);
  void ToWorker(ScriptWorker& worker, sched::WorkerEvent event, std::vector<sched::Source> sources = {});
  // Carries messages until nothing moves but what is held up or waits for the script. Every machine is validated after
  // every event.
  void Settle();
  void Join(const std::string& name, sched::WorkerOptions options, sched::WorkerJoined joined);
  void Lose(ScriptWorker& worker, sched::WorkerLost event);
  std::string NameOf(sched::RunId run, graph::TaskId id) const;
  ScriptWorker& WorkerById(sched::WorkerId id);
  // Everything, for a failing script.
  std::string Describe();

 private:
  bool DeliverToScheduler(ScriptWorker& worker);
  bool DeliverToWorker(ScriptWorker& worker);
  void Carry(const sched::SchedulerActions& actions);
  void Carry(ScriptWorker& worker, const sched::WorkerActions& actions);
  bool AutoAnswer(ScriptWorker& worker);
  template <typename Command>
  void Command(const Command& command, const sched::SchedulerActions& actions);

  std::unique_ptr<sched::SchedulerMachine> scheduler_;
  std::deque<sched::SchedulerEvent> to_scheduler_;
  std::map<sched::RunId, std::shared_ptr<const graph::Graph>> graphs_;
};

}  // namespace swath::scenarios
