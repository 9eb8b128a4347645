// Loading a tile of a source into a register: rows × columns, C order. Reads in place where the source already lies so.
#pragma once

#include <cstdint>
#include <optional>

#include "swath/base/status.h"
#include "swath/kernels/array/random/random.h"
#include "swath/ops/tile_program.h"

namespace swath::kernels {

// A tile of one source: its linear function at row r and column c is origin + r * row + c * column (addresses and bytes
// for an input, element numbers for a generator).
struct TileRegion {
  int64_t origin = 0, row = 0, column = 0;
  int64_t rows = 1, columns = 1;
};

// Loads the tiles of one source. Made once a task; not thread-safe (it keeps scratch memory for transposition).
class TileLoader {
 public:
  static Result<TileLoader> Make(const ops::TileSource& source);

  // The tile's elements: in `buffer`, or where they lie. `in_place` = false forces the buffer.
  const void* Load(const TileRegion& region, void* buffer, bool in_place);

 private:
  void Generate(int64_t first, int64_t step, int64_t count, uint8_t* out);
  void GenerateRandom(int64_t first, int64_t step, int64_t count, uint8_t* out);
  void GenerateAffine(int64_t first, int64_t step, int64_t count, uint8_t* out);
  void GenerateEye(int64_t first, int64_t step, int64_t count, uint8_t* out);
  void Copy(const TileRegion& region, uint8_t* out);

  const ops::TileSource* source_ = nullptr;
  std::optional<RandomGenerator> random_;
  std::vector<uint8_t> scratch_;
  std::vector<uint8_t> one_;  // of the dtype
};

}  // namespace swath::kernels
