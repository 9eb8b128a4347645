#include "cluster.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace swath::scenarios {

namespace {
template <typename... Functions>
struct Overload : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overload(Functions...) -> Overload<Functions...>;

void Check(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}
}  // namespace

sched::SchedulerMachine& ScenarioCluster::scheduler() {
  if (scheduler_ == nullptr) scheduler_ = std::make_unique<sched::SchedulerMachine>(options);
  return *scheduler_;
}

std::string ScenarioCluster::NameOf(sched::RunId run, graph::TaskId id) const {
  for (const auto& [name, task] : tasks) {
    if (task.run == run && task.id == id) return name;
  }
  return "?";
}

ScriptWorker& ScenarioCluster::WorkerById(sched::WorkerId id) {
  for (auto& [name, worker] : workers) {
    if (worker.id == id) return worker;
  }
  throw std::runtime_error("no worker " + std::to_string(id));
}

void ScenarioCluster::Join(const std::string& name, sched::WorkerOptions worker_options, sched::WorkerJoined joined) {
  const auto next_id = static_cast<sched::WorkerId>(workers.size());
  const auto [found, is_new] = workers.try_emplace(name);
  ScriptWorker& worker = found->second;
  if (is_new) worker.id = next_id;
  const sched::Epoch epoch = worker.epoch + 1;
  const sched::WorkerId id = worker.id;
  auto late_reports = std::move(worker.outbox);
  const bool reports_held = worker.held || worker.reports_held;
  worker = {};
  worker.name = name;
  worker.outbox = std::move(late_reports);
  worker.reports_held = reports_held;
  worker.id = worker_options.worker = joined.worker = id;
  worker.epoch = worker_options.epoch = joined.epoch = epoch;
  worker.machine = std::make_unique<sched::WorkerMachine>(worker_options);
  ToScheduler(joined);
}

void ScenarioCluster::Lose(ScriptWorker& worker, sched::WorkerLost event) {
  worker.machine.reset();
  worker.inbox.clear();
  worker.executing.clear();
  worker.values.clear();
  ToScheduler(event);
}

void ScenarioCluster::ToScheduler(sched::SchedulerEvent event) {
  if (const auto* submitted = std::get_if<sched::GraphSubmitted>(&event))
    graphs_[submitted->run] = submitted->submission->graph;
  to_scheduler_.push_back(std::move(event));
}

void ScenarioCluster::ToWorker(ScriptWorker& worker, sched::WorkerEvent event, std::vector<sched::Source> sources) {
  worker.inbox.emplace_back(std::move(event), std::move(sources));
}

void ScenarioCluster::Settle() {
  for (bool moved = true; moved;) {
    moved = false;
    while (!to_scheduler_.empty()) {
      const sched::SchedulerEvent event = std::move(to_scheduler_.front());
      to_scheduler_.pop_front();
      sched::SchedulerActions actions;
      scheduler().Handle({&event, 1}, now, &actions);
      Check(scheduler().Validate());
      Carry(actions);
      moved = true;
    }
    for (auto& [name, worker] : workers) {
      if (!worker.held) moved |= DeliverToWorker(worker) || (!worker.reports_held && DeliverToScheduler(worker));
      moved |= AutoAnswer(worker);
    }
  }
}

bool ScenarioCluster::DeliverToScheduler(ScriptWorker& worker) {
  if (worker.outbox.empty()) return false;
  to_scheduler_.push_back(std::move(worker.outbox.front()));
  worker.outbox.pop_front();
  return true;
}

bool ScenarioCluster::DeliverToWorker(ScriptWorker& worker) {
  if (worker.inbox.empty() || worker.machine == nullptr) return false;
  const auto [event, sources] = std::move(worker.inbox.front());
  worker.inbox.pop_front();
  sched::WorkerActions actions;
  worker.machine->Handle({&event, 1}, sources, now, &actions);
  Check(worker.machine->Validate());
  Carry(worker, actions);
  return true;
}

template <typename CommandType>
void ScenarioCluster::Command(const CommandType& command, const sched::SchedulerActions& actions) {
  ScriptWorker& worker = WorkerById(command.worker);
  if (worker.machine == nullptr) return;
  std::vector<sched::Source> sources;
  sched::WorkerEvent event = sched::WorkerStopping{};
  if constexpr (std::is_same_v<CommandType, sched::OpenRun>) {
    event = sched::RunOpened{command.epoch, command.run, graphs_.at(command.run)};
  } else {
    if constexpr (std::is_same_v<CommandType, sched::RunTask>) {
      const auto first = actions.sources.begin() + command.first_source;
      sources.assign(first, first + command.source_count);
      sched::RunTask copy = command;
      copy.first_source = 0;
      event = copy;
    } else {
      event = command;
    }
  }
  ToWorker(worker, event, sources);
}

