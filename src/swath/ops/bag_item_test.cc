#include "swath/ops/bag_item.h"

#include <cmath>
#include <limits>
#include <random>

#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/ops/bag_column.h"
#include "swath/ops/bag_expression.h"

#include "gtest/gtest.h"

namespace swath::ops {
namespace {

constexpr int64_t kBig = int64_t{1} << 53;

// A random item, a few levels deep.
BagItem RandomItem(std::mt19937* random, ItemArena* arena, int depth = 0) {
  const auto pick = [&](uint32_t n) { return static_cast<uint32_t>((*random)() % n); };
  switch (pick(depth > 3 ? 6 : 9)) {
    case 0:
      return BagItem::None();
    case 1:
      return BagItem::Bool(pick(2) == 1);
    case 2:
      return BagItem::Int(static_cast<int64_t>((*random)()) << pick(32));
    case 3:
      return BagItem::Float(std::ldexp(static_cast<double>((*random)()), static_cast<int>(pick(200)) - 100));
    case 4:
      return BagItem::Text(arena->Copy(std::string(pick(9), 'x')));
    case 5:
      return BagItem::Bytes(arena->Copy(std::string(pick(3), '\xff')));
    default: {
      const uint32_t count = pick(4);
      BagItem* items = arena->Items(2 * size_t{count});
      for (uint32_t i = 0; i < 2 * count; ++i) items[i] = RandomItem(random, arena, depth + 1);
      const uint32_t form = pick(3);
      return form == 0   ? BagItem::List(items, count)
             : form == 1 ? BagItem::Tuple(items, count)
                         : BagItem::Record(items, count);
    }
  }
}

TEST(BagItem, NumbersCompareExactly) {
  const BagItem above = BagItem::Int(kBig + 1);
  const BagItem rounded = BagItem::Float(static_cast<double>(kBig));
  EXPECT_FALSE(ItemsEqual(above, rounded));
  EXPECT_EQ(CompareItems(above, rounded), 1);
  EXPECT_EQ(CompareItems(rounded, above), -1);
  EXPECT_EQ(CompareItems(BagItem::Int(3), BagItem::Float(3.5)), -1);
  EXPECT_EQ(CompareItems(BagItem::Int(-3), BagItem::Float(-3.5)), 1);
  EXPECT_EQ(CompareItems(BagItem::Int(INT64_MAX), BagItem::Float(9223372036854775808.0)), -1);
  EXPECT_EQ(CompareItems(BagItem::Int(INT64_MIN), BagItem::Float(-9223372036854775808.0)), 0);
  EXPECT_EQ(CompareItems(BagItem::Int(0), BagItem::Float(std::nan(""))), kUnordered);
  EXPECT_EQ(CompareItems(BagItem::Int(0), BagItem::Text("a")), kUnorderable);
  EXPECT_EQ(CompareItems(BagItem::Text("ab"), BagItem::Text("b")), -1);
  EXPECT_EQ(CompareItems(BagItem::Text("a"), BagItem::Text("a\xC3\xA9")), -1);
}

TEST(BagItem, EqualItemsHaveEqualHashes) {
  uint64_t a = 0, b = 0, c = 0;
  ASSERT_TRUE(HashItem(BagItem::Int(1), &a));
  ASSERT_TRUE(HashItem(BagItem::Float(1.0), &b));
  ASSERT_TRUE(HashItem(BagItem::Bool(true), &c));
  EXPECT_EQ(a, b);
  EXPECT_EQ(a, c);
  ASSERT_TRUE(HashItem(BagItem::Float(-0.0), &a));
  ASSERT_TRUE(HashItem(BagItem::Int(0), &b));
  EXPECT_EQ(a, b);
  EXPECT_FALSE(HashItem(BagItem::Float(std::nan("")), &a));
  EXPECT_FALSE(HashItem(BagItem::List(nullptr, 0), &a));
  const BagItem nested = BagItem::List(nullptr, 0);
  EXPECT_FALSE(HashItem(BagItem::Tuple(&nested, 1), &a));
}

TEST(BagItem, EncodingsComeBack) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    ItemArena arena;
    const BagItem item = RandomItem(&random, &arena);
    std::string bytes;
    EncodeItem(item, &bytes);
    ItemArena other;
    const auto back = DecodeItem(bytes, &other);
    ASSERT_TRUE(back.ok());
    ASSERT_EQ(ItemRepr(*back), ItemRepr(item));
    ASSERT_EQ(ItemRepr(OwnedItem(*back).item()), ItemRepr(item));
    // What is cut or changed is an error or another item, never a read outside.
    if (bytes.empty()) continue;
    ASSERT_FALSE(DecodeItem(std::string_view(bytes).substr(0, bytes.size() - 1), &other).ok());
    bytes[random() % bytes.size()] = static_cast<char>(random());
    (void)DecodeItem(bytes, &other);
  }
}

