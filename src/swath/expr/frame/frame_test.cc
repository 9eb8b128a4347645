// Types and errors of table expressions: what fails, and where.
#include <gmock/gmock.h>

#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/scalar.h"

#include "swath/expr/frame/aggregate.h"
#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/frame_view.h"
#include "swath/expr/frame/pandas_types.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"
#include "swath/expr/frame/zip.h"
#include "swath/expr/lower/common_expressions.h"
#include "swath/expr/rules/fake_scan.h"

namespace swath::expr {
namespace {

using testing::HasSubstr;

Column X() { return FieldColumn("x", arrow::int64()); }
Column Y() { return FieldColumn("y", arrow::float64()); }
Column Text() { return FieldColumn("k", TextType()); }
Column Weak(int64_t value) { return LiteralColumn(arrow::MakeScalar(value), true); }
Column Weak(double value) { return LiteralColumn(arrow::MakeScalar(value), true); }

std::string TypeOf(const char* function, std::vector<Column> arguments) {
  const auto column = CallColumn(function, std::move(arguments));
  return column.ok() ? PandasName(*column->type) : column.status().ToString();
}

TEST(ColumnFunctions, TypesAreNumPys) {
  const Column small = FieldColumn("s", arrow::int8()), half = FieldColumn("f", arrow::float32());
  const Column flag = FieldColumn("b", arrow::boolean()), unsigned64 = FieldColumn("u", arrow::uint64());
  EXPECT_EQ(TypeOf("add", {X(), Weak(int64_t{1})}), "int64");
  EXPECT_EQ(TypeOf("add", {small, Weak(int64_t{1})}), "int8");
  EXPECT_EQ(TypeOf("add", {X(), Weak(1.5)}), "float64");
  EXPECT_EQ(TypeOf("mul", {half, Weak(1.5)}), "float32");
  EXPECT_EQ(TypeOf("add", {half, X()}), "float64");
  EXPECT_EQ(TypeOf("add", {small, FieldColumn("v", arrow::uint8())}), "int16");
  EXPECT_EQ(TypeOf("add", {X(), unsigned64}), "float64");
  EXPECT_EQ(TypeOf("truediv", {X(), X()}), "float64");
  EXPECT_EQ(TypeOf("floordiv", {X(), Weak(int64_t{2})}), "int64");
  EXPECT_EQ(TypeOf("add", {flag, flag}), "bool");
  EXPECT_EQ(TypeOf("gt", {X(), Weak(1.5)}), "bool");
  EXPECT_EQ(TypeOf("add", {Text(), Text()}), "str");
  EXPECT_EQ(TypeOf("str.len", {Text()}), "int64");
  const Column time = FieldColumn("t", arrow::timestamp(arrow::TimeUnit::NANO));
  EXPECT_EQ(TypeOf("sub", {time, time}), "timedelta64[ns]");
  EXPECT_EQ(TypeOf("dt.year", {time}), "int32");
}

TEST(ColumnFunctions, WrongTypesFailAsInPandas) {
  EXPECT_THAT(TypeOf("add", {Text(), X()}), HasSubstr("unsupported operand type(s) for +: 'str' and 'int64'"));
  EXPECT_THAT(TypeOf("lt", {Text(), X()}), HasSubstr("Invalid comparison between dtype=str and int64"));
  EXPECT_EQ(TypeOf("eq", {Text(), X()}), "bool");
  EXPECT_THAT(TypeOf("invert", {Y()}), HasSubstr("bad operand type for unary ~: 'float64'"));
  EXPECT_THAT(TypeOf("str.upper", {X()}), HasSubstr("Can only use .str accessor with string values, not int64"));
  EXPECT_THAT(TypeOf("dt.year", {X()}), HasSubstr("Can only use .dt accessor with datetimelike values"));
  EXPECT_THAT(TypeOf("fillna", {X(), LiteralColumn(std::make_shared<arrow::LargeStringScalar>("a"))}),
              HasSubstr("Invalid value 'a' for dtype 'int64'"));
  EXPECT_THAT(TypeOf("pow", {X(), Weak(int64_t{-1})}), HasSubstr("negative integer powers"));
  EXPECT_THAT(TypeOf("str.lowr", {Text()}), HasSubstr("did you mean 'str.lower'"));
  EXPECT_THAT(TypeOf("add", {X()}), HasSubstr("takes 2 to 2 arguments, not 1"));
}

TEST(ColumnFunctions, TextBesideDatesIsParsed) {
  const Column time = FieldColumn("t", arrow::timestamp(arrow::TimeUnit::SECOND));
  const Column text = LiteralColumn(std::make_shared<arrow::LargeStringScalar>("2013-01-31"));
  EXPECT_THAT(CallColumn("gt", {time, text})->expression.ToString(), HasSubstr("2013-01-31 00:00:00"));
  EXPECT_THAT(TypeOf("gt", {time, LiteralColumn(std::make_shared<arrow::LargeStringScalar>("soon"))}),
              HasSubstr("Invalid comparison between dtype=datetime64[s] and str"));
}

TEST(FrameNode, UnknownColumnsFailWhenTheNodeIsMade) {
  const FramePtr scan = FakeScan();
  EXPECT_THAT(ViewOf(scan).Get("xx").status().message(), HasSubstr("did you mean 'x'"));
  const auto missing = AggregateNode::Make(scan, {.keys = {"kk"}});
  EXPECT_TRUE(missing.status().IsKeyError());
  const auto mean = AggregateNode::Make(scan, {.aggregations = {{.function = "mean", .column = "k", .output = "k"}}});
  EXPECT_TRUE(mean.status().IsTypeError());
  EXPECT_THAT(mean.status().message(), HasSubstr("'str'"));
  EXPECT_TRUE(FilterNode::Make(scan, X()).status().IsTypeError());
  EXPECT_TRUE(PartitionsNode::Make(scan, {4}).status().IsIndexError());
  EXPECT_TRUE(LimitNode::Make(scan, 5, 9, false).status().IsInvalid());
}

TEST(FrameNode, EqualExpressionsAreOneNode) {
  const FramePtr scan = FakeScan();
  const auto filter = [&](double limit) { return *FilterNode::Make(scan, *CallColumn("gt", {Y(), Weak(limit)})); };
  EXPECT_EQ(filter(0.1), filter(0.1));
  EXPECT_NE(filter(0.1), filter(0.1 + 1e-17 * 2));
}

TEST(FrameNode, LongValueSetsAreNotConfused) {
  const auto set = [](int64_t last) {
    arrow::Int64Builder builder;
    for (int64_t i = 0; i < 1000; ++i) EXPECT_TRUE(builder.Append(i == 500 ? last : i).ok());
    return *IsIn(X(), *builder.Finish());
  };
  const FramePtr scan = FakeScan();
  const FramePtr a = *FilterNode::Make(scan, set(-1)), b = *FilterNode::Make(scan, set(-2));
  EXPECT_NE(a->token(), b->token());
}

TEST(FrameView, ProjectionsStayFlat) {
  const FramePtr scan = FakeScan();
  FrameView view = ViewOf(scan);
  view.columns.push_back({"w", *CallColumn("add", {X(), Weak(int64_t{1})})});
  const FramePtr once = *FrameOf(view);
  view = ViewOf(once);
  EXPECT_EQ(view.root, scan);
  view.columns.push_back({"v", *CallColumn("mul", {view.Find("w")->column, Weak(int64_t{2})})});
  const FramePtr twice = *FrameOf(view);
  EXPECT_EQ(twice->inputs()[0], scan);
  EXPECT_THAT(twice->Describe(), HasSubstr("v = (x + 1) * 2"));
}

TEST(Unite, DifferentTablesArePairedOrRefused) {
  std::vector<RootedColumn> same{{FakeScan(4), X()}, {FakeScan(4), Y()}};
  EXPECT_EQ(*Unite(&same), FakeScan(4));
  const FramePtr other = *ProjectNode::Make(FakeScan(4, {{"k", "k"}}), {{"x", X()}}, {});
  std::vector<RootedColumn> paired{{FakeScan(4), X()}, {other, X()}};
  const FramePtr zip = *Unite(&paired);
  EXPECT_EQ(zip->op(), ZipNode::kOp);
  EXPECT_NE(FieldsOf(paired[0].column.expression), FieldsOf(paired[1].column.expression));
  std::vector<RootedColumn> apart{{FakeScan(4), X()}, {FakeScan(5), X()}};
  EXPECT_THAT(Unite(&apart).status().message(), HasSubstr("tables of 4 and 5 partitions"));
}

TEST(ShareCommonExpressions, RepeatedCallsAreComputedOnce) {
  const Column product = *CallColumn("mul", {X(), Weak(int64_t{3})});
  const Column more = *CallColumn("add", {product, product});
  const auto steps = ShareCommonExpressions({{"a", "b", "y"}, {product.expression, more.expression, Y().expression}});
  ASSERT_EQ(steps.size(), 2);
  EXPECT_THAT(steps[0].names, testing::ElementsAre("%0", "y"));
  EXPECT_EQ(steps[1].expressions[1].ToString(), "add(%0, %0)");
  EXPECT_EQ(ShareCommonExpressions({{"y"}, {Y().expression}}).size(), 1);
}

}  // namespace
}  // namespace swath::expr
