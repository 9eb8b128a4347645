// The fast way of plain CSV text against Arrow's parser and converters: equal tables, or equal errors.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include <unistd.h>

#include "arrow/array.h"
#include "arrow/table.h"
#include "arrow/type.h"
#include "arrow/util/value_parsing.h"

#include "swath/io/formats/csv_source.h"
#include "swath/io/formats/csv_values.h"

#include "gtest/gtest.h"

namespace swath::io {
namespace {

class CsvPlainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() / ("swath_plain_" + std::to_string(::getpid()) + ".csv")).string();
  }
  void TearDown() override { std::filesystem::remove(path_); }

  Result<std::shared_ptr<arrow::Table>> Read(const std::string& text, ops::CsvReadOptions options) {
    std::ofstream(path_, std::ios::binary) << text;
    ASSIGN_OR_RETURN(const auto source, MakeCsvSource({path_}, options));
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
    for (int64_t p = 0; p < source->partition_count(); ++p) {
      ASSIGN_OR_RETURN(const auto reader, source->Open(p, arrow::default_memory_pool()));
      while (true) {
        ASSIGN_OR_RETURN(auto batch, reader->Next());
        if (!batch) break;
        RETURN_IF_ERROR(batch->ValidateFull());
        batches.push_back(std::move(batch));
      }
    }
    ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches(source->schema(), batches));
    return table->CombineChunks();
  }

  // Escapes are never plain; '\x01' is in no text here.
  void ExpectAsArrow(const std::string& text, ops::CsvReadOptions options) {
    const auto fast = Read(text, options);
    options.escapechar = '\x01';
    const auto arrow = Read(text, options);
    // Arrow converts all of a piece, also what is behind the last row asked for.
    if (options.nrows && fast.ok() && !arrow.ok()) return;
    ASSERT_EQ(fast.status().ToString(), arrow.status().ToString()) << text;
    const auto equal = arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
    if (!fast.ok()) return;
    ASSERT_TRUE((*fast)->Equals(**arrow, equal)) << text << (*fast)->ToString() << (*arrow)->ToString();
  }

  std::string path_;
};

ops::CsvReadOptions Typed(std::map<std::string, std::shared_ptr<arrow::DataType>> types) {
  ops::CsvReadOptions options;
  options.dtypes = {types.begin(), types.end()};
  return options;
}

std::string Digits(std::mt19937& random, size_t most) {
  std::string digits;
  for (size_t n = 1 + random() % most; n > 0; --n) digits += static_cast<char>('0' + random() % 10);
  return digits;
}

template <size_t N>
std::string OneOf(std::mt19937& random, const char* const (&texts)[N]) {
  return texts[random() % N];
}

TEST_F(CsvPlainTest, RandomValuesAsArrow) {
  static constexpr const char* kInts[] = {"0", "-0", "007", " 5", "6\t", "9223372036854775807", "-9223372036854775808"};
  static constexpr const char* kFloats[] = {"",     "NaN",  "NA",    "nan",  "inf",  "-inf", "1e5",    "-0",
                                            "-0.0", ".5",   "5.",    "1e-9", " 1.5", "1.5 ", "null",   "1E300",
                                            "0.1",  "1e23", "2e308", "4.35", "0.30", "1.",   "-1e-320"};
  static constexpr const char* kTexts[] = {"",     "NA",       "#N/A N/A",     "n", "caf\xC3\xA9",
                                           "None", "eight888", "a longer text"};
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::string text = "i,f,t\n";
    for (size_t rows = random() % 60; rows > 0; --rows) {
      text += random() % 4 == 0 ? OneOf(random, kInts) : (random() % 2 ? "-" : "") + Digits(random, 18);
      const std::string sign = random() % 3 == 0 ? "-" : "";
      text += "," + (random() % 3 == 0 ? OneOf(random, kFloats) : sign + Digits(random, 9) + "." + Digits(random, 12));
      text += "," + (random() % 2 == 0 ? OneOf(random, kTexts) : Digits(random, 20)) + "\n";
    }
    if (random() % 2 == 0) text.pop_back();  // no newline at the end
    auto options = Typed({{"i", arrow::int64()}, {"f", arrow::float64()}, {"t", arrow::large_utf8()}});
    options.na_filter = random() % 5 != 0;
    options.nrows = random() % 3 == 0 ? std::optional<int64_t>(random() % 20) : std::nullopt;
    ExpectAsArrow(text, options);
    if (HasFatalFailure()) return;
  }
}

