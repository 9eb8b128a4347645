// The optimizer rules of arrays: plans before and after, as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arrow/buffer.h"

#include "swath/expr/array/blocks.h"
#include "swath/expr/array/elementwise.h"
#include "swath/expr/array/indexing.h"
#include "swath/expr/array/reduction.h"
#include "swath/expr/array/source.h"
#include "swath/expr/array/tile.h"
#include "swath/expr/array/view.h"
#include "swath/expr/lower/lower.h"
#include "swath/expr/passes.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ops::Grid Blocks(std::vector<std::vector<int64_t>> chunks) { return ops::Grid(std::move(chunks)); }

// A stored 6 × 8 matrix in six blocks; `which` makes different ones.
ArrayPtr Stored(int64_t which = 0) {
  static std::vector<std::shared_ptr<arrow::Buffer>> memory(4);
  if (!memory[which]) memory[which] = *arrow::AllocateBuffer(6 * 8 * 8);
  const Chunk chunk(kFloat64, {6, 8}, {64, 8}, 0, memory[which]);
  return *MakeFromChunk(chunk, Blocks({{2, 2, 2}, {4, 4}}));
}
ArrayPtr Random(int64_t n = 100) {
  return *MakeRandom("random", {}, {1, 2}, kFloat64, Blocks({{n / 2, n / 2}, {n / 2, n / 2}}));
}
ArrayPtr Call(std::string_view op, std::vector<ArrayOperand> operands) { return *MakeElementwise(op, operands); }
ArrayPtr Reduce(std::string_view name, const ArrayPtr& x, std::optional<std::vector<int64_t>> axes = std::nullopt) {
  return *MakeReduction(name, x, {.axes = axes});
}
std::string Apply(Rule rule, const NodePtr& node) { return PlanText(*RewriteBottomUp({node}, rule)); }
std::string Fuse(std::vector<NodePtr> roots) { return PlanText(*FuseArrays(std::move(roots))); }

TEST(Intern, EqualExpressionsAreOneNode) {
  const ArrayPtr x = Stored();
  EXPECT_EQ(Call("add", {x, 1}), Call("add", {x, 1}));
  EXPECT_NE(Call("add", {x, 1}), Call("add", {x, 2}));
  EXPECT_NE(Call("add", {x, 1}), Call("subtract", {x, 1}));
  EXPECT_NE(Reduce("sum", x, {{0}}), Reduce("sum", x, {{1}}));
}

TEST(LocationScope, MarksNodesAndErrors) {
  LocationScope scope("tour.py:12");
  EXPECT_EQ(Call("add", {Stored(), 12345})->location(), "tour.py:12");
}

TEST(MergeViews, TransposeOfTransposeIsNothing) {
  const ArrayPtr x = Stored();
  const ArrayPtr twice = *MakeTranspose(*MakeTranspose(x, {}), {});
  EXPECT_THAT(PlanText({twice}), HasSubstr("transpose(1, 0)"));
  EXPECT_EQ(*RewriteBottomUp({twice}, MergeViews), std::vector<NodePtr>{x});
}

TEST(MergeViews, RechunkOfRechunkIsTheLast) {
  const ArrayPtr x = Stored();
  const ArrayPtr y = *MakeRechunk(*MakeRechunk(x, ChunkSpec{6, 1}), ChunkSpec{3, 8});
  EXPECT_EQ(PlanText({y}),
            "  rechunk  (6, 8) float64 in 2 chunks\n  └─ rechunk  (6, 8) float64 in 8 chunks\n     └─ from_array  (6, "
            "8) float64 in 6 chunks\n");
  EXPECT_EQ(Apply(MergeViews, y),
            "  rechunk  (6, 8) float64 in 2 chunks\n  └─ from_array  (6, 8) float64 in 6 chunks\n");
}

TEST(MergeViews, SliceOfSliceOfTranspose) {
  const ArrayPtr x = Stored();
  const ArrayPtr y = *MakeIndex(*MakeIndex(*MakeTranspose(x, {}), {Slice{1, 8, 2}, int64_t{3}}), {Slice{{}, {}, -1}});
  const NodePtr merged = (*RewriteBottomUp({y}, MergeViews))[0];
  const auto* view = dynamic_cast<const ViewNode*>(merged.get());
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(view->inputs()[0], x);
  EXPECT_EQ(view->map(), (ops::IndexMap{{-1, 1, 3}, {0, -2, 7}}));
}

