#include "swath/kernels/array/loops.h"

#include <cmath>
#include <complex>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "arrow/memory_pool.h"
#include "gtest/gtest.h"
#include "swath/data/float16.h"
#include "swath/kernels/array/tile.h"
#include "swath/ops/elementwise.h"
#include "swath/ops/tile_program.h"

namespace swath::kernels {
namespace {

using ops::Grid;
using ops::TileProgram;
using ops::TileSource;

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) words.push_back(word);
  return words;
}

// Bytes in hexadecimal as a one-dimensional block.
Chunk ReadChunk(const std::string& hex, DType dtype) {
  const auto bytes = static_cast<int64_t>(hex.size() / 2);
  Chunk chunk = Chunk::Allocate(dtype, {bytes / dtype.itemsize}, arrow::default_memory_pool()).ValueOrDie();
  for (int64_t i = 0; i < bytes; ++i) {
    chunk.mutable_data()[i] = static_cast<uint8_t>(std::stoi(hex.substr(static_cast<size_t>(2 * i), 2), nullptr, 16));
  }
  return chunk;
}

std::complex<double> Number(const Chunk& chunk, int64_t i) {
  switch (chunk.dtype().kind) {
    case Kind::kFloat16: return HalfToFloat(chunk.data_as<uint16_t>()[i]);
    case Kind::kFloat32: return chunk.data_as<float>()[i];
    case Kind::kFloat64: return chunk.data_as<double>()[i];
    case Kind::kComplex64: return chunk.data_as<std::complex<float>>()[i];
    case Kind::kComplex128: return chunk.data_as<std::complex<double>>()[i];
    default: return {};
  }
}

bool Near(double a, double b, double relative, double absolute) {
  if (std::isnan(b)) return std::isnan(a);
  if (std::isinf(b) || std::isinf(a)) return a == b;
  if (b == 0 && a == 0) return absolute > 0 || std::signbit(a) == std::signbit(b);
  return std::fabs(a - b) <= relative * std::fabs(b) + absolute;
}

// Integers and truth values exactly; reals within a few units in the last place, with the sign of zeros; complex numbers relative to
// their modulus.
bool Matches(std::string_view op, const Chunk& got, const Chunk& expected, int64_t i) {
  const DType& dtype = expected.dtype();
  if (!dtype.is_floating() && !dtype.is_complex()) {
    return std::memcmp(got.data() + i * dtype.itemsize, expected.data() + i * dtype.itemsize, static_cast<size_t>(dtype.itemsize)) == 0;
  }
  const double relative = dtype.kind == Kind::kFloat16 ? 2e-3 : dtype == kFloat32 || dtype == kComplex64 ? 1e-6 : 3e-15;
  const auto a = Number(got, i), b = Number(expected, i);
  if (!dtype.is_complex()) {
    // Which zero is the smaller one is left open, as in NumPy's vector loops.
    const bool any_zero = op.ends_with("imum") || op == "fmin" || op == "fmax" || op == "clip";
    const double absolute = dtype.kind == Kind::kFloat16 ? 1e-7 : any_zero ? 1e-300 : 0;
    return Near(a.real(), b.real(), relative, absolute);
  }
  const double slack = std::isfinite(std::abs(b)) ? 4 * relative * std::abs(b) : 1e-300;
  return Near(a.real(), b.real(), relative, slack) && Near(a.imag(), b.imag(), relative, slack);
}

std::string Describe(const Chunk& chunk, int64_t i) {
  std::ostringstream text;
  if (chunk.dtype().is_floating() || chunk.dtype().is_complex()) {
    text.precision(17);
    text << Number(chunk, i);
  } else {
    int64_t value = 0;
    std::memcpy(&value, chunk.data() + i * chunk.dtype().itemsize, static_cast<size_t>(std::min(chunk.dtype().itemsize, 8)));
    text << value;
  }
  return text.str();
}

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
    for (int64_t i = 0; i < expected.size(); ++i) {
      if (Matches(words[0], *value->chunk(), expected, i) || ++wrong > 60) continue;
      std::string operands;
      for (const Chunk& argument : arguments) operands += Describe(argument, i) + " ";
      ADD_FAILURE() << words[0] << " " << words[1] << " -> " << words[2] << ": " << operands << "-> " << Describe(*value->chunk(), i)
                    << ", NumPy: " << Describe(expected, i);
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
        Chunk chunk = Chunk::Allocate(loop->arguments[static_cast<size_t>(k)], {3}, arrow::default_memory_pool()).ValueOrDie();
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
