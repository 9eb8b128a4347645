// Writing and reading back: Parquet and CSV, partitions of row groups, pruning, nothing half-written.
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include <unistd.h>

#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/expression.h"
#include "arrow/compute/initialize.h"
#include "arrow/record_batch.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/io/formats/csv_source.h"
#include "swath/io/formats/parquet_source.h"
#include "swath/io/formats/write_targets.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace swath::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace cp = arrow::compute;

class WriteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cp::Initialize().ok());
    folder_ =
        (std::filesystem::temp_directory_path() / ("swath_write_" + std::to_string(::getpid()) + "_" +
                                                   ::testing::UnitTest::GetInstance()->current_test_info()->name()))
            .string();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  int64_t FileCount() const {
    int64_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::recursive_directory_iterator(folder_))
      count += entry.is_regular_file();
    return count;
  }
  std::string folder_;
};

std::shared_ptr<arrow::RecordBatch> MakeBatch(int64_t first, int64_t rows) {
  arrow::Int64Builder id;
  arrow::DoubleBuilder x;
  arrow::LargeStringBuilder s;
  arrow::TimestampBuilder t(arrow::timestamp(arrow::TimeUnit::MICRO), arrow::default_memory_pool());
  for (int64_t i = first; i < first + rows; ++i) {
    EXPECT_TRUE(id.Append(i).ok());
    EXPECT_TRUE((i % 5 ? x.Append(static_cast<double>(i) / 4) : x.AppendNull()).ok());
    EXPECT_TRUE((i % 7 ? s.Append("a\"b,c\n" + std::to_string(i % 3)) : s.AppendNull()).ok());
    EXPECT_TRUE(t.Append(i * 3'600'000'000).ok());
  }
  const std::shared_ptr<arrow::Array> text = s.Finish().ValueOrDie();
  const auto category = cp::DictionaryEncode(text)->make_array();
  const auto schema = arrow::schema({arrow::field("id", arrow::int64()), arrow::field("x", arrow::float64()),
                                     arrow::field("s", arrow::large_utf8()), arrow::field("t", t.type()),
                                     arrow::field("c", category->type())});
  return arrow::RecordBatch::Make(
      schema, rows, {id.Finish().ValueOrDie(), x.Finish().ValueOrDie(), text, t.Finish().ValueOrDie(), category});
}

Status WriteAll(const ops::WriteTarget& target, int64_t partition,
                const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  ASSIGN_OR_RETURN(const auto writer, target.Open(partition, batches.at(0)->schema(), arrow::default_memory_pool()));
  for (const auto& batch : batches) RETURN_IF_ERROR(writer->Write(batch));
  return writer->Finish().status();
}

Result<std::shared_ptr<arrow::Table>> ReadAll(const ops::ScanSource& source) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (int64_t p = 0; p < source.partition_count(); ++p) {
    ASSIGN_OR_RETURN(const auto reader, source.Open(p, arrow::default_memory_pool()));
    while (true) {
      ASSIGN_OR_RETURN(auto batch, reader->Next());
      if (!batch) break;
      batches.push_back(std::move(batch));
    }
  }
  return arrow::Table::FromRecordBatches(source.schema(), batches);
}

TEST_F(WriteTest, ParquetRoundTripWithIndexAndRowGroups) {
  ops::ParquetWriteOptions options;
  options.row_group_rows = 100;
  options.index_columns = {"id"};
  options.index_names = {std::nullopt};
  const auto target = MakeParquetTarget(folder_ + "/out", options).ValueOrDie();
  EXPECT_THAT(target->Path(3), HasSubstr("out/part.3.parquet"));
  ASSERT_TRUE(WriteAll(*target, 0, {MakeBatch(0, 250), MakeBatch(250, 250)}).ok());
  ASSERT_TRUE(WriteAll(*target, 1, {MakeBatch(500, 50)}).ok());
  const ParquetDataset dataset = OpenParquet({folder_ + "/out"}).ValueOrDie();
  ASSERT_EQ(dataset.index.size(), 1u);
  EXPECT_EQ(dataset.index[0].column, "id");
  EXPECT_FALSE(dataset.index[0].name.has_value());
  EXPECT_EQ(dataset.source->partition_count(), 2);
  EXPECT_EQ(*dataset.source->RowCount(0).ValueOrDie(), 500);
  const auto table = ReadAll(*dataset.source).ValueOrDie();
  const auto expected =
      arrow::Table::FromRecordBatches({MakeBatch(0, 250), MakeBatch(250, 250), MakeBatch(500, 50)}).ValueOrDie();
  ASSERT_EQ(table->num_rows(), 550);
  for (const char* name : {"id", "x", "s", "t"}) {
    EXPECT_TRUE(table->GetColumnByName(name)->Equals(*expected->GetColumnByName(name))) << name;
  }
  EXPECT_EQ(table->GetColumnByName("c")->type()->id(), arrow::Type::DICTIONARY);
  using Split = ops::ParquetReadOptions::SplitRowGroups;
  EXPECT_EQ(MakeParquetSource({folder_ + "/out"}, {.split_row_groups = Split::kTrue, .row_groups_per_partition = 2})
                .ValueOrDie()
                ->partition_count(),
            4);
  EXPECT_EQ(MakeParquetSource({folder_ + "/out"}, {.blocksize = 1}).ValueOrDie()->partition_count(), 6);
  const auto categories =
      MakeParquetSource({folder_ + "/out/*.parquet"}, {.columns = std::vector<std::string>{"s"}, .categories = {"s"}})
          .ValueOrDie();
  EXPECT_THAT(categories->schema()->field_names(), ElementsAre("s", "id"));
  EXPECT_EQ(ReadAll(*categories).ValueOrDie()->schema()->field(0)->type()->id(), arrow::Type::DICTIONARY);
}

TEST_F(WriteTest, PredicatesSkipRowGroups) {
  ops::ParquetWriteOptions options;
  options.row_group_rows = 100;
  const auto target = MakeParquetTarget(folder_, options).ValueOrDie();
  ASSERT_TRUE(WriteAll(*target, 0, {MakeBatch(0, 1000)}).ok());
  const auto source = MakeParquetSource({folder_}).ValueOrDie();
  const auto pruned =
      source->WithPredicate(cp::greater_equal(cp::field_ref("id"), cp::literal(int64_t{850}))).ValueOrDie();
  EXPECT_EQ(ReadAll(*pruned).ValueOrDie()->num_rows(), 200);  // two row groups of 100
  const auto projected = pruned->WithColumns({"x"}).ValueOrDie();
  EXPECT_EQ(ReadAll(*projected).ValueOrDie()->num_rows(), 200);
  EXPECT_FALSE(pruned->RowCount(0).ValueOrDie().has_value());
  const auto nothing = source->WithPredicate(cp::less(cp::field_ref("id"), cp::literal(int64_t{0}))).ValueOrDie();
  EXPECT_EQ(ReadAll(*nothing).ValueOrDie()->num_rows(), 0);
  EXPECT_NE(pruned->Fingerprint(), source->Fingerprint());
  EXPECT_EQ(ReadAll(*source->WithColumns({}).ValueOrDie()).ValueOrDie()->num_rows(), 1000);
}

TEST_F(WriteTest, CsvAsPandas) {
  const auto target = MakeCsvTarget(folder_ + "/a-*.csv", 12, {.header_names = {{"id", ""}}}).ValueOrDie();
  EXPECT_EQ(target->Path(3), folder_ + "/a-03.csv");
  const auto batch = MakeBatch(0, 8);
  ASSERT_TRUE(WriteAll(*target, 0, {batch->SelectColumns({0, 1, 2}).ValueOrDie()}).ok());
  std::ifstream file(folder_ + "/a-00.csv");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr(",x,s\n0,,\n1,0.25,\"a\"\"b,c\n1\"\n2,0.5,"));
  const auto back = MakeCsvSource({folder_ + "/a-00.csv"}, {.names = {"id", "x", "s"}, .skiprows = 1}).ValueOrDie();
  const auto table = ReadAll(*back).ValueOrDie();
  const auto expected = arrow::Table::FromRecordBatches({batch}).ValueOrDie();
  for (const char* name : {"id", "x", "s"})
    EXPECT_TRUE(table->GetColumnByName(name)->Equals(*expected->GetColumnByName(name))) << name;
}

