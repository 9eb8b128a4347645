#include <stdexcept>

#include "checker.h"
#include "world.h"

namespace swath::sim {
namespace {

class EpochChecker : public Checker {
 public:
  void OnStale(World&, size_t actions) override {
    if (actions > 0) throw std::runtime_error("a report of an old incarnation was obeyed");
  }
};

}  // namespace

std::unique_ptr<Checker> MakeEpochChecker() { return std::make_unique<EpochChecker>(); }

}  // namespace swath::sim
