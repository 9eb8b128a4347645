#include "swath/exec/spill_store.h"

#include <cstring>
#include <filesystem>
#include <random>
#include <thread>

#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arrow/api.h"
#include "arrow/util/byte_size.h"

#include "swath/base/env.h"
#include "swath/data/memory_pool.h"

namespace swath::exec {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<arrow::Buffer> RandomBuffer(Rng* rng, int64_t size) {
  std::shared_ptr<arrow::Buffer> buffer = *arrow::AllocateBuffer(size);
  for (int64_t i = 0; i < size; ++i) buffer->mutable_data()[i] = static_cast<uint8_t>((*rng)());
  return buffer;
}

// A strided view with gaps, negative and zero strides now and then.
Chunk RandomChunk(Rng* rng) {
  const DType types[] = {kBool,
                         kInt16,
                         kFloat64,
                         kComplex128,
                         DType::Date(Kind::kDateTime64, DateUnit::kNano),
                         DType::String(Kind::kUnicode, 12)};
  const DType dtype = types[rng->Below(std::size(types))];
  const auto ndim = rng->Below(4);
  Shape shape(ndim), strides(ndim);
  int64_t extent = dtype.itemsize, offset = 0;
  for (size_t axis = ndim; axis-- > 0;) {
    shape[axis] = static_cast<int64_t>(rng->Below(20));
    const auto step = static_cast<int64_t>(rng->Below(3));
    strides[axis] = extent * step;
    if (rng->Chance(0.3)) {
      strides[axis] = -strides[axis];
      if (shape[axis] > 0) offset += -strides[axis] * (shape[axis] - 1);
    }
    extent *= std::max<int64_t>(1, shape[axis] * std::max<int64_t>(step, 1));
  }
  return Chunk(dtype, shape, strides, offset, RandomBuffer(rng, extent + offset));
}

Partition RandomPartition(Rng* rng) {
  const auto rows = static_cast<int64_t>(rng->Below(2000));
  arrow::Int64Builder ints;
  arrow::LargeStringBuilder strings;
  arrow::StringDictionaryBuilder categories;
  for (int64_t i = 0; i < rows; ++i) {
    const auto number = static_cast<int64_t>(rng->Below(50));
    EXPECT_TRUE((rng->Chance(0.1) ? ints.AppendNull() : ints.Append(number)).ok());
    EXPECT_TRUE(
        (rng->Chance(0.1) ? strings.AppendNull() : strings.Append(std::string(static_cast<size_t>(number), 'x'))).ok());
    EXPECT_TRUE(categories.Append("category-" + std::to_string(number)).ok());
  }
  std::shared_ptr<arrow::Array> dictionary;
  EXPECT_TRUE(categories.Finish(&dictionary).ok());
  const auto schema = arrow::schema({arrow::field("i", arrow::int64()), arrow::field("s", arrow::large_utf8()),
                                     arrow::field("c", dictionary->type())},
                                    arrow::key_value_metadata({"index"}, {"i"}));
  auto table = arrow::Table::Make(schema, {*ints.Finish(), *strings.Finish(), dictionary});
  if (rng->Chance(0.5) && rows > 2) table = table->Slice(1, rows - 2);  // offsets and bits that are not byte aligned
  if (rng->Chance(0.3)) table = *arrow::ConcatenateTables({table, table});
  return {table};
}

Value RandomValue(Rng* rng, int depth = 0) {
  switch (rng->Below(depth < 3 ? 6 : 4)) {
    case 0:
      return RandomChunk(rng);
    case 1:
      return RandomPartition(rng);
    case 2: {
      Object object{.format = "pickle5",
                    .bytes = rng->Chance(0.8) ? RandomBuffer(rng, static_cast<int64_t>(rng->Below(5000))) : nullptr,
                    .buffers = {}};
      for (uint64_t n = rng->Below(3); n > 0; --n)
        object.buffers.push_back(RandomBuffer(rng, static_cast<int64_t>(rng->Below(3 << 20))));
      return object;
    }
    case 3:
      return rng->Chance(0.5) ? Value() : Value(Partition{});
    default: {
      Pieces pieces;
      for (uint64_t n = rng->Below(5); n > 0; --n) pieces.values.push_back(RandomValue(rng, depth + 1));
      return pieces;
    }
  }
}

bool SameElements(const Chunk& a, const Chunk& b, size_t axis, const uint8_t* x, const uint8_t* y) {
  if (axis == a.shape().size()) return std::memcmp(x, y, static_cast<size_t>(a.dtype().itemsize)) == 0;
  for (int64_t i = 0; i < a.shape()[axis]; ++i) {
    if (!SameElements(a, b, axis + 1, x + i * a.strides()[axis], y + i * b.strides()[axis])) return false;
  }
  return true;
}

bool Same(const Value& a, const Value& b) {
  if (const Chunk* chunk = a.chunk()) {
    const Chunk* other = b.chunk();
    return other != nullptr && chunk->dtype() == other->dtype() && chunk->shape() == other->shape() &&
           (chunk->size() == 0 || SameElements(*chunk, *other, 0, chunk->data(), other->data()));
  }
  if (const Partition* partition = a.partition()) {
    const Partition* other = b.partition();
    if (other == nullptr || !partition->table || !other->table)
      return other != nullptr && partition->table == other->table;
    return partition->table->Equals(*other->table, true) && other->table->ValidateFull().ok();
  }
  if (const Object* object = a.object()) {
    const Object* other = b.object();
    if (other == nullptr || object->format != other->format || object->buffers.size() != other->buffers.size())
      return false;
    for (size_t i = 0; i < object->buffers.size(); ++i) {
      if (!object->buffers[i]->Equals(*other->buffers[i])) return false;
    }
    return object->bytes ? other->bytes && object->bytes->Equals(*other->bytes) : !other->bytes;
  }
  if (const Pieces* pieces = a.pieces()) {
    const Pieces* other = b.pieces();
    if (other == nullptr || pieces->values.size() != other->values.size()) return false;
    for (size_t i = 0; i < pieces->values.size(); ++i) {
      if (!Same(pieces->values[i], other->values[i])) return false;
    }
    return true;
  }
  return b.empty();
}

TEST(SpillStore, RandomValuesComeBackEqual) {
  SpillStore store;
  Rng rng(3);
  std::vector<std::pair<int64_t, Value>> held;
  for (int step = 0; step < 400; ++step) {
    Value value = RandomValue(&rng);
    const auto id = store.Write(value);
    ASSERT_TRUE(id.ok()) << id.status();
    held.emplace_back(*id, std::move(value));
    const size_t pick = rng.Below(held.size());
    const auto back = store.Read(held[pick].first);
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_TRUE(Same(held[pick].second, *back)) << "step " << step;
    if (rng.Chance(0.6)) {
      store.Remove(held[pick].first);
      EXPECT_TRUE(store.Read(held[pick].first).status().IsKeyError());
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(pick));
    }
  }
  EXPECT_EQ(store.stats().values, static_cast<int64_t>(held.size()));
  for (const auto& [id, value] : held) store.Remove(id);
  EXPECT_EQ(store.stats().bytes, 0);
}

