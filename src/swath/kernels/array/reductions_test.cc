#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "swath/kernels/array/block_kernels.h"
#include "swath/kernels/array/test_values.h"
#include "swath/kernels/array/tile.h"
#include "swath/ops/reduction.h"
#include "swath/ops/tile_program.h"

#include "gtest/gtest.h"

namespace swath::kernels {
namespace {

using ops::Grid;

TaskContext Context(int64_t block = 0) {
  TaskContext context;
  context.block = block;
  context.memory_pool = arrow::default_memory_pool();
  return context;
}

// Reduces `x` cut into blocks by `grid`: tile tasks, then one combine a kept block; results in C order of the kept
// blocks.
Result<std::vector<Chunk>> Reduce(std::string_view name, const Chunk& x, const Grid& grid,
                                  const std::vector<int32_t>& axes, int64_t ddof) {
  ASSIGN_OR_RETURN(const ops::ReductionOp* op, ops::FindReduction(name));
  ASSIGN_OR_RETURN(const auto types, ops::ResolveReduction(*op, x.dtype()));
  ops::TileProgram program;
  program.grid = grid;
  program.dtype = types.input;
  ops::TileSource source;
  source.dtype = x.dtype();
  for (int32_t axis = 0; axis < grid.ndim(); ++axis) source.map.push_back({axis, 1, 0});
  std::vector<std::vector<int64_t>> one_block;
  for (const int64_t length : x.shape()) one_block.push_back({length});
  source.grid = Grid(one_block);
  program.sources = {source};
  if (types.input != x.dtype()) program.instructions = {{"cast", types.input, {0, -1, -1}, {}}};
  program.sink.kind = ops::TileSink::Kind::kReduce;
  program.sink.reduction = op->name;
  program.sink.axes = axes;
  program.sink.accumulator = types.accumulator;
  ops::CombineParams combine;
  combine.reduction = op->name;
  combine.axes = axes;
  combine.accumulator = types.accumulator;
  combine.result = types.result;
  combine.ddof = ddof;
  std::map<std::vector<int64_t>, std::vector<Value>> groups;
  for (int64_t block = 0; block < grid.block_count(); ++block) {
    std::vector<int64_t> position(static_cast<size_t>(grid.ndim()));
    grid.Position(block, position.data());
    for (const int32_t axis : axes) position[static_cast<size_t>(axis)] = 0;
    TaskContext context = Context(block);
    const std::vector<Value> inputs =
        grid.BlockBox(block).empty() || Product(x.shape()) > 0 ? std::vector<Value>{x} : std::vector<Value>{};
    ASSIGN_OR_RETURN(Value partial, TileKernels()[0].kernel(program, inputs, context));
    groups[position].push_back(std::move(partial));
  }
  std::vector<Chunk> results;
  for (const auto& [position, partials] : groups) {
    TaskContext context = Context();
    ASSIGN_OR_RETURN(const Value value, CombineKernels()[0].kernel(combine, partials, context));
    results.push_back(*value.chunk());
  }
  return results;
}

// testdata/reductions.txt is written by NumPy itself (testdata/make_reductions.py). Whole, and cut into blocks along
// the reduced axes.
TEST(ReductionsTest, ValuesAndDTypesAsNumPy) {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "testdata" / "reductions.txt");
  ASSERT_TRUE(file);
  int lines = 0, wrong = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const auto words = Split(line, ' ');
    Shape shape;
    for (const std::string& length : Split(words[3], ',')) shape.push_back(std::stoll(length));
    const Chunk x = ReadChunk(words[6], *DType::Parse(words[4]), shape);
    const Chunk expected = ReadChunk(words[7], *DType::Parse(words[5]));
    const std::vector<int32_t> axes =
        words[2] == "all" ? std::vector<int32_t>{0, 1} : std::vector<int32_t>{std::stoi(words[2])};
    std::vector<std::vector<int64_t>> whole, cut;
    for (int32_t axis = 0; axis < 2; ++axis) {
      whole.push_back({shape[static_cast<size_t>(axis)]});
      cut.push_back(std::find(axes.begin(), axes.end(), axis) != axes.end()
                        ? std::vector<int64_t>{1, shape[static_cast<size_t>(axis)] - 1}
                        : whole.back());
    }
    for (const Grid& grid : {Grid(whole), Grid(cut)}) {
      const auto results = Reduce(words[0], x, grid, axes, std::stoll(words[1]));
      ASSERT_TRUE(results.ok()) << words[0] << " " << words[4] << ": " << results.status();
      ASSERT_EQ(results->size(), 1u);
      const Chunk& got = results->front();
      ASSERT_EQ(got.size(), expected.size());
      for (int64_t i = 0; i < expected.size(); ++i) {
        // Sums near 0 keep the error of their terms.
        const bool close = std::abs(Number(got, i) - Number(expected, i)) <
                           (x.dtype().kind == Kind::kFloat16                   ? 0.01
                            : x.dtype() == kFloat32 || x.dtype() == kComplex64 ? 1e-5
                                                                               : 1e-13);
        if (Matches(got, expected, i, true) || (close && got.dtype() == expected.dtype() &&
                                                (expected.dtype().is_floating() || expected.dtype().is_complex())))
          continue;
        if (++wrong > 40) continue;
        ADD_FAILURE() << words[0] << " ddof " << words[1] << " axis " << words[2] << " of " << words[4] << " blocks "
                      << grid.block_count() << ": " << got.dtype().ToString() << " " << Describe(got, i)
                      << ", NumPy: " << words[5] << " " << Describe(expected, i);
      }
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(lines, 1500);
}

// A long sum of numbers of very different size: the error stays within a few units in the last place of the exact
// result.
TEST(ReductionsTest, LongSumsAreAccurate) {
  const int64_t n = 1'000'003;
  Chunk x = Chunk::Allocate(kFloat64, {n}, arrow::default_memory_pool()).ValueOrDie();
  std::mt19937_64 rng(5);
  __float128 exact = 0, size = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double value = std::ldexp(static_cast<double>(rng() >> 11) * 0x1p-53 - 0.3, static_cast<int>(rng() % 30));
    x.mutable_data_as<double>()[i] = value;
    exact += value;
    size += std::fabs(value);
  }
  const Grid grid(std::vector<std::vector<int64_t>>{{n}});
  const double sum = Reduce("sum", x, grid, {0}, 0)->front().data_as<double>()[0];
  EXPECT_LE(std::fabs(static_cast<double>(sum - exact)), 2e-16 * static_cast<double>(size));

