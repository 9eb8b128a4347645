// CSV scans against plain splitting: any blocksize gives the same rows, whatever the quoting.
#include "swath/io/formats/csv_source.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include <unistd.h>

#include "arrow/array.h"
#include "arrow/io/compressed.h"
#include "arrow/io/file.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"
#include "arrow/util/compression.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace swath::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CsvSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("swath_csv_" + std::to_string(::getpid()) + "_" +
                                                  ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::filesystem::path folder_;
};

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
  ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches(source.schema(), batches));
  return table->CombineChunks();
}

Result<std::shared_ptr<arrow::Table>> ReadCsv(const std::vector<std::string>& paths,
                                              const ops::CsvReadOptions& options = {}) {
  ASSIGN_OR_RETURN(const auto source, MakeCsvSource(paths, options));
  return ReadAll(*source);
}

std::vector<std::string> Types(const arrow::Table& table) {
  std::vector<std::string> types;
  for (const auto& field : table.schema()->fields()) types.push_back(field->type()->ToString());
  return types;
}

std::string Cell(const arrow::Table& table, int column, int64_t row) {
  const auto scalar = table.column(column)->GetScalar(row);
  return (*scalar)->is_valid ? (*scalar)->ToString() : "null";
}

TEST_F(CsvSourceTest, InfersAsPandas) {
  const std::string path =
      Write("a.csv", "i,f,ni,b,s,e,u,\n1,1.5,1,True,x,,18446744073709551615,q\n2,,,False,NA,,1,r\n");
  const auto table = ReadCsv({path}).ValueOrDie();
  EXPECT_THAT(Types(*table),
              ElementsAre("int64", "double", "double", "bool", "large_string", "double", "uint64", "large_string"));
  EXPECT_EQ(table->schema()->field(7)->name(), "Unnamed: 7");
  EXPECT_EQ(table->column(4)->null_count(), 1);
  EXPECT_EQ(Cell(*table, 1, 1), "null");
}

TEST_F(CsvSourceTest, ByteOrderMarkCrLfAndNoFinalNewline) {
  const std::string path = Write("a.csv",
                                 "\xEF\xBB\xBF"
                                 "a,b\r\n1,\"x\r\ny\"\r\n\r\n2,z");
  const auto table = ReadCsv({path}).ValueOrDie();
  EXPECT_EQ(table->num_rows(), 2);
  EXPECT_EQ(table->schema()->field(0)->name(), "a");
  EXPECT_EQ(Cell(*table, 1, 0), "x\r\ny");
  EXPECT_EQ(Cell(*table, 1, 1), "z");
}

TEST_F(CsvSourceTest, HeaderNamesAndSkippedRows) {
  const std::string path = Write("a.csv", "junk\nx,x,y\n1,2,3\n");
  auto table = ReadCsv({path}, {.skiprows = 1}).ValueOrDie();
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("x", "x.1", "y"));
  table = ReadCsv({path}, {.header = std::nullopt, .skiprows = 2}).ValueOrDie();
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("0", "1", "2"));
  EXPECT_EQ(table->num_rows(), 1);
  table = ReadCsv({path}, {.names = {"p", "q", "r"}, .usecols = {"r", "p"}, .skiprows = 2}).ValueOrDie();
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("p", "r"));
  table = ReadCsv({path}, {.header_inferred = false, .names = {"p", "q", "r"}, .skiprows = 1}).ValueOrDie();
  EXPECT_EQ(table->num_rows(), 1);
}

TEST_F(CsvSourceTest, DatesMissingValuesAndCategories) {
  const std::string path = Write("a.csv", "t,u,c,v\n2013-01-01T10:00:00Z,2013-01-02,k,-\n2013-01-01T11:00:00Z,,l,3\n");
  ops::CsvReadOptions options;
  options.parse_dates = {"t", "u"};
  options.na_values = {"-"};
  options.dtypes = {{"c", arrow::dictionary(arrow::int32(), arrow::large_utf8())}};
  const auto table = ReadCsv({path}, options).ValueOrDie();
  EXPECT_THAT(Types(*table), ElementsAre("timestamp[us, tz=UTC]", "timestamp[us]",
                                         "dictionary<values=large_string, indices=int32, ordered=0>", "double"));
  EXPECT_EQ(table->column(1)->null_count(), 1);
  EXPECT_EQ(table->column(3)->null_count(), 1);
}

