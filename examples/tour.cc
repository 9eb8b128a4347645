// The tour of Swath in C++: the job of tour.py with no Python in the process. Run it with `swath demo --native`, or
// build it on an installed Swath: find_package(Swath), target_link_libraries(tour Swath::swath).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <arrow/api.h>
#include <swath/swath.h>

namespace fs = std::filesystem;
using namespace swath;  // NOLINT(google-build-using-namespace)

namespace {

struct Step {
  std::string title;
  double seconds;
  double peak_mib;
};
std::vector<Step> steps;

double PeakMib(bool reset) {
  if (reset) std::ofstream("/proc/self/clear_refs") << '5';
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

void RunStep(const std::string& title, const std::function<void()>& body) {
  std::printf("\n%s\n", title.c_str());
  PeakMib(true);
  const auto begin = std::chrono::steady_clock::now();
  body();
  steps.push_back(
      {title, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), PeakMib(false)});
}

// Prints the columns of a small table side by side.
void Print(const arrow::Table& table) {
  for (const auto& field : table.schema()->fields()) std::printf("  %-12s", field->name().c_str());
  std::printf("\n");
  for (int64_t row = 0; row < table.num_rows(); ++row) {
    for (const auto& column : table.columns())
      std::printf("  %-12s", column->GetScalar(row).ValueOrDie()->ToString().c_str());
    std::printf("\n");
  }
}

fs::path FindData(const char* program) {
  for (const fs::path& base : {fs::current_path(), fs::path(program).parent_path() / ".." / ".."}) {
    if (fs::is_directory(base / "data" / "flights")) return base / "data";
  }
  std::fprintf(stderr, "tour: no data/flights here; run `make data` in a checkout of Swath first\n");
  std::exit(1);
}

void Tour(const fs::path& data, const fs::path& scratch) {
  DataFrame flights = read_csv((data / "flights" / "2013-*.csv").string());
  RunStep("1. Mean departure delay from twelve CSV files", [&] {
    std::printf("  %lld flights in %lld partitions\n", static_cast<long long>(flights.len()),
                static_cast<long long>(flights.npartitions()));
    Print(*flights.groupby("origin")["dep_delay"].mean().compute());
    Print(*flights.groupby("carrier")["dep_delay"].mean().compute());
  });

  DataFrame again = flights;
  RunStep("2. The same, written to Parquet and read back", [&] {
    const auto files = to_parquet(flights, (scratch / "flights").string());
    again = read_parquet((scratch / "flights" / "*.parquet").string());
    Print(*again.groupby("origin")["dep_delay"].mean().compute());
    std::printf("  %zu files\n", files.size());
  });

  RunStep("3. Cancelled flights by month",
          [&] { Print(*again[again["dep_time"].isna()].groupby("month").size().compute()); });

  RunStep("4. A hundred million random numbers: (x + x.T) - x.mean(axis=1)", [] {
    Array x = array::random({10'000, 10'000});
    Array y = (x + x.T()) - x.mean(1);
    std::printf("  the sum is %.1f (expected about 50000000)\n", y.sum().item<double>());
  });

  RunStep("5. A matrix product, 4000 × 4000", [] {
    array::Generator rng = array::default_rng(7);
    Array a = rng.normal(0, 1, {4000, 4000}, 2000), b = rng.normal(0, 1, {4000, 4000}, 2000);
    std::printf("  the sum of a @ b is %.2f\n", a.dot(b).sum().item<double>());
  });

  std::printf("\n6. How it was planned\n\n%s\n",
              again[again["dep_time"].isna()].groupby("month").size().explain().c_str());
  std::printf("\n  %-66s %8s %10s\n", "step", "seconds", "peak MiB");
  for (const Step& step : steps) std::printf("  %-66s %8.2f %10.0f\n", step.title.c_str(), step.seconds, step.peak_mib);
  std::printf("\nNext: README.md has a five-minute tour; include/swath/swath.h lists the public headers.\n");
}

}  // namespace

int main(int, char** argv) {
  const fs::path scratch =
      fs::temp_directory_path() /
      ("swath-tour-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
  int code = 0;
  try {
    Tour(FindData(argv[0]), scratch);
  } catch (const Error& error) {
    std::fprintf(stderr, "tour: %s\n", error.what());
    code = 1;
  }
  fs::remove_all(scratch);
  return code;
}