TEST(MergeViews, LeavesASingleViewAlone) {
  const ArrayPtr y = *MakeTranspose(Stored(), {});
  EXPECT_EQ((*RewriteBottomUp({y}, MergeViews))[0], y);
}

TEST(PushSlice, MovesBelowElementwise) {
  const ArrayPtr y = *MakeIndex(Call("add", {Stored(), Stored(1)}), {int64_t{0}});
  EXPECT_EQ(Apply(PushSlice, y),
            "  add  (8,) float64 in 2 chunks\n"
            "  ├─ slice[0, :]  (8,) float64 in 2 chunks\n"
            "  │  └─ from_array  (6, 8) float64 in 6 chunks\n"
            "  └─ slice[0, :]  (8,) float64 in 2 chunks\n"
            "     └─ from_array  (6, 8) float64 in 6 chunks\n");
}

TEST(PushSlice, KeepsBroadcastAxes) {
  const ArrayPtr row = *MakeIndex(Stored(1), {int64_t{2}});
  const ArrayPtr y = *MakeIndex(Call("multiply", {Stored(), row}), {Slice{0, 2}, Slice{5, 8}});
  const NodePtr pushed = (*RewriteBottomUp({y}, PushSlice))[0];
  EXPECT_EQ(pushed->op(), "elementwise");
  EXPECT_EQ(AsArray(pushed)->grid(), y->grid());
}

TEST(PushSlice, MovesBelowReductionsAlongKeptAxes) {
  const ArrayPtr y = *MakeIndex(Reduce("sum", Stored(), {{0}}), {Slice{0, 2}});
  EXPECT_EQ(Apply(PushSlice, y),
            "  sum(axis=0)  (2,) float64\n"
            "  └─ slice[:, :2]  (6, 2) float64 in 3 chunks\n"
            "     └─ from_array  (6, 8) float64 in 6 chunks\n");
}

TEST(PushSlice, DoesNotFireForLargeSlices) {
  const ArrayPtr y = *MakeIndex(Call("add", {Stored(), 1}), {Slice{1, 6}});
  EXPECT_EQ((*RewriteBottomUp({y}, PushSlice))[0], y);
}

TEST(PlanRechunk, GoesThroughTilesWhenBlocksAreReadInManyPieces) {
  const Chunk chunk(kFloat64, {1024, 1024}, {0, 0}, 0, *arrow::AllocateBuffer(8));
  const ArrayPtr columns = *MakeFromChunk(chunk, Blocks({{1024}, std::vector<int64_t>(1024, 1)}));
  const ArrayPtr rows = *MakeRechunk(columns, ChunkSpec{1, 1024});
  EXPECT_EQ(Apply(PlanRechunk, rows),
            "  rechunk  (1024, 1024) float64 in 1024 chunks\n"
            "  └─ rechunk stage  (1024, 1024) float64 in 1024 chunks\n"
            "     └─ from_array  (1024, 1024) float64 in 1024 chunks\n");
  const Plan plan = *MakePlan({rows});
  EXPECT_EQ(plan.graph->layers().size(), 3u);  // neither merging nor fusion takes the stage away
}

TEST(PlanRechunk, IsDirectWhenThePiecesAreFew) {
  const ArrayPtr y = *MakeRechunk(Stored(), ChunkSpec{1, 8});
  EXPECT_EQ((*RewriteBottomUp({y}, PlanRechunk))[0], y);
}

TEST(Fuse, TheExampleNeverStoresX) {
  const ArrayPtr x = Random();
  const ArrayPtr y = Call("subtract", {Call("add", {x, *MakeTranspose(x, {})}), Reduce("mean", x, {{1}})});
  EXPECT_EQ(Fuse({Reduce("sum", y)}),
            "  fused ((random() + random()) - c) → sum(axis=0,1)  () float64\n"
            "  └─ fused random() → mean(axis=1)  (100,) float64 in 2 chunks\n");
}

TEST(Fuse, OneReaderIsInside) {
  const ArrayPtr x = Stored();
  EXPECT_EQ(Fuse({Reduce("sum", Call("sqrt", {Call("add", {x, 1})}), {{1}})}),
            "  fused sqrt((a + 1)) → sum(axis=1)  (6,) float64 in 3 chunks\n"
            "  └─ from_array  (6, 8) float64 in 6 chunks\n");
}

