// Fills, gathers and transpositions, with 8 x 8 blocks of 64-bit elements in registers where the CPU has AVX-512 (4 x 4
// with AVX2).
#include <cstring>

#include "swath/kernels/array/tile_moves.h"

#if defined(__x86_64__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // GCC 12 warns of its own intrinsics
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

namespace swath::kernels::SWATH_SIMD {
namespace {

struct Sixteen {
  uint64_t low, high;
};

template <typename T>
void FillOf(const void* value, int64_t n, void* out) {
  T x;
  std::memcpy(&x, value, sizeof x);
  T* r = static_cast<T*>(out);
  for (int64_t i = 0; i < n; ++i) r[i] = x;
}
void Fill(int64_t itemsize, const void* value, int64_t n, void* out) {
  switch (itemsize) {
    case 1:
      std::memset(out, *static_cast<const uint8_t*>(value), static_cast<size_t>(n));
      return;
    case 2:
      return FillOf<uint16_t>(value, n, out);
    case 4:
      return FillOf<uint32_t>(value, n, out);
    case 8:
      return FillOf<uint64_t>(value, n, out);
    case 16:
      return FillOf<Sixteen>(value, n, out);
    default:
      for (int64_t i = 0; i < n; ++i)
        std::memcpy(static_cast<uint8_t*>(out) + i * itemsize, value, static_cast<size_t>(itemsize));
  }
}

template <typename T>
void GatherOf(const uint8_t* from, int64_t stride, int64_t n, uint8_t* out) {
  for (int64_t i = 0; i < n; ++i) std::memcpy(out + i * static_cast<int64_t>(sizeof(T)), from + i * stride, sizeof(T));
}
void Gather(int64_t itemsize, const uint8_t* from, int64_t stride, int64_t n, uint8_t* out) {
  switch (itemsize) {
    case 1:
      return GatherOf<uint8_t>(from, stride, n, out);
    case 2:
      return GatherOf<uint16_t>(from, stride, n, out);
    case 4:
      return GatherOf<uint32_t>(from, stride, n, out);
    case 8:
      return GatherOf<uint64_t>(from, stride, n, out);
    case 16:
      return GatherOf<Sixteen>(from, stride, n, out);
    default:
      for (int64_t i = 0; i < n; ++i) std::memcpy(out + i * itemsize, from + i * stride, static_cast<size_t>(itemsize));
  }
}

template <typename T>
void TransposePlain(const uint8_t* from, int64_t from_line, int64_t rows, int64_t columns, uint8_t* out,
                    int64_t out_line) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      std::memcpy(out + r * out_line + c * static_cast<int64_t>(sizeof(T)),
                  from + c * from_line + r * static_cast<int64_t>(sizeof(T)), sizeof(T));
    }
  }
}

