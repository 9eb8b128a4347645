// The numbers that GroupKeys gives and the order that SortedIndices gives, against plain maps and std::stable_sort.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <random>

#include "arrow/array.h"
#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/compute/api_vector.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/kernels/frame/group_keys.h"
#include "swath/kernels/frame/sort_rows.h"
#include "swath/kernels/registry.h"

#include "gtest/gtest.h"

namespace swath::kernels {
namespace {

using Keys = std::vector<std::optional<int64_t>>;

Keys RandomKeys(std::mt19937_64& random, size_t rows, uint64_t range, int missing_in) {
  Keys keys(rows);
  for (auto& key : keys) {
    if (missing_in == 0 || random() % static_cast<uint64_t>(missing_in) != 0)
      key = static_cast<int64_t>(random() % range - range / 2);
  }
  return keys;
}

std::shared_ptr<arrow::Array> IntArray(const Keys& keys) {
  arrow::Int64Builder builder;
  for (const auto& key : keys) EXPECT_TRUE((key ? builder.Append(*key) : builder.AppendNull()).ok());
  return builder.Finish().ValueOrDie();
}

TEST(GroupKeysTest, NumbersGroupsByTheirFirstRow) {
  InitializeKernels();
  std::mt19937_64 random(3);
  arrow::MemoryPool* pool = arrow::default_memory_pool();
  for (int round = 0; round < 120; ++round) {
    const bool drop = random() % 2 == 0;
    const bool dictionary = random() % 3 == 0;
    const bool mixed = random() % 3 == 0;  // a plain column of which some batches come as dictionaries
    const uint64_t range = random() % 2 == 0 ? 40 : uint64_t{1} << 62;
    const auto type = dictionary ? arrow::dictionary(arrow::int32(), arrow::int64()) : arrow::int64();
    GroupKeys groups = GroupKeys::Make({type}, drop, pool).ValueOrDie();
    std::map<std::optional<int64_t>, uint32_t> expected;
    Keys order;  // of the groups
    for (int batch = 0; batch < 5; ++batch) {
      // Missing keys are not in the first batches of some rounds, in the first row of others.
      const Keys keys = RandomKeys(random, random() % 50, range, batch < round % 4 ? 0 : 1 + round % 9);
      std::shared_ptr<arrow::Array> array = IntArray(keys);
      if (dictionary || (mixed && random() % 2 == 0)) {  // of which the first value is of no row
        Keys more = keys;
        more.insert(more.begin(), int64_t{1} << 63);
        array = arrow::compute::DictionaryEncode(IntArray(more))->make_array()->Slice(1);
      }
      PoolVector<uint32_t> numbers(pool);
      ASSERT_TRUE(groups.Map({array}, array->length(), &numbers, pool).ok());
      for (size_t i = 0; i < keys.size(); ++i) {
        uint32_t number = 0;
        if (keys[i] || !drop) {
          const auto [at, fresh] = expected.emplace(keys[i], static_cast<uint32_t>(expected.size()) + 1);
          if (fresh) order.push_back(keys[i]);
          number = at->second;
        }
        ASSERT_EQ(numbers[i], number) << "round " << round << " batch " << batch << " row " << i;
      }
      ASSERT_EQ(groups.group_count(), static_cast<int64_t>(expected.size()));
    }
    ASSERT_TRUE(groups.Values(groups.InOrder(), pool).ValueOrDie()[0]->Equals(IntArray(order))) << "round " << round;
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a && (!b || *a < *b); });
    ASSERT_TRUE(groups.Values(groups.Sorted(), pool).ValueOrDie()[0]->Equals(IntArray(order))) << "round " << round;
  }
}

// Of one key column: values, missing ones last, ties in the order of rows.
template <typename Less>
std::vector<uint64_t> Expected(size_t rows, const std::vector<bool>& valid, Less less) {
  std::vector<uint64_t> order(rows);
  for (size_t i = 0; i < rows; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](uint64_t a, uint64_t b) {
    if (!valid[a] || !valid[b]) return valid[a] && !valid[b];
    return less(a, b);
  });
  return order;
}

void ExpectOrder(const std::shared_ptr<arrow::Array>& column, bool descending, const std::vector<uint64_t>& expected) {
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("k", column->type())}), {column});
  const auto sorted = SortedIndices(*table, {{"k", descending}}, arrow::default_memory_pool()).ValueOrDie();
  const auto& indices = static_cast<const arrow::UInt64Array&>(*sorted);
  ASSERT_EQ(indices.length(), static_cast<int64_t>(expected.size()));
  for (int64_t i = 0; i < indices.length(); ++i) ASSERT_EQ(indices.Value(i), expected[static_cast<size_t>(i)]) << i;
}

TEST(SortedIndicesTest, AsAStableSort) {
  InitializeKernels();
  std::mt19937_64 random(4);
  for (int round = 0; round < 40; ++round) {
    const size_t rows = round % 4 == 0 ? random() % 900 : 1000 + random() % 9000;  // comparing, and byte by byte
    const uint64_t ranges[] = {2, 300, 70'000, uint64_t{1} << 40, uint64_t{1} << 63};
    const uint64_t range = ranges[random() % 5];
    const bool descending = random() % 2 == 0;
    const Keys keys = RandomKeys(random, rows, range, static_cast<int>(random() % 8));
    std::vector<bool> valid(rows);
    std::vector<double> doubles(rows);
    std::vector<std::string> texts(rows);
    arrow::DoubleBuilder double_builder;
    arrow::LargeStringBuilder text_builder;
    for (size_t i = 0; i < rows; ++i) {
      valid[i] = keys[i].has_value();
      doubles[i] = valid[i] ? static_cast<double>(*keys[i]) / 8 : std::numeric_limits<double>::quiet_NaN();
      texts[i] = valid[i] ? "text" + std::to_string(*keys[i]) : "";
      ASSERT_TRUE(double_builder.Append(doubles[i]).ok());
      ASSERT_TRUE((valid[i] ? text_builder.Append(texts[i]) : text_builder.AppendNull()).ok());
    }
    const auto by = [&](const auto& values) {
      return Expected(rows, valid, [&](uint64_t a, uint64_t b) {
        return descending ? values[b] < values[a] : values[a] < values[b];
      });
    };
    ExpectOrder(IntArray(keys), descending, by(keys));
    ExpectOrder(double_builder.Finish().ValueOrDie(), descending, by(doubles));
    ExpectOrder(text_builder.Finish().ValueOrDie(), descending, by(texts));
    if (HasFatalFailure()) FAIL() << "round " << round;
  }
}

}  // namespace
}  // namespace swath::kernels
