// nunique, median, quantile: the values themselves are kept, for nunique each distinct one once a group. Partials are
// list columns.
#include <algorithm>
#include <cmath>

#include "arrow/array.h"
#include "arrow/array/concatenate.h"
#include "arrow/buffer.h"
#include "arrow/compute/api_vector.h"
#include "arrow/type.h"

#include "swath/kernels/frame/aggregate_state.h"
#include "swath/kernels/frame/group_keys.h"

namespace swath::kernels {
namespace {

// Items in the order of their buckets (groups or hash parts): those of b are items[offsets[b]] … items[offsets[b + 1] -
// 1].
template <typename T>
struct Buckets {
  explicit Buckets(arrow::MemoryPool* pool) : offsets(pool), items(pool) {}

  template <typename BucketOf, typename ItemOf>
  void Fill(size_t buckets, size_t entries, BucketOf bucket_of, ItemOf item_of) {
    offsets.assign(buckets + 1, 0);
    for (size_t e = 0; e < entries; ++e) ++offsets[bucket_of(e) + 1];
    for (size_t b = 0; b < buckets; ++b) offsets[b + 1] += offsets[b];
    items.resize(entries);
    for (size_t e = 0; e < entries; ++e) items[static_cast<size_t>(offsets[bucket_of(e)]++)] = item_of(e);
    for (size_t b = buckets; b > 0; --b) offsets[b] = offsets[b - 1];
    offsets[0] = 0;
  }
  void Clear() { *this = Buckets(items.get_allocator().pool()); }
  bool empty() const { return offsets.empty(); }

  // The buckets chosen, one after the other.
  void Gather(std::span<const uint32_t> chosen, PoolVector<int64_t>* out_offsets, PoolVector<T>* out_items) const {
    out_offsets->assign(1, 0);
    for (const uint32_t b : chosen) out_offsets->push_back(out_offsets->back() + offsets[b + 1] - offsets[b]);
    out_items->reserve(static_cast<size_t>(out_offsets->back()));
    for (const uint32_t b : chosen) {
      out_items->insert(out_items->end(), items.begin() + offsets[b], items.begin() + offsets[b + 1]);
    }
  }

  PoolVector<int64_t> offsets;
  PoolVector<T> items;
};

Result<std::shared_ptr<arrow::Array>> MakeList(const PoolVector<int64_t>& offsets,
                                               const std::shared_ptr<arrow::Array>& items, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(auto offset_array,
                   FromInts(arrow::int64(), offsets.data(), nullptr, static_cast<int64_t>(offsets.size()), pool));
  return arrow::LargeListArray::FromArrays(*offset_array, *items, pool);
}

// The items of a list column and, where there are groups, that of each item's row.
Status OpenList(const std::shared_ptr<arrow::Array>& column, const uint32_t* groups, PoolVector<uint32_t>* item_groups,
                std::shared_ptr<arrow::Array>* items) {
  const auto& list = static_cast<const arrow::LargeListArray&>(*column);
  const int64_t begin = list.length() > 0 ? list.value_offset(0) : 0;
  const int64_t end = list.length() > 0 ? list.value_offset(list.length()) : 0;
  *items = list.values()->Slice(begin, end - begin);
  if (groups == nullptr) return Status::OK();
  item_groups->resize(static_cast<size_t>(end - begin));
  ForEachRow(list.length(), groups, [&](uint32_t group, int64_t row) {
    std::fill(item_groups->begin() + (list.value_offset(row) - begin),
              item_groups->begin() + (list.value_offset(row + 1) - begin), group);
  });
  return Status::OK();
}

// Of the whole table (no groups) the values alone are kept, else pairs (group, value).
class DistinctState : public AggregateState {
 public:
  DistinctState(std::shared_ptr<arrow::DataType> type, std::unique_ptr<KeyColumn> values, bool skipna,
                arrow::MemoryPool* pool)
      : pool_(pool),
        type_(std::move(type)),
        values_(std::move(values)),
        skipna_(skipna),
        pairs_(pool),
        counts_(pool),
        ids_(pool),
        row_pairs_(pool),
        valid_(pool),
        by_group_(pool),
        by_part_(pool) {}

  void Resize(int64_t groups) override { counts_.resize(static_cast<size_t>(groups) + 1, 0); }

  Status Update(const PhysicalColumn& column, const uint32_t* groups) override { return Take(column.owner, groups); }
  Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool*) override {
    PoolVector<uint32_t> item_groups(pool_);
    std::shared_ptr<arrow::Array> items;
    RETURN_IF_ERROR(OpenList(columns[0], groups, &item_groups, &items));
    if (items->length() == 0) return Status::OK();
    return Take(items, groups != nullptr ? item_groups.data() : nullptr);
  }

