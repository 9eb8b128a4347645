// Graphs of calls: levels between collections, one layer a level, and graphs deeper than the stack.
#include "swath/expr/lower/delayed.h"

#include <gtest/gtest.h>

#include "swath/expr/array/source.h"
#include "swath/expr/delayed/delayed_node.h"

namespace swath::expr {
namespace {

class NamedCall : public ops::FunctionCall {
 public:
  explicit NamedCall(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  Result<Value> Call(std::span<const Value>, const ops::CallContext&) const override { return Value(); }

 private:
  std::string name_;
};

ops::FunctionCallPtr Named(std::string name) { return std::make_shared<NamedCall>(std::move(name)); }

NodePtr Call(std::string name, std::vector<NodePtr> inputs = {}) {
  return *MakeDelayed(Named(std::move(name)), std::move(inputs));
}

ArrayPtr Ones(int64_t length, int64_t chunk) {
  std::vector<int64_t> lengths(static_cast<size_t>(length / chunk), chunk);
  return *MakeFull(ops::ScalarConstant::Float(1), ops::Grid({lengths}));
}

TEST(Delayed, EqualTokensAreOneCall) {
  const Token token = TokenBuilder("test").Add(int64_t{1}).Finish();
  const NodePtr one = *MakeDelayed(Named("f"), {}, token);
  EXPECT_EQ(one, *MakeDelayed(Named("f"), {}, token));
  EXPECT_NE(Call("f"), Call("f")) << "without a token every call is its own";
}

TEST(Delayed, ReadsCallsOnly) {
  EXPECT_TRUE(MakeDelayed(Named("f"), {Ones(4, 2)}).status().IsTypeError());
  EXPECT_TRUE(MakeDelayedOn(Named("f"), Call("g"), 0).status().IsTypeError());
}

TEST(Delayed, OneLayerForCallsThatNeedNoCollection) {
  const NodePtr a = Call("inc"), b = Call("inc");
  const NodePtr sum = Call("add", {a, b});
  const Plan plan = *MakePlan({sum, a});
  ASSERT_EQ(plan.graph->layers().size(), 1U);
  EXPECT_EQ(plan.graph->task_count(), 3);
  std::vector<graph::TaskId> reads;
  plan.graph->AppendDependencies(plan.graph->wanted()[0], &reads);
  ASSERT_EQ(reads.size(), 2U);
  EXPECT_EQ(plan.graph->wanted()[1], reads[0]) << "the first input of add is a";
  EXPECT_EQ(plan.outputs[1].first, 1);
  EXPECT_EQ(plan.outputs[1].count, 1);
}

TEST(Delayed, LayersAreNamedAfterTheFunctionTheyShare) {
  const NodePtr inc = Call("inc");
  EXPECT_EQ(MakePlan({inc})->graph->layers()[0].layer->name(), "inc");
  EXPECT_EQ(MakePlan({Call("add", {inc})})->graph->layers()[0].layer->name(), "delayed");
}

TEST(Delayed, ABridgeReadsOneBlockOrAll) {
  const ArrayPtr x = Ones(6, 2);
  const NodePtr all = *MakeDelayedOn(Named("finish"), x, kAllBlocks), second = *MakeDelayedOn(Named("block"), x, 1);
  const Plan plan = *MakePlan({all, second});
  std::vector<graph::TaskId> reads;
  plan.graph->AppendDependencies(plan.graph->wanted()[0], &reads);
  EXPECT_EQ(reads.size(), 3U);
  reads.clear();
  plan.graph->AppendDependencies(plan.graph->wanted()[1], &reads);
  ASSERT_EQ(reads.size(), 1U);
  EXPECT_EQ(reads[0].block(), 1);
  EXPECT_TRUE(MakePlan({*MakeDelayedOn(Named("block"), x, 3)}).status().IsIndexError());
}

TEST(Delayed, CallsAndCollectionsAlternateInLevels) {
  const NodePtr load = Call("load");
  const NodePtr finish = *MakeDelayedOn(Named("finish"), Ones(6, 2), kAllBlocks);
  const NodePtr both = Call("both", {load, finish});
  const CallLevels levels = FindCalls({both, Ones(6, 2)});
  ASSERT_EQ(levels.levels.size(), 2U);
  EXPECT_TRUE(levels.levels[0].calls.empty());
  EXPECT_EQ(levels.levels[0].collections.size(), 1U) << "a bridge's input and a root are one collection";
  EXPECT_EQ(levels.levels[1].calls.size(), 3U);
  EXPECT_EQ(levels.levels[1].calls.back(), both) << "after what it reads";
  EXPECT_FALSE(FindCalls({Ones(6, 2)}).has_calls());
}

TEST(Delayed, ChainsMayBeDeeperThanTheStack) {
  NodePtr last = Call("start");
  for (int i = 0; i < 300'000; ++i) last = Call("next", {std::move(last)});
  const Plan plan = *MakePlan({last});
  EXPECT_EQ(plan.graph->task_count(), 300'001);
  EXPECT_FALSE(Explain({last})->empty());
  last.reset();  // destroyed without recursion
}

}  // namespace
}  // namespace swath::expr
