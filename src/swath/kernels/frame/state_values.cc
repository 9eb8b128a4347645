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

// The entries (group, item) brought into the order of `groups`: offsets into `items` a group.
template <typename T>
void CollectByGroup(const std::vector<uint32_t>& groups, const std::vector<uint32_t>& entry_groups,
                    const std::vector<T>& entries, size_t slot_count, std::vector<int64_t>* offsets,
                    std::vector<T>* items) {
  std::vector<int64_t> counts(slot_count + 1, 0);
  for (const uint32_t group : entry_groups) ++counts[group];
  std::vector<int64_t> next(slot_count + 1, -1);
  offsets->assign(groups.size() + 1, 0);
  for (size_t i = 0; i < groups.size(); ++i) {
    next[groups[i]] = (*offsets)[i];
    (*offsets)[i + 1] = (*offsets)[i] + counts[groups[i]];
  }
  items->resize(static_cast<size_t>(offsets->back()));
  for (size_t e = 0; e < entries.size(); ++e) {
    int64_t& at = next[entry_groups[e]];
    if (at >= 0) (*items)[static_cast<size_t>(at++)] = entries[e];
  }
}

Result<std::shared_ptr<arrow::Array>> MakeList(const std::vector<int64_t>& offsets,
                                               const std::shared_ptr<arrow::Array>& items, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(auto offset_array,
                   FromInts(arrow::int64(), offsets.data(), nullptr, static_cast<int64_t>(offsets.size()), pool));
  return arrow::LargeListArray::FromArrays(*offset_array, *items, pool);
}

// Runs over the items of a list column with the group of their row.
Status OpenList(const std::shared_ptr<arrow::Array>& column, const uint32_t* groups, std::vector<uint32_t>* item_groups,
                std::shared_ptr<arrow::Array>* items) {
  const auto& list = static_cast<const arrow::LargeListArray&>(*column);
  const int64_t begin = list.length() > 0 ? list.value_offset(0) : 0;
  const int64_t end = list.length() > 0 ? list.value_offset(list.length()) : 0;
  *items = list.values()->Slice(begin, end - begin);
  item_groups->resize(static_cast<size_t>(end - begin));
  ForEachRow(list.length(), groups, [&](uint32_t group, int64_t row) {
    std::fill(item_groups->begin() + (list.value_offset(row) - begin),
              item_groups->begin() + (list.value_offset(row + 1) - begin), group);
  });
  return Status::OK();
}

class DistinctState : public AggregateState {
 public:
  DistinctState(std::shared_ptr<arrow::DataType> type, std::unique_ptr<KeyColumn> values, bool skipna)
      : type_(std::move(type)), values_(std::move(values)), skipna_(skipna) {}

  void Resize(int64_t groups) override { counts_.resize(static_cast<size_t>(groups) + 1, 0); }

  Status Update(const PhysicalColumn& column, const uint32_t* groups) override {
    return Take(column.owner, groups, nullptr);
  }
  Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool* pool) override {
    std::vector<uint32_t> item_groups;
    std::shared_ptr<arrow::Array> items;
    RETURN_IF_ERROR(OpenList(columns[0], groups, &item_groups, &items));
    return Take(items, item_groups.data(), pool);
  }

  Result<Arrays> Export(const std::vector<uint32_t>& groups, arrow::MemoryPool* pool) const override {
    std::vector<uint32_t> entry_groups, entry_ids, ids;
    for (const int64_t pair : pairs_.keys()) {
      entry_groups.push_back(static_cast<uint32_t>(static_cast<uint64_t>(pair) >> 32));
      entry_ids.push_back(static_cast<uint32_t>(pair));
    }
    std::vector<int64_t> offsets;
    CollectByGroup(groups, entry_groups, entry_ids, counts_.size(), &offsets, &ids);
    ASSIGN_OR_RETURN(auto items, values_->Values(ids, type_, pool));
    ASSIGN_OR_RETURN(auto list, MakeList(offsets, items, pool));
    return Arrays{std::move(list)};
  }
  Result<std::shared_ptr<arrow::Array>> Finish(const std::vector<uint32_t>& groups, arrow::MemoryPool* pool) override {
    std::vector<int64_t> counts(groups.size());
    for (size_t i = 0; i < groups.size(); ++i) counts[i] = counts_[groups[i]];
    return FromInts(arrow::int64(), counts.data(), nullptr, static_cast<int64_t>(counts.size()), pool);
  }
  int64_t nbytes() const override {
    return values_->nbytes() + pairs_.nbytes() + static_cast<int64_t>(counts_.capacity() * 8);
  }

 private:
  Status Take(const std::shared_ptr<arrow::Array>& array, const uint32_t* groups, arrow::MemoryPool* pool) {
    ids_.resize(static_cast<size_t>(array->length()));
    RETURN_IF_ERROR(values_->Map(array, ids_.data(), pool));
    const auto rows = ids_.size();
    row_pairs_.resize(rows);
    valid_.resize(rows);
    for (size_t i = 0; i < rows; ++i) {
      const uint64_t group = groups != nullptr ? groups[i] : 1;
      row_pairs_[i] = static_cast<int64_t>((group << 32) | ids_[i]);
      valid_[i] = !(skipna_ && ids_[i] == KeyColumn::kMissing);
    }
    const uint32_t known = pairs_.size();
    pairs_.Map(row_pairs_.data(), static_cast<int64_t>(rows), ids_.data(), valid_.data());
    for (uint32_t p = known; p < pairs_.size(); ++p) ++counts_[static_cast<uint64_t>(pairs_.keys()[p]) >> 32];
    return Status::OK();
  }

  std::shared_ptr<arrow::DataType> type_;
  std::unique_ptr<KeyColumn> values_;
  bool skipna_;
  IntTable pairs_;  // (group, value id), each once
  std::vector<int64_t> counts_;
  std::vector<uint32_t> ids_;  // scratch
  std::vector<int64_t> row_pairs_;
  std::vector<uint8_t> valid_;
};

