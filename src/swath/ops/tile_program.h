// TileProgram: a fused array task. It runs over the box of one output block in tiles that fit L2: every source is read
// (or generated) tile by tile into registers, the instructions run register to register, and the sink stores the tile
// or folds it into an accumulator. Nothing between source and sink touches DRAM.
//
//   output block box ──tiles──▶ [LOAD x][RANDOM 42][LOAD x.T] ─▶ add ─▶ sub ─▶ STORE  | REDUCE over axes
//
// Every source has an IndexMap, so that broadcasting, transposes, slices with steps and integer indices cost no task of
// their own. A source that reads a task input gives the source array's Grid: the blocks that overlap the mapped box are
// the task's dependencies (in C order, sources in order), whatever the chunking: rechunk is a program with one source
// and no instruction. A source that generates (random, arange, eye) has no dependency and is recomputed where it is
// used. Used by: expr/lower (builds), graph/layers (dependencies), kernels/array/tile (runs).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "swath/data/dtype.h"
#include "swath/ops/grid.h"
#include "swath/ops/op_params.h"
#include "swath/ops/scalar.h"

namespace swath::ops {

struct TileSource {
  enum class Kind : uint8_t {
    kInput,    // blocks of another array: task inputs
    kRandom,   // counter-based random numbers: element e of the source is a pure function of (seed, e)
    kAffine,   // start + step * e along one axis (arange, linspace); `dtype` rounds as NumPy does
    kEye,      // 1 where column - row == diagonal
    kConstant  // the scalar everywhere (full, ones, zeros)
  };
  Kind kind = Kind::kInput;
  DType dtype = {};   // of the register it fills
  Grid grid = {};     // of the source array (its shape also for generators)
  IndexMap map = {};  // one entry per axis of the source array
  // kRandom
  std::string distribution = {};  // a row of ops/random.h: "random", "normal", "uniform", "integers", …
  std::array<uint64_t, 2> seed{};
  std::vector<double> parameters = {};      // of the distribution, in NumPy's order
  std::array<int64_t, 2> integer_bounds{};  // low, high (exclusive) of "integers"
  // kAffine, kEye, kConstant
  ScalarConstant start = {}, step = {};  // kConstant: start
  int64_t diagonal = 0;
};

// result register = op(arguments). Registers 0 … sources-1 are the sources; instruction k writes register sources + k.
struct TileInstruction {
  std::string_view op;  // a row of ops/elementwise.h: "add", "sqrt", "where", "cast", …
  DType dtype;  // of the result; arguments are already of the types that the op's loop takes (casts are explicit)
  std::array<int32_t, 3> arguments{-1, -1, -1};  // register numbers; -1: unused
  ScalarConstant constant;                       // used where an argument is kConstantArgument
  static constexpr int32_t kConstantArgument = -2;
};

// What becomes of the last register.
struct TileSink {
  enum class Kind : uint8_t { kStore, kReduce };
  Kind kind = Kind::kStore;
  // kReduce: a row of ops/reduction.h ("sum", "mean", "var", "argmax", …), the axes of the output box that vanish, and
  // the dtype of the accumulator. The result is a *partial*: a Chunk (sum, min, …) or Pieces (mean: total, count; var:
  // count, mean, m2; arg*: value, flat index) whose reduced axes have length 1; kernels/array/combine merges and
  // finishes partials.
  std::string_view reduction;
  std::vector<int32_t> axes;
  DType accumulator;
};

class TileProgram : public OpParams {
 public:
  static constexpr std::string_view kOp = "array.tile";
  Grid grid;  // of the iteration space: the output array's blocks (before reduction)
  std::vector<TileSource> sources;
  std::vector<TileInstruction> instructions;
  TileSink sink;
  DType dtype;  // of the last register

  std::string ToString() const override;  // "(a + b.T) - c → sum(axis=0,1)"
};

}  // namespace swath::ops
