#include "swath/net/crc32c.h"

#include <array>
#include <cstring>

namespace swath::net {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;  // reflected

constexpr std::array<std::array<uint32_t, 256>, 8> MakeTables() {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; ++i) {
    for (size_t k = 1; k < 8; ++k) tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 0xff];
  }
  return tables;
}
constexpr auto kTables = MakeTables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t ByInstruction(uint32_t crc, const void* data, size_t size) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint64_t state = ~crc;
  for (; size >= 8; size -= 8, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    state = __builtin_ia32_crc32di(state, word);
  }
  auto rest = static_cast<uint32_t>(state);
  for (; size > 0; --size, ++at) rest = __builtin_ia32_crc32qi(rest, *at);
  return ~rest;
}
#endif

using Function = uint32_t (*)(uint32_t, const void*, size_t);
Function Choose() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") != 0) return ByInstruction;
#endif
  return internal::Crc32cByTables;
}

}  // namespace

uint32_t internal::Crc32cByTables(uint32_t crc, const void* data, size_t size) {  // eight bytes a step (Kounavis 2005)
  const auto* at = static_cast<const uint8_t*>(data);
  uint32_t state = ~crc;
  for (; size >= 8; size -= 8, at += 8) {
    const uint32_t low = state ^ (at[0] | at[1] << 8 | at[2] << 16 | static_cast<uint32_t>(at[3]) << 24);
    state = kTables[7][low & 0xff] ^ kTables[6][low >> 8 & 0xff] ^ kTables[5][low >> 16 & 0xff] ^
            kTables[4][low >> 24] ^ kTables[3][at[4]] ^ kTables[2][at[5]] ^ kTables[1][at[6]] ^ kTables[0][at[7]];
  }
  for (; size > 0; --size, ++at) state = (state >> 8) ^ kTables[0][(state ^ *at) & 0xff];
  return ~state;
}

uint32_t Crc32c(uint32_t crc, const void* data, size_t size) {
  static const Function function = Choose();
  return function(crc, data, size);
}

}  // namespace swath::net
