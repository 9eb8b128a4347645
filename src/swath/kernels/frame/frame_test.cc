// The kernels of tables against plain loops: group-by over chunkings, nulls, dictionaries and spilling; the pipeline's
// sinks.
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "arrow/array.h"
#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/expression.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/kernels/registry.h"
#include "swath/ops/table_ops.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace swath::kernels {
namespace {

using ::testing::HasSubstr;
namespace cp = arrow::compute;

class MemorySpill : public SpillSink {
 public:
  Result<int64_t> Write(const Value& value) override {
    values_.push_back(value);
    return static_cast<int64_t>(values_.size()) - 1;
  }
  Result<Value> Read(int64_t id) override { return values_[static_cast<size_t>(id)]; }
  void Remove(int64_t) override {}
  size_t written() const { return values_.size(); }

 private:
  std::vector<Value> values_;
};

struct Row {
  std::optional<std::string> key;
  std::optional<int64_t> number;
  std::optional<double> x;
};

struct Data {
  std::vector<Row> rows;
  std::vector<std::shared_ptr<arrow::Table>> partitions;
};

Data MakeData(int64_t rows, int keys, int partitions, bool dictionary, uint32_t seed) {
  std::mt19937 random(seed);
  Data data;
  for (int64_t i = 0; i < rows; ++i) {
    Row row;
    if (random() % 11) row.key = "key " + std::to_string(random() % static_cast<uint32_t>(keys));
    if (random() % 7) row.number = static_cast<int64_t>(random() % 5) - 2;
    if (random() % 5) row.x = static_cast<double>(random() % 1000) / 8 - 50;
    if (random() % 17 == 0) row.x = std::numeric_limits<double>::quiet_NaN();
    data.rows.push_back(row);
  }
  const auto at = [&](int p) { return rows * p / partitions; };
  for (int p = 0; p < partitions; ++p) {
    arrow::LargeStringBuilder key;
    arrow::Int64Builder number;
    arrow::DoubleBuilder x;
    for (int64_t i = at(p); i < at(p + 1); ++i) {
      const Row& row = data.rows[static_cast<size_t>(i)];
      EXPECT_TRUE((row.key ? key.Append(*row.key) : key.AppendNull()).ok());
      EXPECT_TRUE((row.number ? number.Append(*row.number) : number.AppendNull()).ok());
      EXPECT_TRUE((row.x ? x.Append(*row.x) : x.AppendNull()).ok());
    }
    std::shared_ptr<arrow::Array> keys_array = key.Finish().ValueOrDie();
    if (dictionary) keys_array = cp::DictionaryEncode(keys_array)->make_array();
    auto schema = arrow::schema({arrow::field("key", keys_array->type()), arrow::field("number", arrow::int64()),
                                 arrow::field("x", arrow::float64())});
    data.partitions.push_back(
        arrow::Table::Make(schema, {keys_array, number.Finish().ValueOrDie(), x.Finish().ValueOrDie()}));
  }
  return data;
}

Result<std::shared_ptr<arrow::Table>> RunOp(std::string_view op, const ops::OpParams& params,
                                            const std::vector<Value>& inputs, TaskContext context) {
  ASSIGN_OR_RETURN(const Kernel kernel, FindKernel(op));
  ASSIGN_OR_RETURN(const Value value, kernel(params, inputs, context));
  return value.partition()->table;
}

Result<std::shared_ptr<arrow::Table>> GroupBy(const Data& data, const ops::AggregateSink& sink, TaskContext context,
                                              int64_t part_tasks = 1, bool tree = false) {
  InitializeKernels();
  context.memory_pool = arrow::default_memory_pool();
  ASSIGN_OR_RETURN(const Kernel pipeline_kernel, FindKernel(ops::TablePipeline::kOp));
  ASSIGN_OR_RETURN(const Kernel merge_kernel, FindKernel(ops::MergeGroupsParams::kOp));
  std::vector<Value> partials;
  for (const auto& partition : data.partitions) {
    ops::TablePipeline pipeline;
    pipeline.sink = sink;
    const Value input = Partition{partition};
    ASSIGN_OR_RETURN(Value partial, pipeline_kernel(pipeline, std::span(&input, 1), context));
    partials.push_back(std::move(partial));
  }
  ops::MergeGroupsParams merge;
  merge.groups = sink;
  if (tree) {
    merge.finish = false;
    const size_t half = partials.size() / 2;
    ASSIGN_OR_RETURN(Value a, merge_kernel(merge, std::span(partials).subspan(0, half), context));
    ASSIGN_OR_RETURN(Value b, merge_kernel(merge, std::span(partials).subspan(half), context));
    partials = {a, b};
    merge.finish = true;
  }
  merge.part_tasks = part_tasks;
  std::vector<Value> parts;
  for (context.block = 0; context.block < part_tasks; ++context.block) {
    ASSIGN_OR_RETURN(Value part, merge_kernel(merge, partials, context));
    parts.push_back(std::move(part));
  }
  context.block = 0;
  ops::TableConcatParams concat;
  for (const std::string& key : sink.keys) concat.sort_by.push_back({key});
  return RunOp(ops::TableConcatParams::kOp, concat, parts, context);
}

ops::AggregateSink AllFunctions(std::vector<std::string> keys) {
  ops::AggregateSink sink;
  sink.keys = std::move(keys);
  for (const char* function :
       {"sum", "mean", "min", "max", "count", "var", "std", "nunique", "first", "last", "median"}) {
    sink.aggregations.push_back({.function = function, .column = "x", .output = function});
  }
  sink.aggregations.push_back({.function = "size", .output = "size"});
  sink.aggregations.push_back({.function = "sum", .column = "number", .output = "number_sum"});
  sink.aggregations.push_back({.function = "max", .column = "number", .output = "number_max"});
  sink.aggregations.push_back({.function = "prod", .column = "number", .output = "prod"});
  sink.aggregations.push_back({.function = "any", .column = "number", .output = "any"});
  sink.aggregations.push_back({.function = "sum", .column = "x", .output = "sum_all", .skipna = false});
  return sink;
}

using GroupKey = std::pair<std::optional<std::string>, std::optional<int64_t>>;

std::map<std::string, double> Expected(const std::vector<const Row*>& rows) {
  std::map<std::string, double> e;
  std::vector<double> xs;
  bool missing = false;
  double number_sum = 0, number_max = -100;
  bool any = false, has_number = false;
  uint64_t prod = 1;  // wraps
  for (const Row* row : rows) {
    if (row->x && !std::isnan(*row->x))
      xs.push_back(*row->x);
    else
      missing = true;
    if (row->number) {
      number_sum += static_cast<double>(*row->number);
      number_max = std::max(number_max, static_cast<double>(*row->number));
      any |= *row->number != 0;
      has_number = true;
      prod *= static_cast<uint64_t>(*row->number);
    }
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const double x : xs) sum += x;
  const auto n = static_cast<double>(xs.size());
  double m2 = 0;
  for (const double x : xs) m2 += (x - sum / n) * (x - sum / n);
  std::vector<double> sorted = xs;
  std::sort(sorted.begin(), sorted.end());
  const size_t mid = sorted.size() / 2;
  e["sum"] = sum;
  e["prod"] = static_cast<double>(static_cast<int64_t>(prod));
  e["mean"] = n > 0 ? sum / n : nan;
  e["min"] = n > 0 ? sorted.front() : nan;
  e["max"] = n > 0 ? sorted.back() : nan;
  e["count"] = n;
  e["var"] = n > 1 ? m2 / (n - 1) : nan;
  e["std"] = n > 1 ? std::sqrt(m2 / (n - 1)) : nan;
  e["nunique"] = static_cast<double>(std::set<double>(xs.begin(), xs.end()).size());
  e["first"] = n > 0 ? xs.front() : nan;
  e["last"] = n > 0 ? xs.back() : nan;
  e["median"] = n == 0 ? nan : sorted.size() % 2 ? sorted[mid] : (sorted[mid - 1] + sorted[mid]) / 2;
  e["size"] = static_cast<double>(rows.size());
  e["number_sum"] = number_sum;
  e["number_max"] = has_number ? number_max : nan;
  e["any"] = any;
  e["sum_all"] = missing ? nan : sum;
  return e;
}

double CellOf(const arrow::Table& table, const std::string& column, int64_t row) {
  const auto scalar = table.GetColumnByName(column)->GetScalar(row).ValueOrDie();
  if (!scalar->is_valid) return std::numeric_limits<double>::quiet_NaN();
  if (scalar->type->id() == arrow::Type::BOOL) return static_cast<const arrow::BooleanScalar&>(*scalar).value;
  return static_cast<const arrow::DoubleScalar&>(*scalar->CastTo(arrow::float64()).ValueOrDie()).value;
}

void Check(const Data& data, const ops::AggregateSink& sink, const arrow::Table& table) {
  const bool by_key = std::find(sink.keys.begin(), sink.keys.end(), "key") != sink.keys.end();
  const bool by_number = std::find(sink.keys.begin(), sink.keys.end(), "number") != sink.keys.end();
  const auto order = [](const GroupKey& a, const GroupKey& b) {  // missing last
    const auto rank = [](const GroupKey& k) {
      return std::tuple(!k.first.has_value(), k.first.value_or(""), !k.second.has_value(), k.second.value_or(0));
    };
    return rank(a) < rank(b);
  };
  std::map<GroupKey, std::vector<const Row*>, decltype(order)> groups(order);
  for (const Row& row : data.rows) {
    if (sink.drop_null_keys && ((by_key && !row.key) || (by_number && !row.number))) continue;
    groups[{by_key ? row.key : std::nullopt, by_number ? row.number : std::nullopt}].push_back(&row);
  }
  ASSERT_EQ(table.num_rows(), static_cast<int64_t>(groups.size()));
  int64_t r = 0;
  for (const auto& [key, rows] : groups) {
    if (by_key) {
      const auto scalar = table.GetColumnByName("key")->GetScalar(r).ValueOrDie();
      ASSERT_EQ(scalar->is_valid, key.first.has_value());
    }
    for (const auto& [name, value] : Expected(rows)) {
      const double got = CellOf(table, name, r);
      if (std::isnan(value)) {
        ASSERT_TRUE(std::isnan(got)) << name << " row " << r << " " << got;
      } else {
        ASSERT_NEAR(got, value, 1e-9 * std::max(1.0, std::fabs(value))) << name << " row " << r;
      }
    }
    ++r;
  }
}

TEST(GroupByTest, AgainstLoops) {
  uint32_t seed = 0;
  for (const bool dictionary : {false, true}) {
    for (const std::vector<std::string>& keys : {std::vector<std::string>{"key"}, {"number"}, {"key", "number"}}) {
      for (const bool drop : {true, false}) {
        for (const int radix_bits : {0, 3}) {
          const Data data =
              MakeData(1500, 1 + 40 * static_cast<int>(seed % 7), 1 + static_cast<int>(seed % 4), dictionary, seed);
          ++seed;
          ops::AggregateSink sink = AllFunctions(keys);
          sink.drop_null_keys = drop;
          sink.radix_bits = radix_bits;
          const auto table = GroupBy(data, sink, {}, radix_bits ? 4 : 1, seed % 2 == 0 && data.partitions.size() > 1);
          ASSERT_TRUE(table.ok()) << table.status();
          Check(data, sink, **table);
        }
      }
    }
  }
}

TEST(GroupByTest, SpillsBeyondItsBudget) {
  const Data data = MakeData(20000, 5000, 2, false, 99);
  ops::AggregateSink sink = AllFunctions({"key"});
  sink.radix_bits = 2;
  MemorySpill spill;
  TaskContext context;
  context.spill = &spill;
  context.memory_budget_bytes = 200 << 10;
  const auto table = GroupBy(data, sink, context, 4);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_GT(spill.written(), 0u);
  Check(data, sink, **table);
}

TEST(GroupByTest, WholeTableIsOneGroup) {
  const Data data = MakeData(3000, 3, 3, false, 5);
  const ops::AggregateSink sink = AllFunctions({});
  const auto table = GroupBy(data, sink, {});
  ASSERT_TRUE(table.ok()) << table.status();
  Check(data, sink, **table);
  const Data empty = MakeData(0, 3, 1, false, 5);
  const auto none = GroupBy(empty, AllFunctions({}), {}).ValueOrDie();
  EXPECT_EQ(none->num_rows(), 1);
  EXPECT_EQ(CellOf(*none, "sum", 0), 0);
  EXPECT_TRUE(std::isnan(CellOf(*none, "mean", 0)));
  EXPECT_EQ(GroupBy(empty, AllFunctions({"key"}), {}).ValueOrDie()->num_rows(), 0);
}

TEST(GroupByTest, HighCardinalityInts) {
  std::mt19937_64 random(3);
  std::map<int64_t, double> expected;
  Data data;
  for (int p = 0; p < 2; ++p) {
    arrow::Int64Builder key;
    arrow::DoubleBuilder x;
    for (int i = 0; i < 60000; ++i) {
      const auto k = static_cast<int64_t>(random() % 50000) * 1'000'000'007;  // leaves the direct window
      const auto value = static_cast<double>(i % 13);
      expected[k] += value;
      ASSERT_TRUE(key.Append(k).ok() && x.Append(value).ok());
    }
    auto schema = arrow::schema({arrow::field("k", arrow::int64()), arrow::field("x", arrow::float64())});
    data.partitions.push_back(arrow::Table::Make(schema, {key.Finish().ValueOrDie(), x.Finish().ValueOrDie()}));
  }
  ops::AggregateSink sink{.keys = {"k"}, .aggregations = {{.function = "sum", .column = "x", .output = "s"}}};
  const auto table = GroupBy(data, sink, {}).ValueOrDie();
  ASSERT_EQ(table->num_rows(), static_cast<int64_t>(expected.size()));
  int64_t row = 0;
  for (const auto& [k, sum] : expected) {
    ASSERT_EQ(CellOf(*table, "k", row), static_cast<double>(k));
    ASSERT_EQ(CellOf(*table, "s", row++), sum);
  }
}

TEST(GroupByTest, WrongColumnsAndTypes) {
  const Data data = MakeData(10, 3, 1, false, 5);
  ops::AggregateSink sink{.keys = {"kye"}};
  EXPECT_TRUE(GroupBy(data, sink, {}).status().IsKeyError());
  sink = {.keys = {"number"}, .aggregations = {{.function = "mean", .column = "key", .output = "m"}}};
  EXPECT_TRUE(GroupBy(data, sink, {}).status().IsTypeError());
  sink.aggregations[0].function = "average";
  EXPECT_TRUE(GroupBy(data, sink, {}).status().IsInvalid());
}

Result<std::shared_ptr<arrow::Table>> RunPipeline(const Data& data, ops::TablePipeline pipeline) {
  InitializeKernels();
  std::vector<Value> inputs;
  for (const auto& partition : data.partitions) inputs.emplace_back(Partition{partition});
  TaskContext context;
  context.memory_pool = arrow::default_memory_pool();
  return RunOp(ops::TablePipeline::kOp, pipeline, inputs, context);
}

TEST(PipelineTest, FilterProjectAndSinks) {
  const Data data = MakeData(1000, 10, 3, false, 1);
  ops::TablePipeline pipeline;
  pipeline.row_column = "row";
  pipeline.steps = {
      ops::FilterStep{cp::call("swath_gt", {cp::field_ref("x"), cp::literal(0.0)})},
      ops::ProjectStep{{"row", "y"},
                       {cp::field_ref("row"), cp::call("multiply", {cp::field_ref("x"), cp::literal(2.0)})}}};
  std::vector<std::pair<int64_t, double>> expected;
  for (size_t i = 0; i < data.rows.size(); ++i) {
    if (data.rows[i].x && *data.rows[i].x > 0) expected.emplace_back(static_cast<int64_t>(i), *data.rows[i].x * 2);
  }
  auto table = RunPipeline(data, pipeline).ValueOrDie();
  ASSERT_EQ(table->num_rows(), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(CellOf(*table, "row", static_cast<int64_t>(i)), static_cast<double>(expected[i].first));
    ASSERT_EQ(CellOf(*table, "y", static_cast<int64_t>(i)), expected[i].second);
  }
  pipeline.sink = ops::CountSink{};
  EXPECT_EQ(CellOf(*RunPipeline(data, pipeline).ValueOrDie(), "count", 0), static_cast<double>(expected.size()));
  pipeline.sink = ops::HeadSink{7};
  EXPECT_EQ(RunPipeline(data, pipeline).ValueOrDie()->num_rows(), 7);
  pipeline.sink = ops::TailSink{7};
  table = RunPipeline(data, pipeline).ValueOrDie();
  ASSERT_EQ(table->num_rows(), 7);
  EXPECT_EQ(CellOf(*table, "row", 6), static_cast<double>(expected.back().first));
  for (const bool keep_last : {false, true}) {
    std::vector<std::pair<int64_t, double>> sorted = expected;
    std::sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : (a.first < b.first) != keep_last;
    });
    pipeline.sink = ops::TopSink{.rows = 40, .columns = {"y"}, .descending = {true}, .keep_last = keep_last};
    table = RunPipeline(data, pipeline).ValueOrDie();
    ASSERT_EQ(table->num_rows(), 40);
    for (int64_t i = 0; i < 40; ++i) {
      ASSERT_EQ(CellOf(*table, "row", i), static_cast<double>(sorted[static_cast<size_t>(i)].first)) << keep_last;
    }
    // In two levels the ties are decided the same way.
    std::vector<std::shared_ptr<arrow::Table>> parts;
    for (const auto& partition : data.partitions) {
      Data one;
      one.partitions = {partition};
      ops::TablePipeline level = pipeline;
      level.row_column.clear();
      level.steps = {};
      level.sink = ops::TopSink{.rows = 40, .columns = {"x"}, .descending = {true}, .keep_last = keep_last};
      parts.push_back(RunPipeline(one, level).ValueOrDie());
    }
    Data merged;
    merged.partitions = parts;
    ops::TablePipeline level;
    level.sink = ops::TopSink{.rows = 40, .columns = {"x"}, .descending = {true}, .keep_last = keep_last};
    table = RunPipeline(merged, level).ValueOrDie();
    for (int64_t i = 0; i < 40; ++i) {
      const Row& row = data.rows[static_cast<size_t>(sorted[static_cast<size_t>(i)].first)];
      if (row.number) {
        ASSERT_EQ(CellOf(*table, "number", i), static_cast<double>(*row.number)) << keep_last << " " << i;
      }
    }
  }
}

