#include "swath/kernels/frame/row_order.h"

#include <algorithm>
#include <limits>

#include "arrow/array.h"
#include "arrow/buffer.h"

namespace swath::kernels {
namespace {

constexpr int64_t kNoRow = std::numeric_limits<int64_t>::max();  // of a category that no row has

}  // namespace

void RowOrder::Update(std::span<const uint32_t> groups, int64_t group_count) {
  if (!wanted()) return;
  const auto count = static_cast<size_t>(group_count);
  if (order_ == ops::GroupOrder::kLastRow) {
    rows_.resize(count, kNoRow);
    for (size_t i = 0; i < groups.size(); ++i) {
      if (groups[i] != 0) rows_[groups[i] - 1] = next_row_ + static_cast<int64_t>(i);
    }
  } else {
    for (size_t i = 0; rows_.size() < count && i < groups.size(); ++i) {
      if (groups[i] == rows_.size() + 1) rows_.push_back(next_row_ + static_cast<int64_t>(i));
    }
    rows_.resize(count, kNoRow);
  }
  next_row_ += static_cast<int64_t>(groups.size());
}

void RowOrder::Merge(const arrow::Array& numbers, std::span<const uint32_t> groups, int64_t group_count) {
  const bool last = order_ == ops::GroupOrder::kLastRow;
  rows_.resize(static_cast<size_t>(group_count), kNoRow);
  const auto& rows = static_cast<const arrow::Int64Array&>(numbers);
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] == 0) continue;
    int64_t& row = rows_[groups[i] - 1];
    const int64_t other = rows.Value(static_cast<int64_t>(i));
    if (row == kNoRow || other == kNoRow) {
      row = std::min(row, other);
    } else {
      row = last ? std::max(row, other) : std::min(row, other);
    }
  }
}

Result<std::shared_ptr<arrow::Array>> RowOrder::Export(std::span<const uint32_t> groups,
                                                       arrow::MemoryPool* pool) const {
  const auto length = static_cast<int64_t>(groups.size());
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(length * 8, pool));
  auto* numbers = buffer->mutable_data_as<int64_t>();
  for (const uint32_t group : groups) *numbers++ = rows_[group - 1];
  return std::make_shared<arrow::Int64Array>(length, std::move(buffer));
}

void RowOrder::Sort(PoolVector<uint32_t>* groups) const {
  const auto earlier = [&](uint32_t a, uint32_t b) { return rows_[a - 1] < rows_[b - 1]; };
  if (!std::is_sorted(groups->begin(), groups->end(), earlier)) std::sort(groups->begin(), groups->end(), earlier);
}

}  // namespace swath::kernels
