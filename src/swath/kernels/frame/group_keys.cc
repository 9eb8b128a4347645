#include "swath/kernels/frame/group_keys.h"

#include <algorithm>
#include <numeric>

#include "arrow/array.h"
#include "arrow/type.h"

#include "swath/kernels/frame/hashing.h"

namespace swath::kernels {

Result<GroupKeys> GroupKeys::Make(std::vector<std::shared_ptr<arrow::DataType>> types, bool drop_missing,
                                  arrow::MemoryPool* pool, bool all_categories) {
  GroupKeys keys(pool);
  keys.all_categories_ = all_categories;
  for (const auto& type : types) {
    ASSIGN_OR_RETURN(auto column, MakeKeyColumn(*type, pool));
    keys.columns_.push_back(std::move(column));
  }
  if (types.size() > 1) {
    keys.joins_.resize(types.size() - 1, IntTable(pool));
    keys.ids_of_group_.resize(types.size(), PoolVector<uint32_t>(pool));
    keys.row_ids_.resize(types.size(), PoolVector<uint32_t>(pool));
  }
  if (types.empty()) keys.group_count_ = 1;
  keys.dictionary_ = types.size() == 1 && types[0]->id() == arrow::Type::DICTIONARY;
  keys.types_ = std::move(types);
  keys.drop_missing_ = drop_missing;
  return keys;
}

Status GroupKeys::Map(const std::vector<std::shared_ptr<arrow::Array>>& columns, int64_t rows,
                      PoolVector<uint32_t>* groups, arrow::MemoryPool* pool) {
  groups->resize(static_cast<size_t>(rows));
  if (columns_.empty()) {
    std::fill(groups->begin(), groups->end(), 1);
    return Status::OK();
  }
  if (columns_.size() > 1) {
    for (size_t c = 0; c < columns_.size(); ++c) {
      row_ids_[c].resize(static_cast<size_t>(rows));
      RETURN_IF_ERROR(columns_[c]->Map(columns[c], row_ids_[c].data(), pool));
    }
    Join(rows, groups);
    return Status::OK();
  }
  if (!dictionary_ && columns[0]->type_id() == arrow::Type::DICTIONARY) NumberByIds();
  const uint32_t known = columns_[0]->size();
  RETURN_IF_ERROR(columns_[0]->Map(columns[0], groups->data(), pool));
  if (dictionary_) {
    NumberSeenIds(groups);
  } else {
    NumberIds(known, groups);
  }
  return Status::OK();
}

// Ids (of which `known` are older) -> groups, where ids are given in the order of rows.
void GroupKeys::NumberIds(uint32_t known, PoolVector<uint32_t>* groups) {
  if (!drop_missing_ && missing_group_ == 0) {
    const auto missing = std::find(groups->begin(), groups->end(), KeyColumn::kMissing);
    if (missing != groups->end()) {
      for (auto id = groups->begin(); id != missing; ++id) known = std::max(known, *id + 1);
      missing_group_ = known + 1;
    }
  }
  group_count_ = columns_[0]->size() + (missing_group_ != 0);
  const uint32_t later = missing_group_ == 0 ? KeyColumn::kMissing : missing_group_ - 1;  // ids behind missing_group_
  const uint32_t missing_group = drop_missing_ ? 0 : missing_group_;
  for (uint32_t& group : *groups) {
    group = group == KeyColumn::kMissing ? missing_group : group + 1 + (group >= later);
  }
}

// From here on there may be ids that no row has: a source may deliver dictionaries for some batches of a plain column.
void GroupKeys::NumberByIds() {
  group_of_id_.resize(columns_[0]->size(), 0);
  for (uint32_t group = 1; group <= group_count_; ++group) {
    id_of_group_.push_back(IdOf(0, group));
    if (id_of_group_.back() != KeyColumn::kMissing) group_of_id_[id_of_group_.back()] = group;
  }
  dictionary_ = true;
}

// Ids -> groups, where there may be ids that no row had.
void GroupKeys::NumberSeenIds(PoolVector<uint32_t>* groups) {
  group_of_id_.resize(columns_[0]->size(), 0);
  for (uint32_t& group : *groups) {
    const uint32_t id = group;
    if (id == KeyColumn::kMissing) {
      if (drop_missing_) {
        group = 0;
        continue;
      }
      if (missing_group_ == 0) {
        missing_group_ = static_cast<uint32_t>(++group_count_);
        id_of_group_.push_back(id);
      }
      group = missing_group_;
      continue;
    }
    uint32_t& known = group_of_id_[id];
    if (known == 0) {
      known = static_cast<uint32_t>(++group_count_);
      id_of_group_.push_back(id);
    }
    group = known;
  }
  if (!all_categories_) return;
  for (uint32_t id = 0; id < group_of_id_.size(); ++id) {
    if (group_of_id_[id] != 0) continue;
    group_of_id_[id] = static_cast<uint32_t>(++group_count_);
    id_of_group_.push_back(id);
  }
}

// Joins the ids of all columns from left to right; rows of a missing key leave the join at once when they are dropped.
void GroupKeys::Join(int64_t rows, PoolVector<uint32_t>* groups) {
  const auto count = static_cast<size_t>(rows);
  PoolVector<uint8_t> valid(count, 1, pool_);
  if (drop_missing_) {
    for (const auto& ids : row_ids_) {
      for (size_t i = 0; i < count; ++i) valid[i] &= ids[i] != KeyColumn::kMissing;
    }
  }
  PoolVector<int64_t> pairs(count, pool_);
  PoolVector<uint32_t> joined = row_ids_[0];
  for (size_t c = 1; c < columns_.size(); ++c) {
    for (size_t i = 0; i < count; ++i) {
      pairs[i] = static_cast<int64_t>((static_cast<uint64_t>(row_ids_[c][i]) << 32) | joined[i]);
    }
    joins_[c - 1].Map(pairs.data(), rows, joined.data(), valid.data());
  }
  for (size_t i = 0; i < count; ++i) {
    (*groups)[i] = valid[i] ? joined[i] + 1 : 0;
    if ((*groups)[i] > group_count_) {
      ++group_count_;
      for (size_t c = 0; c < columns_.size(); ++c) ids_of_group_[c].push_back(row_ids_[c][i]);
    }
  }
}

uint32_t GroupKeys::IdOf(size_t column, uint32_t group) const {
  if (columns_.size() > 1) return ids_of_group_[column][group - 1];
  if (dictionary_) return id_of_group_[group - 1];
  if (missing_group_ == 0 || group < missing_group_) return group - 1;
  return group == missing_group_ ? KeyColumn::kMissing : group - 2;
}

Result<std::vector<std::shared_ptr<arrow::Array>>> GroupKeys::Values(std::span<const uint32_t> groups,
                                                                     arrow::MemoryPool* pool) const {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  PoolVector<uint32_t> ids(groups.size(), pool);
  for (size_t c = 0; c < columns_.size(); ++c) {
    for (size_t i = 0; i < groups.size(); ++i) ids[i] = IdOf(c, groups[i]);
    std::shared_ptr<arrow::DataType> type = types_[c];
    if (type->id() == arrow::Type::DICTIONARY) type = static_cast<const arrow::DictionaryType&>(*type).value_type();
    ASSIGN_OR_RETURN(auto array, columns_[c]->Values(ids, type, pool));
    arrays.push_back(std::move(array));
  }
  return arrays;
}

PoolVector<uint32_t> GroupKeys::InOrder() const {
  PoolVector<uint32_t> groups(static_cast<size_t>(group_count_), pool_);
  std::iota(groups.begin(), groups.end(), 1);
  return groups;
}

PoolVector<uint32_t> GroupKeys::Sorted() const {
  PoolVector<uint32_t> groups = InOrder();
  if (columns_.empty()) return groups;
  std::vector<PoolVector<uint32_t>> ranks;  // by column, of each group; missing is the highest
  for (size_t c = 0; c < columns_.size(); ++c) {
    const PoolVector<uint32_t> of_id = columns_[c]->Ranks();
    PoolVector<uint32_t> of_group(groups.size(), pool_);
    for (size_t g = 0; g < groups.size(); ++g) {
      const uint32_t id = IdOf(c, static_cast<uint32_t>(g) + 1);
      of_group[g] = id == KeyColumn::kMissing ? KeyColumn::kMissing : of_id[id];
    }
    ranks.push_back(std::move(of_group));
  }
  // Where all ids have rows, ranks are a permutation (a missing group comes last): place instead of sorting.
  if (ranks.size() == 1 && columns_[0]->size() + (missing_group_ != 0) == group_count_) {
    PoolVector<uint32_t> sorted(groups.size(), pool_);
    for (const uint32_t g : groups) {
      const uint32_t rank = ranks[0][g - 1];
      sorted[rank == KeyColumn::kMissing ? groups.size() - 1 : rank] = g;
    }
    return sorted;
  }
  std::sort(groups.begin(), groups.end(), [&](uint32_t a, uint32_t b) {
    for (const auto& column : ranks) {
      if (column[a - 1] != column[b - 1]) return column[a - 1] < column[b - 1];
    }
    return false;
  });
  return groups;
}

PoolVector<uint32_t> GroupKeys::ByPart(HashBits bits, std::vector<int64_t>* bounds) const {
  const size_t parts = size_t{1} << bits.count;
  PoolVector<uint32_t> groups = InOrder();
  bounds->assign(parts + 1, 0);
  if (parts == 1 || columns_.empty()) {
    for (size_t p = 1; p <= parts; ++p) (*bounds)[p] = group_count_;
    return groups;
  }
  PoolVector<uint32_t> part_of(groups.size(), pool_);
  for (size_t g = 0; g < groups.size(); ++g) {
    uint64_t hash = 0;
    for (size_t c = 0; c < columns_.size(); ++c) {
      const uint32_t id = IdOf(c, static_cast<uint32_t>(g) + 1);
      hash = CombineHashes(hash, id == KeyColumn::kMissing ? 0 : columns_[c]->Hash(id));
    }
    part_of[g] = static_cast<uint32_t>(bits.PartOf(hash));
    ++(*bounds)[part_of[g] + 1];
  }
  for (size_t p = 1; p <= parts; ++p) (*bounds)[p] += (*bounds)[p - 1];
  std::vector<int64_t> next(bounds->begin(), bounds->end() - 1);
  PoolVector<uint32_t> ordered(groups.size(), pool_);
  for (size_t g = 0; g < groups.size(); ++g) ordered[static_cast<size_t>(next[part_of[g]]++)] = groups[g];
  return ordered;
}

int64_t GroupKeys::nbytes() const {
  int64_t total = 0;
  for (const auto& column : columns_) total += column->nbytes();
  for (const IntTable& join : joins_) total += join.nbytes();
  for (const auto& ids : ids_of_group_) total += CapacityBytes(ids);
  return total + CapacityBytes(group_of_id_) + CapacityBytes(id_of_group_);
}

}  // namespace swath::kernels