class QuantileState : public AggregateState {
 public:
  QuantileState(double quantile, std::shared_ptr<arrow::DataType> type, ValueClass value_class)
      : quantile_(quantile), type_(std::move(type)), value_class_(value_class) {}

  void Resize(int64_t groups) override { slot_count_ = static_cast<size_t>(groups) + 1; }

  Status Update(const PhysicalColumn& column, const uint32_t* groups) override {
    values_.reserve(values_.size() + static_cast<size_t>(column.length));
    groups_.reserve(values_.capacity());
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
      groups_.push_back(group);
    });
    return Status::OK();
  }
  Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool* pool) override {
    std::vector<uint32_t> item_groups;
    std::shared_ptr<arrow::Array> items;
    RETURN_IF_ERROR(OpenList(columns[0], groups, &item_groups, &items));
    ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(items, pool));
    return Update(column, item_groups.data());
  }
  Result<Arrays> Export(const std::vector<uint32_t>& groups, arrow::MemoryPool* pool) const override {
    std::vector<int64_t> offsets;
    std::vector<double> items;
    CollectByGroup(groups, groups_, values_, slot_count_, &offsets, &items);
    ASSIGN_OR_RETURN(auto array,
                     FromDoubles(arrow::float64(), items.data(), nullptr, static_cast<int64_t>(items.size()), pool));
    ASSIGN_OR_RETURN(auto list, MakeList(offsets, array, pool));
    return Arrays{std::move(list)};
  }
  Result<std::shared_ptr<arrow::Array>> Finish(const std::vector<uint32_t>& groups, arrow::MemoryPool* pool) override {
    std::vector<int64_t> offsets;
    std::vector<double> items;
    CollectByGroup(groups, groups_, values_, slot_count_, &offsets, &items);
    std::vector<double> results(groups.size());
    std::vector<uint8_t> valid(groups.size());
    for (size_t g = 0; g < groups.size(); ++g) {
      double* begin = items.data() + offsets[g];
      double* end = items.data() + offsets[g + 1];
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
    if (!arrow::is_temporal(type_->id())) return FromDoubles(type_, results.data(), valid.data(), length, pool);
    std::vector<int64_t> ticks(results.begin(), results.end());
    return FromInts(type_, ticks.data(), valid.data(), length, pool);
  }
  int64_t nbytes() const override { return static_cast<int64_t>(values_.capacity() * 8 + groups_.capacity() * 4); }

 private:
  double quantile_;
  std::shared_ptr<arrow::DataType> type_;
  ValueClass value_class_;
  size_t slot_count_ = 1;
  std::vector<double> values_;
  std::vector<uint32_t> groups_;  // of each value
};

}  // namespace

Result<std::unique_ptr<AggregateState>> MakeValuesState(const ops::Aggregation& aggregation,
                                                        const std::shared_ptr<arrow::DataType>& type) {
  const std::string& function = aggregation.function;
  if (function == "nunique") {
    ASSIGN_OR_RETURN(auto values, MakeKeyColumn(*type));
    std::shared_ptr<arrow::DataType> plain = type;
    if (type->id() == arrow::Type::DICTIONARY) plain = static_cast<const arrow::DictionaryType&>(*type).value_type();
    return std::make_unique<DistinctState>(std::move(plain), std::move(values), aggregation.skipna);
  }
  if (function != "median" && function != "quantile") return nullptr;
  ASSIGN_OR_RETURN(const ValueClass value_class, ValueClassOf(*type));
  if (value_class == ValueClass::kText || type->id() == arrow::Type::DICTIONARY) {
    return Status::TypeError("cannot take the ", function, " of the column '", aggregation.column, "' of type ",
                             type->ToString());
  }
  const double quantile = function == "median" ? 0.5 : aggregation.quantile;
  if (!(quantile >= 0 && quantile <= 1)) return Status::Invalid("a quantile must lie between 0 and 1, got ", quantile);
  const bool keeps_type = type->id() == arrow::Type::FLOAT || arrow::is_temporal(type->id());
  return std::make_unique<QuantileState>(quantile, keeps_type ? type : arrow::float64(), value_class);
}

}  // namespace swath::kernels
