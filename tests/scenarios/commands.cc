#include "commands.h"

#include <algorithm>
#include <functional>
#include <sstream>
#include <stdexcept>

#include "swath/graph/materialized_layer.h"

namespace swath::scenarios {

namespace {

using Handler = std::function<void(ScenarioCluster&, const Line&)>;

[[noreturn]] void Wrong(const std::string& message) { throw std::runtime_error(message); }

Line Parse(const std::string& text) {
  Line line;
  std::istringstream in(text.substr(0, text.find('#')));
  for (std::string word; in >> word;) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      line.words.push_back(word);
    } else {
      line.options[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  return line;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

int64_t Number(const Line& line, const std::string& option, int64_t otherwise) {
  const auto found = line.options.find(option);
  return found == line.options.end() ? otherwise : std::stoll(found->second);
}

// "a:100,b:50" -> {a: 100, b: 50}; "a,b" -> {a: "", b: ""}
std::map<std::string, std::string> PairsOf(const Line& line, const std::string& option) {
  std::map<std::string, std::string> pairs;
  const auto found = line.options.find(option);
  if (found == line.options.end()) return pairs;
  for (const std::string& item : Split(found->second, ',')) {
    const size_t colon = item.find(':');
    pairs[item.substr(0, colon)] = colon == std::string::npos ? "" : item.substr(colon + 1);
  }
  return pairs;
}

const std::string& Word(const Line& line, size_t index) {
  if (index >= line.words.size()) Wrong("the line ends too early");
  return line.words[index];
}

const ScriptTask& TaskOf(ScenarioCluster& cluster, const std::string& name) {
  const auto found = cluster.tasks.find(name);
  if (found == cluster.tasks.end()) Wrong("no task '" + name + "' was submitted");
  return found->second;
}

ScriptWorker& WorkerOf(ScenarioCluster& cluster, const std::string& name) {
  const auto found = cluster.workers.find(name);
  if (found == cluster.workers.end()) Wrong("no worker '" + name + "'");
  return found->second;
}

// The place of a task's entry in one of a worker's lists.
template <typename List>
auto EntryOf(List& list, const ScriptTask& task, const std::string& what) {
  const auto same = [&](const auto& entry) {
    if constexpr (requires { entry.data; }) {
      return entry.data.run == task.run && entry.data.task == task.id;
    } else {
      return entry.run == task.run && entry.task == task.id;
    }
  };
  const auto found = std::find_if(list.begin(), list.end(), same);
  if (found == list.end()) Wrong("the task is not " + what + " there");
  return found;
}

// ---- Commands ----

void Worker(ScenarioCluster& cluster, const Line& line) {
  sched::WorkerOptions options;
  options.threads = static_cast<int32_t>(Number(line, "threads", 1));
  options.memory_bytes = Number(line, "memory", 0);
  options.transfers_max = static_cast<int32_t>(Number(line, "transfers", 16));
  sched::WorkerJoined joined{.worker = 0, .epoch = 0, .threads = options.threads};
  joined.slots = static_cast<int32_t>(Number(line, "slots", 0));
  joined.memory_bytes = options.memory_bytes;
  joined.resources[0] = static_cast<int32_t>(Number(line, "gpu", 0));
  cluster.Join(Word(line, 1), options, joined);
}

struct Definition {
  std::string name;
  std::vector<std::string> inputs;
};

// "c <- a b ; d <- c": tasks in an order in which inputs stand first; what is only read is a task without inputs.
std::vector<Definition> Definitions(const Line& line) {
  std::vector<Definition> given;
  for (size_t i = 1; i < line.words.size(); ++i) {
    if (line.words[i] == ";" || line.words[i] == "<-") continue;
    if (i == 1 || line.words[i - 1] == ";") {
      given.push_back({line.words[i], {}});
    } else {
      given.back().inputs.push_back(line.words[i]);
    }
  }
  std::vector<Definition> ordered;
  const auto known = [&](const std::string& name) {
    return std::any_of(ordered.begin(), ordered.end(), [&](const Definition& d) { return d.name == name; });
  };
  const std::function<void(const std::string&)> add = [&](const std::string& name) {
    if (known(name)) return;
    const auto found = std::find_if(given.begin(), given.end(), [&](const Definition& d) { return d.name == name; });
    const Definition definition = found == given.end() ? Definition{name, {}} : *found;
    for (const std::string& input : definition.inputs) add(input);
    ordered.push_back(definition);
  };
  for (const Definition& definition : given) add(definition.name);
  return ordered;
}

void Submit(ScenarioCluster& cluster, const Line& line) {
  const auto bytes = PairsOf(line, "bytes"), impure = PairsOf(line, "impure"), gpu = PairsOf(line, "gpu"),
             only = PairsOf(line, "only");
  auto wanted = PairsOf(line, "want");
  auto graph = std::make_shared<graph::Graph>();
  auto submission = std::make_shared<sched::Submission>();
  const auto run = static_cast<sched::RunId>(cluster.runs.size() + 1);
  const std::vector<Definition> definitions = Definitions(line);
  if (wanted.empty()) {
    for (const Definition& d : definitions) wanted[d.name];
    for (const Definition& d : definitions) {
      for (const std::string& input : d.inputs) wanted.erase(input);
    }
  }
  for (const Definition& d : definitions) {
    if (cluster.tasks.contains(d.name)) Wrong("task '" + d.name + "' was submitted before");
    std::vector<int32_t> inputs;
    for (const std::string& input : d.inputs) inputs.push_back(static_cast<int32_t>(TaskOf(cluster, input).id.layer()));
    std::vector<uint32_t> targets(inputs.size());
    for (size_t i = 0; i < targets.size(); ++i) targets[i] = static_cast<uint32_t>(i) + 1;
    graph::LayerDescription description{.name = d.name, .pure = !impure.contains(d.name)};
    if (bytes.contains(d.name)) description.result_bytes = {std::stoll(bytes.at(d.name))};
    const auto layer =
        graph->Add(graph::MaterializedLayer::Make(description, {0, static_cast<uint32_t>(targets.size())}, targets,
                                                  std::vector<int64_t>(inputs.size(), 1))
                       .ValueOrDie(),
                   inputs);
    cluster.tasks[d.name] = {run, graph::TaskId(layer, 0)};
    if (wanted.contains(d.name)) graph->Want(layer);
    sched::LayerRestriction restriction;
    restriction.layer = layer;
    if (gpu.contains(d.name)) restriction.resources[0] = std::stoi(gpu.at(d.name));
    if (only.contains(d.name)) {
      for (const std::string& name : Split(only.at(d.name), '|'))
        restriction.workers.push_back(WorkerOf(cluster, name).id);
    }
    if (gpu.contains(d.name) || only.contains(d.name)) submission->restrictions.push_back(restriction);
  }
  submission->graph = graph;
  submission->retries = static_cast<int32_t>(Number(line, "retries", 0));
  submission->priority = static_cast<int32_t>(Number(line, "priority", 0));
  submission->fail_fast = !line.options.contains("keep_going");
  const auto name = line.options.find("run");
  cluster.runs[name == line.options.end() ? "r" + std::to_string(run) : name->second] = run;
  cluster.ToScheduler(sched::GraphSubmitted{run, submission});
}

void Finish(ScenarioCluster& cluster, const Line& line) {
  const ScriptTask& task = TaskOf(cluster, Word(line, 1));
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 3));
  const auto entry = EntryOf(worker.executing, task, "running");
  worker.values.insert({task.run, task.id});
  cluster.ToWorker(worker, sched::ExecutionFinished{*entry, Number(line, "bytes", 100), Number(line, "took", 1000)});
  worker.executing.erase(entry);
}

void FailTask(ScenarioCluster& cluster, const Line& line) {
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 3));
  const auto entry = EntryOf(worker.executing, TaskOf(cluster, Word(line, 1)), "running");
  cluster.ToWorker(worker, sched::ExecutionFailed{*entry, 7, sched::FailureKind::kError});
  worker.executing.erase(entry);
}

