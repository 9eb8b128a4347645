// "array.take": chosen positions of one axis. Task `block` of `grid` gives the elements `indices[begin, end)` of its
// range along `axis`; its inputs are the blocks of `source` that hold one of them (the other axes: the same position),
// in ascending order, each once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "swath/ops/grid.h"
#include "swath/ops/op_params.h"

namespace swath::ops {

struct TakeParams : public OpParams {
  static constexpr std::string_view kOp = "array.take";
  int32_t axis = 0;
  std::vector<int64_t> indices;
  Grid source;
  Grid grid;
  std::string ToString() const override {
    return "take(" + std::to_string(indices.size()) + " indices, axis=" + std::to_string(axis) + ")";
  }
};

}  // namespace swath::ops
