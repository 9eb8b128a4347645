#include "swath/kernels/array/reduce_loops.h"

#include <unordered_map>

#include "swath/base/cpu.h"

namespace swath::kernels {

// Defined by reduce_sums_simd.cc and reduce_extremes_simd.cc, once per instruction set.
namespace v2 {
void AppendSums(ReduceRows*rows), AppendExtremes(ReduceRows*rows);
}
#if defined(__x86_64__)
namespace v3 {
void AppendSums(ReduceRows*rows), AppendExtremes(ReduceRows*rows);
}
namespace v4 {
void AppendSums(ReduceRows*rows), AppendExtremes(ReduceRows*rows);
}
#endif

namespace {

class ReduceTable final : public ReduceRows {
 public:
  ReduceTable() {
#if defined(__x86_64__)
    SimdChoice(&v2::AppendSums, &v3::AppendSums, &v4::AppendSums)(this);
    SimdChoice(&v2::AppendExtremes, &v3::AppendExtremes, &v4::AppendExtremes)(this);
#else
    v2::AppendSums(this);
    v2::AppendExtremes(this);
#endif
  }
  void Add(std::string_view reduction, Kind kind, const ReduceLoops& loops) override {
    by_name_[reduction][static_cast<int>(kind)] = loops;
  }
  const ReduceLoops* Find(std::string_view reduction, Kind kind) const {
    const auto it = by_name_.find(reduction);
    if (it == by_name_.end()) return nullptr;
    const auto loops = it->second.find(static_cast<int>(kind));
    return loops == it->second.end() ? nullptr : &loops->second;
  }

 private:
  std::unordered_map<std::string_view, std::unordered_map<int, ReduceLoops>> by_name_;
};

}  // namespace

const ReduceLoops* FindReduceLoops(std::string_view reduction, Kind kind) {
  static const ReduceTable table;
  return table.Find(reduction, kind);
}

}  // namespace swath::kernels
