// The commands of scenario scripts; tests/scenarios/README.md lists them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cluster.h"

namespace swath::scenarios {

// A line: words, and options written name=value.
struct Line {
  std::vector<std::string> words;
  std::map<std::string, std::string> options;
};

// Runs one line; throws std::runtime_error with what is wrong.
void RunLine(ScenarioCluster& cluster, const std::string& text);

}  // namespace swath::scenarios
