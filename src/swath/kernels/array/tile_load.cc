#include "swath/kernels/array/tile_load.h"

#include <algorithm>
#include <cstring>

#include "swath/base/cpu.h"
#include "swath/kernels/array/loops.h"
#include "swath/kernels/array/scalar_bytes.h"
#include "swath/kernels/array/tile_moves.h"

namespace swath::kernels {

namespace v2 {
extern const TileMoves kTileMoves;
}
#if defined(__x86_64__)
namespace v3 {
extern const TileMoves kTileMoves;
}
namespace v4 {
extern const TileMoves kTileMoves;
}
#endif

const TileMoves& ChosenTileMoves() {
#if defined(__x86_64__)
  static const TileMoves& moves = *SimdChoice(&v2::kTileMoves, &v3::kTileMoves, &v4::kTileMoves);
#else
  static const TileMoves& moves = v2::kTileMoves;
#endif
  return moves;
}

using ops::TileSource;

Result<TileLoader> TileLoader::Make(const TileSource& source) {
  TileLoader loader;
  loader.source_ = &source;
  if (source.kind == TileSource::Kind::kRandom) {
    ASSIGN_OR_RETURN(auto random, RandomGenerator::Make(source));
    loader.random_ = std::move(random);
  }
  if (source.kind == TileSource::Kind::kEye) {
    ASSIGN_OR_RETURN(const auto one, ops::CastScalar(ops::ScalarConstant::Int(1), source.dtype));
    loader.one_.resize(static_cast<size_t>(source.dtype.itemsize));
    WriteScalar(one, loader.one_.data());
  }
  return loader;
}

const void* TileLoader::Load(const TileRegion& region, void* buffer, bool in_place) {
  const int64_t size = source_->dtype.itemsize;
  uint8_t* out = static_cast<uint8_t*>(buffer);
  if (source_->kind == TileSource::Kind::kInput) {
    const bool together = region.column == size && (region.rows == 1 || region.row == region.columns * size);
    if (together && in_place) return reinterpret_cast<const void*>(region.origin);
    Copy(region, out);
    return buffer;
  }
  if (region.column == 1 && region.row == region.columns) {
    Generate(region.origin, 1, region.rows * region.columns, out);
  } else if (region.column != 1 && region.row == 1) {
    // Generated along its own rows, then turned.
    scratch_.resize(static_cast<size_t>(region.rows * region.columns * size));
    for (int64_t c = 0; c < region.columns; ++c) {
      Generate(region.origin + c * region.column, 1, region.rows, scratch_.data() + c * region.rows * size);
    }
    ChosenTileMoves().transpose(size, scratch_.data(), region.rows * size, region.rows, region.columns, out);
  } else {
    for (int64_t r = 0; r < region.rows; ++r) {
      Generate(region.origin + r * region.row, region.column, region.columns, out + r * region.columns * size);
    }
  }
  return buffer;
}

void TileLoader::Copy(const TileRegion& region, uint8_t* out) {
  const int64_t size = source_->dtype.itemsize, line = region.columns * size;
  const auto* from = reinterpret_cast<const uint8_t*>(region.origin);
  const TileMoves& moves = ChosenTileMoves();
  if (region.row == size && region.column != size && region.rows > 1) {
    moves.transpose(size, from, region.column, region.rows, region.columns, out);
    return;
  }
  for (int64_t r = 0; r < region.rows; ++r) {
    const uint8_t* row = from + r * region.row;
    if (region.column == size) {
      std::memcpy(out + r * line, row, static_cast<size_t>(line));
    } else if (region.column == 0) {
      moves.fill(size, row, region.columns, out + r * line);
    } else {
      moves.gather(size, row, region.column, region.columns, out + r * line);
    }
  }
}

void TileLoader::Generate(int64_t first, int64_t step, int64_t count, uint8_t* out) {
  switch (source_->kind) {
    case TileSource::Kind::kRandom:
      return GenerateRandom(first, step, count, out);
    case TileSource::Kind::kAffine:
      return GenerateAffine(first, step, count, out);
    case TileSource::Kind::kEye:
      return GenerateEye(first, step, count, out);
    default:
      CHECK(false);
  }
}

void TileLoader::GenerateRandom(int64_t first, int64_t step, int64_t count, uint8_t* out) {
  const int64_t size = source_->dtype.itemsize;
  if (step == 1) {
    random_->Fill(first, count, out);
  } else if (step == 0) {
    random_->Fill(first, 1, out);
    std::vector<uint8_t> value(out, out + size);
    ChosenTileMoves().fill(size, value.data(), count, out);
  } else {
    for (int64_t i = 0; i < count; ++i) random_->Fill(first + i * step, 1, out + i * size);
  }
}

// start + step * e, in double or 64-bit integers, then in the dtype.
void TileLoader::GenerateAffine(int64_t first, int64_t step, int64_t count, uint8_t* out) {
  const DType& dtype = source_->dtype;
  const bool integers = dtype.is_integer() || dtype.is_bool() || dtype.is_date();
  const auto in = [](const ops::ScalarConstant& c) {
    return c.dtype.is_floating() || c.dtype.is_complex() ? static_cast<int64_t>(c.re) : c.i;
  };
  const auto re = [](const ops::ScalarConstant& c) {
    return c.dtype.is_floating() || c.dtype.is_complex() ? c.re : static_cast<double>(c.i);
  };
  // Bounds given as floats count in floats even for an integer dtype, as numpy.linspace(…, dtype=int) does.
  const bool exact = integers && !source_->start.dtype.is_floating() && !source_->step.dtype.is_floating();
  constexpr int64_t kPiece = 512;
  int64_t counts[kPiece];
  double numbers[kPiece];
  for (int64_t begin = 0; begin < count; begin += kPiece) {
    const int64_t n = std::min(kPiece, count - begin);
    LoopCall call;
    call.n = n;
    call.out = out + begin * dtype.itemsize;
    call.result = dtype;
    if (exact) {
      const auto start = static_cast<uint64_t>(in(source_->start)), by = static_cast<uint64_t>(in(source_->step));
      for (int64_t i = 0; i < n; ++i)
        counts[i] = static_cast<int64_t>(start + by * static_cast<uint64_t>(first + (begin + i) * step));
      call.in[0] = counts;
      call.types[0] = kInt64;
    } else {
      const double start = re(source_->start), by = re(source_->step);
      for (int64_t i = 0; i < n; ++i) numbers[i] = start + by * static_cast<double>(first + (begin + i) * step);
      call.in[0] = numbers;
      call.types[0] = kFloat64;
    }
    FindLoop("cast", call.types[0].kind, dtype.kind)(call);
  }
}

// 1 where the linear function is 0.
void TileLoader::GenerateEye(int64_t first, int64_t step, int64_t count, uint8_t* out) {
  const auto size = static_cast<int64_t>(one_.size());
  std::memset(out, 0, static_cast<size_t>(count * size));
  if (step == 0) {
    if (first == 0) ChosenTileMoves().fill(size, one_.data(), count, out);
  } else if (first % step == 0) {
    const int64_t at = -first / step;
    if (at >= 0 && at < count) std::memcpy(out + at * size, one_.data(), one_.size());
  }
}

}  // namespace swath::kernels
