#include "swath/kernels/array/tile.h"

#include <cmath>
#include <map>
#include <random>

#include "arrow/memory_pool.h"

#include "swath/kernels/array/block_kernels.h"
#include "swath/kernels/array/random/random.h"
#include "swath/ops/reduction.h"
#include "swath/ops/tile_program.h"

#include "gtest/gtest.h"

namespace swath::kernels {
namespace {

using ops::AxisMap;
using ops::Grid;
using ops::TileInstruction;
using ops::TileProgram;
using ops::TileSource;
using Rng = std::mt19937_64;

int64_t Pick(Rng& rng, int64_t count) { return static_cast<int64_t>(rng() % static_cast<uint64_t>(count)); }

// A whole array of doubles, and its blocks by some grid.
struct WholeArray {
  Grid grid;
  std::vector<double> values;
  double At(const std::vector<int64_t>& at) const {
    int64_t flat = 0;
    for (size_t axis = 0; axis < at.size(); ++axis) flat = flat * grid.shape(static_cast<int64_t>(axis)) + at[axis];
    return values[static_cast<size_t>(flat)];
  }
};

Grid RandomGrid(const std::vector<int64_t>& shape, Rng& rng, int64_t longest) {
  std::vector<std::vector<int64_t>> chunks;
  for (int64_t length : shape) {
    std::vector<int64_t> lengths;
    for (int64_t left = length; left > 0; left -= lengths.back())
      lengths.push_back(std::min(left, Pick(rng, longest + 1)));
    if (lengths.empty()) lengths.push_back(0);
    chunks.push_back(lengths);
  }
  return Grid(chunks);
}

bool Next(std::vector<int64_t>& at, const ops::Box& box) {
  for (size_t axis = at.size(); axis-- > 0;) {
    if (++at[axis] < box[axis].end) return true;
    at[axis] = box[axis].begin;
  }
  return false;
}
template <typename Function>
void ForEach(const ops::Box& box, const Function& function) {
  std::vector<int64_t> at;
  for (const ops::Range& range : box) {
    if (range.size() == 0) return;
    at.push_back(range.begin);
  }
  do function(at);
  while (Next(at, box));
}

// A block of the array, laid out in C order, in Fortran order, or with its last axis reversed.
Chunk BlockOf(const WholeArray& array, int64_t block, int layout) {
  const ops::Box box = array.grid.BlockBox(block);
  Shape shape;
  for (const ops::Range& range : box) shape.push_back(range.size());
  Chunk chunk = Chunk::Allocate(kFloat64, shape, arrow::default_memory_pool()).ValueOrDie();
  Shape strides = chunk.strides();
  int64_t offset = 0;
  if (layout == 1) {
    int64_t stride = 8;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      strides[axis] = stride;
      stride *= std::max<int64_t>(shape[axis], 1);
    }
  } else if (layout == 2 && !shape.empty() && shape.back() > 0) {
    offset = (shape.back() - 1) * 8;
    strides.back() = -8;
  }
  uint8_t* data = chunk.mutable_data() + offset;
  ForEach(box, [&](const std::vector<int64_t>& at) {
    int64_t where = 0;
    for (size_t axis = 0; axis < at.size(); ++axis) where += (at[axis] - box[axis].begin) * strides[axis];
    *reinterpret_cast<double*>(data + where) = array.At(at);
  });
  return Chunk(kFloat64, shape, strides, offset, chunk.buffer());
}

// A random source over an output space, with steps of both signs, fixed axes, broadcasts and transposes.
TileSource RandomSource(const std::vector<int64_t>& output_shape, Rng& rng, std::vector<int64_t>* shape) {
  TileSource source;
  source.dtype = kFloat64;
  std::vector<int32_t> axes;
  for (int32_t axis = 0; axis < static_cast<int32_t>(output_shape.size()); ++axis) {
    if (Pick(rng, 4) != 0) axes.push_back(axis);
  }
  if (Pick(rng, 2) != 0) std::shuffle(axes.begin(), axes.end(), rng);
  if (Pick(rng, 3) == 0) axes.insert(axes.begin() + Pick(rng, static_cast<int64_t>(axes.size()) + 1), -1);
  for (const int32_t axis : axes) {
    AxisMap m{axis, 1, 0};
    if (axis < 0) {
      m.offset = Pick(rng, 3);
      shape->push_back(m.offset + 1 + Pick(rng, 2));
    } else {
      m.step = Pick(rng, 3) == 0 ? 1 + Pick(rng, 3) : 1;
      const int64_t span = m.step * std::max<int64_t>(output_shape[static_cast<size_t>(axis)] - 1, 0);
      m.offset = Pick(rng, 3);
      shape->push_back(m.offset + span + 1 + Pick(rng, 2));
      if (Pick(rng, 3) == 0) {
        m.offset += span;
        m.step = -m.step;
      }
    }
    source.map.push_back(m);
  }
  return source;
}

double Mapped(const TileSource& source, const WholeArray& array, const std::vector<int64_t>& at) {
  std::vector<int64_t> where;
  for (const AxisMap& m : source.map)
    where.push_back(m.offset + (m.axis < 0 ? 0 : m.step * at[static_cast<size_t>(m.axis)]));
  return array.At(where);
}

struct Case {
  std::shared_ptr<TileProgram> program = std::make_shared<TileProgram>();
  std::vector<WholeArray> arrays;
  std::vector<double> expected;  // C order over the output

