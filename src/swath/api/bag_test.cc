#include "swath/api/bag.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <ostream>

#include <unistd.h>

#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/api/error.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace swath {
namespace bag {

// gtest prints items through this.
void PrintTo(const Item& value, std::ostream* out) { *out << value.to_string(); }

}  // namespace bag

namespace {

using bag::accumulator;
using bag::call;
using bag::item;
using bag::Item;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BagFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("swath-bag-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    for (int file = 0; file < 3; ++file) {
      std::ofstream out(folder_ / ("people-" + std::to_string(file) + ".json"));
      for (int i = 0; i < 10; ++i) {
        out << R"({"name": "n)" << i % 3 << R"(", "age": )" << 10 * i << R"(, "tags": ["a", "b)" << file << "\"]}\n";
      }
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  std::filesystem::path folder_;
};

TEST_F(BagFiles, PipelineOfRecordsIsNative) {
  const Bag people = bag::read_text(Path("people-*.json")).loads();
  EXPECT_EQ(people.npartitions(), 3);
  const Bag names = people.filter(item["age"] > 30).pluck("name");
  const Bag counts = names.frequencies();
  EXPECT_THAT(counts.compute(), ElementsAre(Item::tuple({"n1", 6}), Item::tuple({"n2", 6}), Item::tuple({"n0", 6})));
  EXPECT_THAT(counts.explain(), HasSubstr("read_text-frequencies  3 tasks"));
  EXPECT_EQ(people.pluck("age").sum().compute(), Item(3 * 450));
  EXPECT_EQ(people.pluck("age").mean().compute(), Item(45.0));
  EXPECT_EQ(people.map(item["tags"]).flatten().distinct().count().compute(), Item(4));
  EXPECT_THROW(people.pluck("nothing").compute(), KeyError);
  EXPECT_EQ(people.pluck("nothing", 7).max().compute(), Item(7));
}

TEST_F(BagFiles, TakeReadsOnlyWhatItNeeds) {
  EXPECT_EQ(bag::read_text(Path("people-*.json")).take(2).size(), 2u);
  EXPECT_EQ(bag::read_text(Path("people-*.json")).take(15, 2).size(), 15u);
  EXPECT_EQ(bag::read_text(Path("people-*.json")).take(15).size(), 10u);
}

TEST_F(BagFiles, TextFilesComeBack) {
  for (const std::string ending : {".txt", ".txt.gz", ".txt.xz", ".txt.zst", ".txt.bz2"}) {
    const Bag numbers = bag::range(1000, 4).map(call("str", item));
    const auto paths = numbers.to_textfiles(Path("out-*" + ending));
    ASSERT_EQ(paths.size(), 4u);
    const auto back = bag::read_text(paths).map(call("int", call("strip", item))).compute();
    ASSERT_EQ(back.size(), 1000u) << ending;
    for (int64_t i = 0; i < 1000; ++i) ASSERT_EQ(back[static_cast<size_t>(i)], Item(i));
  }
  EXPECT_THROW(bag::range(10, 2).to_textfiles(Path("no-star")), ValueError);
  EXPECT_THROW(bag::range(10, 2).to_textfiles(Path("*.txt")), TypeError);  // ints are no texts
  EXPECT_FALSE(std::filesystem::exists(Path("0.txt")));
}

TEST_F(BagFiles, RecordsBecomeATable) {
  const auto schema = arrow::schema({arrow::field("age", arrow::int64()), arrow::field("name", arrow::large_utf8())});
  const DataFrame frame = bag::read_text(Path("people-*.json")).loads().to_dataframe(schema);
  const auto table = frame[frame["age"] > 80].compute();
  EXPECT_EQ(table->num_rows(), 3);
  EXPECT_THROW(bag::from_sequence({Item::tuple({1})}).to_dataframe(schema).compute(), ValueError);
}

