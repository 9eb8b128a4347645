#include "swath/ops/elementwise.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "gtest/gtest.h"

namespace swath::ops {
namespace {

OperandType Operand(const std::string& text) {
  if (text == "weak:int") return {kInt64, true};
  if (text == "weak:float") return {kFloat64, true};
  if (text == "weak:complex") return {kComplex128, true};
  return {DType::Parse(text).ValueOrDie(), false};
}

// testdata/elementwise_types.txt is written by NumPy itself (testdata/make_elementwise_types.py).
TEST(ElementwiseTest, DTypesAsNumPy) {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "testdata" / "elementwise_types.txt");
  ASSERT_TRUE(file);
  int lines = 0, wrong = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    std::istringstream stream(line);
    std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
    std::vector<OperandType> operands;
    if (words[0] == "where") operands.push_back({kBool, false});
    for (size_t i = 1; i + 1 < words.size(); ++i) operands.push_back(Operand(words[i]));
    const Result<ElementwiseLoop> loop = ResolveElementwise(**FindElementwise(words[0]), operands);
    const bool right =
        words.back() == "!" ? loop.status().IsTypeError() : loop.ok() && loop->result == *DType::Parse(words.back());
    if (right || ++wrong > 40) continue;
    ADD_FAILURE() << line << ", got " << (loop.ok() ? loop->result.ToString() : loop.status().ToString());
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(lines, 10000);
}

TEST(ElementwiseTest, NamesAndAliases) {
  for (const ElementwiseOp& op : ElementwiseOps()) {
    EXPECT_EQ(*FindElementwise(op.name), &op);
    EXPECT_FALSE(op.doc.empty());
  }
  EXPECT_EQ((*FindElementwise("mod"))->name, "remainder");
  EXPECT_TRUE(FindElementwise("no_such_op").status().IsKeyError());
  EXPECT_TRUE(ResolveElementwise(**FindElementwise("add"), std::vector<OperandType>{{kInt8}}).status().IsTypeError());
}

TEST(ElementwiseTest, ScalarsAreCastAsNumPyCasts) {
  EXPECT_EQ(CastScalar(ScalarConstant::Int(300), kUInt8)->i, 44);
  EXPECT_EQ(CastScalar(ScalarConstant::Float(-1.9), kInt32)->i, -1);
  EXPECT_EQ(CastScalar(ScalarConstant::Float(0.1), kFloat32)->re, static_cast<double>(0.1F));
  EXPECT_EQ(CastScalar(ScalarConstant::Float(65519), kFloat16)->re, 65504);
  const Status status = CastWeakScalar(ScalarConstant::Int(300), kUInt8).status();
  EXPECT_EQ(status.message(), "Python integer 300 out of bounds for uint8");
  EXPECT_TRUE(CastWeakScalar(ScalarConstant::Int(-1), kUInt64).status().IsInvalid());
  EXPECT_EQ(CastWeakScalar(ScalarConstant::Int(200), kFloat32)->re, 200);
}

}  // namespace
}  // namespace swath::ops
