// Arrays that need no other array: blocks in memory, and generators (constants, ranges, identity, random numbers).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "swath/expr/array/array_node.h"
#include "swath/ops/tile_program.h"

namespace swath::expr {

// Blocks that the client holds: from_array, persist.
class ValuesNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "from_array";
  ValuesNode(Token token, DType dtype, ops::Grid grid, std::vector<Chunk> blocks)
      : ArrayNode(token, {}, dtype, std::move(grid)), blocks_(std::move(blocks)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr>) const override;
  const std::vector<Chunk>& blocks() const { return blocks_; }

 private:
  std::vector<Chunk> blocks_;
};

// Invalid when number, shapes or dtypes of the blocks are not those of the grid. Identity: the blocks' memory.
Result<ArrayPtr> MakeValues(std::vector<Chunk> blocks, ops::Grid grid, DType dtype);
// Blocks that are views of one chunk.
Result<ArrayPtr> MakeFromChunk(const Chunk& chunk, ops::Grid grid);

// An array whose elements follow from their position: one TileSource, recomputed where it is used.
class GeneratorNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "generator";
  GeneratorNode(Token token, ops::Grid grid, ops::TileSource source, std::string label)
      : ArrayNode(token, {}, source.dtype, std::move(grid)), source_(std::move(source)), label_(std::move(label)) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override { return label_; }
  Result<NodePtr> WithInputs(std::vector<NodePtr>) const override;
  // `grid` is set; `map` is empty: the reader gives it.
  const ops::TileSource& source() const { return source_; }

 private:
  ops::TileSource source_;
  std::string label_;
};

Result<ArrayPtr> MakeFull(const ops::ScalarConstant& value, ops::Grid grid);
Result<ArrayPtr> MakeEye(ops::Grid grid, int64_t diagonal, DType dtype);
// start + step * i for i in [0, count).
Result<ArrayPtr> MakeAffine(const ops::ScalarConstant& start, const ops::ScalarConstant& step, ops::Grid grid,
                            std::string label);
// A row of ops/random.h with all its parameters.
Result<ArrayPtr> MakeRandom(std::string_view distribution, std::vector<double> parameters, std::array<uint64_t, 2> seed,
                            DType dtype, ops::Grid grid);
Result<ArrayPtr> MakeRandomIntegers(int64_t low, int64_t high, std::array<uint64_t, 2> seed, DType dtype,
                                    ops::Grid grid);

}  // namespace swath::expr
