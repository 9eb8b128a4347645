#include "swath/base/token.h"

#include <gtest/gtest.h>

namespace swath {
namespace {

TEST(Token, DependsOnOrderAndBoundaries) {
  const auto token = [](std::string_view a, std::string_view b) { return TokenBuilder("t").Add(a).Add(b).Finish(); };
  EXPECT_EQ(token("ab", "c"), token("ab", "c"));
  EXPECT_NE(token("ab", "c"), token("a", "bc"));
  EXPECT_NE(token("a", "b"), token("b", "a"));
  EXPECT_NE(TokenBuilder("x").Finish(), TokenBuilder("y").Finish());
}

TEST(Token, PrintsAs32HexDigits) {
  EXPECT_EQ((Token{0x0123456789abcdefULL, 1}).ToString(), "0123456789abcdef0000000000000001");
}

}  // namespace
}  // namespace swath