  std::vector<Value> Inputs(int64_t block, Rng& rng) const {
    std::vector<Value> values;
    for (size_t s = 0; s < arrays.size(); ++s) {
      std::vector<int64_t> blocks;
      AppendOverlappingBlocks(program->sources[s].grid, MapBox(program->sources[s].map, program->grid.BlockBox(block)),
                              &blocks);
      for (const int64_t b : blocks) values.emplace_back(BlockOf(arrays[s], b, static_cast<int>(Pick(rng, 3))));
    }
    return values;
  }
};

// (s0 - s1) * s2 …, over random sources.
Case RandomCase(Rng& rng, int64_t longest) {
  Case c;
  std::vector<int64_t> shape(static_cast<size_t>(Pick(rng, 4)));
  for (int64_t& length : shape) length = Pick(rng, 10) == 0 ? 0 : 1 + Pick(rng, longest);
  c.program->grid = RandomGrid(shape, rng, longest);
  const int64_t sources = 1 + Pick(rng, 3);
  for (int64_t s = 0; s < sources; ++s) {
    std::vector<int64_t> source_shape;
    TileSource source = RandomSource(shape, rng, &source_shape);
    source.grid = RandomGrid(source_shape, rng, longest);
    WholeArray array{source.grid, {}};
    int64_t size = 1;
    for (int64_t length : source_shape) size *= length;
    for (int64_t i = 0; i < size; ++i) array.values.push_back(static_cast<double>(Pick(rng, 1000)) - 500);
    c.arrays.push_back(std::move(array));
    c.program->sources.push_back(std::move(source));
  }
  for (int32_t s = 1; s < sources; ++s) {
    const int32_t left = s == 1 ? 0 : static_cast<int32_t>(sources) + s - 2;
    c.program->instructions.push_back({s % 2 ? "subtract" : "multiply", kFloat64, {left, s, -1}, {}});
  }
  c.program->dtype = kFloat64;
  ops::Box whole;
  for (int64_t length : shape) whole.push_back({0, length});
  ForEach(whole, [&](const std::vector<int64_t>& at) {
    double value = Mapped(c.program->sources[0], c.arrays[0], at);
    for (size_t s = 1; s < c.arrays.size(); ++s) {
      const double other = Mapped(c.program->sources[s], c.arrays[s], at);
      value = s % 2 ? value - other : value * other;
    }
    c.expected.push_back(value);
  });
  return c;
}

Value RunBlock(const TileProgram& program, int64_t block, const std::vector<Value>& inputs) {
  TaskContext context;
  context.block = block;
  context.memory_pool = arrow::default_memory_pool();
  return TileKernels()[0].kernel(program, inputs, context).ValueOrDie();
}

void CheckStore(int64_t longest, int rounds, uint64_t seed) {
  Rng rng(seed);
  for (int round = 0; round < rounds; ++round) {
    const Case c = RandomCase(rng, longest);
    const WholeArray expected{c.program->grid, c.expected};
    for (int64_t block = 0; block < c.program->grid.block_count(); ++block) {
      const Value value = RunBlock(*c.program, block, c.Inputs(block, rng));
      const Chunk& chunk = *value.chunk();
      int64_t i = 0;
      ForEach(c.program->grid.BlockBox(block), [&](const std::vector<int64_t>& at) {
        ASSERT_EQ(chunk.data_as<double>()[i++], expected.At(at)) << "round " << round << " block " << block;
      });
      ASSERT_EQ(i, chunk.size());
    }
  }
}

TEST(TileTest, StoresWhatBruteForceGives) { CheckStore(6, 1500, 1); }
TEST(TileTest, StoresLargeTiles) { CheckStore(90, 12, 2); }

// The value of a reduction of `values` by plain loops; the indices are those over the reduced axes.
double Oracle(std::string_view name, const std::vector<double>& values) {
  double sum = 0, product = 1, count = static_cast<double>(values.size());
  for (double x : values) {
    sum += x;
    product *= x;
  }
  double squares = 0;
  for (double x : values) squares += (x - sum / count) * (x - sum / count);
  if (name == "sum") return sum;
  if (name == "prod") return product;
  if (name == "mean") return sum / count;
  if (name == "var") return squares / count;
  if (name == "std") return std::sqrt(squares / count);
  if (name == "min") return *std::min_element(values.begin(), values.end());
  if (name == "max") return *std::max_element(values.begin(), values.end());
  if (name == "argmin") return static_cast<double>(std::min_element(values.begin(), values.end()) - values.begin());
  if (name == "argmax") return static_cast<double>(std::max_element(values.begin(), values.end()) - values.begin());
  if (name == "any") return std::any_of(values.begin(), values.end(), [](double x) { return x != 0; });
  if (name == "all") return std::all_of(values.begin(), values.end(), [](double x) { return x != 0; });
  return static_cast<double>(
      std::count_if(values.begin(), values.end(), [](double x) { return x != 0; }));  // count_nonzero
}

double Element(const Chunk& chunk, int64_t i) {
  if (chunk.dtype() == kInt64) return static_cast<double>(chunk.data_as<int64_t>()[i]);
  if (chunk.dtype() == kBool) return chunk.data_as<uint8_t>()[i];
  return chunk.data_as<double>()[i];
}

void CheckReduce(int64_t longest, int rounds, uint64_t seed) {
  Rng rng(seed);
  const std::vector<std::string_view> names = {"sum", "prod",   "mean",   "var", "std", "min",
                                               "max", "argmin", "argmax", "any", "all", "count_nonzero"};
  for (int round = 0; round < rounds; ++round) {
    Case c = RandomCase(rng, longest);
    const auto ndim = static_cast<int32_t>(c.program->grid.ndim());
    for (int64_t axis = 0; axis < ndim; ++axis) {
      if (c.program->grid.shape(axis) == 0) c.expected.clear();
    }
    if (c.expected.empty()) continue;
    const std::string_view name = names[static_cast<size_t>(Pick(rng, static_cast<int64_t>(names.size())))];
    auto& sink = c.program->sink;
    sink.kind = ops::TileSink::Kind::kReduce;
    sink.reduction = name;
    for (int32_t axis = 0; axis < ndim; ++axis) {
      if (Pick(rng, 2)) sink.axes.push_back(axis);
    }
    const auto types = ops::ResolveReduction(**ops::FindReduction(name), kFloat64).ValueOrDie();
    sink.accumulator = types.accumulator;

    ops::CombineParams combine;
    combine.reduction = name;
    combine.axes = sink.axes;
    combine.accumulator = types.accumulator;
    combine.result = types.result;
    combine.keepdims = true;
    // Every line of blocks along the reduced axes is one group.
    const Grid& grid = c.program->grid;
    std::map<std::vector<int64_t>, std::vector<Value>> groups;
    for (int64_t block = 0; block < grid.block_count(); ++block) {
      std::vector<int64_t> position(static_cast<size_t>(ndim));
      grid.Position(block, position.data());
      for (const int32_t axis : sink.axes) position[static_cast<size_t>(axis)] = 0;
      groups[position].push_back(RunBlock(*c.program, block, c.Inputs(block, rng)));
    }
    const WholeArray whole{grid, c.expected};
    for (const auto& [position, partials] : groups) {
      TaskContext context;
      context.memory_pool = arrow::default_memory_pool();
      const Value combined = CombineKernels()[0].kernel(combine, partials, context).ValueOrDie();
      ops::Box kept = grid.BlockBox(grid.Index(position));
      for (const int32_t axis : sink.axes) kept[static_cast<size_t>(axis)] = {0, 1};
      int64_t i = 0;
      ForEach(kept, [&](const std::vector<int64_t>& at) {
        ops::Box line;
        for (const int64_t coordinate : at) line.push_back({coordinate, coordinate + 1});
        for (const int32_t axis : sink.axes) line[static_cast<size_t>(axis)] = {0, grid.shape(axis)};
        std::vector<double> values;
        ForEach(line, [&](const std::vector<int64_t>& where) { values.push_back(whole.At(where)); });
        const double expected = Oracle(name, values), got = Element(*combined.chunk(), i++);
        ASSERT_NEAR(got, expected, 1e-10 * std::max(1.0, std::fabs(expected))) << name << " round " << round;
      });
    }
  }
}

TEST(TileTest, ReducesAsBruteForce) { CheckReduce(6, 1500, 3); }
TEST(TileTest, ReducesLargeTiles) { CheckReduce(90, 24, 4); }

// x + x.T of a generated x is the same whatever the blocks, and reads what the generator gives.
TEST(TileTest, GeneratesTransposedSources) {
  const int64_t n = 150;
  TileSource x;
  x.kind = TileSource::Kind::kRandom;
  x.dtype = kFloat64;
  x.distribution = "random";
  x.seed = {7, 9};
  x.grid = Grid(std::vector<std::vector<int64_t>>{{n}, {n}});
  x.map = {{0, 1, 0}, {1, 1, 0}};
  TileSource xt = x;
  xt.map = {{1, 1, 0}, {0, 1, 0}};
  std::vector<double> numbers(static_cast<size_t>(n * n));
  RandomGenerator::Make(x).ValueOrDie().Fill(0, n * n, numbers.data());
  for (const auto& chunks : std::vector<std::vector<int64_t>>{{150}, {64, 86}, {1, 70, 79}}) {
    TileProgram program;
    program.grid = Grid(std::vector<std::vector<int64_t>>{chunks, chunks});
    program.sources = {x, xt};
    program.instructions = {{"add", kFloat64, {0, 1, -1}, {}}};
    program.dtype = kFloat64;
    for (int64_t block = 0; block < program.grid.block_count(); ++block) {
      const Value value = RunBlock(program, block, {});
      int64_t i = 0;
      ForEach(program.grid.BlockBox(block), [&](const std::vector<int64_t>& at) {
        const double expected =
            numbers[static_cast<size_t>(at[0] * n + at[1])] + numbers[static_cast<size_t>(at[1] * n + at[0])];
        ASSERT_EQ(value.chunk()->data_as<double>()[i++], expected);
      });
    }
  }
}

TEST(TileTest, GeneratesRangesEyesAndConstants) {
  TileSource range;
  range.kind = TileSource::Kind::kAffine;
  range.dtype = kInt32;
  range.grid = Grid(std::vector<std::vector<int64_t>>{{10}});
  range.map = {{1, 1, 0}};
  range.start = ops::ScalarConstant::Int(5);
  range.step = ops::ScalarConstant::Int(-2);
  TileSource eye;
  eye.kind = TileSource::Kind::kEye;
  eye.dtype = kInt32;
  eye.grid = Grid(std::vector<std::vector<int64_t>>{{7}, {10}});
  eye.map = {{0, 1, 0}, {1, 1, 0}};
  eye.diagonal = 2;
  TileProgram program;
  program.grid = Grid(std::vector<std::vector<int64_t>>{{4, 3}, {10}});
  program.sources = {range, eye};
  program.instructions = {
      {"multiply", kInt32, {1, TileInstruction::kConstantArgument, -1}, ops::ScalarConstant::Int(100, kInt32)},
      {"add", kInt32, {0, 2, -1}, {}}};
  program.dtype = kInt32;
  for (int64_t block = 0; block < 2; ++block) {
    const Value value = RunBlock(program, block, {});
    int64_t i = 0;
    ForEach(program.grid.BlockBox(block), [&](const std::vector<int64_t>& at) {
      ASSERT_EQ(value.chunk()->data_as<int32_t>()[i++], 5 - 2 * at[1] + (at[1] - at[0] == 2 ? 100 : 0));
    });
  }
}

TEST(TileTest, ReportsMissingLoopsAndBadPowers) {
  TileSource two;
  two.kind = TileSource::Kind::kConstant;
  two.dtype = kInt64;
  two.start = ops::ScalarConstant::Int(2);
  TileProgram program;
  program.grid = Grid(std::vector<std::vector<int64_t>>{{3}});
  program.sources = {two};
  program.instructions = {{"power", kInt64, {0, TileInstruction::kConstantArgument, -1}, ops::ScalarConstant::Int(-1)}};
  program.dtype = kInt64;
  TaskContext context;
  context.memory_pool = arrow::default_memory_pool();
  EXPECT_NE(TileKernels()[0].kernel(program, {}, context).status().message().find("negative integer powers"),
            std::string::npos);
  program.instructions[0].op = "sqrt";
  EXPECT_TRUE(TileKernels()[0].kernel(program, {}, context).status().IsTypeError());
}

}  // namespace
}  // namespace swath::kernels
