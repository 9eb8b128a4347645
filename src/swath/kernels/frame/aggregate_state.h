// AggregateState: the running value of one aggregation for every group, as plain arrays indexed by group number (slot 0
// is no group and takes what is dropped). States leave as Arrow columns ("partial") and merge from them.
//
//   rows ──Update──▶ state ──Export──▶ columns ──Merge──▶ state ──Finish──▶ result
//
// Not thread-safe. The order of updates and merges is the order of rows (first and last depend on it).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/kernels/frame/hashing.h"
#include "swath/kernels/frame/physical.h"
#include "swath/kernels/frame/pool_vector.h"
#include "swath/ops/table_pipeline.h"

namespace swath::kernels {

using Arrays = std::vector<std::shared_ptr<arrow::Array>>;

class AggregateState {
 public:
  virtual ~AggregateState() = default;
  // There are `groups` groups now: slots 0 … groups exist.
  virtual void Resize(int64_t groups) = 0;
  // Row i belongs to groups[i]; null: all rows belong to group 1.
  virtual Status Update(const PhysicalColumn& column, const uint32_t* groups) = 0;
  virtual int column_count() const { return 1; }
  virtual Result<Arrays> Export(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const = 0;
  // Of the whole table (no groups): whether the state can leave in parts by the hash of its values, whose results add
  // up.
  virtual bool splits_by_value() const { return false; }
  virtual Result<Arrays> ExportPart(HashBits, size_t, arrow::MemoryPool*) const {
    return Status::Invalid("this state has no parts");
  }
  // As Update, with rows of exported columns.
  virtual Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool* pool) = 0;
  virtual Result<std::shared_ptr<arrow::Array>> Finish(std::span<const uint32_t> groups, arrow::MemoryPool* pool) = 0;
  virtual int64_t nbytes() const = 0;
};

// The state of `aggregation` over a column of `type`, kept in `pool`. TypeError where pandas has none, Invalid for an
// unknown function.
Result<std::unique_ptr<AggregateState>> MakeAggregateState(const ops::Aggregation& aggregation,
                                                           const std::shared_ptr<arrow::DataType>& type,
                                                           arrow::MemoryPool* pool);
// Of the families, each null for a function that is not theirs.
Result<std::unique_ptr<AggregateState>> MakeSumState(const ops::Aggregation& aggregation,
                                                     const std::shared_ptr<arrow::DataType>& type,
                                                     arrow::MemoryPool* pool);
Result<std::unique_ptr<AggregateState>> MakeMomentState(const ops::Aggregation& aggregation,
                                                        const std::shared_ptr<arrow::DataType>& type,
                                                        arrow::MemoryPool* pool);
Result<std::unique_ptr<AggregateState>> MakeExtremeState(const ops::Aggregation& aggregation,
                                                         const std::shared_ptr<arrow::DataType>& type,
                                                         arrow::MemoryPool* pool);
Result<std::unique_ptr<AggregateState>> MakeValuesState(const ops::Aggregation& aggregation,
                                                        const std::shared_ptr<arrow::DataType>& type,
                                                        arrow::MemoryPool* pool);

// Calls visit(group, row) for every row.
template <typename Visit>
void ForEachRow(int64_t length, const uint32_t* groups, Visit visit) {
  if (groups == nullptr) {
    for (int64_t i = 0; i < length; ++i) visit(1u, i);
  } else {
    for (int64_t i = 0; i < length; ++i) visit(groups[i], i);
  }
}

inline bool IsMissing(double value) { return value != value; }
template <typename T>
bool IsMissing(const T&) {
  return false;
}

}  // namespace swath::kernels