  Result<Arrays> Export(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const override {
    if (whole_) return ExportPart({0, 0}, 0, pool);
    const PoolVector<int64_t>& pairs = pairs_.keys();
    if (by_group_.empty()) {
      by_group_.Fill(
          counts_.size(), pairs.size(), [&](size_t e) { return static_cast<uint64_t>(pairs[e]) >> 32; },
          [&](size_t e) { return static_cast<uint32_t>(pairs[e]); });
    }
    PoolVector<int64_t> offsets(pool);
    PoolVector<uint32_t> ids(pool);
    by_group_.Gather(groups, &offsets, &ids);
    ASSIGN_OR_RETURN(auto items, values_->Values(ids, type_, pool));
    ASSIGN_OR_RETURN(auto list, MakeList(offsets, items, pool));
    return Arrays{std::move(list)};
  }

  bool splits_by_value() const override { return true; }
  Result<Arrays> ExportPart(HashBits bits, size_t part, arrow::MemoryPool* pool) const override {
    if (by_part_.empty() || by_part_bits_ != bits.count) {
      by_part_bits_ = bits.count;
      by_part_.Fill(
          size_t{1} << bits.count, values_->size(),
          [&](size_t id) { return bits.PartOf(values_->Hash(static_cast<uint32_t>(id))); },
          [](size_t id) { return static_cast<uint32_t>(id); });
    }
    PoolVector<int64_t> offsets(pool);
    PoolVector<uint32_t> ids(pool);
    const auto chosen = static_cast<uint32_t>(part);
    by_part_.Gather({&chosen, 1}, &offsets, &ids);
    if (part == 0 && missing_seen_) {
      ids.push_back(KeyColumn::kMissing);
      ++offsets.back();
    }
    ASSIGN_OR_RETURN(auto items, values_->Values(ids, type_, pool));
    ASSIGN_OR_RETURN(auto list, MakeList(offsets, items, pool));
    return Arrays{std::move(list)};
  }

  Result<std::shared_ptr<arrow::Array>> Finish(std::span<const uint32_t> groups, arrow::MemoryPool* pool) override {
    PoolVector<int64_t> counts(groups.size(), pool);
    for (size_t i = 0; i < groups.size(); ++i) {
      counts[i] = whole_ ? static_cast<int64_t>(values_->size()) + missing_seen_ : counts_[groups[i]];
    }
    return FromInts(arrow::int64(), counts.data(), nullptr, static_cast<int64_t>(counts.size()), pool);
  }
  int64_t nbytes() const override { return values_->nbytes() + pairs_.nbytes() + CapacityBytes(counts_); }

 private:
  Status Take(const std::shared_ptr<arrow::Array>& array, const uint32_t* groups) {
    by_group_.Clear();
    by_part_.Clear();
    ids_.resize(static_cast<size_t>(array->length()));
    RETURN_IF_ERROR(values_->Map(array, ids_.data(), pool_));
    const auto rows = ids_.size();
    if (groups == nullptr) {
      whole_ = true;
      for (size_t i = 0; i < rows && !skipna_; ++i) missing_seen_ |= ids_[i] == KeyColumn::kMissing;
      return Status::OK();
    }
    row_pairs_.resize(rows);
    valid_.resize(rows);
    for (size_t i = 0; i < rows; ++i) {
      row_pairs_[i] = static_cast<int64_t>((uint64_t{groups[i]} << 32) | ids_[i]);
      valid_[i] = !(skipna_ && ids_[i] == KeyColumn::kMissing);
    }
    const uint32_t known = pairs_.size();
    pairs_.Map(row_pairs_.data(), static_cast<int64_t>(rows), ids_.data(), valid_.data());
    for (uint32_t p = known; p < pairs_.size(); ++p) ++counts_[static_cast<uint64_t>(pairs_.keys()[p]) >> 32];
    return Status::OK();
  }

  arrow::MemoryPool* pool_;
  std::shared_ptr<arrow::DataType> type_;
  std::unique_ptr<KeyColumn> values_;
  bool skipna_;
  bool whole_ = false;
  bool missing_seen_ = false;  // of the whole table
  IntTable pairs_;             // (group, value id), each once
  PoolVector<int64_t> counts_;
  PoolVector<uint32_t> ids_;  // scratch
  PoolVector<int64_t> row_pairs_;
  PoolVector<uint8_t> valid_;
  mutable Buckets<uint32_t> by_group_;  // value ids, made by the first Export
  mutable Buckets<uint32_t> by_part_;
  mutable int by_part_bits_ = 0;
};

// Arrow does not count durations among the temporal types.
bool IsTime(const arrow::DataType& type) { return arrow::is_temporal(type.id()) || type.id() == arrow::Type::DURATION; }

// Of the whole table (no groups) the values alone are kept.
class QuantileState : public AggregateState {
 public:
  QuantileState(double quantile, std::shared_ptr<arrow::DataType> type, arrow::MemoryPool* pool)
      : quantile_(quantile), type_(std::move(type)), values_(pool), groups_(pool), by_group_(pool) {}

  void Resize(int64_t groups) override { slot_count_ = static_cast<size_t>(groups) + 1; }