void Fetched(ScenarioCluster& cluster, const Line& line) {
  const ScriptTask& task = TaskOf(cluster, Word(line, 1));
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 3));
  const auto entry = EntryOf(worker.fetching, task, "being fetched");
  worker.values.insert({task.run, task.id});
  cluster.ToWorker(worker, sched::FetchFinished{entry->data, entry->nbytes});
  worker.fetching.erase(entry);
}

void Unreachable(ScenarioCluster& cluster, const Line& line) {
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 3));
  const auto entry = EntryOf(worker.fetching, TaskOf(cluster, Word(line, 1)), "being fetched");
  const auto problem = Number(line, "absent", 0) ? sched::FetchProblem::kAbsent : sched::FetchProblem::kUnreachable;
  cluster.ToWorker(worker, sched::FetchBroken{entry->data, problem});
  worker.fetching.erase(entry);
}

void SpillDone(ScenarioCluster& cluster, const Line& line) {
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 3));
  const auto entry = EntryOf(worker.spilling, TaskOf(cluster, Word(line, 1)), "being spilled");
  if (Number(line, "full", 0)) {
    cluster.ToWorker(worker, sched::SpillFailed{*entry});
  } else {
    cluster.ToWorker(worker, sched::SpillFinished{*entry});
  }
  worker.spilling.erase(entry);
}

