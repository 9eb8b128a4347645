#include "sim_worker.h"

#include <algorithm>
#include <stdexcept>

#include "world.h"

namespace swath::sim {

namespace {
constexpr sched::Time kMs = 1'000'000;
SimWorker::Key KeyOf(const sched::TaskRef& ref) { return {ref.run, ref.task}; }

template <typename... Functions>
struct Overload : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overload(Functions...) -> Overload<Functions...>;
}  // namespace

sched::WorkerJoined SimWorker::Joined() const {
  const SimOptions& options = world_.options();
  return {.worker = id_, .epoch = epoch_, .threads = options.threads, .slots = 0, .memory_bytes = options.memory_bytes};
}

void SimWorker::Start() {
  ++epoch_;
  frozen_until_ = 0;
  leaving = false;
  values_.clear();
  executing_.clear();
  stopping_.clear();
  opened_.clear();
  closed_.clear();
  sched::WorkerOptions options;
  options.worker = id_;
  options.epoch = epoch_;
  options.threads = world_.options().threads;
  options.memory_bytes = world_.options().memory_bytes;
  options.transfers_max = static_cast<int32_t>(world_.rng().Between(1, 4));
  machine_ = std::make_unique<sched::WorkerMachine>(options);
  Later(200 * kMs, [this] { Measure(); });
}

// Memory is measured now and then; an incarnation does it until it dies.
void SimWorker::Measure() {
  int64_t used_bytes = 0;
  for (const auto& [key, value] : values_) used_bytes += value.on_disk ? 0 : value.nbytes;
  Feed(sched::MemoryMeasured{used_bytes}, {});
  Later(200 * kMs, [this] { Measure(); });
}

void SimWorker::Kill() {
  machine_.reset();
  values_.clear();
}

bool SimWorker::frozen() const { return world_.now() < frozen_until_; }
void SimWorker::Freeze(sched::Time until) { frozen_until_ = std::max(frozen_until_, until); }

template <typename Function>
void SimWorker::Later(sched::Time delay, Function then) {
  const sched::Epoch epoch = epoch_;
  world_.After(delay, [this, epoch, then] {
    if (!alive() || epoch_ != epoch) return;
    if (frozen()) {
      Later(frozen_until_ - world_.now(), then);
    } else {
      then();
    }
  });
}

void SimWorker::Deliver(const sched::WorkerEvent& event, std::vector<sched::Source> sources, sched::Epoch epoch) {
  if (!alive()) return;
  if (frozen()) {
    Later(frozen_until_ - world_.now(), [this, event, sources, epoch] { Deliver(event, sources, epoch); });
    return;
  }
  const auto run = std::visit(
      [](const auto& e) -> sched::RunId {
        if constexpr (requires { e.ref; }) return e.ref.run;
        if constexpr (requires { e.source; }) return e.source.data.run;
        if constexpr (requires { e.run; }) return e.run;
        return 0;
      },
      event);
  if (epoch == epoch_) {
    if (closed_.contains(run)) return;
    if (std::holds_alternative<sched::CloseRun>(event)) closed_.insert(run);
    if (opened_.insert(run).second) Feed(sched::RunOpened{epoch, run, world_.runs().at(run).made.graph}, {});
  }
  if (!DeliverIfStale(event, sources, epoch)) Feed(event, sources);
}

void SimWorker::Feed(const sched::WorkerEvent& event, const std::vector<sched::Source>& sources) {
  sched::WorkerActions actions;
  machine_->Handle({&event, 1}, sources, world_.now(), &actions);
  if (const Status status = machine_->Validate(); !status.ok()) throw std::runtime_error(status.ToString());
  Carry(actions);
}

void SimWorker::Carry(const sched::WorkerActions& actions) {
  Rng& rng = world_.rng();
  for (const sched::WorkerAction& action : actions.list) {
    std::visit(
        Overload{
            [&](const sched::Execute& e) { BeginExecution(e.ref); },
            [&](const sched::StopExecution& e) { stopping_.insert(KeyOf(e.ref)); },
            [&](const sched::Fetch& e) { BeginFetch(e.source); },
            [&](const sched::Spill& e) { Later(rng.Between(1, 20) * kMs, [this, ref = e.ref] { EndSpill(ref); }); },
            [&](const sched::Unspill& e) { Later(rng.Between(1, 20) * kMs, [this, ref = e.ref] { EndUnspill(ref); }); },
            [&](const sched::Drop& e) {
              if (values_.erase(KeyOf(e.ref)) == 0) throw std::runtime_error("a value was dropped that is not there");
            },
            [&](const sched::ForgetRun& e) {
              for (const auto& [key, value] : values_) {
                if (key.first == e.run) throw std::runtime_error("a run was forgotten before its values");
              }
            },
            [&](const auto& report) { world_.SendToScheduler(report); },
        },
        action);
  }
}

void SimWorker::BeginExecution(const sched::TaskRef& ref) {
  SimRun& run = world_.runs().at(ref.run);
  std::vector<graph::TaskId> reads;
  run.made.graph->AppendDependencies(ref.task, &reads);
  for (graph::TaskId read : reads) {
    const auto found = values_.find({ref.run, read});
    if (found == values_.end() || found->second.on_disk)
      throw std::runtime_error("a task starts without an input in memory");
  }
  for (auto& checker : world_.checkers()) checker->OnExecute(world_, id_, ref);
  executing_[KeyOf(ref)] = ref;
  stopping_.erase(KeyOf(ref));
  Later(world_.rng().Between(1, 30) * kMs * slowness, [this, ref] { EndExecution(ref); });
}

void SimWorker::EndExecution(const sched::TaskRef& ref) {
  SimRun& run = world_.runs().at(ref.run);
  const bool stopped = stopping_.erase(KeyOf(ref)) > 0;
  executing_.erase(KeyOf(ref));
  if (stopped && world_.rng().Chance(0.5)) {
    Feed(sched::ExecutionFailed{ref, 1, sched::FailureKind::kError}, {});
    return;
  }
  if (const auto nature = run.made.natures.find(ref.task); nature != run.made.natures.end()) {
    if (nature->second.always_crashes || nature->second.crashes > 0) {
      --nature->second.crashes;
      ++run.crashes[ref.task];
      world_.WorkerDied(*this, 0, ref, true);
      return;
    }
    if (nature->second.always_fails || nature->second.failures > 0) {
      --nature->second.failures;
      ++run.failures[ref.task];
      Feed(sched::ExecutionFailed{ref, 1, sched::FailureKind::kError}, {});
      return;
    }
  }
  std::vector<graph::TaskId> reads;
  std::vector<uint64_t> inputs;
  run.made.graph->AppendDependencies(ref.task, &reads);
  for (graph::TaskId read : reads) {
    const auto found = values_.find({ref.run, read});
    if (found == values_.end() || found->second.on_disk)
      throw std::runtime_error("an input went away while its task ran");
    inputs.push_back(found->second.hash);
  }
  // Estimates are only estimates, but a value is as large each time it is made.
  const int64_t estimate = run.made.graph->layers()[ref.task.layer()].layer->EstimatedBytes(ref.task.block());
  const uint64_t hash = ValueOf(ref.task, inputs);
  const int64_t nbytes = estimate / 2 + static_cast<int64_t>(hash % static_cast<uint64_t>(estimate + 1));
  values_[KeyOf(ref)] = {hash, nbytes};
  Feed(sched::ExecutionFinished{ref, nbytes, 10 * kMs}, {});
}

void SimWorker::BeginFetch(const sched::Source& source) {
  Rng& rng = world_.rng();
  const bool cut = world_.Cut(id_, source.holder);
  Later((cut ? 1000 : rng.Between(1, 20)) * kMs, [this, source, cut] {
    const SimWorker& holder = *world_.workers()[source.holder];
    const auto found = holder.values_.find(KeyOf(source.data));
    if (cut || !holder.alive() || holder.frozen()) {
      Feed(sched::FetchBroken{source.data, sched::FetchProblem::kUnreachable}, {});
    } else if (holder.epoch_ != source.holder_epoch || found == holder.values_.end()) {
      Feed(sched::FetchBroken{source.data, sched::FetchProblem::kAbsent}, {});
    } else {
      values_[KeyOf(source.data)] = {found->second.hash, found->second.nbytes};
      Feed(sched::FetchFinished{source.data, found->second.nbytes}, {});
    }
  });
}

void SimWorker::EndSpill(const sched::TaskRef& ref) {
  if (world_.DiskBroken(id_)) {
    Feed(sched::SpillFailed{ref}, {});
    return;
  }
  values_.at(KeyOf(ref)).on_disk = true;
  Feed(sched::SpillFinished{ref}, {});
}

void SimWorker::EndUnspill(const sched::TaskRef& ref) {
  if (world_.DiskBroken(id_) && world_.rng().Chance(0.3)) {
    values_.erase(KeyOf(ref));
    Feed(sched::UnspillFailed{ref}, {});
    return;
  }
  values_.at(KeyOf(ref)).on_disk = false;
  Feed(sched::UnspillFinished{ref}, {});
}

}  // namespace swath::sim
