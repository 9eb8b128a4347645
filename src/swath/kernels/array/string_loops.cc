#include "swath/kernels/array/string_loops.h"

#include <algorithm>
#include <cstring>

namespace swath::kernels {
namespace {

// Lexicographic by code point; trailing zeros do not count (they are padding).
template <typename C>
int Compare(const C* a, const C* b, int64_t length) {
  for (int64_t i = 0; i < length; ++i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

template <typename Accept>
const char* CompareStrings(const LoopCall& call, const Accept& accept) {
  const int64_t size = call.types[0].itemsize;
  const auto* a = static_cast<const uint8_t*>(call.in[0]);
  const auto* b = static_cast<const uint8_t*>(call.in[1]);
  auto* r = static_cast<uint8_t*>(call.out);
  for (int64_t i = 0; i < call.n; ++i, a += size, b += size) {
    const int order = call.types[0].kind == Kind::kUnicode ? Compare(reinterpret_cast<const uint32_t*>(a),
                                                                     reinterpret_cast<const uint32_t*>(b), size / 4)
                                                           : Compare(a, b, size);
    r[i] = accept(order);
  }
  return nullptr;
}
const char* Equal(const LoopCall& call) {
  return CompareStrings(call, [](int order) { return order == 0; });
}
const char* NotEqual(const LoopCall& call) {
  return CompareStrings(call, [](int order) { return order != 0; });
}
const char* Less(const LoopCall& call) {
  return CompareStrings(call, [](int order) { return order < 0; });
}
const char* LessEqual(const LoopCall& call) {
  return CompareStrings(call, [](int order) { return order <= 0; });
}
const char* Greater(const LoopCall& call) {
  return CompareStrings(call, [](int order) { return order > 0; });
}
const char* GreaterEqual(const LoopCall& call) {
  return CompareStrings(call, [](int order) { return order >= 0; });
}

const char* CastStrings(const LoopCall& call) {
  const DType &from = call.types[0], &to = call.result;
  const auto* a = static_cast<const uint8_t*>(call.in[0]);
  auto* r = static_cast<uint8_t*>(call.out);
  const int64_t in_width = from.kind == Kind::kUnicode ? 4 : 1, out_width = to.kind == Kind::kUnicode ? 4 : 1;
  const int64_t length = std::min(from.itemsize / in_width, to.itemsize / out_width);
  std::memset(r, 0, static_cast<size_t>(call.n * to.itemsize));
  for (int64_t i = 0; i < call.n; ++i, a += from.itemsize, r += to.itemsize) {
    for (int64_t k = 0; k < length; ++k) {
      uint32_t code = 0;
      std::memcpy(&code, a + k * in_width, static_cast<size_t>(in_width));
      if (out_width == 1 && code > 127) return "'ascii' codec can't encode a character: ordinal not in range(128)";
      std::memcpy(r + k * out_width, &code, static_cast<size_t>(out_width));
    }
  }
  return nullptr;
}

}  // namespace

LoopFunction FindStringLoop(std::string_view op, const DType& first, const DType& second) {
  if (!first.is_string() || !second.is_string()) return nullptr;
  if (op == "cast") return CastStrings;
  if (op == "equal") return Equal;
  if (op == "not_equal") return NotEqual;
  if (op == "less") return Less;
  if (op == "less_equal") return LessEqual;
  if (op == "greater") return Greater;
  return op == "greater_equal" ? GreaterEqual : nullptr;
}

}  // namespace swath::kernels