TEST(SpillStore, DamageIsSeen) {
  SpillStore store;
  Rng rng(1);
  for (int i = 0; i < 20; ++i) {
    const int64_t id = *store.Write(Object{
        .format = "x", .bytes = RandomBuffer(&rng, 1 + static_cast<int64_t>(rng.Below(3 << 20))), .buffers = {}});
    ASSERT_TRUE(store.Read(id).ok());
    ASSERT_TRUE(store.CorruptForTest(id).ok());
    const Status status = store.Read(id).status();
    EXPECT_TRUE(status.IsIOError());
    EXPECT_THAT(status.message(), HasSubstr("damaged"));
  }
}

TEST(SpillStore, AFolderThatCannotBeWrittenIsNamed) {
  SpillStore store("/nowhere/at/all");
  const Status status = store.Write(Object{.format = "x", .bytes = nullptr, .buffers = {}}).status();
  EXPECT_TRUE(status.IsIOError());
  EXPECT_THAT(status.message(), HasSubstr("/nowhere/at/all"));
  EXPECT_THAT(status.message(), HasSubstr("temporary-directory"));
}

TEST(SpillStore, AFullDiskIsAClearError) {
  // RLIMIT_FSIZE would kill the process; /dev/full refuses files. A small tmpfs needs root, so this runs where one can
  // be mounted.
  const std::string folder = std::filesystem::temp_directory_path() / ("swath-full-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  if (std::system(("mount -t tmpfs -o size=1m tmpfs " + folder + " 2>/dev/null").c_str()) != 0) {
    std::filesystem::remove(folder);
    GTEST_SKIP() << "cannot mount a small file system here";
  }
  {
    SpillStore store(folder);
    Rng rng(1);
    const Value small = Object{.format = "x", .bytes = RandomBuffer(&rng, 1000), .buffers = {}};
    const int64_t id = *store.Write(small);
    const Status status =
        store.Write(Object{.format = "x", .bytes = RandomBuffer(&rng, 4 << 20), .buffers = {}}).status();
    EXPECT_TRUE(status.IsIOError());
    EXPECT_THAT(status.message(), HasSubstr("disk is full"));
    EXPECT_TRUE(Same(small, *store.Read(id)));
    EXPECT_EQ(store.stats().values, 1);
    const auto again = store.Write(Object{.format = "x", .bytes = RandomBuffer(&rng, 500000), .buffers = {}});
    EXPECT_TRUE(again.ok()) << again.status();  // the failed write left nothing behind
  }
  EXPECT_EQ(std::system(("umount " + folder).c_str()), 0);
  std::filesystem::remove(folder);
}

TEST(SpillStore, FilesHaveNoNameAndSpaceComesBack) {
  const std::string folder = std::filesystem::temp_directory_path() / ("swath-names-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  {
    SpillStore store(folder);
    Rng rng(1);
    const int64_t id = *store.Write(Object{.format = "x", .bytes = RandomBuffer(&rng, 2 << 20), .buffers = {}});
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    EXPECT_TRUE(store.Read(id).ok());
  }
  std::filesystem::remove(folder);
}

TEST(SpillStore, ManyThreadsWriteAndRead) {
  SpillStore store;
  std::atomic<int> same{0};
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Rng rng(t);
      for (int i = 0; i < 30; ++i) {
        const Value value =
            Object{.format = "x", .bytes = RandomBuffer(&rng, static_cast<int64_t>(rng.Below(2 << 20))), .buffers = {}};
        const int64_t id = *store.Write(value);
        same += Same(value, *store.Read(id));
        store.Remove(id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, 120);
}

}  // namespace
}  // namespace swath::exec
