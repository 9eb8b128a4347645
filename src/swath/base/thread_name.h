// Names of threads, as debuggers, perf and /proc show them.
#pragma once

#include <string>
#include <string_view>

namespace swath {

// At most 15 bytes show on Linux; the rest is cut.
void SetThreadName(std::string_view name);
std::string ThreadName();

}  // namespace swath
