// GroupKeys: rows -> group numbers. Each key column maps its values to dense ids; ids of several columns are joined
// pairwise. Slot 0 is no group: rows with a missing key (when those are dropped) go there, so that aggregates need no
// branch for them. Groups are 1, 2, … in the order of their first row. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/kernels/frame/hashing.h"
#include "swath/kernels/frame/int_table.h"
#include "swath/kernels/frame/text_table.h"

namespace swath::kernels {

// The distinct values of one key column. Missing (null, NaN) is one value.
class KeyColumn {
 public:
  static constexpr uint32_t kMissing = UINT32_MAX;
  virtual ~KeyColumn() = default;
  // ids[i] = the id of row i, kMissing where it is missing.
  virtual Status Map(const std::shared_ptr<arrow::Array>& array, uint32_t* ids, arrow::MemoryPool* pool) = 0;
  virtual uint32_t size() const = 0;
  virtual uint64_t Hash(uint32_t id) const = 0;
  // ranks[id] = position of the value in ascending order (bytes for text).
  virtual PoolVector<uint32_t> Ranks() const = 0;
  // The values of `ids`, in that order, as `type`.
  virtual Result<std::shared_ptr<arrow::Array>> Values(std::span<const uint32_t> ids,
                                                       const std::shared_ptr<arrow::DataType>& type,
                                                       arrow::MemoryPool* pool) const = 0;
  virtual int64_t nbytes() const = 0;
};

Result<std::unique_ptr<KeyColumn>> MakeKeyColumn(const arrow::DataType& type, arrow::MemoryPool* pool);

class GroupKeys {
 public:
  // `all_categories`: of one key column, every value of its dictionaries is a group; those without rows come after
  // those of the same batch that have some.
  static Result<GroupKeys> Make(std::vector<std::shared_ptr<arrow::DataType>> types, bool drop_missing,
                                arrow::MemoryPool* pool, bool all_categories = false);

  // groups[i] = the group of row i. Without key columns every row is of group 1.
  Status Map(const std::vector<std::shared_ptr<arrow::Array>>& columns, int64_t rows, PoolVector<uint32_t>* groups,
             arrow::MemoryPool* pool);
  int64_t group_count() const { return group_count_; }
  size_t column_count() const { return columns_.size(); }
  const std::shared_ptr<arrow::DataType>& type(size_t column) const { return types_[column]; }
  // The key values of `groups`, one array a key column.
  Result<std::vector<std::shared_ptr<arrow::Array>>> Values(std::span<const uint32_t> groups,
                                                            arrow::MemoryPool* pool) const;
  // Groups 1 … n: in the order of their first row; ascending by the keys with missing ones last; or stably by hash
  // part, with the bounds of the parts.
  PoolVector<uint32_t> InOrder() const;
  PoolVector<uint32_t> Sorted() const;
  PoolVector<uint32_t> ByPart(HashBits bits, std::vector<int64_t>* bounds) const;
  int64_t nbytes() const;

 private:
  explicit GroupKeys(arrow::MemoryPool* pool) : pool_(pool), group_of_id_(pool), id_of_group_(pool) {}
  uint32_t IdOf(size_t column, uint32_t group) const;
  void NumberIds(uint32_t known, PoolVector<uint32_t>* groups);
  void NumberByIds();
  void NumberSeenIds(PoolVector<uint32_t>* groups);
  void Join(int64_t rows, PoolVector<uint32_t>* groups);

  arrow::MemoryPool* pool_;
  std::vector<std::shared_ptr<arrow::DataType>> types_;
  bool drop_missing_ = true;
  bool all_categories_ = false;
  bool dictionary_ = false;  // one column, of which dictionaries may have values that no row has
  int64_t group_count_ = 0;
  std::vector<std::unique_ptr<KeyColumn>> columns_;
  std::vector<IntTable> joins_;                     // joins_[c]: (joined ids before c, id of c + 1) -> joined id
  std::vector<PoolVector<uint32_t>> ids_of_group_;  // several columns: by column, id of group g + 1
  std::vector<PoolVector<uint32_t>> row_ids_;       // scratch
  uint32_t missing_group_ = 0;                      // one column: the group of missing keys, 0 if not seen
  // One column: ids are groups but for 1, and 2 from missing_group_ on. Of a dictionary there are ids that no row has:
  PoolVector<uint32_t> group_of_id_;  // group of id, 0 if no row had it
  PoolVector<uint32_t> id_of_group_;  // id of group g + 1, kMissing for missing_group_
};

}  // namespace swath::kernels