  Chunk tenths = Chunk::Allocate(kFloat32, {n}, arrow::default_memory_pool()).ValueOrDie();
  std::fill_n(tenths.mutable_data_as<float>(), n, 0.1F);
  EXPECT_FLOAT_EQ(Reduce("sum", tenths, grid, {0}, 0)->front().data_as<float>()[0],
                  static_cast<float>(n * static_cast<double>(0.1F)));
}

// The textbook formula fails here: the mean is large against the spread.
TEST(ReductionsTest, VarianceKeepsSmallSpreads) {
  const int64_t n = 100'000;
  Chunk x = Chunk::Allocate(kFloat64, {n}, arrow::default_memory_pool()).ValueOrDie();
  for (int64_t i = 0; i < n; ++i) x.mutable_data_as<double>()[i] = 1e9 + static_cast<double>(i % 2);
  for (const auto& chunks : std::vector<std::vector<int64_t>>{{n}, {1, 4095, 4097, n - 8193}}) {
    const auto result = Reduce("var", x, Grid(std::vector<std::vector<int64_t>>{chunks}), {0}, 0);
    EXPECT_NEAR(result->front().data_as<double>()[0], 0.25, 1e-14);
  }
}

TEST(ReductionsTest, NothingGivesTheIdentity) {
  const Chunk x = Chunk::Allocate(kFloat64, {0, 3}, arrow::default_memory_pool()).ValueOrDie();
  const Grid grid(std::vector<std::vector<int64_t>>{{0}, {3}});
  EXPECT_EQ(Reduce("sum", x, grid, {0}, 0)->front().data_as<double>()[2], 0);
  EXPECT_EQ(Reduce("prod", x, grid, {0, 1}, 0)->front().data_as<double>()[0], 1);
  EXPECT_TRUE(std::isnan(Reduce("mean", x, grid, {0}, 0)->front().data_as<double>()[1]));
  EXPECT_EQ(Reduce("all", x, grid, {0}, 0)->front().data_as<uint8_t>()[0], 1);
}

TEST(ReductionsTest, RefusesAsNumPy) {
  const auto resolve = [](std::string_view name, DType dtype) {
    return ops::ResolveReduction(**ops::FindReduction(name), dtype).status();
  };
  EXPECT_TRUE(resolve("sum", DType::Date(Kind::kDateTime64, DateUnit::kDay)).IsTypeError());
  EXPECT_TRUE(resolve("mean", DType::String(Kind::kUnicode, 8)).IsTypeError());
  EXPECT_TRUE(ops::FindReduction("summ").status().IsKeyError());
  const Status status =
      ops::CheckReductionShape(**ops::FindReduction("min"), std::vector<int64_t>{0, 3}, std::vector<int32_t>{0});
  EXPECT_EQ(status.message(), "zero-size array to reduction operation minimum which has no identity");
  EXPECT_TRUE(
      ops::CheckReductionShape(**ops::FindReduction("min"), std::vector<int64_t>{0, 3}, std::vector<int32_t>{1}).ok());
}

}  // namespace
}  // namespace swath::kernels
