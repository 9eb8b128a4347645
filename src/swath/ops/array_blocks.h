// Parameters of the array operations that work on whole blocks, beside the fused tile program (ops/tile_program.h):
// views, concatenation, contraction (matmul, tensordot), scans, reshape. Each struct says what its kernel receives and
// returns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "swath/data/dtype.h"
#include "swath/ops/grid.h"
#include "swath/ops/op_params.h"

namespace swath::ops {

// "array.view": input 0, with the shape of block `context.block` of `grid` (as many elements, in C order): newaxis,
// squeeze, a reshape that keeps blocks whole. No copy when the input is contiguous.
struct ViewParams : public OpParams {
  static constexpr std::string_view kOp = "array.view";
  Grid grid;  // of the output
  std::string ToString() const override;
};

// "array.concat": the inputs one after another along `axis`, as one block. All of one dtype.
struct ConcatParams : public OpParams {
  static constexpr std::string_view kOp = "array.concat";
  int32_t axis = 0;
  std::string ToString() const override;
};

// "array.reshape": block `context.block` of `to`, out of the blocks of `from` that hold its elements (both in C order).
// The inputs are the blocks that AppendReshapeSources lists, in its order; when it lists none, any one block, for the
// dtype.
struct ReshapeParams : public OpParams {
  static constexpr std::string_view kOp = "array.reshape";
  Grid from;
  Grid to;
  std::string ToString() const override;
};
// The blocks of `from` that hold elements of block `block` of `to`, ascending. Grids of equal size.
void AppendReshapeSources(const Grid& from, const Grid& to, int64_t block, std::vector<int64_t>* blocks);

// "array.contract": a sum of products of block pairs, as einsum with two operands: labels name the axes of a, b and the
// result; labels in a and b but not in the result are summed, labels in all three are batch axes. A batch axis of
// length 1 in one operand broadcasts. Inputs: the k blocks of a along the summed axes, then the k blocks of b in the
// same order; the result is the sum over pairs (k = 0: zeros of the block shape of `grid`). matmul: "ik", "kj" -> "ij";
// tensordot: free of a, then free of b. Runs on OpenBLAS for floats and complex, single-threaded; bool as or-of-ands,
// integers wrap.
struct ContractParams : public OpParams {
  static constexpr std::string_view kOp = "array.contract";
  std::vector<int32_t> a_labels;
  std::vector<int32_t> b_labels;
  std::vector<int32_t> labels;
  DType dtype;  // of the result; inputs are cast to it
  Grid grid;    // of the output
  std::string ToString() const override;
};

// "array.carries": for one line of blocks along `axis`: the inputs are their totals (length 1 along the axis: partials
// of "sum" or "prod", in order); the result has length = number of inputs along the axis: what precedes each block
// (starting with 0 or 1). "array.cumulative": the running sum or product of input 0 along `axis` in `dtype`, started
// from slot `position of context.block along axis in grid` of input 1 (a result of "array.carries"); without input 1 it
// starts from 0 or 1.
struct CumulativeParams : public OpParams {
  static constexpr std::string_view kOp = "array.cumulative";
  static constexpr std::string_view kCarriesOp = "array.carries";
  bool product = false;
  bool skip_nan = false;  // nancumsum, nancumprod
  int32_t axis = 0;
  DType dtype;
  Grid grid;  // of the array
  std::string ToString() const override;
};

// "array.pass": input 0 as it is. For layers that only rename blocks (concatenate along block borders, a slice of whole
// blocks).
struct PassParams : public OpParams {
  static constexpr std::string_view kOp = "array.pass";
  std::string ToString() const override { return "pass"; }
};

}  // namespace swath::ops
