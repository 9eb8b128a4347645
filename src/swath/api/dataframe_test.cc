// Tables end to end on the default runtime, against plain loops over the same rows.
#include "swath/api/dataframe.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "arrow/api.h"

#include "swath/api/error.h"
#include "swath/api/frame_io.h"

namespace swath {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// 1000 rows: k one of five names (some missing), x integers, y floats (some missing).
struct Rows {
  std::vector<std::optional<std::string>> k;
  std::vector<int64_t> x;
  std::vector<std::optional<double>> y;
  size_t size() const { return x.size(); }
};

Rows MakeRows(size_t count = 1000) {
  const char* names[] = {"AA", "B6", "DL", "EV", "UA"};
  std::mt19937 random(7);
  Rows rows;
  for (size_t i = 0; i < count; ++i) {
    rows.k.push_back(random() % 50 == 0 ? std::nullopt : std::optional<std::string>(names[random() % 5]));
    rows.x.push_back(static_cast<int64_t>(random() % 100) - 50);
    rows.y.push_back(random() % 10 == 0 ? std::nullopt
                                        : std::optional<double>(static_cast<double>(random() % 1000) / 8));
  }
  return rows;
}

template <typename Builder, typename T>
std::shared_ptr<arrow::Array> ArrayOf(const std::vector<T>& values) {
  Builder builder;
  for (const T& value : values) {
    if constexpr (requires { value.has_value(); }) {
      EXPECT_TRUE((value ? builder.Append(*value) : builder.AppendNull()).ok());
    } else {
      EXPECT_TRUE(builder.Append(value).ok());
    }
  }
  return *builder.Finish();
}

std::shared_ptr<arrow::Table> TableOf(const Rows& rows) {
  auto schema = arrow::schema(
      {arrow::field("k", arrow::large_utf8()), arrow::field("x", arrow::int64()), arrow::field("y", arrow::float64())});
  return arrow::Table::Make(schema, {ArrayOf<arrow::LargeStringBuilder>(rows.k), ArrayOf<arrow::Int64Builder>(rows.x),
                                     ArrayOf<arrow::DoubleBuilder>(rows.y)});
}

DataFrame FrameOfRows(const Rows& rows, int64_t npartitions = 7) {
  return from_table(TableOf(rows), {.npartitions = npartitions});
}

// A computed table as text cells by column; missing is "-".
std::vector<std::string> Cells(const std::shared_ptr<arrow::Table>& table, const std::string& column) {
  std::vector<std::string> cells;
  const auto values = table->GetColumnByName(column);
  EXPECT_NE(values, nullptr) << column << " in " << table->schema()->ToString();
  for (int64_t row = 0; values && row < table->num_rows(); ++row) {
    const auto scalar = *values->GetScalar(row);
    cells.push_back(scalar->is_valid ? scalar->ToString() : "-");
  }
  return cells;
}

template <typename T>
std::vector<T> Numbers(const std::shared_ptr<arrow::Table>& table, const std::string& column) {
  std::vector<T> numbers;
  for (const std::string& cell : Cells(table, column)) numbers.push_back(static_cast<T>(std::stod(cell)));
  return numbers;
}

class DataFrameTest : public testing::TestWithParam<int64_t> {
 protected:
  Rows rows = MakeRows();
  DataFrame df = FrameOfRows(rows, GetParam());
};

TEST_P(DataFrameTest, ComputeGivesTheRowsBack) {
  const auto table = df.compute();
  EXPECT_EQ(table->num_rows(), 1000);
  EXPECT_EQ(Numbers<int64_t>(table, "x"), rows.x);
  EXPECT_EQ(df.len(), 1000);
  EXPECT_EQ(df.npartitions(), GetParam());
}

TEST_P(DataFrameTest, ReductionsSkipMissingValues) {
  double sum = 0, count = 0;
  int64_t smallest = 1000;
  for (const auto& y : rows.y) {
    if (y) sum += *y, ++count;
  }
  for (int64_t x : rows.x) smallest = std::min(smallest, x);
  EXPECT_DOUBLE_EQ(df["y"].sum().item<double>(), sum);
  EXPECT_DOUBLE_EQ(df["y"].mean().item<double>(), sum / count);
  EXPECT_EQ(df["y"].count().item<int64_t>(), static_cast<int64_t>(count));
  EXPECT_EQ(df["x"].min().item<int64_t>(), smallest);
  EXPECT_DOUBLE_EQ((df["y"].sum() / df["y"].count()).item<double>(), sum / count);
}

TEST_P(DataFrameTest, VarianceIsTwoPass) {
  double mean = 0, squares = 0;
  for (int64_t x : rows.x) mean += static_cast<double>(x) / 1000;
  for (int64_t x : rows.x) squares += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean);
  EXPECT_NEAR(df["x"].var().item<double>(), squares / 999, 1e-9);
  EXPECT_NEAR(df["x"].std(0).item<double>(), std::sqrt(squares / 1000), 1e-9);
}

