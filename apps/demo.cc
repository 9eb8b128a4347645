#include "demo.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace swath::apps {
namespace {

std::filesystem::path OwnFolder() {
  std::error_code error;
  auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path(".") : path.parent_path();
}

}  // namespace

int RunDemo(const DemoOptions& options) {
  if (options.native) {
    const std::string tour = OwnFolder() / ".." / "examples" / "tour";
    execl(tour.c_str(), "tour", nullptr);
    std::fprintf(stderr, "swath demo --native: cannot run %s: %s (build the examples first)\n", tour.c_str(),
                 std::strerror(errno));
    return 1;
  }
  const char* configured = std::getenv("SWATH_PYTHON");
  for (const char* python : {configured ? configured : "python3", "python"}) {
    execlp(python, python, "-m", "swath.demo", nullptr);
  }
  std::fprintf(stderr, "swath demo: no Python on PATH (SWATH_PYTHON names one); `swath demo --native` needs none\n");
  return 1;
}

}  // namespace swath::apps
