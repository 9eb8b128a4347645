// table.cut_rows: one piece of a partition. No copy.
#include "swath/kernels/frame/cut_rows.h"

#include <algorithm>

#include "arrow/table.h"

#include "swath/ops/table_ops.h"

namespace swath::kernels {

Result<Value> CutRows(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const std::vector<int64_t>& bounds = static_cast<const ops::CutRowsParams&>(params).bounds;
  CHECK(inputs.size() == 1 && inputs[0].partition());
  const auto after = std::upper_bound(bounds.begin(), bounds.end(), context.block);
  CHECK(after != bounds.begin() && after != bounds.end());
  const int64_t pieces = *after - *(after - 1);
  const int64_t piece = context.block - *(after - 1);
  const auto& table = inputs[0].partition()->table;
  const int64_t begin = table->num_rows() * piece / pieces;
  const int64_t end = table->num_rows() * (piece + 1) / pieces;
  return Partition{table->Slice(begin, end - begin)};
}

}  // namespace swath::kernels
