#include "swath/graph/drawing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swath::graph {
namespace {

using ::testing::HasSubstr;

Drawing Diamond() {
  Drawing drawing;
  for (const char* label : {"source", "left", "right", "a < b\n\"both\""})
    drawing.boxes.push_back({label, label, false, 0});
  drawing.edges = {{0, 1}, {0, 2}, {1, 3}, {2, 3}};
  return drawing;
}

double YOf(const std::string& svg, const std::string& title) {
  const size_t at = svg.find("<title>" + title + "</title>");
  EXPECT_NE(at, std::string::npos) << title;
  const size_t y = svg.find(" y=\"", at) + 4;
  return std::stod(svg.substr(y, svg.find('"', y) - y));
}

TEST(Drawing, DotHoldsEveryBoxAndEdgeEscaped) {
  const std::string dot = ToDot(Diamond());
  EXPECT_THAT(dot, HasSubstr("n0 -> n1;"));
  EXPECT_THAT(dot, HasSubstr("n2 -> n3;"));
  EXPECT_THAT(dot, HasSubstr("label=\"a < b\\n\\\"both\\\"\""));
}

TEST(Drawing, SvgPutsResultsAboveTheirInputs) {
  const std::string svg = ToSvg(Diamond());
  EXPECT_LT(YOf(svg, "left"), YOf(svg, "source"));
  EXPECT_DOUBLE_EQ(YOf(svg, "left"), YOf(svg, "right"));
  EXPECT_THAT(svg, HasSubstr("a &lt; b"));
  EXPECT_EQ(svg.find("a < b"), std::string::npos);
}

TEST(Drawing, EmptyGraphIsAnEmptyPicture) { EXPECT_THAT(ToSvg(Drawing{}), HasSubstr("</svg>")); }

}  // namespace
}  // namespace swath::graph