TEST_F(CsvSourceTest, ErrorsNameFileLineAndColumn) {
  std::string text = "a,b\n";
  for (int i = 0; i < 300; ++i) text += std::to_string(i) + ",\"line\nbreak\"\n";
  const std::string path = Write("bad.csv", text + "x7,t\n");
  const auto status = ReadCsv({path}, {.blocksize = 500, .sample = 1000}).status();
  EXPECT_TRUE(status.IsInvalid()) << status;
  EXPECT_THAT(status.message(), HasSubstr("bad.csv', line 602, column 'a': the value 'x7' does not fit int64"));
  EXPECT_THAT(status.message(), HasSubstr("dtype={'a': 'str'}"));
  const std::string missing = Write("missing.csv", text + "\n,t\n");
  EXPECT_THAT(ReadCsv({missing}, {.sample = 1000}).status().message(),
              HasSubstr("line 603, column 'a': a missing value '' does not fit int64"));
  EXPECT_TRUE(ReadCsv({missing}, {.assume_missing = true, .sample = 1000}).ok());
  const std::string ragged = Write("ragged.csv", "a,b\n1,2\n3,4,5\n6\n");
  EXPECT_THAT(ReadCsv({ragged}).status().message(),
              HasSubstr("ragged.csv', line 3: expected 2 fields, saw 3: '3,4,5'"));
  const auto skipped = ReadCsv({ragged}, {.on_bad_lines = ops::CsvReadOptions::BadLines::kSkip});
  ASSERT_TRUE(skipped.ok()) << skipped.status();
  EXPECT_EQ((*skipped)->num_rows(), 2);
}

TEST_F(CsvSourceTest, WrongInputs) {
  EXPECT_EQ(ErrorDetail::Of(MakeCsvSource({(folder_ / "none.csv").string()}).status())->kind, ErrorKind::kFileNotFound);
  EXPECT_EQ(ErrorDetail::Of(MakeCsvSource({(folder_ / "*.csv").string()}).status())->kind, ErrorKind::kFileNotFound);
  const std::string a = Write("a.csv", "carrier,n\nx,1\n");
  EXPECT_THAT(MakeCsvSource({a}, {.usecols = {"carier"}}).status().message(), HasSubstr("did you mean 'carrier'"));
  const std::string b = Write("b.csv", "carrier,m\nx,1\n");
  EXPECT_THAT(ReadCsv({a, b}).status().message(), HasSubstr("has other columns than"));
  EXPECT_TRUE(MakeCsvSource({Write("empty.csv", "")}).status().IsInvalid());
}

TEST_F(CsvSourceTest, GlobsInNaturalOrderAndPaths) {
  for (const int i : {10, 2, 1}) Write("p." + std::to_string(i) + ".csv", "n\n" + std::to_string(i) + "\n");
  const auto table = ReadCsv({(folder_ / "p.*.csv").string()}, {.include_path_column = "path"}).ValueOrDie();
  EXPECT_EQ(Cell(*table, 0, 0) + Cell(*table, 0, 1) + Cell(*table, 0, 2), "1210");
  EXPECT_THAT(Cell(*table, 1, 2), HasSubstr("p.10.csv"));
}

TEST_F(CsvSourceTest, FiltersEncodingsAndLimits) {
  const std::string path = Write("a.csv", "# head\na;b\n1; caf\xE9 # tail\n2;\"x # y\"\n3;z\n");
  ops::CsvReadOptions options;
  options.sep = ';';
  options.comment = '#';
  options.skipinitialspace = true;
  options.encoding = "latin-1";
  options.nrows = 2;
  const auto table = ReadCsv({path}, options).ValueOrDie();
  EXPECT_EQ(table->num_rows(), 2);
  EXPECT_EQ(Cell(*table, 1, 0), "caf\xC3\xA9 ");
  EXPECT_EQ(Cell(*table, 1, 1), "x # y");
}