TEST_F(CsvPlainTest, StrangeRecordsAndValuesAsArrow) {
  const auto options = Typed({{"i", arrow::int64()}, {"f", arrow::float64()}});
  for (const char* rows : {"1,2\n\n3,4\n", "1,2\r\n3,4\r\n", "1,\"2\"\n", "1,2,3\n", "1\n2,3\n", "1\n2,3,4\n", "x,1\n",
                           "1,y\n", ",1\n", "1.5,1\n", "9223372036854775808,1\n", "1,1e999\n", "0x1F,0\n", "1,-\n",
                           "1,1.2.3\n", "1,--2\n", "-,1\n", "+1,+2\n", "1,2\n3,"}) {
    ExpectAsArrow(std::string("i,f\n") + rows, options);
  }
  const auto text = Typed({{"t", arrow::large_utf8()}});
  ExpectAsArrow("t\na\n\nb\n", text);   // one column: a blank line is no row
  ExpectAsArrow("t\na\n\xFF\n", text);  // not UTF-8
  ExpectAsArrow("t,u\na,\xC3\n\xA9,b\n", text);
  ops::CsvReadOptions decimal = options;
  decimal.sep = ';';
  decimal.decimal = ',';
  ExpectAsArrow("i;f\n1;2,5\n2;2.5\n", decimal);
  ExpectAsArrow("i;f\n1;2,5\n2;-0,125\n", decimal);
  ops::CsvReadOptions plain = text;
  plain.quoting = false;
  ExpectAsArrow("t,u\n\"a,b\"\n", plain);
}

// Every double comes back from its shortest text, and short decimals are rounded as the C library does.
TEST_F(CsvPlainTest, FloatsAreRoundedCorrectly) {
  std::mt19937_64 random(5);
  std::string text = "f\n";
  std::vector<double> expected;
  for (int i = 0; i < 20000; ++i) {
    const auto digits = static_cast<int64_t>(random() % 1'000'000'000'000'000) >> (random() % 50);
    std::string number = std::to_string(digits);
    const size_t point = random() % (number.size() + 1);
    if (point > 0 && point < number.size()) number.insert(point, ".");
    text += number + "\n";
    expected.push_back(std::strtod(number.c_str(), nullptr));
  }
  const auto table = Read(text, Typed({{"f", arrow::float64()}})).ValueOrDie();
  const auto& values = static_cast<const arrow::DoubleArray&>(*table->column(0)->chunk(0));
  ASSERT_EQ(values.length(), static_cast<int64_t>(expected.size()));
  for (int64_t i = 0; i < values.length(); ++i) ASSERT_EQ(values.Value(i), expected[static_cast<size_t>(i)]) << i;
}

TEST_F(CsvPlainTest, ManyPiecesAsOneNumberASize) {
  std::string text = "i,t\n";
  const int rows = 400'000;  // several pieces
  for (int i = 0; i < rows; ++i) text += std::to_string(i) + ",t" + std::to_string(i % 1000) + "\n";
  for (const int64_t blocksize : {0, 100'000, 1'234'567}) {
    auto options = Typed({{"i", arrow::int64()}, {"t", arrow::large_utf8()}});
    options.blocksize = blocksize;
    const auto table = Read(text, options).ValueOrDie();
    ASSERT_EQ(table->num_rows(), rows);
    const auto& ints = static_cast<const arrow::Int64Array&>(*table->column(0)->chunk(0));
    const auto& texts = static_cast<const arrow::LargeStringArray&>(*table->column(1)->chunk(0));
    for (int64_t i = 0; i < rows; ++i) {
      ASSERT_EQ(ints.Value(i), i);
      ASSERT_EQ(texts.GetView(i), "t" + std::to_string(i % 1000));
    }
  }
}

// Of CsvFields itself: that plain text is cut, and other text refused (a test of the fast way could else pass by never
// taking it).
TEST(CsvFieldsTest, CutsPlainTextAndRefusesOther) {
  const auto cut = [](std::string text, int32_t columns, bool last) {
    const size_t size = text.size();
    text += std::string(CsvFields::kPadding, '\0');
    CsvFields fields({}, columns, arrow::default_memory_pool());
    if (!fields.Cut({text.data(), size}, last).ValueOrDie()) return std::string("refused");
    std::string seen;
    for (int64_t row = 0; row < fields.rows(); ++row) {
      for (int32_t c = 0; c < columns; ++c) seen += std::string(fields.Field(row, c)) + "|";
    }
    return seen + std::to_string(fields.used_bytes());
  };
  EXPECT_EQ(cut("1,ab\n,\n22,c", 2, false), "1|ab|||7");
  EXPECT_EQ(cut("1,ab\n,\n22,c", 2, true), "1|ab|||22|c|11");
  EXPECT_EQ(cut("x\ny\n", 1, true), "x|y|4");
  for (const char* text : {"", "1,2", "1,2\n\n", "1\n2\n", "1,2,3\n", "1\n2,3,4\n", "\"a\",b\n", "a,b\r\n"}) {
    EXPECT_EQ(cut(text, 2, false), "refused") << text;
  }
  EXPECT_EQ(cut("x\n\ny\n", 1, true), "refused");
  std::string longer;
  std::string seen;
  for (int i = 0; i < 1000; ++i) {
    longer += std::to_string(i) + "," + std::string(static_cast<size_t>(i % 90), 'v') + "\n";
    seen += std::to_string(i) + "|" + std::string(static_cast<size_t>(i % 90), 'v') + "|";
  }
  EXPECT_EQ(cut(longer, 2, false), seen + std::to_string(longer.size()));
}

}  // namespace
}  // namespace swath::io