TEST(Bag, CallablesAndExpressionsMix) {
  const Bag numbers = bag::range(20, 4);
  const Bag squares = numbers.map([](const Item& x) { return Item(x.as_int() * x.as_int()); }, "square");
  EXPECT_EQ(squares.filter(item % 2 == 0).sum().compute(), Item(1140));
  EXPECT_EQ(squares.filter([](const Item& x) { return x.as_int() > 300; }).count().compute(), Item(2));
  EXPECT_THAT(squares.explain(), HasSubstr("square  c++"));
  const Bag reversed = numbers.map_partitions([](std::vector<Item> items) {
    std::reverse(items.begin(), items.end());
    return items;
  });
  EXPECT_EQ(reversed.compute().front(), Item(4));
  const Bag failing = numbers.map([](const Item& x) { return x["key"]; });
  EXPECT_THROW(failing.compute(), TypeError);
}

TEST(Bag, SharedFunctionsRunOnce) {
  std::atomic<int> calls{0};
  const Bag counted = bag::range(8, 2).map([&](const Item& x) {
    ++calls;
    return x;
  });
  const Bag both = bag::concat({counted.map(item + 1), counted.filter(item > 3)});
  EXPECT_EQ(both.compute().size(), 12u);
  EXPECT_EQ(calls, 8);
}

TEST(Bag, Reductions) {
  const Bag numbers = bag::range(100, 7);
  EXPECT_EQ(numbers.fold(accumulator + item, Item(0)).compute(), Item(4950));
  EXPECT_EQ(numbers.var().compute(), Item(833.25));
  EXPECT_EQ(numbers.min().compute(), Item(0));
  EXPECT_EQ(numbers.any().compute(), Item(true));
  EXPECT_EQ(numbers.all().compute(), Item(false));
  EXPECT_THAT(numbers.topk(3).compute(), ElementsAre(Item(99), Item(98), Item(97)));
  EXPECT_THAT(numbers.topk(2, item % 10).compute(), ElementsAre(Item(9), Item(19)));
  EXPECT_THAT(numbers.foldby(item % 2, accumulator + item, Item(0)).compute(),
              ElementsAre(Item::tuple({0, 2450}), Item::tuple({1, 2500})));
  EXPECT_EQ(numbers.groupby(item % 3).compute().size(), 3u);
  EXPECT_THROW(bag::from_sequence({}).max().compute(), ValueError);
  EXPECT_THROW(bag::from_sequence({1, "a"}).max().compute(), TypeError);
}

TEST(Bag, Partitions) {
  const Bag numbers = bag::range(10, 3);
  EXPECT_EQ(numbers.repartition(7).npartitions(), 7);
  EXPECT_EQ(numbers.repartition(7).compute(), numbers.compute());
  EXPECT_EQ(numbers.repartition(2).compute(), numbers.compute());
  EXPECT_THAT(numbers.partitions({2, 0}).compute(), ElementsAre(6, 7, 8, 9, 0, 1, 2));
  EXPECT_EQ(numbers.zip(numbers).map(item[0] * item[1]).sum().compute(), Item(285));
  EXPECT_EQ(numbers.product(bag::range(5, 2)).count().compute(), Item(50));
  EXPECT_THROW(numbers.zip(bag::range(5, 2)), ValueError);
  EXPECT_THROW(numbers.partitions({3}), IndexError);
  const auto sampled = bag::range(10000, 3).random_sample(0.5, 42).count().compute().as_int();
  EXPECT_NEAR(static_cast<double>(sampled), 5000, 300);
}

TEST(BagItemValue, BehavesLikePython) {
  const Item record = Item::record({{"a", 1}, {"b", Item::list({1.5, "x", Item()})}});
  EXPECT_EQ(record.to_string(), "{'a': 1, 'b': [1.5, 'x', None]}");
  EXPECT_EQ(record["b"][-2], Item("x"));
  EXPECT_EQ(Item(1), Item(1.0));
  EXPECT_EQ(Item(true), Item(1));
  EXPECT_FALSE(Item("1") == Item(1));
  EXPECT_THROW(record["c"], KeyError);
  EXPECT_THROW(record["b"][3], IndexError);
  EXPECT_THROW(record.as_int(), TypeError);
  EXPECT_THROW(call("lowr", item), KeyError);
  EXPECT_THROW(call("lower", item, item), ValueError);
}

}  // namespace
}  // namespace swath
