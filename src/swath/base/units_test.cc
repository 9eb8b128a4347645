#include "swath/base/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swath {
namespace {

TEST(ParseBytes, AcceptsWhatDaskAccepts) {
  const std::pair<const char*, int64_t> cases[] = {
      {"100", 100},   {"100 MB", 100000000},      {"100M", 100000000},    {"5kB", 5000},   {"5.4 kB", 5400},
      {"1kiB", 1024}, {"1e6", 1000000},           {"1e6 kB", 1000000000}, {"MB", 1000000}, {"64MiB", 67108864},
      {"123", 123},   {"2 Gi", int64_t{2} << 30}, {"1.5GiB", 1610612736}, {"-1 k", -1000}, {"0", 0}};
  for (const auto& [text, bytes] : cases) EXPECT_EQ(ParseBytes(text).ValueOr(-1), bytes) << text;
}

TEST(ParseBytes, RefusesWithTheTextInTheMessage) {
  for (const char* text : {"5 foos", "", "1..2MB", "abc1MB", "1e30"}) {
    const Status status = ParseBytes(text).status();
    EXPECT_TRUE(status.IsInvalid()) << text;
    EXPECT_THAT(status.message(), ::testing::HasSubstr(text));
  }
}

TEST(FormatBytes, IsDasks) {
  const std::pair<int64_t, const char*> cases[] = {{1, "1 B"},
                                                   {1234, "1.21 kiB"},
                                                   {12345678, "11.77 MiB"},
                                                   {1234567890, "1.15 GiB"},
                                                   {1234567890000, "1.12 TiB"},
                                                   {1234567890000000, "1.10 PiB"},
                                                   {921, "921 B"},
                                                   {922, "0.90 kiB"}};
  for (const auto& [bytes, text] : cases) EXPECT_EQ(FormatBytes(bytes), text);
}

TEST(ParseTimedelta, AcceptsWhatDaskAccepts) {
  const std::pair<const char*, double> cases[] = {
      {"3s", 3}, {"3.5 seconds", 3.5}, {"300ms", 0.3},  {"5 minutes", 300},     {"1.5h", 5400}, {"2 days", 172800},
      {"7", 7},  {"minute", 60},       {"10 US", 1e-5}, {"1 nanoseconds", 1e-9}};
  for (const auto& [text, seconds] : cases) EXPECT_DOUBLE_EQ(ParseTimedelta(text).ValueOr(-1), seconds) << text;
  EXPECT_DOUBLE_EQ(*ParseTimedelta("5", "ms"), 0.005);
  EXPECT_FALSE(ParseTimedelta("5", "").ok());
  EXPECT_FALSE(ParseTimedelta("5 fortnights").ok());
}

TEST(FormatTime, IsDasks) {
  const std::pair<double, const char*> cases[] = {
      {1, "1.00 s"},         {0.001234, "1.23 ms"}, {0.00012345, "123.45 us"}, {123.456, "123.46 s"},
      {1234.567, "20m 34s"}, {12345.67, "3hr 25m"}, {123456.78, "34hr 17m"},   {1234567.89, "14d 6hr"}};
  for (const auto& [seconds, text] : cases) EXPECT_EQ(FormatTime(seconds), text);
}

}  // namespace
}  // namespace swath
