#include "swath/kernels/array/loops.h"

#include <functional>
#include <unordered_map>

#include "swath/base/cpu.h"

#define SWATH_SIMD v2
#include "swath/kernels/array/loop_families.h"
#undef SWATH_SIMD
#if defined(__x86_64__)
namespace swath::kernels {
namespace v3 {
void AppendArithmetic(LoopRows*rows), AppendIntegers(LoopRows*rows), AppendComparisons(LoopRows*rows),
    AppendFloats(LoopRows*rows), AppendMath(LoopRows*rows), AppendComplex(LoopRows*rows), AppendDates(LoopRows*rows),
    AppendSelections(LoopRows*rows), AppendCasts(LoopRows*rows);
}
namespace v4 {
void AppendArithmetic(LoopRows*rows), AppendIntegers(LoopRows*rows), AppendComparisons(LoopRows*rows),
    AppendFloats(LoopRows*rows), AppendMath(LoopRows*rows), AppendComplex(LoopRows*rows), AppendDates(LoopRows*rows),
    AppendSelections(LoopRows*rows), AppendCasts(LoopRows*rows);
}
}  // namespace swath::kernels
#endif

namespace swath::kernels {
namespace {

using Append = void (*)(LoopRows*);

#if defined(__x86_64__)
constexpr Append kFamilies[3][9] = {
    {v2::AppendArithmetic, v2::AppendIntegers, v2::AppendComparisons, v2::AppendFloats, v2::AppendMath,
     v2::AppendComplex, v2::AppendDates, v2::AppendSelections, v2::AppendCasts},
    {v3::AppendArithmetic, v3::AppendIntegers, v3::AppendComparisons, v3::AppendFloats, v3::AppendMath,
     v3::AppendComplex, v3::AppendDates, v3::AppendSelections, v3::AppendCasts},
    {v4::AppendArithmetic, v4::AppendIntegers, v4::AppendComparisons, v4::AppendFloats, v4::AppendMath,
     v4::AppendComplex, v4::AppendDates, v4::AppendSelections, v4::AppendCasts}};
#else
constexpr Append kFamilies[1][9] = {{v2::AppendArithmetic, v2::AppendIntegers, v2::AppendComparisons, v2::AppendFloats,
                                     v2::AppendMath, v2::AppendComplex, v2::AppendDates, v2::AppendSelections,
                                     v2::AppendCasts}};
#endif

struct LoopKey {
  std::string_view op;
  Kind first, second;
  bool operator==(const LoopKey&) const = default;
};
struct LoopKeyHash {
  size_t operator()(const LoopKey& key) const {
    return std::hash<std::string_view>()(key.op) * 1024 + static_cast<size_t>(key.first) * 32 +
           static_cast<size_t>(key.second);
  }
};

class LoopTable final : public LoopRows {
 public:
  LoopTable() {
    for (Append append : kFamilies[SimdChoice(0, 1, 2)]) append(this);
  }
  void Add(const LoopRow& row) override { loops_[{row.op, row.first, row.second}] = row.loop; }
  LoopFunction Find(const LoopKey& key) const {
    const auto it = loops_.find(key);
    return it == loops_.end() ? nullptr : it->second;
  }

 private:
  std::unordered_map<LoopKey, LoopFunction, LoopKeyHash> loops_;
};

}  // namespace

LoopFunction FindLoop(std::string_view op, Kind first, Kind second) {
  static const LoopTable table;
  return table.Find({op, first, second});
}

}  // namespace swath::kernels
