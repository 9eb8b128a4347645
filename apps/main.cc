// The `swath` command: flags in, objects built, run.
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "swath/base/config.h"

#include "demo.h"

namespace {

int Fail(const swath::Status& status) {
  std::fprintf(stderr, "swath: %s\n", status.message().c_str());
  return 1;
}

int ListConfig() {
  const auto config = swath::Config::Current();
  for (const swath::ConfigKey& key : swath::ConfigKeys()) {
    std::printf("%-34s %-16s %s\n", std::string(key.name).c_str(), config->Get(key.name).ToString().c_str(),
                std::string(key.doc).c_str());
  }
  if (!config->load_status().ok()) return Fail(config->load_status());
  return 0;
}

int GetConfig(const std::string& key) {
  const auto config = swath::Config::Current();
  if (!config->Has(key)) return Fail(config->GetString(key).status());
  std::printf("%s\n", config->Get(key).ToString().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Swath: lazy blocked arrays and dataframes, larger than memory", "swath");
  app.require_subcommand(1);
  app.set_version_flag("--version", SWATH_VERSION);

  swath::apps::DemoOptions demo_options;
  auto* demo = app.add_subcommand("demo", "Run the tour: a year of flights and a hundred million random numbers");
  demo->add_flag("--native", demo_options.native, "The C++ tour, with no Python in the process");

  auto* config = app.add_subcommand("config", "Show the configuration");
  config->require_subcommand(1);
  auto* list = config->add_subcommand("list", "Every key with its value now and its meaning");
  std::string key;
  auto* get = config->add_subcommand("get", "One key's value");
  get->add_option("key", key, "such as memory.limit")->required();

  CLI11_PARSE(app, argc, argv);
  if (demo->parsed()) return swath::apps::RunDemo(demo_options);
  if (list->parsed()) return ListConfig();
  if (get->parsed()) return GetConfig(key);
  return 0;
}
