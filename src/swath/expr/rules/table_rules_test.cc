// Each table rule: the plan before, the plan after.
#include <gmock/gmock.h>

#include "arrow/scalar.h"

#include "swath/expr/frame/aggregate.h"
#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/concat.h"
#include "swath/expr/frame/order.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"
#include "swath/expr/passes.h"
#include "swath/expr/rules/fake_scan.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {
namespace {

Column Field(const FramePtr& frame, const std::string& name) {
  return FieldColumn(name, frame->schema()->GetFieldByName(name)->type());
}
Column Number(int64_t value) { return LiteralColumn(arrow::MakeScalar(value), true); }
Column Compare(const FramePtr& frame, const char* function, const std::string& name, int64_t value) {
  return *CallColumn(function, {Field(frame, name), Number(value)});
}

// One line a node, indented below the node that reads it.
std::string Lines(const NodePtr& node, int depth = 0) {
  std::string text = std::string(static_cast<size_t>(depth) * 2, ' ') + node->Describe();
  text = text.substr(0, text.find("  ", static_cast<size_t>(depth) * 2)) + "\n";
  for (const NodePtr& input : node->inputs()) text += Lines(input, depth + 1);
  return text;
}

std::string After(Rule rule, const NodePtr& root) { return Lines((*RewriteBottomUp({root}, rule))[0]); }

TEST(MergeFilters, TwoBecomeOne) {
  const FramePtr scan = FakeScan();
  const FramePtr once = *FilterNode::Make(scan, Compare(scan, "gt", "x", 1));
  const FramePtr twice = *FilterNode::Make(once, Compare(scan, "lt", "z", 9));
  EXPECT_EQ(Lines(twice), "filter(z < 9)\n  filter(x > 1)\n    scan(fake[k, x, y, z])\n");
  EXPECT_EQ(After(MergeFilters, twice), "filter((x > 1) and (z < 9))\n  scan(fake[k, x, y, z])\n");
}

TEST(MergeFilters, MoveBelowProjectionAndConcat) {
  const FramePtr scan = FakeScan();
  const FramePtr project = *ProjectNode::Make(scan, {{"w", *CallColumn("add", {Field(scan, "x"), Number(1)})}}, {});
  EXPECT_EQ(After(MergeFilters, *FilterNode::Make(project, Compare(project, "gt", "w", 3))),
            "project([w = x + 1])\n  filter((x + 1) > 3)\n    scan(fake[k, x, y, z])\n");
  const FramePtr both = *ConcatNode::Make({scan, FakeScan(2)});
  EXPECT_EQ(After(MergeFilters, *FilterNode::Make(both, Compare(both, "gt", "x", 3))),
            "concat\n  filter(x > 3)\n    scan(fake[k, x, y, z])\n  filter(x > 3)\n    scan(fake[k, x, y, z])\n");
}

TEST(PrunePartitions, MoveIntoTheScan) {
  const FramePtr scan = FakeScan(4);
  const FramePtr filter = *FilterNode::Make(scan, Compare(scan, "gt", "x", 1));
  const FramePtr chosen = *PartitionsNode::Make(filter, {1, 2});
  const auto after = *RewriteBottomUp({*RewriteBottomUp({chosen}, PrunePartitions)}, PrunePartitions);
  EXPECT_EQ(Lines(after[0]), "filter(x > 1)\n  scan(fake[k, x, y, z])\n");
  EXPECT_EQ(AsFrame(after[0])->npartitions(), 2);
  const auto& pruned = static_cast<const ScanNode&>(*after[0]->inputs()[0]);
  EXPECT_THAT(pruned.options().partitions, testing::ElementsAre(1, 2));
}

TEST(PrunePartitions, GapsStayAChoice) {
  const FramePtr chosen = *PartitionsNode::Make(FakeScan(4), {0, 2});
  EXPECT_EQ(After(PrunePartitions, chosen), "partitions([0, 2])\n  scan(fake[k, x, y, z])\n");
}

TEST(LimitRows, HeadOfSortIsTop) {
  const FramePtr sorted = *OrderNode::Make(FakeScan(), {.keys = {{"x", true}}});
  const FramePtr head = *LimitNode::Make(sorted, 3, 1, false);
  EXPECT_EQ(Lines(head), "head(3)\n  sort([x descending])\n    scan(fake[k, x, y, z])\n");
  EXPECT_EQ(After(LimitRows, head), "top(3, [x descending])\n  scan(fake[k, x, y, z])\n");
}

TEST(CountRows, LooksAtNoColumn) {
  const FramePtr scan = FakeScan();
  const FramePtr project = *ProjectNode::Make(scan, {{"w", Field(scan, "x")}}, {});
  EXPECT_EQ(After(CountRows, *CountNode::Make(project)), "len\n  scan(fake[k, x, y, z])\n");
}

TEST(ShareAggregations, OneReadForManyReductions) {
  const FramePtr scan = FakeScan();
  const auto reduce = [&](const char* function, const char* column) {
    const FramePtr alone = *ProjectNode::Make(scan, {{"value", Field(scan, column)}}, {});
    return *AggregateNode::Make(alone,
                                {.aggregations = {{.function = function, .column = "value", .output = "value"}}});
  };
  const std::vector<NodePtr> roots{reduce("mean", "x"), reduce("max", "y"), reduce("mean", "x")};
  const auto after = *ShareAggregations(roots);
  EXPECT_EQ(Lines(after[0]),
            "project([value = #0])\n  reduce([mean(x), max(y)])\n    project([x, y])\n      scan(fake[k, x, y, z])\n");
  EXPECT_EQ(after[0]->inputs()[0], after[1]->inputs()[0]);
  EXPECT_EQ(after[0], after[2]);
}

TEST(ShareAggregations, WhatWaitsForAnotherStaysApart) {
  const FramePtr scan = FakeScan();
  const FramePtr mean =
      *AggregateNode::Make(scan, {.aggregations = {{.function = "mean", .column = "x", .output = "value"}}});
  const FramePtr centred =
      *ProjectNode::Make(scan, {{"value", *CallColumn("sub", {Field(scan, "x"), ScalarColumn(mean)})}}, {});
  const FramePtr sum =
      *AggregateNode::Make(centred, {.aggregations = {{.function = "sum", .column = "value", .output = "value"}}});
  EXPECT_EQ(Lines((*ShareAggregations({sum}))[0]), Lines(sum));
}

TEST(PruneColumns, ScansReadWhatIsUsed) {
  const FramePtr scan = FakeScan();
  const FramePtr rows = *FilterNode::Make(scan, Compare(scan, "gt", "z", 0));
  const FramePtr means =
      *AggregateNode::Make(rows, {.keys = {"k"}, .aggregations = {{.function = "mean", .column = "y", .output = "y"}}});
  EXPECT_EQ(Lines((*PruneColumns({means}))[0]), "groupby([k], [mean(y)])\n  filter(z > 0)\n    scan(fake[k, y, z])\n");
}

TEST(PruneColumns, RootsKeepTheirSchema) {
  const FramePtr scan = FakeScan();
  const FramePtr project =
      *ProjectNode::Make(scan, {{"w", Field(scan, "x")}, {kRowColumn, Field(scan, kRowColumn)}}, scan->index());
  const auto after = *PruneColumns({project});
  EXPECT_TRUE(AsFrame(after[0])->schema()->Equals(*project->schema()));
  EXPECT_EQ(Lines(after[0]), "project([w = x])\n  scan(fake[x])\n");
}

TEST(PruneColumns, WhatIsKeptHoldsNoFilterColumns) {
  const FramePtr scan = FakeScan();
  const FramePtr rows = *FilterNode::Make(scan, Compare(scan, "gt", "z", 0));
  const FramePtr top = *OrderNode::Make(rows, {.keys = {{"y", true}}, .rows = 3});
  const FramePtr only = *ProjectNode::Make(top, {{"y", Field(top, "y")}}, {});
  EXPECT_EQ(
      Lines((*PruneColumns({only}))[0]),
      "project([y])\n  top(3, [y descending])\n    project([y])\n      filter(z > 0)\n        scan(fake[y, z])\n");
}

TEST(PruneColumns, RowsThatAreOnlyCountedKeepAColumn) {
  const FramePtr both = *ConcatNode::Make({FakeScan(), FakeScan(2)});
  EXPECT_EQ(Lines((*PruneColumns({*CountNode::Make(both)}))[0]),
            "len\n  concat\n    scan(fake[x])\n    scan(fake[x])\n");
  EXPECT_EQ(Lines((*PruneColumns({*CountNode::Make(FakeScan())}))[0]), "len\n  scan(fake[])\n");
}

TEST(PushPredicates, ScanIsTold) {
  const FramePtr scan = FakeScan(4, {{"k", "k"}});
  const Column both = *CallColumn("and", {Compare(scan, "gt", "x", 1), *CallColumn("isna", {Field(scan, "y")})});
  EXPECT_EQ(After(PushPredicates, *FilterNode::Make(scan, both)),
            "filter((x > 1) and is_null(y))\n  scan(fake[k, x, y, z | (x > 1)])\n");
}

TEST(PushPredicates, NotWhereRowsAreCounted) {
  const FramePtr scan = FakeScan();
  const FramePtr filter = *FilterNode::Make(scan, Compare(scan, "gt", "x", 1));
  EXPECT_EQ(After(PushPredicates, filter), Lines(filter));
}

}  // namespace
}  // namespace swath::expr