TEST_F(WriteTest, CompressedCsvRoundTrip) {
  const auto target = MakeCsvTarget(folder_ + "/a.csv.gz", 1, {.single_file = true}).ValueOrDie();
  ASSERT_TRUE(WriteAll(*target, 0, {MakeBatch(0, 5000)}).ok());
  const auto source = MakeCsvSource({folder_ + "/a.csv.gz"}, {.parse_dates = {"t"}}).ValueOrDie();
  const auto table = ReadAll(*source).ValueOrDie();
  EXPECT_EQ(table->num_rows(), 5000);
  EXPECT_EQ(table->GetColumnByName("t")->type()->ToString(), "timestamp[us]");
}

TEST_F(WriteTest, NothingHalfWritten) {
  for (const auto& target : {MakeParquetTarget(folder_).ValueOrDie(), MakeCsvTarget(folder_, 1).ValueOrDie()}) {
    {
      const auto writer = target->Open(0, MakeBatch(0, 1)->schema(), arrow::default_memory_pool()).ValueOrDie();
      ASSERT_TRUE(writer->Write(MakeBatch(0, 100)).ok());
    }
    EXPECT_EQ(FileCount(), 0);
  }
  const auto target = MakeParquetTarget(folder_).ValueOrDie();
  ASSERT_TRUE(WriteAll(*target, 0, {MakeBatch(0, 5)}).ok());
  EXPECT_EQ(MakeParquetTarget(folder_, {}, {.append = true}).ValueOrDie()->Path(0), folder_ + "/part.1.parquet");
  ASSERT_TRUE(MakeParquetTarget(folder_, {}, {.overwrite = true}).ok());
  EXPECT_EQ(FileCount(), 0);
  std::ofstream(folder_ + "/bad.parquet") << "no";
  EXPECT_THAT(OpenParquet({folder_}).status().message(), HasSubstr("is not a Parquet file"));
  EXPECT_TRUE(MakeParquetTarget(folder_, {.compression = "zip"}).status().IsInvalid());
}

}  // namespace
}  // namespace swath::io
