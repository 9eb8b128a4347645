// SimWorker: the driver of one worker machine: values as hashes in memory or on a disk that may be full or damaged,
// executions and fetches that take time, a process that can freeze, die and come back under a new epoch.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "swath/sched/worker_machine.h"

namespace swath::sim {

class World;

struct SimValue {
  uint64_t hash = 0;
  int64_t nbytes = 0;
  bool on_disk = false;
};

class SimWorker {
 public:
  SimWorker(World& world, sched::WorkerId id) : world_(world), id_(id) {}

  void Start();  // a new incarnation
  void Kill();   // everything that it had is gone
  void Freeze(sched::Time until);
  void Deliver(const sched::WorkerEvent& event, std::vector<sched::Source> sources, sched::Epoch epoch);

  sched::WorkerId id() const { return id_; }
  sched::Epoch epoch() const { return epoch_; }
  bool alive() const { return machine_ != nullptr; }
  bool frozen() const;
  sched::Time frozen_until() const { return frozen_until_; }
  bool leaving = false;  // dismissed or retiring
  int64_t slowness = 1;
  const sched::WorkerMachine& machine() const { return *machine_; }
  using Key = std::pair<sched::RunId, graph::TaskId>;
  const std::map<Key, SimValue>& values() const { return values_; }
  sched::WorkerJoined Joined() const;

 private:
  // Calls `then` when the incarnation that asked still lives and is not frozen.
  template <typename Function>
  void Later(sched::Time delay, Function then);
  bool DeliverIfStale(const sched::WorkerEvent& event, const std::vector<sched::Source>& sources, sched::Epoch epoch);
  void Feed(const sched::WorkerEvent& event, const std::vector<sched::Source>& sources);
  void Carry(const sched::WorkerActions& actions);
  void BeginExecution(const sched::TaskRef& ref);
  void EndExecution(const sched::TaskRef& ref);
  void BeginFetch(const sched::Source& source);
  void EndSpill(const sched::TaskRef& ref);
  void EndUnspill(const sched::TaskRef& ref);
  void Measure();

  World& world_;
  sched::WorkerId id_;
  sched::Epoch epoch_ = 0;
  sched::Time frozen_until_ = 0;
  std::unique_ptr<sched::WorkerMachine> machine_;
  std::map<Key, SimValue> values_;
  std::map<Key, sched::TaskRef> executing_;
  std::set<Key> stopping_;
  std::set<sched::RunId> opened_, closed_;
};

}  // namespace swath::sim
