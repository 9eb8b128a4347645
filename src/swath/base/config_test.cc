#include "swath/base/config.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace swath {
namespace {

using ::testing::HasSubstr;

class ConfigFileTest : public ::testing::Test {
 protected:
  ConfigFileTest() : folder_(std::filesystem::temp_directory_path() / ("swath-config-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~ConfigFileTest() override { std::filesystem::remove_all(folder_); }
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::filesystem::path folder_;
};

TEST_F(ConfigFileTest, DefaultsThenFilesInOrderThenEnvironment) {
  Write("a.yaml", "array:\n  chunk_size: 1MiB\n  svg: {size: 7}\nmine: {list: [1, two, 3.5]}\n");
  Write("b.yaml", "array: {chunk-size: 2MiB}\n");
  Write("ignored.txt", "array: {chunk-size: 3MiB}\n");
  const std::vector<std::string> paths{folder_, "/nowhere"};
  const std::vector<std::string> environment{"SWATH_ARRAY__SVG__SIZE=9", "SWATH_NUM_WORKERS=3", "SWATH_MINE__FLAG=True",
                                             "PATH=x", "SWATH_CONFIG=y"};
  const Config config = Config::Load(paths, environment);
  ASSERT_TRUE(config.load_status().ok()) << config.load_status();
  EXPECT_EQ(*config.GetBytes("array.chunk-size"), 2 << 20);
  EXPECT_EQ(*config.GetBytes("array.chunk_size"), 2 << 20);
  EXPECT_EQ(*config.GetInt("array.svg.size"), 9);
  EXPECT_EQ(*config.GetInt("num_workers"), 3);
  EXPECT_TRUE(*config.GetBool("mine.flag"));
  EXPECT_EQ(config.Get("mine.list").ToString(), "[1, two, 3.5]");
  EXPECT_EQ(*config.GetString("scheduler"), "threads");
  EXPECT_FALSE(config.Has("config"));
}

TEST_F(ConfigFileTest, ABrokenFileIsNamedWithItsLine) {
  const std::vector<std::string> paths{Write("broken.yaml", "a: 1\nb: [1,\n")};
  const Config config = Config::Load(paths, {});
  EXPECT_THAT(config.load_status().message(), HasSubstr("broken.yaml"));
  EXPECT_THAT(config.load_status().message(), HasSubstr("line"));
  EXPECT_FALSE(config.GetString("scheduler").ok());
  const std::vector<std::string> list{Write("list.yaml", "- a\n")};
  EXPECT_THAT(Config::Load(list, {}).load_status().message(), HasSubstr("must hold a mapping"));
}

TEST(Config, ErrorsNameKeyValueAndWhatIsAccepted) {
  const std::vector<std::string> environment{"SWATH_NUM_WORKERS=many", "SWATH_ARRAY__CHUNK_SIZE=7 foos"};
  const Config config = Config::Load({}, environment);
  EXPECT_THAT(config.GetInt("num-workers").status().ToString(),
              HasSubstr("config num-workers is many; it must be a whole number"));
  EXPECT_THAT(config.GetBytes("array.chunk-size").status().ToString(),
              HasSubstr("array.chunk-size: could not interpret 'foos'"));
  const Status missing = config.GetInt("memory.limt").status();
  EXPECT_TRUE(missing.IsKeyError());
  EXPECT_THAT(missing.message(), HasSubstr("did you mean 'memory.limit'"));
}

TEST(Config, CodeBeatsTheRestAndCanBeUndone) {
  const auto before = Config::Current();
  std::optional<ConfigValue> previous;
  ASSERT_TRUE(Config::Set("array.svg_size_test", 1, &previous).ok());
  EXPECT_FALSE(previous.has_value());
  ASSERT_TRUE(Config::Set("array.svg-size-test", 2, &previous).ok());
  EXPECT_EQ(previous, ConfigValue(1));
  EXPECT_EQ(*Config::Current()->GetInt("array.svg-size-test"), 2);
  EXPECT_FALSE(before->Has("array.svg-size-test"));  // a snapshot does not change
  Config::Unset("array.svg-size-test");
  EXPECT_FALSE(Config::Current()->Has("array.svg-size-test"));
  ASSERT_TRUE(Config::Set("array", ConfigValue::Map{{"svg", ConfigValue::Map{{"size", 5}}}}).ok());
  EXPECT_EQ(*Config::Current()->GetInt("array.svg.size"), 5);
  EXPECT_EQ(*Config::Current()->GetBytes("array.chunk-size"), 128 << 20);  // siblings stay
  ASSERT_TRUE(Config::Refresh().ok());
  EXPECT_EQ(*Config::Current()->GetInt("array.svg.size"), 120);
}

TEST(Config, SetChecksTheTypeOfKnownKeys) {
  EXPECT_THAT(Config::Set("num-workers", "x").ToString(), HasSubstr("num-workers is x"));
  EXPECT_FALSE(Config::Set("array.chunk-size", "7 foos").ok());
  EXPECT_FALSE(Config::Set("scheduler", ConfigValue()).ok());
  EXPECT_TRUE(Config::Set("num-workers", ConfigValue()).ok());
  ASSERT_TRUE(Config::Refresh().ok());
}

TEST(Config, EveryKeyHasADefaultOfItsTypeAndADoc) {
  const Config config = Config::Load({}, {});
  std::set<std::string_view> names;
  for (const ConfigKey& key : ConfigKeys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_FALSE(key.doc.empty()) << key.name;
    EXPECT_TRUE(config.Has(key.name)) << key.name;
    EXPECT_TRUE(internal::CheckConfigType(key.name, config.Get(key.name)).ok()) << key.name;
  }
}

TEST(Config, ThreadsReadWhileOthersWrite) {
  std::thread writer([] {
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(Config::Set("threads-test", i).ok());
  });
  for (int i = 0; i < 200; ++i) {
    const ConfigValue value = Config::Current()->Get("threads-test");
    EXPECT_TRUE(value.is_null() || value.get_if<int64_t>() != nullptr);
  }
  writer.join();
  Config::Unset("threads-test");
}

}  // namespace
}  // namespace swath
