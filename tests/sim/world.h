// World: a simulated cluster: one scheduler machine, worker machines with drivers (sim_worker), a network, a client,
// faults, and a virtual clock. One thread; everything that happens is an entry in a queue ordered by virtual time, so a
// seed is a replay.
//
// The network between scheduler and workers may lose (and send again), double and reorder messages. What it keeps of
// the contract in sched/messages.h: a message arrives sooner or later, or the worker is declared lost; a run is known
// before its tasks (the worker's driver opens it at the first message), and nothing of a run is delivered after its
// CloseRun.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "swath/sched/scheduler_machine.h"

#include "checkers/checker.h"
#include "random_graph.h"
#include "sim_options.h"
#include "sim_worker.h"

namespace swath::sim {

// A run as the client sees it.
struct SimRun {
  SimGraph made;
  std::map<graph::TaskId, uint64_t> oracle;
  std::set<graph::TaskId> wanted;  // still
  std::map<graph::TaskId, sched::ResultReady> ready;
  std::map<graph::TaskId, sched::ResultFailed> failed;
  std::map<graph::TaskId, int32_t> executions, failures, crashes;  // what really happened
  bool ended = false;
  bool released = false;
  bool fail_fast = true;
  int32_t retries = 0;
};

class World {
 public:
  explicit World(const SimOptions& options);
  // Throws std::runtime_error with what is wrong.
  void Run();

  // ---- For workers and checkers ----
  const SimOptions& options() const { return options_; }
  Rng& rng() { return rng_; }
  sched::Time now() const { return now_; }
  const sched::SchedulerMachine& scheduler() const { return scheduler_; }
  std::map<sched::RunId, SimRun>& runs() { return runs_; }
  std::vector<std::unique_ptr<SimWorker>>& workers() { return workers_; }
  std::vector<std::unique_ptr<Checker>>& checkers() { return checkers_; }
  int64_t events() const { return events_; }
  int64_t stale() const { return stale_; }  // messages of old incarnations, runs and attempts
  void CountStale() { ++stale_; }
  bool Cut(sched::WorkerId from, sched::WorkerId to) const { return cuts_.contains({from, to}); }
  bool DiskBroken(sched::WorkerId worker);
  // Does `then` after `delay`.
  void After(sched::Time delay, std::function<void()> then);
  void SendToScheduler(const sched::SchedulerEvent& event);
  // A worker died: the scheduler hears of it, and a new incarnation comes.
  void WorkerDied(SimWorker& worker, sched::Time noticed_after, sched::TaskRef culprit, bool comes_back);

 private:
  struct Entry {
    sched::Time time;
    int64_t number;
    std::function<void()> then;
    bool operator>(const Entry& other) const { return std::tie(time, number) > std::tie(other.time, other.number); }
  };
  void Submit(sched::RunId run);
  void JoinWorker(sched::WorkerId id);
  void InjectFault();
  void Heal();
  void Poll();
  void Carry(const sched::SchedulerActions& actions);
  template <typename Command>
  void SendToWorker(const Command& command, const sched::SchedulerActions& actions);
  bool Quiet() const;
  void StepUntil(const std::function<bool()>& done, sched::Time deadline, const char* what);
  std::string Stuck();
  void HandleNow(const sched::SchedulerEvent& event, const std::function<void()>& before);
  void HandleBatch(std::span<const sched::SchedulerEvent> events);
  bool DeliverIfStale(const sched::SchedulerEvent& event);
  void GiveUpSomething();
  bool AllEnded() const;
  void Transmit(bool to_worker, sched::WorkerId worker, bool may_double, const std::function<void()>& deliver);
  void Notice(const sched::SchedulerAction& action);
  SimWorker* RandomWorker(bool staying);
  void Tick();

  SimOptions options_;
  Rng rng_;
  sched::Time now_ = 0;
  int64_t events_ = 0;
  int64_t stale_ = 0;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
  sched::SchedulerMachine scheduler_;
  std::vector<sched::SchedulerEvent> inbox_;
  bool poll_planned_ = false;
  std::map<sched::RunId, SimRun> runs_;
  std::vector<std::unique_ptr<SimWorker>> workers_;  // by WorkerId
  std::set<std::pair<sched::WorkerId, sched::WorkerId>> cuts_;
  std::set<sched::WorkerId> full_disks_;
  std::set<sched::WorkerId> gone_;  // never comes back
  std::vector<std::unique_ptr<Checker>> checkers_;
  std::map<std::pair<bool, sched::WorkerId>, sched::Time> last_arrival_;  // per link, for links that keep their order
  int64_t in_flight_ = 0;  // messages, and workers about to be declared lost or to join
  bool faults_on_ = true;
};

}  // namespace swath::sim