void UnspillDone(ScenarioCluster& cluster, const Line& line) {
  const ScriptTask& task = TaskOf(cluster, Word(line, 1));
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 3));
  const auto entry = EntryOf(worker.unspilling, task, "being read back");
  if (Number(line, "damaged", 0)) {
    worker.values.erase({task.run, task.id});
    cluster.ToWorker(worker, sched::UnspillFailed{*entry});
  } else {
    cluster.ToWorker(worker, sched::UnspillFinished{*entry});
  }
  worker.unspilling.erase(entry);
}

void Lose(ScenarioCluster& cluster, const Line& line) {
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 1));
  sched::WorkerLost event{.worker = worker.id, .epoch = worker.epoch, .error = 9};
  if (line.options.contains("culprit")) {
    event.culprit = *EntryOf(worker.executing, TaskOf(cluster, line.options.at("culprit")), "running");
  }
  cluster.Lose(worker, event);
}

void Rejoin(ScenarioCluster& cluster, const Line& line) {
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 1));
  worker.outbox.clear();
  Worker(cluster, line);
}

void Retire(ScenarioCluster& cluster, const Line& line) {
  const ScriptWorker& worker = WorkerOf(cluster, Word(line, 1));
  cluster.ToScheduler(sched::WorkerRetiring{worker.id, worker.epoch});
}

void Stop(ScenarioCluster& cluster, const Line& line) {
  cluster.ToWorker(WorkerOf(cluster, Word(line, 1)), sched::WorkerStopping{});
}

void Release(ScenarioCluster& cluster, const Line& line) {
  if (const auto run = cluster.runs.find(Word(line, 1)); run != cluster.runs.end()) {
    cluster.ToScheduler(sched::RunReleased{run->second});
    return;
  }
  const ScriptTask& task = TaskOf(cluster, Word(line, 1));
  cluster.ToScheduler(sched::ResultReleased{task.run, task.id});
}

