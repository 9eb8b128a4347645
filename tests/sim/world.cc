#include "world.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace swath::sim {

namespace {
constexpr sched::Time kMs = 1'000'000;
constexpr sched::Time kSecond = 1000 * kMs;
constexpr sched::Time kDeclaredDeadAfter = 8 * kSecond;
constexpr sched::Time kPatience = 5000 * kSecond;
constexpr int64_t kEventsMax = 3'000'000;
}  // namespace

World::World(const SimOptions& options) : options_(options), rng_(options.seed) {
  checkers_.push_back(MakeResultChecker());
  checkers_.push_back(MakeOnceChecker());
  checkers_.push_back(MakeAccountingChecker());
  checkers_.push_back(MakeStaleChecker());
  for (sched::WorkerId id = 0; id < options.workers; ++id) {
    workers_.push_back(std::make_unique<SimWorker>(*this, id));
    if ((options.faults & kSlow) && rng_.Chance(0.3)) workers_.back()->slowness = 100;
  }
}

void World::After(sched::Time delay, std::function<void()> then) {
  queue_.push({now_ + delay, events_++, std::move(then)});
}

bool World::DiskBroken(sched::WorkerId worker) {
  return full_disks_.contains(worker) || (faults_on_ && (options_.faults & kDisk) && rng_.Chance(0.3));
}

void World::Run() {
  for (const auto& worker : workers_) JoinWorker(worker->id());
  for (sched::RunId run = 1; run <= options_.runs; ++run) {
    After(rng_.Below(200) * kMs, [this, run] { Submit(run); });
  }
  Tick();
  const sched::Time faults_end = rng_.Between(200, 4000) * kMs;
  if (options_.faults) InjectFault();
  StepUntil([&] { return now_ >= faults_end && runs_.size() == static_cast<size_t>(options_.runs); },
            faults_end + kSecond, "submitting");
  Heal();
  StepUntil([&] { return AllEnded() && Quiet(); }, now_ + kPatience, "waiting for the end of all runs");
  for (auto& checker : checkers_) checker->AtQuiescence(*this);
  for (auto& [id, run] : runs_) {
    if (!run.released) HandleNow(sched::RunReleased{id}, [&run = run] { run.released = true; });
  }
  const auto all_empty = [&] {
    return std::all_of(workers_.begin(), workers_.end(),
                       [](const auto& worker) { return !worker->alive() || worker->machine().empty(); });
  };
  StepUntil([&] { return all_empty() && Quiet(); }, now_ + kPatience, "waiting for workers to be empty");
  for (auto& checker : checkers_) checker->AtEnd(*this);
}

void World::StepUntil(const std::function<bool()>& done, sched::Time deadline, const char* what) {
  while (!done()) {
    if (now_ > deadline || events_ > kEventsMax)
      throw std::runtime_error(std::string("no progress while ") + what + ":\n" + Stuck());
    Entry entry = queue_.top();
    queue_.pop();
    now_ = entry.time;
    entry.then();
  }
}

bool World::AllEnded() const {
  return std::all_of(runs_.begin(), runs_.end(),
                     [](const auto& run) { return run.second.ended || run.second.released; });
}

// Nothing is under way, so nothing will change but by new faults.
bool World::Quiet() const {
  if (in_flight_ > 0 || !inbox_.empty() || scheduler_.QueuedCount() > 0) return false;
  for (const auto& worker : workers_) {
    const sched::WorkerRecord& record = scheduler_.worker(worker->id());
    if (record.sent > 0 || record.placed > 0) return false;
    if (worker->alive() && (now_ <= worker->frozen_until() || !worker->machine().idle() || worker->leaving))
      return false;
    if (!worker->alive() && !gone_.contains(worker->id())) return false;
  }
  return true;
}

