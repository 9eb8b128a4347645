#include "swath/base/token.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace swath {

std::string Token::ToString() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (int i = 0; i < 16; ++i) {
    text[15 - i] = kDigits[(high >> (4 * i)) & 15];
    text[31 - i] = kDigits[(low >> (4 * i)) & 15];
  }
  return text;
}

TokenBuilder& TokenBuilder::AddRaw(const void* data, size_t size) {
  // Chained XXH3: the state so far seeds the next step through a prefix, so order matters.
  XXH128_hash_t hash = XXH3_128bits_withSeed(data, size, state_.low ^ 0x9E3779B97F4A7C15ULL);
  const uint64_t mixed[4] = {state_.high, state_.low, hash.high64, hash.low64};
  hash = XXH3_128bits(mixed, sizeof mixed);
  state_ = Token{hash.high64, hash.low64};
  return *this;
}

TokenBuilder& TokenBuilder::Add(std::string_view bytes) {
  Add(static_cast<int64_t>(bytes.size()));
  return AddRaw(bytes.data(), bytes.size());
}

}  // namespace swath
