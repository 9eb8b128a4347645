#include "swath/kernels/array/loops.h"

#include <cstring>
#include <filesystem>
#include <fstream>

#include "arrow/memory_pool.h"

#include "swath/kernels/array/test_values.h"
#include "swath/kernels/array/tile.h"
#include "swath/ops/elementwise.h"
#include "swath/ops/tile_program.h"

#include "gtest/gtest.h"

namespace swath::kernels {
namespace {

using ops::Grid;
using ops::TileProgram;
using ops::TileSource;

// The op on one block: 17 elements, so that both vector loops and their tails run.
Result<Value> RunOp(std::string_view op, const std::vector<Chunk>& arguments, DType result) {
  TileProgram program;
  program.dtype = result;
  ops::TileInstruction instruction{op, result, {-1, -1, -1}, {}};
  std::vector<Value> values;
  for (size_t k = 0; k < arguments.size(); ++k) {
    TileSource source;
    source.dtype = arguments[k].dtype();
    source.grid = Grid(std::vector<std::vector<int64_t>>{{arguments[k].size()}});
    source.map = {{0, 1, 0}};
    program.sources.push_back(source);
    instruction.arguments[k] = static_cast<int32_t>(k);
    values.emplace_back(arguments[k]);
  }
  program.grid = program.sources[0].grid;
  program.instructions = {instruction};
  TaskContext context;
  context.memory_pool = arrow::default_memory_pool();
  return TileKernels()[0].kernel(program, values, context);
}

// testdata/loops.txt is written by NumPy itself (testdata/make_loops.py).
TEST(LoopsTest, ValuesAsNumPy) {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "testdata" / "loops.txt");
  ASSERT_TRUE(file);
  int lines = 0, wrong = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const auto words = Split(line, ' ');
    const auto dtypes = Split(words[1], ',');
    std::vector<Chunk> arguments;
    for (size_t k = 0; k < dtypes.size(); ++k) arguments.push_back(ReadChunk(words[3 + k], *DType::Parse(dtypes[k])));
    const Chunk expected = ReadChunk(words.back(), *DType::Parse(words[2]));
    const auto value = RunOp((*ops::FindElementwise(words[0]))->name, arguments, expected.dtype());
    ASSERT_TRUE(value.ok()) << words[0] << " " << words[1] << ": " << value.status();
    // Which zero is the smaller one is left open, as in NumPy's vector loops.
    const bool any_zero = words[0].ends_with("imum") || words[0] == "fmin" || words[0] == "fmax" || words[0] == "clip";
    for (int64_t i = 0; i < expected.size(); ++i) {
      if (Matches(*value->chunk(), expected, i, any_zero) || ++wrong > 60) continue;
      std::string operands;
      for (const Chunk& argument : arguments) operands += Describe(argument, i) + " ";
      ADD_FAILURE() << words[0] << " " << words[1] << " -> " << words[2] << ": " << operands << "-> "
                    << Describe(*value->chunk(), i) << ", NumPy: " << Describe(expected, i);
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(lines, 900);
}

// Every combination that the dtype rules allow has a loop.
TEST(LoopsTest, EveryRowHasItsLoops) {
  for (const ops::ElementwiseOp& op : ops::ElementwiseOps()) {
    for (const char letter : op.loops) {
      const DType dtype = *DType::Parse(std::string_view(&letter, 1));
      if (op.name == "cast" || (dtype.is_bool() && op.name == "round")) continue;
      const DType first = op.name == "where" ? kBool : dtype;
      std::vector<ops::OperandType> operands(static_cast<size_t>(op.arity), {dtype, false});
      operands[0].dtype = first;
      if (op.name == "ldexp" || op.name == "round") operands[1].dtype = kInt64;
      const auto loop = ops::ResolveElementwise(op, operands);
      ASSERT_TRUE(loop.ok()) << op.name << " " << letter << ": " << loop.status();
      std::vector<Chunk> arguments;
      for (int32_t k = 0; k < op.arity; ++k) {
        Chunk chunk =
            Chunk::Allocate(loop->arguments[static_cast<size_t>(k)], {3}, arrow::default_memory_pool()).ValueOrDie();
        std::memset(chunk.mutable_data(), 0, static_cast<size_t>(chunk.nbytes()));
        arguments.push_back(chunk);
      }
      EXPECT_TRUE(RunOp(op.name, arguments, loop->result).ok()) << op.name << " " << letter;
    }
  }
}

TEST(LoopsTest, MixedIntegersCompareExactly) {
  Chunk a = Chunk::Allocate(kInt64, {2}, arrow::default_memory_pool()).ValueOrDie();
  Chunk b = Chunk::Allocate(kUInt64, {2}, arrow::default_memory_pool()).ValueOrDie();
  a.mutable_data_as<int64_t>()[0] = -1;
  a.mutable_data_as<int64_t>()[1] = INT64_MAX;
  b.mutable_data_as<uint64_t>()[0] = UINT64_MAX;
  b.mutable_data_as<uint64_t>()[1] = static_cast<uint64_t>(INT64_MAX) + 1;
  const Value value = RunOp("less", {a, b}, kBool).ValueOrDie();
  EXPECT_EQ(value.chunk()->data_as<uint8_t>()[0], 1);
  EXPECT_EQ(value.chunk()->data_as<uint8_t>()[1], 1);
}

}  // namespace
}  // namespace swath::kernels