std::string World::Stuck() {
  std::ostringstream out;
  for (auto& [id, run] : runs_) {
    if (run.ended || run.released) continue;
    const graph::Order order(*run.made.graph);
    for (uint32_t rank = 0; rank < order.task_count(); ++rank) {
      const graph::TaskId task = order.task(rank);
      const sched::TaskState state = scheduler_.StateOf(id, task);
      if (!sched::IsActive(state)) continue;
      out << "  run " << id << ": " << scheduler_.Explain(id, task) << '\n';
      for (const auto& worker : workers_) {
        if (worker->alive() && worker->machine().StateOf(id, task) != sched::WorkerTaskState::kAbsent) {
          out << "      " << worker->machine().Explain(id, task) << '\n';
        }
      }
      if (state == sched::TaskState::kWaiting) continue;
      const std::string story = scheduler_.StoryOf(id, task);
      out << story.substr(story.size() - std::min<size_t>(story.size(), 600));
    }
  }
  for (const auto& worker : workers_) {
    const sched::WorkerRecord& record = scheduler_.worker(worker->id());
    out << "  worker " << worker->id() << ": " << (worker->alive() ? "alive" : "dead") << " epoch " << worker->epoch()
        << ", scheduler: " << sched::ToString(record.status) << " epoch " << record.epoch << ", sent " << record.sent
        << ", held " << record.held << '\n';
  }
  out << "  in flight " << in_flight_ << ", queued " << scheduler_.QueuedCount();
  return out.str();
}

// ---- Scheduler and client ----

void World::Submit(sched::RunId id) {
  SimRun& run = runs_[id];
  run.made = MakeRandomGraph(options_, rng_);
  run.oracle = OracleValues(*run.made.graph);
  run.wanted = {run.made.graph->wanted().begin(), run.made.graph->wanted().end()};
  run.fail_fast = rng_.Chance(0.3);
  run.retries = static_cast<int32_t>(rng_.Below(3));
  auto submission = std::make_shared<sched::Submission>();
  submission->graph = run.made.graph;
  submission->fail_fast = run.fail_fast;
  submission->retries = run.retries;
  submission->priority = static_cast<int32_t>(rng_.Below(3));
  HandleNow(sched::GraphSubmitted{id, submission}, [] {});
}

void World::Tick() {
  inbox_.push_back(sched::Ticked{});
  Poll();
  After(100 * kMs, [this] { Tick(); });
}

void World::HandleNow(const sched::SchedulerEvent& event, const std::function<void()>& before) {
  Poll();
  before();
  HandleBatch({&event, 1});
}

// What is known to be stale goes first and alone, so that checkers can see that nothing comes of it.
void World::Poll() {
  const std::vector<sched::SchedulerEvent> batch = std::exchange(inbox_, {});
  std::vector<sched::SchedulerEvent> fresh;
  for (const sched::SchedulerEvent& event : batch) {
    if (!DeliverIfStale(event)) fresh.push_back(event);
  }
  if (!fresh.empty()) HandleBatch(fresh);
}

void World::HandleBatch(std::span<const sched::SchedulerEvent> events) {
  sched::SchedulerActions actions;
  scheduler_.Handle(events, now_, &actions);
  if (const Status status = scheduler_.Validate(); !status.ok()) throw std::runtime_error(status.ToString());
  Carry(actions);
}

void World::Carry(const sched::SchedulerActions& actions) {
  for (const sched::SchedulerAction& action : actions.list) {
    std::visit(
        [&](const auto& e) {
          using T = std::decay_t<decltype(e)>;
          if constexpr (std::is_same_v<T, sched::ResultReady> || std::is_same_v<T, sched::ResultFailed> ||
                        std::is_same_v<T, sched::RunEnded> || std::is_same_v<T, sched::DismissWorker>) {
            Notice(e);
          } else {
            SendToWorker(e, actions);
          }
        },
        action);
  }
}

