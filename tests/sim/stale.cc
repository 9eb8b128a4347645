// Messages that are known to be stale, delivered alone so that checkers can see that nothing comes of them.
#include <sstream>

#include "world.h"

namespace swath::sim {

ReportHead HeadOf(const sched::SchedulerEvent& event) {
  return std::visit(
      [](const auto& e) -> ReportHead {
        if constexpr (requires {
                        e.epoch;
                        e.worker;
                      } &&
                      !std::is_same_v<std::decay_t<decltype(e)>, sched::WorkerJoined>) {
          if constexpr (requires { e.ref; }) return {e.worker, e.epoch, e.ref};
          return {e.worker, e.epoch, {}};
        }
        return {};
      },
      event);
}

namespace {

std::string KnownOf(const sched::SchedulerMachine& scheduler, const ReportHead& head) {
  const sched::WorkerRecord& worker = scheduler.worker(head.worker);
  std::ostringstream out;
  out << sched::ToString(worker.status) << " epoch " << worker.epoch << " sent " << worker.sent << " placed "
      << worker.placed << " held " << worker.held << " bytes " << worker.held_bytes << '+' << worker.reserved_bytes;
  if (head.ref.run != 0) {
    out << "; " << scheduler.Explain(head.ref.run, head.ref.task) << ", attempt "
        << scheduler.AttemptOf(head.ref.run, head.ref.task);
  }
  return out.str();
}

// Where the record of the task stands; spilling is no change, see StaleChecker.
std::string KnownOf(const sched::WorkerMachine& machine, const sched::TaskRef& ref) {
  sched::WorkerTaskState state = machine.StateOf(ref.run, ref.task);
  if (state == sched::WorkerTaskState::kSpilling) state = sched::WorkerTaskState::kInMemory;
  return std::string(sched::ToString(state)) + ", attempt " + std::to_string(machine.AttemptOf(ref.run, ref.task));
}

}  // namespace

bool World::DeliverIfStale(const sched::SchedulerEvent& event) {
  const ReportHead head = HeadOf(event);
  if (head.epoch == 0) return false;
  const sched::WorkerRecord& record = scheduler_.worker(head.worker);
  const bool old_incarnation =
      head.epoch < record.epoch || (head.epoch == record.epoch && record.status == sched::WorkerStatus::kAbsent);
  const bool old_run = head.ref.run != 0 && !scheduler_.has_run(head.ref.run);
  const bool old_attempt = !old_incarnation && !old_run && head.ref.run != 0 &&
                           head.ref.attempt != scheduler_.AttemptOf(head.ref.run, head.ref.task);
  if (!old_incarnation && !old_run && !old_attempt) return false;
  ++stale_;
  const std::string before = KnownOf(scheduler_, head);
  sched::SchedulerActions actions;
  scheduler_.Handle({&event, 1}, now_, &actions);
  const StaleReport report = {head, old_attempt, before, KnownOf(scheduler_, head), actions.list};
  for (auto& checker : checkers_) checker->OnStaleReport(*this, report);
  Carry(actions);
  return true;
}

bool SimWorker::DeliverIfStale(const sched::WorkerEvent& event, const std::vector<sched::Source>& sources,
                               sched::Epoch epoch) {
  const auto ref = std::visit(
      [](const auto& e) -> sched::TaskRef {
        if constexpr (requires { e.ref; }) return e.ref;
        if constexpr (requires { e.source; }) return e.source.data;
        return {};
      },
      event);
  if (ref.run == 0 || (epoch == epoch_ && ref.attempt >= machine_->AttemptOf(ref.run, ref.task))) return false;
  world_.CountStale();
  const std::string before = KnownOf(*machine_, ref);
  sched::WorkerActions actions;
  machine_->Handle({&event, 1}, sources, world_.now(), &actions);
  const StaleCommand command = {ref, before, KnownOf(*machine_, ref), actions.list};
  for (auto& checker : world_.checkers()) checker->OnStaleCommand(world_, command);
  Carry(actions);
  return true;
}

}  // namespace swath::sim
