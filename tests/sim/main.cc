// swath_sim: simulates a cluster for each seed and judges what happened. Prints the seed, its options and a smaller
// variant that fails too; exits with 1 after the first failures.
//
//   swath_sim --seeds 1000 --start 1 --faults kill,cut,loss --keep-going
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "world.h"

namespace {

using swath::sim::SimOptions;

struct Totals {
  int64_t events = 0, stale = 0, failures = 0;
};

// Empty: all is well.
std::string Failure(const SimOptions& options, Totals* totals) {
  try {
    swath::sim::World world(options);
    world.Run();
    totals->events += world.events();
    totals->stale += world.stale();
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

// Leaves out what is not needed for a failure (not necessarily the same one).
SimOptions Shrink(SimOptions options) {
  Totals totals;
  const auto try_smaller = [&](auto change) {
    SimOptions smaller = options;
    change(smaller);
    const bool fails = !Failure(smaller, &totals).empty();
    if (fails) options = smaller;
    return fails;
  };
  for (const auto& [name, fault] : swath::sim::kFaultNames) {
    if (options.faults & fault) try_smaller([fault = fault](SimOptions& o) { o.faults &= ~fault; });
  }
  while (options.runs > 1 && try_smaller([](SimOptions& o) { --o.runs; })) {
  }
  while (options.layers_max > 1 && try_smaller([](SimOptions& o) { --o.layers_max; })) {
  }
  while (options.blocks_max > 1 && try_smaller([](SimOptions& o) { --o.blocks_max; })) {
  }
  while (options.workers > 1 && try_smaller([](SimOptions& o) { --o.workers; })) {
  }
  if (options.memory_bytes > 0) try_smaller([](SimOptions& o) { o.memory_bytes = 0; });
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  int64_t seeds = 500;
  uint64_t start = 1;
  uint32_t faults = swath::sim::kAllFaults;
  bool keep_going = false;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (flag == "--keep-going") {
      keep_going = true;
    } else if (flag == "--seeds" || flag == "--start" || flag == "--faults") {
      if (flag == "--seeds") seeds = std::atoll(value);
      if (flag == "--start") start = static_cast<uint64_t>(std::atoll(value));
      if (flag == "--faults") faults = swath::sim::ParseFaults(value);
      ++i;
    } else {
      std::fprintf(stderr,
                   "swath_sim: unknown '%s'; usage: swath_sim --seeds N --start S --faults a,b|none --keep-going\n",
                   argv[i]);
      return 2;
    }
  }
  const auto begin = std::chrono::steady_clock::now();
  Totals totals;
  for (uint64_t seed = start; seed < start + static_cast<uint64_t>(seeds); ++seed) {
    const SimOptions options = swath::sim::OptionsOf(seed, faults);
    const std::string failure = Failure(options, &totals);
    if (failure.empty()) continue;
    ++totals.failures;
    std::printf("seed %llu FAILED: %s\n%s\n", static_cast<unsigned long long>(seed),
                swath::sim::Describe(options).c_str(), failure.c_str());
    if (keep_going) continue;
    const SimOptions smaller = Shrink(options);
    std::printf("\na smaller variant of it: %s\n%s\n", swath::sim::Describe(smaller).c_str(),
                Failure(smaller, &totals).c_str());
    std::printf("again: swath_sim --start %llu --seeds 1\n", static_cast<unsigned long long>(seed));
    return 1;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%lld seeds, %lld failures, %lld events, %lld stale messages, %.1f s\n", static_cast<long long>(seeds),
              static_cast<long long>(totals.failures), static_cast<long long>(totals.events),
              static_cast<long long>(totals.stale), seconds);
  return totals.failures > 0 ? 1 : 0;
}