void World::Notice(const sched::SchedulerAction& action) {
  for (auto& checker : checkers_) checker->OnNotice(*this, action);
  if (const auto* ready = std::get_if<sched::ResultReady>(&action)) runs_.at(ready->run).ready[ready->task] = *ready;
  if (const auto* failed = std::get_if<sched::ResultFailed>(&action)) {
    SimRun& run = runs_.at(failed->run);
    run.failed[failed->task] = *failed;
  }
  if (const auto* ended = std::get_if<sched::RunEnded>(&action)) runs_.at(ended->run).ended = true;
  if (const auto* dismiss = std::get_if<sched::DismissWorker>(&action)) {
    SimWorker& worker = *workers_[dismiss->worker];
    if (worker.epoch() == dismiss->epoch && worker.alive()) WorkerDied(worker, rng_.Below(20) * kMs, {}, true);
  }
}

// ---- Network ----

void World::Transmit(bool to_worker, sched::WorkerId worker, bool may_double, const std::function<void()>& deliver) {
  const auto delay = [&] {
    sched::Time time = rng_.Between(1, 3000) * 1000;
    if ((options_.faults & kReorder) && rng_.Chance(0.2)) time += rng_.Below(100) * kMs;
    while (faults_on_ && (options_.faults & kLoss) && rng_.Chance(0.15)) time += 200 * kMs;  // lost, sent again
    return time;
  };
  const int copies = may_double && (options_.faults & kDuplicate) && rng_.Chance(0.1) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    sched::Time at = now_ + delay();
    if (!(options_.faults & kReorder)) {
      sched::Time& last = last_arrival_[{to_worker, worker}];
      at = last = std::max(at, last + 1);
    }
    ++in_flight_;
    After(at - now_, [this, deliver] {
      --in_flight_;
      deliver();
    });
  }
}

template <typename Command>
void World::SendToWorker(const Command& command, const sched::SchedulerActions& actions) {
  if constexpr (std::is_same_v<Command, sched::OpenRun>) {
    return;  // the worker's driver opens runs by itself
  } else {
    std::vector<sched::Source> sources;
    sched::WorkerEvent event = command;
    bool may_double = true;
    if constexpr (std::is_same_v<Command, sched::RunTask>) {
      const auto first = actions.sources.begin() + command.first_source;
      sources.assign(first, first + command.source_count);
      std::get<sched::RunTask>(event).first_source = 0;
      may_double = !runs_.at(command.ref.run).made.any_impure;
    }
    Transmit(true, command.worker, may_double, [this, event, sources, id = command.worker, epoch = command.epoch] {
      workers_[id]->Deliver(event, sources, epoch);
    });
  }
}

void World::SendToScheduler(const sched::SchedulerEvent& event) {
  Transmit(false, HeadOf(event).worker, true, [this, event] {
    inbox_.push_back(event);
    if (poll_planned_) return;
    poll_planned_ = true;
    After(rng_.Below(2 * kMs), [this] {
      poll_planned_ = false;
      Poll();
    });
  });
}

// ---- Workers and faults ----

void World::JoinWorker(sched::WorkerId id) {
  if (workers_[id]->alive()) return;
  workers_[id]->Start();
  inbox_.push_back(workers_[id]->Joined());
  Poll();
}

void World::WorkerDied(SimWorker& worker, sched::Time noticed_after, sched::TaskRef culprit, bool comes_back) {
  const sched::WorkerId id = worker.id();
  const sched::Epoch epoch = worker.epoch();
  worker.Kill();
  ++in_flight_;
  After(noticed_after, [this, id, epoch, culprit] {
    --in_flight_;
    inbox_.push_back(sched::WorkerLost{.worker = id, .epoch = epoch, .culprit = culprit, .error = 2});
    Poll();
  });
  if (comes_back && !gone_.contains(id)) After(rng_.Between(1, 1500) * kMs, [this, id] { JoinWorker(id); });
}

SimWorker* World::RandomWorker(bool staying) {
  std::vector<SimWorker*> found;
  for (const auto& worker : workers_) {
    if (worker->alive() && !worker->frozen() && !(staying && worker->leaving)) found.push_back(worker.get());
  }
  return found.empty() ? nullptr : found[rng_.Below(static_cast<int64_t>(found.size()))];
}

