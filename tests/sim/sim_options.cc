#include "sim_options.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace swath::sim {

const std::vector<FaultName> kFaultNames = {
    {"kill", kKill},       {"freeze", kFreeze}, {"cut", kCut},       {"loss", kLoss}, {"duplicate", kDuplicate},
    {"reorder", kReorder}, {"disk", kDisk},     {"slow", kSlow},     {"fail", kFail}, {"crash", kCrash},
    {"cancel", kCancel},   {"retire", kRetire}, {"impure", kImpure},
};

std::string ToString(uint32_t faults) {
  std::string text;
  for (const auto& [name, fault] : kFaultNames) {
    if (faults & fault) text += (text.empty() ? "" : ",") + std::string(name);
  }
  return text.empty() ? "none" : text;
}

uint32_t ParseFaults(const std::string& names) {
  uint32_t faults = 0;
  std::istringstream in(names);
  for (std::string word; std::getline(in, word, ',');) {
    if (word == "none") continue;
    const uint32_t before = faults;
    for (const auto& [name, fault] : kFaultNames) {
      if (word == name) faults |= fault;
    }
    if (faults != before) continue;
    std::fprintf(stderr, "swath_sim: no fault '%s'; known: %s\n", word.c_str(), ToString(kAllFaults).c_str());
    std::exit(2);
  }
  return faults;
}

SimOptions OptionsOf(uint64_t seed, uint32_t allowed) {
  Rng rng(seed * 0x9E3779B97F4A7C15ULL + 1);
  SimOptions options;
  options.seed = seed;
  options.faults = 0;
  for (const auto& [name, fault] : kFaultNames)
    if (rng.Chance(0.45)) options.faults |= fault;
  options.faults &= allowed;
  options.layers_max = rng.Between(1, 8);
  options.blocks_max = rng.Between(1, 12);
  options.runs = rng.Between(1, 3);
  options.workers = rng.Between(1, 5);
  options.threads = static_cast<int32_t>(rng.Between(1, 3));
  options.memory_bytes = rng.Chance(0.5) ? rng.Between(500, 5000) : 0;
  options.fault_every_ms = rng.Between(5, 200);
  options.liveness = rng.Chance(0.3);
  return options;
}

std::string Describe(const SimOptions& options) {
  std::ostringstream out;
  out << (options.liveness ? "liveness" : "safety") << " faults=" << ToString(options.faults)
      << " layers<=" << options.layers_max << " blocks<=" << options.blocks_max << " runs=" << options.runs
      << " workers=" << options.workers << " threads=" << options.threads << " memory=" << options.memory_bytes
      << " fault_every_ms=" << options.fault_every_ms;
  return out.str();
}

}  // namespace swath::sim