TEST_P(DataFrameTest, FilterAndArithmeticRunTogether) {
  std::vector<double> expected;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows.x[i] > 10 && rows.y[i]) expected.push_back(*rows.y[i] * 2 + static_cast<double>(rows.x[i]));
  }
  const Series z = df["y"] * 2 + df["x"];
  const auto table = df.assign({{"z", z}})[(df["x"] > 10) & df["y"].notna()].compute();
  EXPECT_EQ(Numbers<double>(table, "z"), expected);
}

TEST_P(DataFrameTest, LazyScalarsInsideExpressions) {
  double mean = 0;
  for (int64_t x : rows.x) mean += static_cast<double>(x) / 1000;
  const Series centred = df["x"] - df["x"].mean();
  EXPECT_NEAR(centred.sum().item<double>(), 0, 1e-6);
  EXPECT_NEAR(centred.max().item<double>(), df["x"].max().item<double>() - mean, 1e-9);
}

TEST_P(DataFrameTest, GroupByIsSortedAndSkipsMissingKeys) {
  std::map<std::string, std::pair<double, int64_t>> groups;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!rows.k[i]) continue;
    auto& [sum, count] = groups[*rows.k[i]];
    if (rows.y[i]) sum += *rows.y[i], ++count;
  }
  const auto table = df.groupby("k")["y"].mean().compute();
  ASSERT_THAT(Cells(table, "k"), ElementsAre("AA", "B6", "DL", "EV", "UA"));
  const auto means = Numbers<double>(table, "y");
  size_t row = 0;
  for (const auto& [name, group] : groups)
    EXPECT_NEAR(means[row++], group.first / static_cast<double>(group.second), 1e-9) << name;
}

TEST_P(DataFrameTest, GroupByManyFunctions) {
  std::map<int64_t, std::set<std::string>> names;
  std::map<int64_t, int64_t> sizes;
  for (size_t i = 0; i < rows.size(); ++i) {
    ++sizes[rows.x[i]];
    if (rows.k[i]) names[rows.x[i]].insert(*rows.k[i]);
  }
  const auto table = df.groupby("x").aggregate({{"names", "k", "nunique"}, {"rows", "", "size"}}).compute();
  const auto keys = Numbers<int64_t>(table, "x");
  const auto distinct = Numbers<int64_t>(table, "names");
  const auto counts = Numbers<int64_t>(table, "rows");
  ASSERT_EQ(keys.size(), sizes.size());
  for (size_t row = 0; row < keys.size(); ++row) {
    EXPECT_EQ(counts[row], sizes[keys[row]]);
    EXPECT_EQ(distinct[row], static_cast<int64_t>(names[keys[row]].size()));
  }
}

TEST_P(DataFrameTest, ValueCountsUniqueAndTop) {
  std::map<std::string, int64_t> counts;
  for (const auto& k : rows.k) {
    if (k) ++counts[*k];
  }
  const auto table = df["k"].value_counts().compute();
  const auto found = Numbers<int64_t>(table, "count");
  EXPECT_TRUE(std::is_sorted(found.rbegin(), found.rend()));
  const auto names = Cells(table, "k");
  for (size_t row = 0; row < names.size(); ++row) EXPECT_EQ(found[row], counts[names[row]]);
  EXPECT_EQ(df["k"].unique().compute()->num_rows(), 6);
  EXPECT_EQ(df["k"].nunique().item<int64_t>(), 5);
  std::vector<int64_t> largest = rows.x;
  std::sort(largest.rbegin(), largest.rend());
  largest.resize(4);
  EXPECT_EQ(Numbers<int64_t>(df.nlargest(4, {"x"}).compute(), "x"), largest);
}

TEST_P(DataFrameTest, HeadTailPartitions) {
  EXPECT_EQ(Numbers<int64_t>(df.head(3).compute(), "x"), std::vector(rows.x.begin(), rows.x.begin() + 3));
  EXPECT_EQ(Numbers<int64_t>(df.tail(3).compute(), "x"), std::vector(rows.x.end() - 3, rows.x.end()));
  EXPECT_EQ(Numbers<int64_t>(df.head(1000, -1).compute(), "x"), rows.x);
  int64_t total = 0;
  for (int64_t p = 0; p < df.npartitions(); ++p) total += df.get_partition(p).len();
  EXPECT_EQ(total, 1000);
  for (int64_t n : {1, 3, 20}) {
    const DataFrame other = df.repartition(n);
    EXPECT_EQ(other.npartitions(), n);
    EXPECT_EQ(Numbers<int64_t>(other.compute(), "x"), rows.x);
  }
  EXPECT_EQ(concat({df, df}).len(), 2000);
}