  Status Update(const PhysicalColumn& column, const uint32_t* groups) override {
    by_group_.Clear();
    ForEachRow(column.length, groups, [&](uint32_t group, int64_t i) {
      if (group == 0 || !column.IsValid(i)) return;
      double value;
      switch (column.value_class) {
        case ValueClass::kDouble:
          value = column.as<double>()[i];
          break;
        case ValueClass::kUInt:
          value = static_cast<double>(column.as<uint64_t>()[i]);
          break;
        default:
          value = static_cast<double>(column.as<int64_t>()[i]);
      }
      if (IsMissing(value)) return;
      values_.push_back(value);
      if (groups != nullptr) groups_.push_back(group);
    });
    return Status::OK();
  }
  Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool* pool) override {
    PoolVector<uint32_t> item_groups(pool);
    std::shared_ptr<arrow::Array> items;
    RETURN_IF_ERROR(OpenList(columns[0], groups, &item_groups, &items));
    ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(items, pool));
    return Update(column, groups != nullptr ? item_groups.data() : nullptr);
  }
  Result<Arrays> Export(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const override {
    if (by_group_.empty()) FillByGroup();
    PoolVector<int64_t> offsets(pool);
    PoolVector<double> items(pool);
    by_group_.Gather(groups, &offsets, &items);
    ASSIGN_OR_RETURN(auto array,
                     FromDoubles(arrow::float64(), items.data(), nullptr, static_cast<int64_t>(items.size()), pool));
    ASSIGN_OR_RETURN(auto list, MakeList(offsets, array, pool));
    return Arrays{std::move(list)};
  }
  Result<std::shared_ptr<arrow::Array>> Finish(std::span<const uint32_t> groups, arrow::MemoryPool* pool) override {
    const bool whole = groups_.empty();  // then groups are {1}, and the values need no order
    if (!whole && by_group_.empty()) FillByGroup();
    PoolVector<double> results(groups.size(), pool);
    PoolVector<uint8_t> valid(groups.size(), pool);
    for (size_t g = 0; g < groups.size(); ++g) {
      double* begin = values_.data();
      double* end = begin + values_.size();
      if (!whole) {
        begin = by_group_.items.data() + by_group_.offsets[groups[g]];
        end = by_group_.items.data() + by_group_.offsets[groups[g] + 1];
      }
      valid[g] = begin < end;
      if (!valid[g]) continue;
      const double position = quantile_ * static_cast<double>(end - begin - 1);
      double* low = begin + static_cast<int64_t>(std::floor(position));
      std::nth_element(begin, low, end);
      const double fraction = position - std::floor(position);
      results[g] = *low;
      if (fraction > 0) results[g] += (*std::min_element(low + 1, end) - *low) * fraction;
    }
    const auto length = static_cast<int64_t>(groups.size());
    if (!IsTime(*type_)) return FromDoubles(type_, results.data(), valid.data(), length, pool);
    PoolVector<int64_t> ticks(results.begin(), results.end(), pool);
    return FromInts(type_, ticks.data(), valid.data(), length, pool);
  }
  int64_t nbytes() const override { return CapacityBytes(values_) + CapacityBytes(groups_); }

 private:
  void FillByGroup() const {
    by_group_.Fill(
        slot_count_, values_.size(), [&](size_t e) { return groups_.empty() ? 1u : groups_[e]; },
        [&](size_t e) { return values_[e]; });
  }

  double quantile_;
  std::shared_ptr<arrow::DataType> type_;
  size_t slot_count_ = 1;
  PoolVector<double> values_;
  PoolVector<uint32_t> groups_;       // of each value
  mutable Buckets<double> by_group_;  // made by the first Export or Finish
};

}  // namespace

Result<std::unique_ptr<AggregateState>> MakeValuesState(const ops::Aggregation& aggregation,
                                                        const std::shared_ptr<arrow::DataType>& type,
                                                        arrow::MemoryPool* pool) {
  const std::string& function = aggregation.function;
  if (function == "nunique") {
    ASSIGN_OR_RETURN(auto values, MakeKeyColumn(*type, pool));
    std::shared_ptr<arrow::DataType> plain = type;
    if (type->id() == arrow::Type::DICTIONARY) plain = static_cast<const arrow::DictionaryType&>(*type).value_type();
    return std::make_unique<DistinctState>(std::move(plain), std::move(values), aggregation.skipna, pool);
  }
  if (function != "median" && function != "quantile") return nullptr;
  ASSIGN_OR_RETURN(const ValueClass value_class, ValueClassOf(*type));
  if (value_class == ValueClass::kText || type->id() == arrow::Type::DICTIONARY) {
    return Status::TypeError("cannot take the ", function, " of the column '", aggregation.column, "' of type ",
                             type->ToString());
  }
  const double quantile = function == "median" ? 0.5 : aggregation.quantile;
  if (!(quantile >= 0 && quantile <= 1)) return Status::Invalid("a quantile must lie between 0 and 1, got ", quantile);
  const bool keeps_type = type->id() == arrow::Type::FLOAT || IsTime(*type);
  return std::make_unique<QuantileState>(quantile, keeps_type ? type : arrow::float64(), pool);
}

}  // namespace swath::kernels
