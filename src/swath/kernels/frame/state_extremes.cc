// min, max, first, last: one kept value a group, of the column's own type.
#include <string>

#include "arrow/array.h"
#include "arrow/array/builder_binary.h"
#include "arrow/compute/cast.h"
#include "arrow/type.h"

#include "swath/kernels/frame/aggregate_state.h"

namespace swath::kernels {
namespace {

enum class Keep : uint8_t { kMin, kMax, kFirst, kLast };
enum SlotState : uint8_t { kEmpty = 0, kValue = 1, kNull = 2 };  // kNull: a missing first or last row (skipna = false)

template <typename T>
T Get(const PhysicalColumn& column, int64_t row) {
  if constexpr (std::is_same_v<T, std::string>) {
    return std::string(column.Text(row));
  } else {
    return column.as<T>()[row];
  }
}

// What a string of that length keeps outside of itself.
int64_t HeapBytes(size_t length) { return length <= 15 ? 0 : static_cast<int64_t>(length) + 1; }

// Without a copy: text is compared in place and copied only when it is kept.
template <typename T>
auto Peek(const PhysicalColumn& column, int64_t row) {
  if constexpr (std::is_same_v<T, std::string>) {
    return column.Text(row);
  } else {
    return column.as<T>()[row];
  }
}

template <typename T, Keep kKeep>
class KeptState : public AggregateState {
 public:
  KeptState(std::shared_ptr<arrow::DataType> type, bool skipna, arrow::MemoryPool* pool)
      : type_(std::move(type)), skipna_(skipna), values_(pool), states_(pool) {}

  void Resize(int64_t groups) override {
    values_.resize(static_cast<size_t>(groups) + 1);
    states_.resize(static_cast<size_t>(groups) + 1, kEmpty);
  }

  Status Update(const PhysicalColumn& column, const uint32_t* groups) override {
    ForEachRow(column.length, groups, [&](uint32_t group, int64_t row) {
      if (!column.IsValid(row) || IsMissing(Peek<T>(column, row))) {
        if (!skipna_) PutNull(group);
      } else {
        Put(group, Peek<T>(column, row));
      }
    });
    return Status::OK();
  }

  int column_count() const override { return 2; }
  Result<Arrays> Export(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const override {
    ASSIGN_OR_RETURN(auto values, Pack(groups, pool));
    PoolVector<int64_t> states(groups.size(), pool);
    for (size_t i = 0; i < groups.size(); ++i) states[i] = states_[groups[i]];
    ASSIGN_OR_RETURN(auto state_array,
                     FromInts(arrow::int8(), states.data(), nullptr, static_cast<int64_t>(states.size()), pool));
    return Arrays{std::move(values), std::move(state_array)};
  }
  Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool* pool) override {
    ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(columns[0], pool));
    ASSIGN_OR_RETURN(const PhysicalColumn states, ToPhysical(columns[1], pool));
    ForEachRow(column.length, groups, [&](uint32_t group, int64_t row) {
      const int64_t state = states.as<int64_t>()[row];
      if (state == kValue) Put(group, Peek<T>(column, row));
      if (state == kNull) PutNull(group);
    });
    return Status::OK();
  }
  Result<std::shared_ptr<arrow::Array>> Finish(std::span<const uint32_t> groups, arrow::MemoryPool* pool) override {
    return Pack(groups, pool);
  }
  int64_t nbytes() const override { return CapacityBytes(values_) + CapacityBytes(states_) + text_bytes_; }

 private:
  template <typename V>
  void Put(uint32_t group, const V& value) {
    uint8_t& state = states_[group];
    T& kept = values_[group];
    bool take = false;
    if constexpr (kKeep == Keep::kMin) take = state == kEmpty || (state == kValue && value < kept);
    if constexpr (kKeep == Keep::kMax) take = state == kEmpty || (state == kValue && value > kept);
    if constexpr (kKeep == Keep::kFirst) take = state == kEmpty;
    if constexpr (kKeep == Keep::kLast) take = true;
    if (take) {
      if constexpr (std::is_same_v<T, std::string>) {
        text_bytes_ += HeapBytes(value.size()) - HeapBytes(kept.size());
      }
      kept = value;
      state = kValue;
    }
  }
  void PutNull(uint32_t group) {
    if (kKeep != Keep::kFirst || states_[group] == kEmpty) states_[group] = kNull;
  }

  Result<std::shared_ptr<arrow::Array>> Pack(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const {
    const auto length = static_cast<int64_t>(groups.size());
    if constexpr (std::is_same_v<T, std::string>) {
      arrow::LargeStringBuilder builder(pool);
      RETURN_IF_ERROR(builder.Reserve(length));
      for (const uint32_t group : groups) {
        RETURN_IF_ERROR(states_[group] == kValue ? builder.Append(values_[group]) : builder.AppendNull());
      }
      ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array, builder.Finish());
      return type_->id() == arrow::Type::LARGE_STRING ? array : arrow::compute::Cast(*array, type_);
    } else {
      PoolVector<T> values(groups.size(), pool);
      PoolVector<uint8_t> valid(groups.size(), pool);
      for (size_t i = 0; i < groups.size(); ++i) {
        valid[i] = states_[groups[i]] == kValue;
        values[i] = values_[groups[i]];
      }
      if constexpr (std::is_same_v<T, double>) return FromDoubles(type_, values.data(), valid.data(), length, pool);
      return FromInts(type_, reinterpret_cast<const int64_t*>(values.data()), valid.data(), length, pool);
    }
  }

  std::shared_ptr<arrow::DataType> type_;
  bool skipna_;
  PoolVector<T> values_;
  PoolVector<uint8_t> states_;
  int64_t text_bytes_ = 0;  // of the strings kept, those that outgrew their place in values_
};

template <Keep kKeep>
std::unique_ptr<AggregateState> MakeKept(ValueClass value_class, const std::shared_ptr<arrow::DataType>& type,
                                         bool skipna, arrow::MemoryPool* pool) {
  switch (value_class) {
    case ValueClass::kInt:
      return std::make_unique<KeptState<int64_t, kKeep>>(type, skipna, pool);
    case ValueClass::kUInt:
      return std::make_unique<KeptState<uint64_t, kKeep>>(type, skipna, pool);
    case ValueClass::kDouble:
      return std::make_unique<KeptState<double, kKeep>>(type, skipna, pool);
    case ValueClass::kText:
      return std::make_unique<KeptState<std::string, kKeep>>(type, skipna, pool);
  }
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<AggregateState>> MakeExtremeState(const ops::Aggregation& aggregation,
                                                         const std::shared_ptr<arrow::DataType>& type,
                                                         arrow::MemoryPool* pool) {
  const std::string& function = aggregation.function;
  const bool extreme = function == "min" || function == "max";
  if (!extreme && function != "first" && function != "last") return nullptr;
  ASSIGN_OR_RETURN(const ValueClass value_class, ValueClassOf(*type));
  std::shared_ptr<arrow::DataType> result = type;
  if (type->id() == arrow::Type::DICTIONARY) result = static_cast<const arrow::DictionaryType&>(*type).value_type();
  if (function == "min") return MakeKept<Keep::kMin>(value_class, result, aggregation.skipna, pool);
  if (function == "max") return MakeKept<Keep::kMax>(value_class, result, aggregation.skipna, pool);
  if (function == "first") return MakeKept<Keep::kFirst>(value_class, result, aggregation.skipna, pool);
  return MakeKept<Keep::kLast>(value_class, result, aggregation.skipna, pool);
}

}  // namespace swath::kernels