#if defined(__AVX512F__)
constexpr int64_t kSide = 8;
// out[r][c] = from[c][r] for 8 x 8 elements of 8 bytes.
inline void TransposeBlock(const uint8_t* from, int64_t from_line, uint8_t* out, int64_t out_line) {
  __m512i v[8], w[8];
  for (int i = 0; i < 8; ++i) v[i] = _mm512_loadu_si512(from + i * from_line);
  for (int i = 0; i < 8; i += 2) {
    w[i] = _mm512_unpacklo_epi64(v[i], v[i + 1]);
    w[i + 1] = _mm512_unpackhi_epi64(v[i], v[i + 1]);
  }
  const __m512i low = _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0), high = _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2);
  for (int h = 0; h < 8; h += 4) {
    for (int i = 0; i < 2; ++i) {
      v[h + i] = _mm512_permutex2var_epi64(w[h + i], low, w[h + i + 2]);
      v[h + i + 2] = _mm512_permutex2var_epi64(w[h + i], high, w[h + i + 2]);
    }
  }
  const __m512i lower = _mm512_set_epi64(11, 10, 9, 8, 3, 2, 1, 0),
                upper = _mm512_set_epi64(15, 14, 13, 12, 7, 6, 5, 4);
  for (int i = 0; i < 4; ++i) {
    // v[i] holds rows i and i + 4 of columns 0-3, v[i + 4] of columns 4-7.
    _mm512_storeu_si512(out + i * out_line, _mm512_permutex2var_epi64(v[i], lower, v[i + 4]));
    _mm512_storeu_si512(out + (i + 4) * out_line, _mm512_permutex2var_epi64(v[i], upper, v[i + 4]));
  }
}
#elif defined(__AVX2__)
constexpr int64_t kSide = 4;
inline void TransposeBlock(const uint8_t* from, int64_t from_line, uint8_t* out, int64_t out_line) {
  __m256i v[4];
  for (int i = 0; i < 4; ++i) v[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i * from_line));
  const __m256i a = _mm256_unpacklo_epi64(v[0], v[1]), b = _mm256_unpackhi_epi64(v[0], v[1]);
  const __m256i c = _mm256_unpacklo_epi64(v[2], v[3]), d = _mm256_unpackhi_epi64(v[2], v[3]);
  const auto store = [&](int row, __m256i x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + row * out_line), x);
  };
  store(0, _mm256_permute2x128_si256(a, c, 0x20));
  store(1, _mm256_permute2x128_si256(b, d, 0x20));
  store(2, _mm256_permute2x128_si256(a, c, 0x31));
  store(3, _mm256_permute2x128_si256(b, d, 0x31));
}
#else
constexpr int64_t kSide = 4;
inline void TransposeBlock(const uint8_t* from, int64_t from_line, uint8_t* out, int64_t out_line) {
  TransposePlain<uint64_t>(from, from_line, kSide, kSide, out, out_line);
}
#endif

void TransposeEight(const uint8_t* from, int64_t from_line, int64_t rows, int64_t columns, uint8_t* out) {
  const int64_t out_line = columns * 8, whole_rows = rows / kSide * kSide, whole_columns = columns / kSide * kSide;
  for (int64_t r = 0; r < whole_rows; r += kSide) {
    for (int64_t c = 0; c < whole_columns; c += kSide) {
      TransposeBlock(from + c * from_line + r * 8, from_line, out + r * out_line + c * 8, out_line);
    }
  }
  if (whole_columns < columns) {
    TransposePlain<uint64_t>(from + whole_columns * from_line, from_line, whole_rows, columns - whole_columns,
                             out + whole_columns * 8, out_line);
  }
  if (whole_rows < rows) {
    TransposePlain<uint64_t>(from + whole_rows * 8, from_line, rows - whole_rows, columns, out + whole_rows * out_line,
                             out_line);
  }
}

template <typename T>
void TransposeOf(const uint8_t* from, int64_t from_line, int64_t rows, int64_t columns, uint8_t* out) {
  constexpr int64_t kBlock = 16;
  const int64_t size = sizeof(T), out_line = columns * size;
  for (int64_t r = 0; r < rows; r += kBlock) {
    for (int64_t c = 0; c < columns; c += kBlock) {
      TransposePlain<T>(from + c * from_line + r * size, from_line, rows - r < kBlock ? rows - r : kBlock,
                        columns - c < kBlock ? columns - c : kBlock, out + r * out_line + c * size, out_line);
    }
  }
}

void Transpose(int64_t itemsize, const uint8_t* from, int64_t from_line, int64_t rows, int64_t columns, uint8_t* out) {
  switch (itemsize) {
    case 1:
      return TransposeOf<uint8_t>(from, from_line, rows, columns, out);
    case 2:
      return TransposeOf<uint16_t>(from, from_line, rows, columns, out);
    case 4:
      return TransposeOf<uint32_t>(from, from_line, rows, columns, out);
    case 8:
      return TransposeEight(from, from_line, rows, columns, out);
    case 16:
      return TransposeOf<Sixteen>(from, from_line, rows, columns, out);
    default:
      for (int64_t r = 0; r < rows; ++r)
        Gather(itemsize, from + r * itemsize, from_line, columns, out + r * columns * itemsize);
  }
}

}  // namespace

extern const TileMoves kTileMoves;
const TileMoves kTileMoves = {Fill, Gather, Transpose};

}  // namespace swath::kernels::SWATH_SIMD
