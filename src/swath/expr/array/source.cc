#include "swath/expr/array/source.h"

#include "arrow/buffer.h"

#include "swath/ops/random.h"

namespace swath::expr {
namespace {

TokenBuilder& AddScalar(TokenBuilder& token, const ops::ScalarConstant& value) {
  return AddDType(token, value.dtype).Add(value.i).Add(value.re).Add(value.im);
}

std::string NumberToString(double value) { return ops::ScalarConstant::Float(value).ToString(); }

Result<ArrayPtr> MakeGenerator(ops::TileSource source, ops::Grid grid, std::string label) {
  source.grid = grid;
  TokenBuilder token("generator");
  token.Add(static_cast<int64_t>(source.kind)).Add(std::string_view(source.distribution));
  AddDType(token, source.dtype);
  AddGrid(token, grid);
  token.Add(static_cast<int64_t>(source.seed[0])).Add(static_cast<int64_t>(source.seed[1]));
  for (const double parameter : source.parameters) token.Add(parameter);
  token.Add(source.integer_bounds[0]).Add(source.integer_bounds[1]).Add(source.diagonal);
  AddScalar(AddScalar(token, source.start), source.step);
  return InternAs<ArrayNode>(
      std::make_shared<GeneratorNode>(token.Finish(), std::move(grid), std::move(source), std::move(label)));
}

}  // namespace

Result<NodePtr> ValuesNode::WithInputs(std::vector<NodePtr>) const { return MakeValues(blocks_, grid(), dtype()); }
Result<NodePtr> GeneratorNode::WithInputs(std::vector<NodePtr>) const { return MakeGenerator(source_, grid(), label_); }

Result<ArrayPtr> MakeValues(std::vector<Chunk> blocks, ops::Grid grid, DType dtype) {
  if (static_cast<int64_t>(blocks.size()) != grid.block_count()) {
    return Status::Invalid("got ", blocks.size(), " blocks for chunks that make ", grid.block_count());
  }
  TokenBuilder token("from_array");
  AddGrid(AddDType(token, dtype), grid);
  for (int64_t block = 0; block < grid.block_count(); ++block) {
    const Chunk& chunk = blocks[block];
    Shape expected;
    for (const ops::Range& range : grid.BlockBox(block)) expected.push_back(range.size());
    if (chunk.shape() != expected || chunk.dtype() != dtype) {
      return Status::Invalid("block ", block, " is ", ShapeToString(chunk.shape()), " ", chunk.dtype().ToString(),
                             "; its place asks for ", ShapeToString(expected), " ", dtype.ToString());
    }
    // The node keeps the memory, so its address is taken as long as the token lives in the intern table.
    token.Add(static_cast<int64_t>(reinterpret_cast<intptr_t>(chunk.data()))).Add(chunk.strides());
  }
  return InternAs<ArrayNode>(std::make_shared<ValuesNode>(token.Finish(), dtype, std::move(grid), std::move(blocks)));
}

Result<ArrayPtr> MakeFromChunk(const Chunk& chunk, ops::Grid grid) {
  if (grid.shape() != chunk.shape()) {
    return Status::Invalid("chunks of shape ", ShapeToString(grid.shape()), " do not fit an array of shape ",
                           ShapeToString(chunk.shape()));
  }
  std::vector<Chunk> blocks;
  for (int64_t block = 0; block < grid.block_count(); ++block) {
    const ops::Box box = grid.BlockBox(block);
    Shape shape;
    int64_t offset = chunk.offset();
    for (size_t axis = 0; axis < box.size(); ++axis) {
      shape.push_back(box[axis].size());
      offset += box[axis].begin * chunk.strides()[axis];
    }
    blocks.emplace_back(chunk.dtype(), std::move(shape), chunk.strides(), offset, chunk.buffer());
  }
  return MakeValues(std::move(blocks), std::move(grid), chunk.dtype());
}

Result<ArrayPtr> MakeFull(const ops::ScalarConstant& value, ops::Grid grid) {
  ops::TileSource source{.kind = ops::TileSource::Kind::kConstant, .dtype = value.dtype};
  source.start = value;
  return MakeGenerator(std::move(source), std::move(grid), "full(" + value.ToString() + ")");
}

Result<ArrayPtr> MakeEye(ops::Grid grid, int64_t diagonal, DType dtype) {
  ops::TileSource source{.kind = ops::TileSource::Kind::kEye, .dtype = dtype};
  source.diagonal = diagonal;
  return MakeGenerator(std::move(source), std::move(grid),
                       diagonal == 0 ? "eye" : "eye(k=" + std::to_string(diagonal) + ")");
}

Result<ArrayPtr> MakeAffine(const ops::ScalarConstant& start, const ops::ScalarConstant& step, ops::Grid grid,
                            std::string label) {
  ops::TileSource source{.kind = ops::TileSource::Kind::kAffine, .dtype = start.dtype};
  source.start = start;
  source.step = step;
  return MakeGenerator(std::move(source), std::move(grid), std::move(label));
}

Result<ArrayPtr> MakeRandom(std::string_view distribution, std::vector<double> parameters, std::array<uint64_t, 2> seed,
                            DType dtype, ops::Grid grid) {
  ASSIGN_OR_RETURN(const ops::Distribution* row, ops::FindDistribution(distribution));
  RETURN_IF_ERROR(ops::CheckDistribution(*row, parameters));
  RETURN_IF_ERROR(ops::CheckDistributionDType(*row, dtype));
  std::string label(row->name);
  for (size_t i = 0; i < parameters.size(); ++i) label += (i == 0 ? "(" : ", ") + NumberToString(parameters[i]);
  if (!parameters.empty()) label += ")";
  ops::TileSource source{.kind = ops::TileSource::Kind::kRandom, .dtype = dtype};
  source.distribution = row->name;
  source.seed = seed;
  source.parameters = std::move(parameters);
  return MakeGenerator(std::move(source), std::move(grid), std::move(label));
}

Result<ArrayPtr> MakeRandomIntegers(int64_t low, int64_t high, std::array<uint64_t, 2> seed, DType dtype,
                                    ops::Grid grid) {
  ASSIGN_OR_RETURN(const ops::Distribution* row, ops::FindDistribution("integers"));
  RETURN_IF_ERROR(ops::CheckDistributionDType(*row, dtype));
  RETURN_IF_ERROR(ops::CheckIntegers(low, high, dtype));
  ops::TileSource source{.kind = ops::TileSource::Kind::kRandom, .dtype = dtype};
  source.distribution = row->name;
  source.seed = seed;
  source.integer_bounds = {low, high};
  return MakeGenerator(std::move(source), std::move(grid),
                       "integers(" + std::to_string(low) + ", " + std::to_string(high) + ")");
}

}  // namespace swath::expr