void ScenarioCluster::Carry(const sched::SchedulerActions& actions) {
  for (const sched::SchedulerAction& action : actions.list) {
    std::visit(Overload{
                   [&](const sched::ResultReady& e) { ready.insert(NameOf(e.run, e.task)); },
                   [&](const sched::ResultFailed& e) {
                     failed_because.insert(NameOf(e.run, e.task) + " because " + NameOf(e.run, e.culprit));
                   },
                   [&](const sched::RunEnded& e) {
                     if (ended.contains(e.run)) throw std::runtime_error("a run ended twice");
                     ended[e.run] = e.failed;
                   },
                   [&](const sched::DismissWorker& e) { dismissed.insert(WorkerById(e.worker).name); },
                   [&](const auto& command) { Command(command, actions); },
               },
               action);
  }
}

void ScenarioCluster::Carry(ScriptWorker& worker, const sched::WorkerActions& actions) {
  const auto key = [](const sched::TaskRef& ref) { return std::pair(ref.run, ref.task); };
  for (const sched::WorkerAction& action : actions.list) {
    std::visit(Overload{
                   [&](const sched::Execute& e) {
                     std::vector<graph::TaskId> inputs;
                     graphs_.at(e.ref.run)->AppendDependencies(e.ref.task, &inputs);
                     for (graph::TaskId input : inputs) {
                       if (!worker.values.contains({e.ref.run, input})) {
                         throw std::runtime_error(NameOf(e.ref.run, e.ref.task) + " is to run on " + worker.name +
                                                  " without " + NameOf(e.ref.run, input));
                       }
                     }
                     worker.executing.push_back(e.ref);
                   },
                   [&](const sched::StopExecution& e) { worker.stopped.push_back(e.ref); },
                   [&](const sched::Fetch& e) { worker.fetching.push_back(e.source); },
                   [&](const sched::Spill& e) { worker.spilling.push_back(e.ref); },
                   [&](const sched::Unspill& e) { worker.unspilling.push_back(e.ref); },
                   [&](const sched::Drop& e) {
                     if (worker.values.erase(key(e.ref)) == 0)
                       throw std::runtime_error("a value was dropped that is not there");
                   },
                   [&](const sched::ForgetRun& e) {
                     for (const auto& [run, task] : worker.values) {
                       if (run == e.run) throw std::runtime_error("a run was forgotten before its values");
                     }
                   },
                   [&](const auto& report) { worker.outbox.push_back(report); },
               },
               action);
  }
}

// Fetches end well if the holder has the value; spills always.
bool ScenarioCluster::AutoAnswer(ScriptWorker& worker) {
  if (worker.machine == nullptr) return false;
  if (!manual_fetch && !worker.fetching.empty()) {
    const sched::Source source = worker.fetching.front();
    worker.fetching.erase(worker.fetching.begin());
    const ScriptWorker& holder = WorkerById(source.holder);
    const std::pair key(source.data.run, source.data.task);
    if (holder.machine == nullptr || holder.epoch != source.holder_epoch) {
      ToWorker(worker, sched::FetchBroken{source.data, sched::FetchProblem::kUnreachable});
    } else if (!holder.values.contains(key)) {
      ToWorker(worker, sched::FetchBroken{source.data, sched::FetchProblem::kAbsent});
    } else {
      worker.values.insert(key);
      ToWorker(worker, sched::FetchFinished{source.data, source.nbytes});
    }
    return true;
  }
  if (!manual_spill && !worker.spilling.empty()) {
    ToWorker(worker, sched::SpillFinished{worker.spilling.front()});
    worker.spilling.erase(worker.spilling.begin());
    return true;
  }
  if (!manual_spill && !worker.unspilling.empty()) {
    ToWorker(worker, sched::UnspillFinished{worker.unspilling.front()});
    worker.unspilling.erase(worker.unspilling.begin());
    return true;
  }
  return false;
}

std::string ScenarioCluster::Describe() {
  std::ostringstream out;
  for (const auto& [name, task] : tasks) {
    out << "  " << name << ": " << scheduler().Explain(task.run, task.id) << '\n';
    for (const auto& [worker_name, worker] : workers) {
      if (worker.machine == nullptr || worker.machine->StateOf(task.run, task.id) == sched::WorkerTaskState::kAbsent)
        continue;
      out << "      " << worker_name << ": " << worker.machine->Explain(task.run, task.id) << '\n';
    }
    std::istringstream story(scheduler().StoryOf(task.run, task.id));
    for (std::string line; std::getline(story, line);) out << "      | " << line << '\n';
  }
  for (const auto& [name, worker] : workers) {
    const auto& record = scheduler().worker(worker.id);
    out << "  " << name << ": " << sched::ToString(record.status) << ", sent " << record.sent << ", held "
        << record.held << ", inbox " << worker.inbox.size() << ", outbox " << worker.outbox.size() << '\n';
  }
  return out.str();
}

}  // namespace swath::scenarios
