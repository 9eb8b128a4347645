// Hash functions of the group-by: fast, of good quality in all bits, the same in every process (radix parts depend on
// them).
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace swath::kernels {

inline uint64_t Mum(uint64_t a, uint64_t b) {  // wyhash's mixer: the two halves of the 128-bit product
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t HashInt(uint64_t x) { return Mum(x ^ 0x9E3779B97F4A7C15ull, 0xA0761D6478BD642Full); }

inline uint64_t Load(const char* p, size_t n) {
  uint64_t value = 0;
  if (n > 0) std::memcpy(&value, p, n);  // the pointer of an empty text may be null
  return value;
}

inline uint64_t HashText(std::string_view text) {
  const char* p = text.data();
  size_t n = text.size();
  uint64_t a = 0;
  uint64_t b = 0;
  uint64_t seed = 0x9E3779B97F4A7C15ull ^ (n * 0xE7037ED1A0B428DBull);
  while (n > 16) {
    seed = Mum(Load(p, 8) ^ 0xA0761D6478BD642Full, Load(p + 8, 8) ^ seed);
    p += 16;
    n -= 16;
  }
  if (n >= 8) {
    a = Load(p, 8);
    b = Load(p + n - 8, 8);
  } else if (n >= 4) {
    a = Load(p, 4);
    b = Load(p + n - 4, 4);
  } else if (n > 0) {
    a = (static_cast<uint64_t>(static_cast<unsigned char>(p[0])) << 16) |
        (static_cast<uint64_t>(static_cast<unsigned char>(p[n >> 1])) << 8) | static_cast<unsigned char>(p[n - 1]);
  }
  return Mum(a ^ 0x8EBC6AF09C88C6E3ull, b ^ seed);
}

inline uint64_t CombineHashes(uint64_t a, uint64_t b) {
  return Mum(a ^ 0x589965CC75374CC3ull, b ^ 0x1D8E4E27C47D124Full);
}

// A part of all hashes: the `count` bits after the first `skip`.
struct HashBits {
  int skip = 0;
  int count = 0;
  size_t PartOf(uint64_t hash) const { return count == 0 ? 0 : static_cast<size_t>((hash << skip) >> (64 - count)); }
};

}  // namespace swath::kernels