TEST(PipelineTest, ScalarsOfOtherTasks) {
  InitializeKernels();
  const Data data = MakeData(100, 10, 1, false, 1);
  auto scalar = arrow::Table::Make(arrow::schema({arrow::field("m", arrow::float64())}),
                                   {arrow::MakeArrayFromScalar(arrow::DoubleScalar(5), 1).ValueOrDie()});
  ops::TablePipeline pipeline;
  pipeline.scalar_inputs = 1;
  pipeline.steps = {ops::ProjectStep{{"d"}, {cp::call("subtract", {cp::field_ref("x"), cp::field_ref("$0")})}}};
  const std::vector<Value> inputs = {Partition{scalar}, Partition{data.partitions[0]}};
  TaskContext context;
  context.memory_pool = arrow::default_memory_pool();
  const auto table = RunOp(ops::TablePipeline::kOp, pipeline, inputs, context).ValueOrDie();
  for (int64_t i = 0; i < 100; ++i) {
    if (data.rows[static_cast<size_t>(i)].x) {
      const double want = *data.rows[static_cast<size_t>(i)].x - 5;
      if (!std::isnan(want)) {
        ASSERT_EQ(CellOf(*table, "d", i), want);
      }
    }
  }
}

TEST(PipelineTest, CancelledAtOnce) {
  InitializeKernels();
  const Data data = MakeData(100, 10, 1, false, 1);
  const std::atomic<bool> cancelled{true};
  TaskContext context;
  context.memory_pool = arrow::default_memory_pool();
  context.cancelled = &cancelled;
  const std::vector<Value> inputs = {Partition{data.partitions[0]}};
  EXPECT_TRUE(RunOp(ops::TablePipeline::kOp, ops::TablePipeline(), inputs, context).status().IsCancelled());
}

}  // namespace
}  // namespace swath::kernels
