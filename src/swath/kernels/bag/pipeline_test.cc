#include <atomic>

#include "arrow/table.h"

#include "swath/kernels/bag/kernels.h"
#include "swath/ops/bag_column.h"
#include "swath/ops/bag_pipeline.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace swath::kernels {
namespace {

using ops::BagExpression;
using ops::BagExpressionPtr;
using ops::BagItem;
using ops::BagPipeline;
using ops::BagSink;
using ops::BagStep;
using ::testing::ElementsAre;

Value Texts(const std::vector<std::string>& texts) {
  ops::ItemColumnBuilder builder(nullptr);
  for (const std::string& text : texts) EXPECT_TRUE(builder.Append(BagItem::Text(text)).ok());
  return builder.Finish().ValueOrDie();
}

std::vector<std::string> Reprs(const Value& value) {
  ops::ItemArena arena;
  std::vector<std::string> reprs;
  for (const BagItem& item : ops::ItemsOf(*value.partition(), &arena, nullptr).ValueOrDie()) {
    reprs.push_back(ItemRepr(item));
  }
  return reprs;
}

BagExpressionPtr Call(std::string_view function, std::vector<BagExpressionPtr> arguments) {
  return BagExpression::Call(function, std::move(arguments)).ValueOrDie();
}
BagExpressionPtr Loads() { return Call("loads", {BagExpression::Item()}); }
BagExpressionPtr Field(std::string_view name) {
  return Call("getitem", {BagExpression::Item(), BagExpression::Literal(BagItem::Text(name))});
}

// A function of the user's language that counts its calls and answers one text.
class Answer : public ops::FunctionCall {
 public:
  explicit Answer(std::string text) : text_(std::move(text)) {}
  std::string_view name() const override { return "answer"; }
  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext&) const override {
    rows = inputs[0].partition() ? inputs[0].partition()->table->num_rows() : -1;
    return Texts({text_});
  }
  mutable int64_t rows = -2;

 private:
  std::string text_;
};

Result<Value> RunOn(const BagPipeline& pipeline, const Value& input) {
  TaskContext context;
  return RunBagPipeline(pipeline, {&input, 1}, context);
}

BagPipeline Records(BagSink sink) {
  BagPipeline pipeline;
  pipeline.item_inputs = 1;
  pipeline.steps = {BagStep{.kind = BagStep::Kind::kMap, .expression = Loads()}};
  pipeline.sink = std::move(sink);
  return pipeline;
}

TEST(BagPipeline, ReadsJsonLikePython) {
  const auto one = [](const std::string& text) {
    const auto made = RunOn(Records({}), Texts({text}));
    return made.ok() ? Reprs(*made)[0] : "error";
  };
  EXPECT_EQ(one(R"({"a": 1, "a": 2, "b": {"c": [1.5, null, true]}})"), "{'a': 2, 'b': {'c': [1.5, None, True]}}");
  EXPECT_EQ(one(" 7 \n"), "7");
  EXPECT_EQ(one("-0"), "0");
  EXPECT_EQ(one("1e2"), "100.0");
  EXPECT_EQ(one("9223372036854775807"), "9223372036854775807");
  for (const char* left_to_python :
       {"9223372036854775808", "1e999", "NaN", "", "[1,]", "{\"a\": tru}", "1 2", "\"\\ud800\"",
        "\xEF\xBB\xBF"
        "1"}) {
    EXPECT_EQ(one(left_to_python), "error") << left_to_python;
  }
}

TEST(BagPipeline, FallsBackForTheWholePartition) {
  BagPipeline pipeline = Records({});
  const auto answer = std::make_shared<Answer>("python");
  pipeline.whole = answer;
  const auto native = RunOn(pipeline, Texts({"1", "2"}));
  ASSERT_TRUE(native.ok());
  EXPECT_EQ(answer->rows, -2) << "nothing falls back";
  const auto fallen = RunOn(pipeline, Texts({"1", "NaN", "2"}));
  ASSERT_TRUE(fallen.ok());
  EXPECT_EQ(answer->rows, 3) << "the function gets every item of the partition";
  EXPECT_THAT(Reprs(*fallen), ElementsAre("'python'"));
  // An opaque partition is Python's from the start.
  ASSERT_TRUE(RunOn(pipeline, Value(Object{"pickle5", nullptr, {}})).ok());
  EXPECT_EQ(answer->rows, -1);
  pipeline.whole = nullptr;
  EXPECT_TRUE(RunOn(pipeline, Value(Object{"pickle5", nullptr, {}})).status().IsTypeError());
}

TEST(BagPipeline, NativeUpToTheFirstFunction) {
  BagPipeline pipeline = Records({});
  const auto rest = std::make_shared<Answer>("rest");
  pipeline.rest = rest;
  pipeline.steps.push_back(BagStep{.kind = BagStep::Kind::kFilter, .expression = Field("keep")});
  const auto made = RunOn(pipeline, Texts({R"({"keep": 1})", R"({"keep": 0})", R"({"keep": "x"})"}));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(rest->rows, 2);
}

TEST(BagPipeline, ErrorsNameWhatPythonWouldRaise) {
  BagPipeline pipeline = Records({});
  pipeline.steps.push_back(BagStep{.kind = BagStep::Kind::kMap, .expression = Field("a")});
  const Status missing = RunOn(pipeline, Texts({R"({"b": 1})"})).status();
  EXPECT_TRUE(missing.IsKeyError());
  EXPECT_EQ(missing.message(), "'a'");
  EXPECT_TRUE(RunOn(pipeline, Texts({"[1]"})).status().IsTypeError());
  const auto zero = BagExpression::Literal(BagItem::Int(0));
  pipeline.steps.back().expression = Call("mod", {Field("a"), zero});
  EXPECT_EQ(RunOn(pipeline, Texts({R"({"a": 1})"})).status().message(), "integer modulo by zero");
}

TEST(BagPipeline, PartialsMergeInOrder) {
  BagSink sink{.kind = BagSink::Kind::kFrequencies};
  std::vector<Value> partials;
  for (const auto& lines : {std::vector<std::string>{"1", "\"a\""}, {"1.0", "true", "null"}, {}}) {
    partials.push_back(RunOn(Records(sink), Texts(lines)).ValueOrDie());
  }
  ops::BagMerge merge;
  merge.sink = sink;
  TaskContext context;
  const auto merged = RunBagMerge(merge, partials, context);
  ASSERT_TRUE(merged.ok());
  EXPECT_THAT(Reprs(*merged), ElementsAre("(1, 3)", "('a', 1)", "(None, 1)"));
  // What is no partial is an error, not a crash.
  const Value wrong = Texts({"x"});
  EXPECT_TRUE(RunBagMerge(merge, {&wrong, 1}, context).status().IsInvalid());
}

TEST(BagPipeline, CancelledTasksStop) {
  const std::atomic<bool> cancelled{true};
  TaskContext context;
  context.cancelled = &cancelled;
  const Value input = Texts({"1"});
  BagPipeline pipeline = Records({});
  pipeline.whole = std::make_shared<Answer>("python");
  EXPECT_TRUE(RunBagPipeline(pipeline, {&input, 1}, context).status().IsCancelled());
}

}  // namespace
}  // namespace swath::kernels
