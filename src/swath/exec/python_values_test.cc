// Values on their way to real children and back.
#include "swath/exec/python_values.h"

#include <numeric>

#include "arrow/builder.h"
#include "arrow/table.h"

#include "swath/data/memory_pool.h"
#include "swath/exec/python_test.h"

#include "gmock/gmock.h"

namespace swath::exec {
namespace {

Chunk Range(int64_t count) {
  Chunk chunk = *Chunk::Allocate(kInt64, {count}, Pool());
  std::iota(chunk.mutable_data_as<int64_t>(), chunk.mutable_data_as<int64_t>() + count, int64_t{0});
  return chunk;
}

TEST_F(PythonChildrenTest, ObjectsGoBothWaysAndTheChildIsReused) {
  const auto pid = Function("__import__('os').getpid()");
  const auto first = Call(pid);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ToInt(*Call(pid)), ToInt(*first));
  EXPECT_EQ(ToInt(*Call(Function("len(values) * 100 + block"), {Int(1), Int(2), Value()}, 7)), 307);
  EXPECT_EQ(children_.child_count(), 1);
}

TEST_F(PythonChildrenTest, ArraysOfEverySizeAndLayoutAreTheSame) {
  const auto identity = Function("values[0].copy()");
  for (const int64_t count : {0, 1, 7, 2048, 2049, 100'000, 3'000'000}) {
    const Chunk sent = Range(count);
    const auto result = Call(identity, {sent});
    ASSERT_TRUE(result.ok()) << result.status();
    const Chunk* got = result->chunk();
    ASSERT_NE(got, nullptr);
    ASSERT_EQ(got->shape(), sent.shape());
    EXPECT_EQ(got->dtype(), kInt64);
    EXPECT_EQ(std::memcmp(got->data(), sent.data(), static_cast<size_t>(sent.nbytes())), 0);
  }
  // Every third element backwards; a broadcast; a transpose.
  const Chunk base = Range(60'000);
  const Chunk backwards(kInt64, {20'000}, {-24}, 59'999 * 8, base.buffer());
  EXPECT_EQ(ToInt(*Call(Function("int(values[0][1])"), {backwards})), 59'996);
  const Chunk broadcast(kInt64, {1000, 5}, {0, 8}, 0, base.buffer());
  EXPECT_EQ(ToInt(*Call(Function("int(values[0].sum())"), {broadcast})), 10'000);
  const Chunk transposed(kInt64, {300, 200}, {8, 2400}, 0, base.buffer());
  const auto result = Call(Function("values[0].copy(order='K')"), {transposed});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->chunk()->strides(), transposed.strides());
  EXPECT_EQ(std::memcmp(result->chunk()->data(), base.data(), 480'000), 0);
}

TEST_F(PythonChildrenTest, EveryDTypeSurvives) {
  for (const char* type : {"?", "i1", "u2", "i4", "u8", "f2", "f4", "f8", "c8", "c16", "M8[ns]", "m8[D]", "S3", "U2"}) {
    const auto result =
        Call(Function("__import__('numpy').arange(6).astype('i4').astype('" + std::string(type) + "').reshape(2, 3)"));
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_NE(result->chunk(), nullptr) << type;
    EXPECT_EQ(result->chunk()->dtype(), *DType::Parse(type)) << type;
    EXPECT_EQ(result->chunk()->shape(), (Shape{2, 3}));
    const auto back = Call(
        Function("values[0].dtype.str.lstrip('<|') == '" + std::string(type) +
                 "'.replace('?', 'b1')"
                 " and int(values[0].astype('i8')[1, 2] if values[0].dtype.kind != 'c' else values[0].real[1, 2])"),
        {*result});
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(ToInt(*back), std::string(type) == "?" ? 1 : 5) << type;
  }
}

TEST_F(PythonChildrenTest, ArgumentsAreReadOnlyViews) {
  const auto small = Call(Function("values[0].flags.writeable + 2 * values[0].flags.owndata"), {Range(10)});
  const auto large = Call(Function("values[0].flags.writeable + 2 * values[0].flags.owndata"), {Range(100'000)});
  ASSERT_TRUE(small.ok()) << small.status();
  EXPECT_EQ(ToInt(*small), 0);
  EXPECT_EQ(ToInt(*large), 0);
}

TEST_F(PythonChildrenTest, AResultGoesToTheNextCallByHandle) {
  const auto made = Call(Function("__import__('numpy').arange(1000000)"));
  ASSERT_TRUE(made.ok()) << made.status();
  const auto slice = FindShared(*made->chunk()->buffer());
  ASSERT_TRUE(slice.has_value());
  // An argument that is returned, or a part of it, is the same memory.
  const auto part = Call(Function("values[0][1000:900000]"), {*made});
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_EQ(FindShared(*part->chunk()->buffer())->segment, slice->segment);
  EXPECT_EQ(part->chunk()->data_as<int64_t>()[0], 1000);
  EXPECT_EQ(part->chunk()->data(), made->chunk()->data() + 8000);
}

TEST_F(PythonChildrenTest, ABufferOfOursIsCopiedOnceAndABorrowedOneEachTime) {
  const int before = SharedSegment::open_count();
  const Chunk chunk = Range(100'000);
  const auto sum = Function("int(values[0][:3].sum())");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ToInt(*Call(sum, {chunk})), 3);
  EXPECT_EQ(SharedSegment::open_count(), before + 1);
  std::vector<int64_t> user(100'000, 1);
  const Chunk borrowed(kInt64, {100'000}, {8}, 0, arrow::Buffer::Wrap(user));
  EXPECT_EQ(ToInt(*Call(sum, {borrowed})), 3);
  user[0] = 5;  // the user may write to it
  EXPECT_EQ(ToInt(*Call(sum, {borrowed})), 7);
  EXPECT_EQ(SharedSegment::open_count(), before + 1);
}

std::shared_ptr<arrow::Table> MakeTable(int64_t rows) {
  arrow::Int64Builder numbers;
  arrow::StringBuilder texts;
  arrow::StringDictionaryBuilder words;
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::DoubleBuilder>());
  auto* inner = static_cast<arrow::DoubleBuilder*>(lists.value_builder());
  for (int64_t i = 0; i < rows; ++i) {
    CHECK((i % 7 == 0 ? numbers.AppendNull() : numbers.Append(i)).ok());
    CHECK(texts.Append("row " + std::to_string(i)).ok());
    CHECK(words.Append(i % 2 ? "odd" : "even").ok());
    CHECK(lists.Append().ok());
    for (int64_t k = 0; k < i % 3; ++k) CHECK(inner->Append(0.5 * static_cast<double>(k)).ok());
  }
  auto a = *numbers.Finish();
  auto b = *texts.Finish();
  auto c = *words.Finish();
  auto d = *lists.Finish();
  auto schema = arrow::schema({arrow::field("a", a->type()), arrow::field("b", b->type()), arrow::field("c", c->type()),
                               arrow::field("d", d->type())});
  return arrow::Table::Make(schema, {a, b, c, d});
}

TEST_F(PythonChildrenTest, TablesAreTheSame) {
  const auto copy = Function("values[0].take(__import__('pyarrow').array(range(values[0].num_rows), 'i8'))");
  for (const int64_t rows : {0, 5, 20'000}) {
    const auto table = MakeTable(rows);
    const auto result = Call(copy, {Partition{table}});
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_NE(result->partition(), nullptr);
    EXPECT_TRUE(result->partition()->table->CombineChunks().ValueOrDie()->Equals(*table)) << rows;
  }
  const auto table = MakeTable(50'000);
  for (const auto& [begin, rows] : {std::pair{10, 20}, {1000, 45'000}}) {  // slices: of little, of most
    const auto result = Call(Function("values[0]"), {Partition{table->Slice(begin, rows)}});
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result->partition()->table->Equals(*table->Slice(begin, rows)));
  }
  const auto empty = Call(Function("values[0].num_rows"), {Partition{table->SelectColumns({}).ValueOrDie()}});
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(ToInt(*empty), 50'000);
}

TEST_F(PythonChildrenTest, AFunctionThatIsGoneIsDroppedWithWhatItHolds) {
  for (int i = 0; i < 5; ++i) {  // partial(eval(text), buffer): how many shared segments the child has mapped
    auto function = std::make_shared<PythonFunction>();
    function->name = "holds";
    function->pickled = Pickle(
        "cfunctools\npartial\n(cbuiltins\neval\n(Vlambda buffer, values, block: "
        "sum('memfd:swath ' in line for line in open('/proc/self/maps'))\ntR\x97tR.");
    function->pickled.buffers.push_back(arrow::Buffer::FromString(std::string(2 << 20, 'x')));
    const auto mapped = Call(function);
    ASSERT_TRUE(mapped.ok()) << mapped.status();
    EXPECT_EQ(ToInt(*mapped), 1);
  }
}

TEST_F(PythonChildrenTest, ManySegmentsTravelInSeveralPackets) {
  std::vector<Value> values;
  for (int64_t i = 0; i < 450; ++i) {  // a segment each: no two are copied in one call
    values.emplace_back(Range(3000 + i));
    ASSERT_TRUE(Call(Function("None"), {values.back()}).ok());
  }
  const auto result = Call(Function("sum(int(v[-1]) for v in values)"), values);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(ToInt(*result), 450 * 2999 + 450 * 449 / 2);
  std::vector<Value> tiny(20'000, Value(Int(2)));  // a body that fits no packet
  EXPECT_EQ(ToInt(*Call(Function("sum(values)"), tiny)), 40'000);
  const auto many = Call(Function("[bytes(20000) for i in range(500)]"));  // a reply, likewise
  ASSERT_TRUE(many.ok()) << many.status();
  EXPECT_GT(many->object()->bytes->size(), 10'000'000);
}

TEST_F(PythonChildrenTest, AHugeResultArrives) {
  const auto result = Call(Function("__import__('numpy').full(300 << 17, 7, dtype='i8')"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->chunk()->nbytes(), int64_t{300} << 20);
  EXPECT_EQ(result->chunk()->data_as<int64_t>()[(300 << 17) - 1], 7);
  EXPECT_GE(Pool()->stats().reserved_bytes, int64_t{300} << 20);  // it counts against the limit
}

}  // namespace
}  // namespace swath::exec
