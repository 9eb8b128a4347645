// The order of groups by their first or last row, against a plain loop: over partitions, radix parts, levels of merging
// and spilling.
#include <map>
#include <random>

#include "arrow/array.h"
#include "arrow/array/builder_binary.h"
#include "arrow/compute/api_vector.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/kernels/registry.h"
#include "swath/ops/table_ops.h"

#include "gtest/gtest.h"

namespace swath::kernels {
namespace {

class MapSpill : public SpillSink {
 public:
  Result<int64_t> Write(const Value& value) override {
    values_.emplace(++last_, value);
    return last_;
  }
  Result<Value> Read(int64_t id) override { return values_.at(id); }
  void Remove(int64_t id) override { values_.erase(id); }
  int64_t written() const { return last_; }

 private:
  int64_t last_ = 0;
  std::map<int64_t, Value> values_;
};

Value Run(std::string_view op, const ops::OpParams& params, std::span<const Value> inputs, TaskContext context) {
  auto value = FindKernel(op).ValueOrDie()(params, inputs, context);
  EXPECT_TRUE(value.ok()) << value.status();
  return *value;
}

// The keys of the groups of `partitions`, in their order.
std::vector<std::string> Keys(const std::vector<std::shared_ptr<arrow::Table>>& partitions,
                              const ops::AggregateSink& sink, bool tree, TaskContext context) {
  std::vector<Value> partials;
  for (context.block = 0; context.block < static_cast<int64_t>(partitions.size()); ++context.block) {
    ops::TablePipeline pipeline;
    pipeline.sink = sink;
    const Value input = Partition{partitions[static_cast<size_t>(context.block)]};
    partials.push_back(Run(ops::TablePipeline::kOp, pipeline, std::span(&input, 1), context));
  }
  ops::MergeGroupsParams merge;
  merge.groups = sink;
  merge.sort = false;
  context.block = 0;
  if (tree) {
    merge.finish = false;
    partials = {Run(ops::MergeGroupsParams::kOp, merge, std::span(partials).subspan(0, 2), context),
                Run(ops::MergeGroupsParams::kOp, merge, std::span(partials).subspan(2), context)};
    merge.finish = true;
  }
  merge.part_tasks = int64_t{1} << sink.radix_bits;
  std::vector<Value> parts;
  for (; context.block < merge.part_tasks; ++context.block)
    parts.push_back(Run(ops::MergeGroupsParams::kOp, merge, partials, context));
  ops::TableConcatParams concat;
  if (sink.radix_bits > 0) {
    concat.sort_by = {{ops::kGroupRowColumn, false}};
    concat.drop = {ops::kGroupRowColumn};
  }
  const Value groups = Run(ops::TableConcatParams::kOp, concat, parts, context);
  EXPECT_EQ(groups.partition()->table->num_columns(), 1);
  std::vector<std::string> keys;
  for (const auto& chunk : groups.partition()->table->column(0)->chunks()) {
    const auto& texts = static_cast<const arrow::LargeStringArray&>(*chunk);
    for (int64_t i = 0; i < texts.length(); ++i) keys.push_back(texts.GetString(i));
  }
  return keys;
}

TEST(RowOrderTest, IsThatOfTheRows) {
  InitializeKernels();
  for (uint64_t seed = 0; seed < 24; ++seed) {
    std::mt19937_64 random(seed);
    const bool last = seed % 2 == 1;
    const bool spills = seed % 3 == 0;
    std::vector<std::shared_ptr<arrow::Table>> partitions;
    std::map<std::string, int64_t> row_of;
    int64_t row = 0;
    for (int p = 0; p < 5; ++p) {
      arrow::LargeStringBuilder builder;
      for (int i = 0; i < 4000; ++i, ++row) {
        const std::string key = "key " + std::to_string(random() % 3000);
        ASSERT_TRUE(builder.Append(key).ok());
        const auto [at, fresh] = row_of.emplace(key, row);
        if (last) at->second = row;
      }
      const auto schema = arrow::schema({arrow::field("k", arrow::large_utf8())});
      partitions.push_back(arrow::Table::Make(schema, {builder.Finish().ValueOrDie()}));
    }
    std::map<int64_t, std::string> by_row;
    for (const auto& [key, at] : row_of) by_row.emplace(at, key);
    std::vector<std::string> expected;
    for (const auto& [at, key] : by_row) expected.push_back(key);
    const ops::AggregateSink sink{.keys = {"k"},
                                  .radix_bits = seed % 4 == 0 ? 0 : 3,
                                  .order = last ? ops::GroupOrder::kLastRow : ops::GroupOrder::kFirstRow};
    MapSpill spill;
    TaskContext context;
    context.memory_pool = arrow::default_memory_pool();
    context.spill = &spill;
    if (spills) context.memory_budget_bytes = 64 << 10;
    ASSERT_EQ(Keys(partitions, sink, seed % 5 == 0, context), expected) << "seed " << seed;
    EXPECT_EQ(spill.written() > 0, spills) << "seed " << seed;
  }
}

}  // namespace
}  // namespace swath::kernels
