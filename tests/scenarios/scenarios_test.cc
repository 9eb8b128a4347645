// Runs every script of this folder as a test of its own. A failure shows the line, every task with its story, every
// worker.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "commands.h"

namespace swath::scenarios {
namespace {

class Scenario : public ::testing::Test {
 public:
  explicit Scenario(std::filesystem::path path) : path_(std::move(path)) {}

  void TestBody() override {
    std::ifstream in(path_);
    ASSERT_TRUE(in.good()) << path_;
    ScenarioCluster cluster;
    int number = 0;
    int expectations = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      expectations += line.starts_with("expect");
      try {
        RunLine(cluster, line);
      } catch (const std::exception& error) {
        FAIL() << path_.filename().string() << ":" << number << ": " << line << "\n  " << error.what() << "\n"
               << cluster.Describe();
      }
    }
    EXPECT_GT(expectations, 0) << path_ << " expects nothing";
  }

 private:
  std::filesystem::path path_;
};

}  // namespace
}  // namespace swath::scenarios

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  std::vector<std::filesystem::path> scripts;
  for (const auto& entry : std::filesystem::directory_iterator(SWATH_SCENARIOS)) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt")
      scripts.push_back(entry.path());
  }
  std::sort(scripts.begin(), scripts.end());
  for (const std::filesystem::path& script : scripts) {
    ::testing::RegisterTest("Scenario", script.stem().c_str(), nullptr, nullptr, script.c_str(), 1,
                            [script]() -> ::testing::Test* { return new swath::scenarios::Scenario(script); });
  }
  return RUN_ALL_TESTS();
}