void Tick(ScenarioCluster& cluster, const Line&) { cluster.ToScheduler(sched::Ticked{}); }
void Wait(ScenarioCluster& cluster, const Line& line) { cluster.now += std::stoll(Word(line, 1)) * 1'000'000; }
void Memory(ScenarioCluster& cluster, const Line& line) {
  cluster.ToWorker(WorkerOf(cluster, Word(line, 1)), sched::MemoryMeasured{std::stoll(Word(line, 2))});
}
void Short(ScenarioCluster& cluster, const Line& line) {
  cluster.ToWorker(WorkerOf(cluster, Word(line, 1)), sched::MemoryShort{std::stoll(Word(line, 2))});
}
void Hold(ScenarioCluster& cluster, const Line& line) {
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 1));
  (line.options.contains("reports") ? worker.reports_held : worker.held) = true;
}
void Deliver(ScenarioCluster& cluster, const Line& line) {
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 1));
  worker.held = worker.reports_held = false;
}
void Double(ScenarioCluster& cluster, const Line& line) {
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 1));
  std::deque<sched::SchedulerEvent> out;
  for (const auto& event : worker.outbox) out.insert(out.end(), 2, event);
  worker.outbox = out;
  decltype(worker.inbox) in;  // answers of the driver come exactly once, commands may come twice
  for (const auto& entry : worker.inbox) {
    const sched::WorkerEvent& event = entry.first;
    const bool command =
        std::holds_alternative<sched::RunTask>(event) || std::holds_alternative<sched::ReleaseData>(event) ||
        std::holds_alternative<sched::ReturnTask>(event) || std::holds_alternative<sched::CancelTask>(event) ||
        std::holds_alternative<sched::FetchData>(event);
    in.insert(in.end(), command ? 2 : 1, entry);
  }
  worker.inbox = in;
}
void Swap(ScenarioCluster& cluster, const Line& line) {
  ScriptWorker& worker = WorkerOf(cluster, Word(line, 1));
  std::reverse(worker.outbox.begin(), worker.outbox.end());
  std::reverse(worker.inbox.begin(), worker.inbox.end());
}
void Manual(ScenarioCluster& cluster, const Line& line) {
  (Word(line, 1) == "fetch" ? cluster.manual_fetch : cluster.manual_spill) = true;
}
void Option(ScenarioCluster& cluster, const Line& line) {
  cluster.options.allowed_deaths = static_cast<int32_t>(Number(line, "deaths", cluster.options.allowed_deaths));
  cluster.options.allowed_fetch_failures =
      static_cast<int32_t>(Number(line, "fetch_failures", cluster.options.allowed_fetch_failures));
}
void Validate(ScenarioCluster& cluster, const Line&) {
  // Settle has validated after every event; this is for a script that wants to say so.
  const Status status = cluster.scheduler().Validate();
  if (!status.ok()) Wrong(status.ToString());
}

// ---- Expectations ----

bool Running(ScenarioCluster& cluster, const Line& line, size_t at) {
  const ScriptTask& task = TaskOf(cluster, Word(line, at));
  const auto same = [&](const sched::TaskRef& ref) { return ref.run == task.run && ref.task == task.id; };
  if (line.words.size() <= at + 1) {
    return std::any_of(cluster.workers.begin(), cluster.workers.end(), [&](const auto& entry) {
      return std::any_of(entry.second.executing.begin(), entry.second.executing.end(), same);
    });
  }
  const auto& executing = WorkerOf(cluster, Word(line, at + 2)).executing;
  return std::any_of(executing.begin(), executing.end(), same);
}

bool Holders(ScenarioCluster& cluster, const Line& line, size_t at) {
  const ScriptTask& task = TaskOf(cluster, Word(line, at));
  std::vector<std::string> holders,
      expected(line.words.begin() + static_cast<std::ptrdiff_t>(at) + 2, line.words.end());
  for (sched::WorkerId id : cluster.scheduler().HoldersOf(task.run, task.id))
    holders.push_back(cluster.WorkerById(id).name);
  std::sort(holders.begin(), holders.end());
  std::sort(expected.begin(), expected.end());
  for (const std::string& name : expected) {
    if (!WorkerOf(cluster, name).values.contains({task.run, task.id})) return false;
  }
  return holders == expected;
}

template <typename List>
bool Listed(const List& list, const ScriptTask& task) {
  return std::any_of(list.begin(), list.end(), [&](const auto& entry) {
    if constexpr (requires { entry.data; }) {
      return entry.data.run == task.run && entry.data.task == task.id;
    } else {
      return entry.run == task.run && entry.task == task.id;
    }
  });
}

