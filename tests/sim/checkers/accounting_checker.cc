#include <algorithm>
#include <stdexcept>

#include "checker.h"
#include "world.h"

namespace swath::sim {
namespace {

class AccountingChecker : public Checker {
 public:
  void AtQuiescence(World& world) override {
    for (const auto& worker : world.workers()) {
      if (!worker->alive()) continue;
      const sched::WorkerRecord& record = world.scheduler().worker(worker->id());
      if (record.epoch != worker->epoch()) continue;
      int64_t bytes = 0, in_memory = 0;
      for (const auto& [key, value] : worker->values()) {
        bytes += value.nbytes;
        in_memory += value.on_disk ? 0 : value.nbytes;
        const std::vector<sched::WorkerId> holders = world.scheduler().HoldersOf(key.first, key.second);
        if (std::find(holders.begin(), holders.end(), worker->id()) == holders.end()) {
          throw std::runtime_error(
              "worker " + std::to_string(worker->id()) +
              " holds a value that the scheduler does not know: " + world.scheduler().Explain(key.first, key.second) +
              "\n" + worker->machine().Explain(key.first, key.second) + "\n" +
              worker->machine().StoryOf(key.first, key.second));
        }
      }
      Equal(record.held, static_cast<int64_t>(worker->values().size()), "values held", worker->id());
      Equal(record.held_bytes, bytes, "bytes held", worker->id());
      Equal(worker->machine().memory_bytes(), in_memory, "bytes in memory", worker->id());
      Equal(record.sent, 0, "tasks sent", worker->id());
      Equal(record.reserved_bytes, 0, "bytes reserved", worker->id());
    }
  }

  void AtEnd(World& world) override {
    for (const auto& worker : world.workers()) {
      if (!worker->alive()) continue;
      if (!worker->values().empty())
        throw std::runtime_error("values are left on a worker after all runs were released");
      if (!worker->machine().empty()) throw std::runtime_error("a worker still knows a run after all were released");
      const sched::WorkerRecord& record = world.scheduler().worker(worker->id());
      Equal(record.held_bytes, 0, "bytes held at the end", worker->id());
      Equal(record.sent + record.placed, 0, "tasks at the end", worker->id());
    }
  }

 private:
  static void Equal(int64_t believed, int64_t real, const char* what, sched::WorkerId worker) {
    if (believed == real) return;
    throw std::runtime_error(std::string(what) + " of worker " + std::to_string(worker) + ": believed " +
                             std::to_string(believed) + ", in truth " + std::to_string(real));
  }
};

}  // namespace

std::unique_ptr<Checker> MakeAccountingChecker() { return std::make_unique<AccountingChecker>(); }

}  // namespace swath::sim