TEST(BagItem, ArenasAreReused) {
  ItemArena arena;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 100; ++i) arena.Bytes(10'000);
    arena.Clear();
  }
  EXPECT_LT(arena.nbytes(), 8 << 20);
}

TEST(BagColumn, TakesThePlainestForm) {
  const auto type_of = [](const std::vector<BagItem>& items) {
    ItemColumnBuilder builder(nullptr);
    for (const BagItem& item : items) EXPECT_TRUE(builder.Append(item).ok());
    const Partition partition = builder.Finish().ValueOrDie();
    ItemArena arena;
    const auto back = ItemsOf(partition, &arena, nullptr).ValueOrDie();
    EXPECT_EQ(back.size(), items.size());
    for (size_t i = 0; i < back.size(); ++i) {
      EXPECT_EQ(ItemRepr(back[i]), ItemRepr(items[i]));
      EXPECT_EQ(back[i].kind, items[i].kind);
    }
    return partition.table->schema()->field(0)->type()->id();
  };
  const BagItem none = BagItem::None();
  EXPECT_EQ(type_of({BagItem::Int(1), none}), arrow::Type::INT64);
  EXPECT_EQ(type_of({none, none, BagItem::Text("a")}), arrow::Type::LARGE_STRING);
  EXPECT_EQ(type_of({BagItem::Float(1)}), arrow::Type::DOUBLE);
  EXPECT_EQ(type_of({BagItem::Bool(true)}), arrow::Type::BOOL);
  EXPECT_EQ(type_of({none}), arrow::Type::NA);
  EXPECT_EQ(type_of({}), arrow::Type::NA);
  EXPECT_EQ(type_of({BagItem::Int(1), none, BagItem::Float(1)}), arrow::Type::LARGE_BINARY);
  EXPECT_EQ(type_of({none, BagItem::Tuple(nullptr, 0), BagItem::Int(2)}), arrow::Type::LARGE_BINARY);
  EXPECT_EQ(type_of({BagItem::Text("a"), BagItem::Bool(true)}), arrow::Type::LARGE_BINARY);
}

TEST(BagExpression, ChecksFunctionsAndShowsThem) {
  const auto item = BagExpression::Item();
  const auto age = BagExpression::Call("getitem", {item, BagExpression::Literal(BagItem::Text("age"))}).ValueOrDie();
  const auto old = BagExpression::Call("gt", {age, BagExpression::Literal(BagItem::Int(30))}).ValueOrDie();
  EXPECT_EQ(old->ToString(), "x['age'] > 30");
  const auto again = BagExpression::Call("gt", {age, BagExpression::Literal(BagItem::Int(30))}).ValueOrDie();
  EXPECT_EQ(old->token(), again->token());
  const auto other = BagExpression::Call("gt", {age, BagExpression::Literal(BagItem::Float(30))}).ValueOrDie();
  EXPECT_NE(old->token(), other->token());
  EXPECT_TRUE(BagExpression::Call("lowr", {item}).status().IsKeyError());
  EXPECT_TRUE(BagExpression::Call("lower", {}).status().IsInvalid());
}

}  // namespace
}  // namespace swath::ops
