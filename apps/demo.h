// `swath demo`: runs the tour of examples/ on the flights data.
#pragma once

namespace swath::apps {

struct DemoOptions {
  bool native = false;  // the C++ tour, with no Python in the process
};
// Replaces this process by the tour; returns an exit code only when that fails.
int RunDemo(const DemoOptions& options);

}  // namespace swath::apps