const std::map<std::string, std::function<bool(ScenarioCluster&, const Line&, size_t)>>& Expectations() {
  using C = ScenarioCluster;
  static const std::map<std::string, std::function<bool(C&, const Line&, size_t)>> table = {
      {"run", Running},
      {"held", Holders},
      {"state",
       [](C& c, const Line& l, size_t at) {
         const ScriptTask& task = TaskOf(c, Word(l, at));
         return sched::ToString(c.scheduler().StateOf(task.run, task.id)) == Word(l, at + 1);
       }},
      {"on",
       [](C& c, const Line& l, size_t at) {  // expect on w1 a spilled
         const ScriptTask& task = TaskOf(c, Word(l, at + 1));
         const ScriptWorker& worker = WorkerOf(c, Word(l, at));
         return worker.machine != nullptr &&
                sched::ToString(worker.machine->StateOf(task.run, task.id)) == Word(l, at + 2);
       }},
      {"fetch", [](C& c, const Line& l,
                   size_t at) { return Listed(WorkerOf(c, Word(l, at + 2)).fetching, TaskOf(c, Word(l, at))); }},
      {"stopped", [](C& c, const Line& l,
                     size_t at) { return Listed(WorkerOf(c, Word(l, at + 2)).stopped, TaskOf(c, Word(l, at))); }},
      {"result", [](C& c, const Line& l, size_t at) { return c.ready.contains(Word(l, at)); }},
      {"once", [](C& c, const Line& l, size_t at) { return c.ready.count(Word(l, at)) == 1; }},
      {"failed", [](C& c, const Line& l,
                    size_t at) { return c.failed_because.contains(Word(l, at) + " because " + Word(l, at + 2)); }},
      {"ended",
       [](C& c, const Line& l, size_t at) {  // expect ended r1 ok
         const auto found = c.ended.find(c.runs.at(Word(l, at)));
         return found != c.ended.end() && found->second == (Word(l, at + 1) == "failed");
       }},
      {"open", [](C& c, const Line& l, size_t at) { return c.scheduler().has_run(c.runs.at(Word(l, at))); }},
      {"dismissed", [](C& c, const Line& l, size_t at) { return c.dismissed.contains(Word(l, at)); }},
      {"paused", [](C& c, const Line& l, size_t at) { return WorkerOf(c, Word(l, at)).machine->paused(); }},
      {"empty",
       [](C& c, const Line& l, size_t at) {  // nothing is left on the worker
         const ScriptWorker& worker = WorkerOf(c, Word(l, at));
         return worker.values.empty() && worker.machine->empty();
       }},
      {"values",
       [](C& c, const Line& l, size_t at) {
         return static_cast<int64_t>(WorkerOf(c, Word(l, at)).values.size()) == std::stoll(Word(l, at + 1));
       }},
      {"explain",
       [](C& c, const Line& l, size_t at) {
         const ScriptTask& task = TaskOf(c, Word(l, at));
         std::string text;
         for (size_t i = at + 1; i < l.words.size(); ++i) text += (i > at + 1 ? " " : "") + l.words[i];
         const std::string said = c.scheduler().Explain(task.run, task.id);
         if (said.find(text) == std::string::npos) Wrong("it says: " + said);
         return true;
       }},
  };
  return table;
}

void Expect(ScenarioCluster& cluster, const Line& line) {
  const bool negated = Word(line, 1) == "no";
  const std::string& what = Word(line, negated ? 2 : 1);
  const auto found = Expectations().find(what);
  if (found == Expectations().end()) Wrong("nothing called '" + what + "' can be expected");
  if (found->second(cluster, line, negated ? 3 : 2) == negated) Wrong("it is not so");
}

const std::map<std::string, Handler>& Commands() {
  static const std::map<std::string, Handler> table = {
      {"worker", Worker},
      {"submit", Submit},
      {"finish", Finish},
      {"fail", FailTask},
      {"fetched", Fetched},
      {"lose", Lose},
      {"rejoin", Rejoin},
      {"retire", Retire},
      {"stop", Stop},
      {"release", Release},
      {"tick", Tick},
      {"wait", Wait},
      {"memory", Memory},
      {"short", Short},
      {"hold", Hold},
      {"deliver", Deliver},
      {"double", Double},
      {"swap", Swap},
      {"manual", Manual},
      {"option", Option},
      {"expect", Expect},
      {"spilled", SpillDone},
      {"unspilled", UnspillDone},
      {"unfetched", Unreachable},
      {"validate", Validate},
  };
  return table;
}

}  // namespace

void RunLine(ScenarioCluster& cluster, const std::string& text) {
  const Line line = Parse(text);
  if (line.words.empty()) return;
  const auto found = Commands().find(line.words[0]);
  if (found == Commands().end()) Wrong("no command '" + line.words[0] + "'");
  found->second(cluster, line);
  cluster.Settle();
}

}  // namespace swath::scenarios
