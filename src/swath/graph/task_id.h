// TaskId: one task of a graph as a 64-bit integer: which layer, which block of it.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace swath::graph {

struct TaskId {
  uint64_t packed = 0;  // layer in the upper 24 bits, block in the lower 40

  constexpr TaskId() = default;
  constexpr TaskId(int64_t layer, int64_t block)
      : packed(static_cast<uint64_t>(layer) << 40 | static_cast<uint64_t>(block)) {}
  constexpr int64_t layer() const { return static_cast<int64_t>(packed >> 40); }
  constexpr int64_t block() const { return static_cast<int64_t>(packed & ((uint64_t{1} << 40) - 1)); }
  friend constexpr auto operator<=>(const TaskId&, const TaskId&) = default;
};

}  // namespace swath::graph

template <>
struct std::hash<swath::graph::TaskId> {
  size_t operator()(const swath::graph::TaskId& id) const noexcept { return id.packed * 0x9E3779B97F4A7C15ULL; }
};
