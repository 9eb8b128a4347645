#include "swath/data/dtype.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"

namespace swath {
namespace {

// testdata/promotion.txt is written by NumPy itself (testdata/make_promotion.py).
TEST(DTypeTest, PromotesAndCastsAsNumPy) {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "testdata" / "promotion.txt");
  ASSERT_TRUE(file);
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    std::istringstream words(line);
    std::string a, b, promoted;
    words >> a >> b >> promoted;
    const DType from = DType::Parse(a).ValueOrDie(), to = DType::Parse(b).ValueOrDie();
    const Result<DType> result = Promote(from, to);
    if (promoted == "-") {
      EXPECT_TRUE(result.status().IsTypeError()) << line;
    } else {
      ASSERT_TRUE(result.ok()) << line;
      EXPECT_EQ(*result, DType::Parse(promoted).ValueOrDie()) << line << " got " << result->ToString();
    }
    for (const char* casting : {"no", "equiv", "safe", "same_kind", "unsafe"}) {
      int allowed = -1;
      words >> allowed;
      EXPECT_EQ(CanCast(from, to, casting).ValueOrDie(), allowed == 1) << line << " " << casting;
    }
  }
  EXPECT_GT(lines, 700);
}

TEST(DTypeTest, TextRoundTrips) {
  for (const char* text : {"bool", "int8", "uint64", "float16", "float64", "complex64", "datetime64[ns]",
                           "timedelta64[D]", "datetime64", "<U5", "|S3"}) {
    EXPECT_EQ(DType::Parse(text).ValueOrDie().ToString(), text);
  }
  EXPECT_EQ(DType::Parse("<M8[us]").ValueOrDie(), DType::Date(Kind::kDateTime64, DateUnit::kMicro));
  EXPECT_EQ(DType::Parse("int").ValueOrDie(), kInt64);
  EXPECT_EQ(DType::Parse("=f4").ValueOrDie(), kFloat32);
}

TEST(DTypeTest, SaysWhatItDoesNotUnderstand) {
  for (const char* text : {"", "float65", "M8[zz]", "Ux", "object", ">f8", "U-1"}) {
    EXPECT_TRUE(DType::Parse(text).status().IsTypeError()) << text;
  }
  EXPECT_NE(DType::Parse("float65").status().message().find("'float65' not understood"), std::string::npos);
  EXPECT_TRUE(CanCast(kInt8, kInt16, "same").status().IsInvalid());
}

}  // namespace
}  // namespace swath