TEST_F(CsvSourceTest, CompressedFilesAreOnePartition) {
  const std::string path = (folder_ / "a.csv.gz").string();
  {
    auto codec = arrow::util::Codec::Create(arrow::Compression::GZIP).ValueOrDie();
    auto file = arrow::io::FileOutputStream::Open(path).ValueOrDie();
    auto out = arrow::io::CompressedOutputStream::Make(codec.get(), file).ValueOrDie();
    std::string text = "a,b\n";
    for (int i = 0; i < 100000; ++i) text += std::to_string(i) + ",v" + std::to_string(i % 7) + "\n";
    ASSERT_TRUE(out->Write(text).ok());
    ASSERT_TRUE(out->Close().ok());
  }
  const auto source = MakeCsvSource({path}, {.blocksize = 1000}).ValueOrDie();
  EXPECT_EQ(source->partition_count(), 1);
  const auto table = ReadAll(*source).ValueOrDie();
  EXPECT_EQ(table->num_rows(), 100000);
  EXPECT_EQ(Cell(*table, 0, 99999), "99999");
}

// Every blocksize from 1 on: record boundaries are exact, whatever the quotes hide.
TEST_F(CsvSourceTest, AnyBlocksizeGivesTheSameRows) {
  const std::vector<std::string> texts = {
      "a,b\n1,x\n2,y\n3,z\n",
      "a,b\n1,\"x\ny\"\n2,\"\"\n3,\"p\"\"q\n\"\"\"\n4,5\" pipe\n5,\"\n\n\n\"\n",
      "a,b\n1,\"7,c\n8,d\n9,e\n\"\n2,\"\"\"\n\"\"\"\n",  // a field that looks like records
      "a,b\r\n1,\"x\r\n\"\r\n2,y",
  };
  for (const std::string& text : texts) {
    const std::string path = Write("t.csv", text);
    const auto whole = ReadCsv({path}, {.blocksize = 0}).ValueOrDie();
    for (int64_t blocksize = 1; blocksize <= static_cast<int64_t>(text.size()); ++blocksize) {
      const auto table = ReadCsv({path}, {.blocksize = blocksize});
      ASSERT_TRUE(table.ok()) << table.status() << " blocksize " << blocksize;
      ASSERT_TRUE((*table)->Equals(*whole)) << "blocksize " << blocksize << " of\n" << text << (*table)->ToString();
    }
  }
}

TEST_F(CsvSourceTest, RandomTextsAnyBlocksize) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    std::string text = "a,b,c\n";
    std::vector<std::string> expected;
    const int rows = static_cast<int>(random() % 40);
    for (int r = 0; r < rows; ++r) {
      std::string value;
      for (size_t n = random() % 9; n > 0; --n) value += "ab,\n\" "[random() % 6];
      std::string quoted = "\"";
      for (const char c : value) quoted += c == '"' ? "\"\"" : std::string(1, c);
      text += std::to_string(r) + "," + quoted + "\",w\n";
      expected.push_back(value);
    }
    const std::string path = Write("r.csv", text);
    ops::CsvReadOptions options;
    options.blocksize = 1 + static_cast<int64_t>(random() % 50);
    options.keep_default_na = false;
    options.dtype = arrow::large_utf8();
    const auto table = ReadCsv({path}, options).ValueOrDie();
    ASSERT_EQ(table->num_rows(), rows) << text;
    for (int r = 0; r < rows; ++r) ASSERT_EQ(Cell(*table, 1, r), expected[static_cast<size_t>(r)]) << text;
  }
}

TEST_F(CsvSourceTest, ProjectionReadsOnlyItsColumns) {
  const std::string path = Write("a.csv", "a,b,c\n1,x,2.5\n3,y,4.5\n");
  const auto source = MakeCsvSource({path}).ValueOrDie();
  const auto projected = source->WithColumns({"c", "a"}).ValueOrDie();
  EXPECT_THAT(ReadAll(*projected).ValueOrDie()->schema()->field_names(), ElementsAre("c", "a"));
  EXPECT_NE(projected->Fingerprint(), source->Fingerprint());
  const auto none = source->WithColumns({}).ValueOrDie();
  EXPECT_EQ(ReadAll(*none).ValueOrDie()->num_rows(), 2);
  EXPECT_TRUE(source->WithColumns({"d"}).status().IsKeyError());
}

}  // namespace
}  // namespace swath::io