TEST(Fuse, ADiamondIsOneProgram) {
  const ArrayPtr z = Call("exp", {Stored()});
  EXPECT_EQ(Fuse({Call("multiply", {Call("add", {z, 1}), Call("subtract", {z, 1})})}),
            "  fused ((exp(a) + 1) * (exp(a) - 1))  (6, 8) float64 in 6 chunks\n"
            "  └─ from_array  (6, 8) float64 in 6 chunks\n");
}

TEST(Fuse, DearWorkThatTwoProgramsReadIsStoredOnce) {
  const ArrayPtr z = Call("exp", {Call("sin", {Call("log", {Stored()})})});
  const std::string plan = Fuse({Reduce("sum", z), Reduce("max", z)});
  EXPECT_THAT(plan, HasSubstr("(1) fused exp(sin(log(a)))"));
  EXPECT_THAT(plan, HasSubstr("(1) again"));
}

TEST(Fuse, CheapWorkIsDoneAgain) {
  const ArrayPtr z = Call("add", {Stored(), 1});
  EXPECT_THAT(Fuse({Reduce("sum", z), Reduce("max", z)}), Not(HasSubstr("again")));
}

TEST(Fuse, AnArrayThatIsWantedIsStored) {
  const ArrayPtr x = Random();
  const std::string plan = Fuse({x, Reduce("mean", x)});
  EXPECT_THAT(plan, HasSubstr("fused a → mean(axis=0,1)  () float64\n  └─ fused random()  (100, 100)"));
}

TEST(Fuse, SmallWorkBeforeABroadcastIsNotRepeated) {
  const ArrayPtr row = Call("exp", {*MakeIndex(Stored(1), {int64_t{0}})});
  const std::string plan = Fuse({Call("add", {Stored(), row})});
  EXPECT_THAT(plan, HasSubstr("fused (a + b)  (6, 8)"));
  EXPECT_THAT(plan, HasSubstr("fused exp(a)  (8,)"));
}

TEST(Fuse, ProductsEndPrograms) {
  const ArrayPtr x = Random();
  const std::string plan = Fuse({Call("add", {*MakeMatmul(x, *MakeTranspose(x, {})), 1})});
  EXPECT_THAT(plan, HasSubstr("matmul  (100, 100) float64 in 4 chunks"));
}

TEST(Optimize, ReportsPassesAndHonoursDisabled) {
  const ArrayPtr y = Call("add", {*MakeTranspose(*MakeTranspose(Stored(), {}), {}), 1});
  const Optimized all = *Optimize({y});
  ASSERT_GE(all.reports.size(), 3u);
  EXPECT_TRUE(all.reports[0].fired);
  const std::vector<std::string> off{"fuse"};
  EXPECT_EQ((*Optimize({y}, off)).roots[0]->op(), "elementwise");
  const std::vector<std::string> wrong{"no-such-pass"};
  EXPECT_TRUE(Optimize({y}, wrong).status().IsInvalid());
}

TEST(Optimize, KeepsShapeAndDtype) {
  const ArrayPtr x = Stored();
  const std::vector<NodePtr> roots{Reduce("mean", Call("add", {x, *MakeIndex(x, {int64_t{0}})}), {{0}}),
                                   *MakeReshape(x, {48}), *MakeMatmul(x, *MakeTranspose(x, {}))};
  EXPECT_TRUE(CheckLegal(roots, (*Optimize(roots)).roots).ok());
  EXPECT_FALSE(CheckLegal(roots, {roots[1], roots[0], roots[2]}).ok());
}

TEST(Lowering, TheExampleIsAFewLayers) {
  const ArrayPtr x = Random();
  const ArrayPtr y = Call("subtract", {Call("add", {x, *MakeTranspose(x, {})}), Reduce("mean", x, {{1}})});
  const Plan plan = *MakePlan({Reduce("sum", y)});
  EXPECT_EQ(plan.graph->layers().size(), 4u);  // tiles and tree of each reduction
  EXPECT_EQ(plan.graph->task_count(), 4 + 2 + 4 + 1);
}

}  // namespace
}  // namespace swath::expr