TEST_P(DataFrameTest, DescribeAndColumnReductions) {
  const auto table = df.describe().compute();
  EXPECT_THAT(Cells(table, expr::kIndexColumn), ElementsAre("count", "mean", "std", "min", "25%", "50%", "75%", "max"));
  std::vector<int64_t> sorted = rows.x;
  std::sort(sorted.begin(), sorted.end());
  const auto x = Numbers<double>(table, "x");
  EXPECT_EQ(x[0], 1000);
  EXPECT_EQ(x[3], static_cast<double>(sorted.front()));
  EXPECT_DOUBLE_EQ(x[5], static_cast<double>(sorted[499] + sorted[500]) / 2);
  const Series sums = df.select({"x", "y"}).sum();
  EXPECT_THAT(Cells(sums.compute(), expr::kIndexColumn), ElementsAre("x", "y"));
}

TEST_P(DataFrameTest, FilterKeepsRowLabels) {
  std::vector<int64_t> expected;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows.x[i] == 7) expected.push_back(static_cast<int64_t>(i));
  }
  EXPECT_EQ(Numbers<int64_t>(df[df["x"] == 7].compute(), expr::kRowColumn), expected);
}

INSTANTIATE_TEST_SUITE_P(Partitions, DataFrameTest, testing::Values(1, 7));

TEST(DataFrame, ErrorsComeWhereTheyAreWritten) {
  const DataFrame df = FrameOfRows(MakeRows(10), 2);
  try {
    df["kk"];
    FAIL();
  } catch (const KeyError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'kk'"));
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'k'"));
  }
  EXPECT_THROW(df["k"] + df["x"], TypeError);
  EXPECT_THROW(df["k"].mean(), TypeError);
  EXPECT_THROW(df.head(5, 3), ValueError);
  EXPECT_THROW(df.get_partition(2), IndexError);
  EXPECT_THROW(df["x"] + FrameOfRows(MakeRows(10), 3)["x"], ValueError);
  EXPECT_THROW(read_csv("/nowhere/*.csv"), OSError);
}

TEST(DataFrame, TablesOfEqualPartitionsArePaired) {
  const Rows rows = MakeRows(100);
  const DataFrame a = FrameOfRows(rows, 4), b = FrameOfRows(rows, 4);
  std::vector<int64_t> doubled;
  for (int64_t x : rows.x) doubled.push_back(2 * x);
  EXPECT_EQ(Numbers<int64_t>((a["x"] + b["x"]).rename("x").compute(), "x"), doubled);
}

TEST(DataFrame, FilesRoundTrip) {
  const auto folder = std::filesystem::temp_directory_path() / ("swath_frame_test_" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  const Rows rows = MakeRows(200);
  const DataFrame df = FrameOfRows(rows, 3);
  EXPECT_EQ(to_parquet(df, (folder / "p").string()).size(), 3);
  const DataFrame parquet = read_parquet((folder / "p").string());
  EXPECT_EQ(parquet.len(), 200);
  EXPECT_EQ(Numbers<int64_t>(parquet.compute(), "x"), rows.x);
  EXPECT_EQ(Numbers<int64_t>(parquet[parquet["x"] > 40].compute(), "x"),
            Numbers<int64_t>(df[df["x"] > 40].compute(), "x"));
  EXPECT_EQ(to_csv(df, (folder / "c-*.csv").string(), {.index = false}).size(), 3);
  const DataFrame csv = read_csv((folder / "c-*.csv").string());
  EXPECT_EQ(Numbers<int64_t>(csv.compute(), "x"), rows.x);
  EXPECT_DOUBLE_EQ(csv["y"].sum().item<double>(), df["y"].sum().item<double>());
  std::filesystem::remove_all(folder);
}

TEST(DataFrame, ExplainShowsWhatIsRead) {
  const DataFrame df = FrameOfRows(MakeRows(100), 4);
  const std::string plan = df[df["x"] > 3].groupby("k")["y"].mean().explain();
  EXPECT_THAT(plan, HasSubstr("filter(x > 3)"));
  EXPECT_THAT(plan, HasSubstr("prune-columns"));
}

}  // namespace
}  // namespace swath
