// Moves of elements in cache: fills, gathers, transpositions. Compiled once per instruction set (tile_moves_simd.cc).
#pragma once

#include <cstdint>

namespace swath::kernels {

struct TileMoves {
  // n copies of one element.
  void (*fill)(int64_t itemsize, const void* value, int64_t n, void* out);
  // Elements `stride` bytes apart, side by side.
  void (*gather)(int64_t itemsize, const uint8_t* from, int64_t stride, int64_t n, uint8_t* out);
  // out[r][c] = from[c][r]: `from` has `columns` lines of `rows` contiguous elements, `from_line` bytes apart; out has
  // lines of `columns`.
  void (*transpose)(int64_t itemsize, const uint8_t* from, int64_t from_line, int64_t rows, int64_t columns,
                    uint8_t* out);
};

const TileMoves& ChosenTileMoves();

}  // namespace swath::kernels