void World::GiveUpSomething() {
  if (runs_.empty()) return;
  auto entry = runs_.begin();
  std::advance(entry, rng_.Below(static_cast<int64_t>(runs_.size())));
  auto& [id, run] = *entry;
  if (run.released) return;
  if (rng_.Chance(0.2)) {
    HandleNow(sched::RunReleased{id}, [&run = run] { run.released = true; });
  } else if (!run.wanted.empty()) {
    auto task = run.wanted.begin();
    std::advance(task, rng_.Below(static_cast<int64_t>(run.wanted.size())));
    const graph::TaskId released = *task;
    HandleNow(sched::ResultReleased{id, released}, [&, &run = run] { run.wanted.erase(released); });
  }
}

void World::InjectFault() {
  if (!faults_on_) return;
  After(rng_.Between(1, options_.fault_every_ms) * kMs, [this] { InjectFault(); });
  const Fault fault = kFaultNames[rng_.Below(static_cast<int64_t>(kFaultNames.size()))].fault;
  if (!(options_.faults & fault)) return;
  SimWorker* worker = RandomWorker(false);
  if (worker == nullptr) return;
  switch (fault) {
    case kKill:
      WorkerDied(*worker, rng_.Below(150) * kMs, {}, true);
      break;
    case kFreeze: {
      const sched::Time duration = rng_.Chance(0.5) ? rng_.Below(kSecond) : rng_.Below(20 * kSecond);
      worker->Freeze(now_ + duration);
      if (duration <= kDeclaredDeadAfter) break;
      ++in_flight_;
      After(kDeclaredDeadAfter, [this, id = worker->id(), epoch = worker->epoch()] {
        --in_flight_;
        inbox_.push_back(sched::WorkerLost{.worker = id, .epoch = epoch});
        Poll();
      });
      After(duration, [this, worker, epoch = worker->epoch()] {  // the zombie learns that it is fenced, and starts anew
        if (!worker->alive() || worker->epoch() != epoch) return;
        worker->Kill();
        JoinWorker(worker->id());
      });
      break;
    }
    case kCut: {
      const auto other = static_cast<sched::WorkerId>(rng_.Below(options_.workers));
      cuts_.insert({worker->id(), other});
      if (rng_.Chance(0.5)) cuts_.insert({other, worker->id()});
      if (rng_.Chance(0.7))
        After(rng_.Below(10 * kSecond), [this] {
          if (!options_.liveness) cuts_.clear();
        });
      break;
    }
    case kCancel:
      GiveUpSomething();
      break;
    case kRetire:
      for (const auto& other : workers_) {
        if (other.get() == worker || !other->alive() || other->leaving || worker->leaving) continue;
        worker->leaving = true;
        inbox_.push_back(sched::WorkerRetiring{worker->id(), worker->epoch()});
        Poll();
        break;
      }
      break;
    default:
      break;  // at work elsewhere: network, disks, tasks
  }
}

// In a liveness run one pair of workers stays cut off from each other, one worker never comes back, one disk stays
// broken.
void World::Heal() {
  faults_on_ = false;
  cuts_.clear();
  if (!options_.liveness) return;
  const auto any = [&] { return static_cast<sched::WorkerId>(rng_.Below(options_.workers)); };
  if (options_.faults & kDisk) full_disks_.insert(any());
  if (options_.workers < 2) return;
  if ((options_.faults & kKill)) {
    const sched::WorkerId dead = any();
    const bool others = std::any_of(workers_.begin(), workers_.end(),
                                    [&](const auto& worker) { return worker->id() != dead && !worker->leaving; });
    if (!others) return;  // somebody must be left who may work
    gone_.insert(dead);
    if (workers_[dead]->alive()) WorkerDied(*workers_[dead], 100 * kMs, {}, false);
  }
  if (options_.faults & kCut) {
    const sched::WorkerId a = any(), b = any();
    cuts_ = {{a, b}, {b, a}};
  }
}

}  // namespace swath::sim
