// TilePlan: a TileProgram made ready to run: loops found, float16 widened, constants placed, registers assigned to few
// buffers by their lifetimes. Built once a task (microseconds); immutable; addresses nothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "swath/base/status.h"
#include "swath/kernels/array/loops.h"
#include "swath/ops/tile_program.h"

namespace swath::kernels {

struct TileRegister {
  DType dtype;
  int32_t source = -1;    // loaded from this source …
  int32_t constant = -1;  // … or filled once with this constant …
  int32_t buffer = -1;    // … into this buffer (a load may point into the source instead)
};

struct TileStep {
  int32_t load = -1;  // >= 0: load this register; else:
  LoopFunction loop = nullptr;
  int32_t arguments[3] = {-1, -1, -1};
  int32_t result = -1;
};

struct TilePlan {
  std::vector<TileRegister> registers;
  std::vector<ops::ScalarConstant> constants;
  std::vector<TileStep> steps;
  int32_t last = -1;     // the register that the sink takes
  int32_t buffers = 0;   // that are reused; constants have buffers of their own above them
  int32_t itemsize = 1;  // the widest element
};

// TypeError when the program asks for a loop that does not exist. `reduced`: the last register feeds a reduction
// (float16 is widened).
Result<TilePlan> MakeTilePlan(const ops::TileProgram& program);

}  // namespace swath::kernels
