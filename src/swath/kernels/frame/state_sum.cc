// sum, mean, prod, count, size, any, all.
#include <cmath>
#include <limits>

#include "arrow/array.h"
#include "arrow/type.h"

#include "swath/kernels/frame/aggregate_state.h"

namespace swath::kernels {
namespace {

using arrow::Type;

template <typename T>
struct Accumulator {
  T value;
  int64_t count;
};

struct Add {
  template <typename T>
  static T Identity() {
    return 0;
  }
  template <typename T>
  static T Apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    return a + b;
  }
};
struct Multiply {
  template <typename T>
  static T Identity() {
    return 1;
  }
  template <typename T>
  static T Apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    return a * b;
  }
};

// In: the class of the input values; T: of the accumulator. NaN and null are skipped and not counted.
template <typename In, typename T, typename Op>
class SumState : public AggregateState {
 public:
  SumState(ops::Aggregation aggregation, std::shared_ptr<arrow::DataType> type, bool mean, arrow::MemoryPool* pool)
      : aggregation_(std::move(aggregation)), type_(std::move(type)), mean_(mean), slots_(pool) {}

  void Resize(int64_t groups) override {
    slots_.resize(static_cast<size_t>(groups) + 1, {Op::template Identity<T>(), 0});
  }

  Status Update(const PhysicalColumn& column, const uint32_t* groups) override {
    const In* values = column.as<In>();
    Accumulator<T>* slots = slots_.data();
    if (groups == nullptr) {
      slots[1] = UpdateOne(column, slots[1]);
    } else if (column.null_count == 0) {
      for (int64_t i = 0; i < column.length; ++i) Put(&slots[groups[i]], values[i]);
    } else {
      for (int64_t i = 0; i < column.length; ++i) {
        if (column.IsValid(i)) Put(&slots[groups[i]], values[i]);
      }
    }
    return Status::OK();
  }

  int column_count() const override { return 2; }
  Result<Arrays> Export(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const override {
    PoolVector<T> values(groups.size(), pool);
    PoolVector<int64_t> counts(groups.size(), pool);
    for (size_t i = 0; i < groups.size(); ++i) {
      values[i] = slots_[groups[i]].value;
      counts[i] = slots_[groups[i]].count;
    }
    ASSIGN_OR_RETURN(auto value_array, Pack(values, nullptr, nullptr, pool));
    ASSIGN_OR_RETURN(auto count_array,
                     FromInts(arrow::int64(), counts.data(), nullptr, static_cast<int64_t>(counts.size()), pool));
    return Arrays{std::move(value_array), std::move(count_array)};
  }

  Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool* pool) override {
    ASSIGN_OR_RETURN(const PhysicalColumn value, ToPhysical(columns[0], pool));
    ASSIGN_OR_RETURN(const PhysicalColumn count, ToPhysical(columns[1], pool));
    ForEachRow(value.length, groups, [&](uint32_t group, int64_t i) {
      slots_[group].value = Op::template Apply<T>(slots_[group].value, value.as<T>()[i]);
      slots_[group].count += count.as<int64_t>()[i];
    });
    return Status::OK();
  }

  Result<std::shared_ptr<arrow::Array>> Finish(std::span<const uint32_t> groups, arrow::MemoryPool* pool) override {
    PoolVector<uint8_t> valid(groups.size(), pool);
    const int64_t needed = mean_ ? 1 : aggregation_.min_count;
    bool all_valid = true;
    for (size_t i = 0; i < groups.size(); ++i) {
      valid[i] = slots_[groups[i]].count >= needed;
      all_valid &= valid[i] != 0;
    }
    const uint8_t* mask = all_valid ? nullptr : valid.data();
    if (mean_) {
      PoolVector<double> means(groups.size(), pool);
      for (size_t i = 0; i < groups.size(); ++i) {
        const Accumulator<T>& slot = slots_[groups[i]];
        means[i] = static_cast<double>(slot.value) / static_cast<double>(slot.count);
      }
      return PackMeans(means, mask, pool);
    }
    PoolVector<T> values(groups.size(), pool);
    for (size_t i = 0; i < groups.size(); ++i) values[i] = slots_[groups[i]].value;
    return Pack(values, mask, type_, pool);
  }

  int64_t nbytes() const override { return CapacityBytes(slots_); }

 private:
  static void Put(Accumulator<T>* slot, In value) {
    if constexpr (std::is_floating_point_v<In>) {
      const bool missing = IsMissing(value);
      slot->value = Op::template Apply<T>(slot->value, missing ? Op::template Identity<T>() : static_cast<T>(value));
      slot->count += !missing;
    } else {
      slot->value = Op::template Apply<T>(slot->value, static_cast<T>(value));
      ++slot->count;
    }
  }

  // One group: eight independent accumulators, so that the sum runs at memory speed and rounds as well as NumPy's.
  static Accumulator<T> UpdateOne(const PhysicalColumn& column, Accumulator<T> total) {
    constexpr int64_t kLanes = 8;
    const In* values = column.as<In>();
    Accumulator<T> lanes[kLanes];
    for (auto& lane : lanes) lane = {Op::template Identity<T>(), 0};
    int64_t i = 0;
    if (column.null_count == 0) {
      for (; i + kLanes <= column.length; i += kLanes) {
        for (int64_t k = 0; k < kLanes; ++k) Put(&lanes[k], values[i + k]);
      }
    }
    for (; i < column.length; ++i) {
      if (column.IsValid(i)) Put(&lanes[0], values[i]);
    }
    for (const auto& lane : lanes) {
      total.value = Op::template Apply<T>(total.value, lane.value);
      total.count += lane.count;
    }
    return total;
  }

  static Result<std::shared_ptr<arrow::Array>> Pack(const PoolVector<T>& values, const uint8_t* mask,
                                                    const std::shared_ptr<arrow::DataType>& type,
                                                    arrow::MemoryPool* pool) {
    const auto length = static_cast<int64_t>(values.size());
    if constexpr (std::is_same_v<T, double>) {
      return FromDoubles(type ? type : arrow::float64(), values.data(), mask, length, pool);
    } else {
      const auto plain = std::is_unsigned_v<T> ? arrow::uint64() : arrow::int64();
      return FromInts(type ? type : plain, reinterpret_cast<const int64_t*>(values.data()), mask, length, pool);
    }
  }

  Result<std::shared_ptr<arrow::Array>> PackMeans(const PoolVector<double>& means, const uint8_t* mask,
                                                  arrow::MemoryPool* pool) const {
    const auto length = static_cast<int64_t>(means.size());
    const Type::type id = type_->id();
    if (!arrow::is_temporal(id) && id != Type::DURATION) return FromDoubles(type_, means.data(), mask, length, pool);
    PoolVector<int64_t> ticks(means.size(), pool);
    for (size_t i = 0; i < means.size(); ++i) {
      if (mask == nullptr || mask[i]) ticks[i] = static_cast<int64_t>(means[i]);
    }
    return FromInts(type_, ticks.data(), mask, length, pool);
  }

  ops::Aggregation aggregation_;
  std::shared_ptr<arrow::DataType> type_;  // of the result
  bool mean_;
  PoolVector<Accumulator<T>> slots_;
};

// count (of values), size (of rows) and, for skipna = false, the number of missing values.
class CountState : public AggregateState {
 public:
  enum Kind { kValues, kRows, kMissing };
  CountState(Kind kind, arrow::MemoryPool* pool) : kind_(kind), counts_(pool) {}
  void Resize(int64_t groups) override { counts_.resize(static_cast<size_t>(groups) + 1, 0); }
  Status Update(const PhysicalColumn& column, const uint32_t* groups) override {
    int64_t* counts = counts_.data();
    const bool floats = column.value_class == ValueClass::kDouble;
    if (kind_ == kRows || (kind_ == kValues && column.null_count == 0 && !floats)) {
      if (groups == nullptr) {
        counts[1] += column.length;
      } else {
        for (int64_t i = 0; i < column.length; ++i) ++counts[groups[i]];
      }
      return Status::OK();
    }
    ForEachRow(column.length, groups, [&](uint32_t group, int64_t i) {
      const bool present = column.IsValid(i) && !(floats && IsMissing(column.as<double>()[i]));
      counts[group] += present == (kind_ == kValues);
    });
    return Status::OK();
  }
  Result<Arrays> Export(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const override {
    PoolVector<int64_t> counts(groups.size(), pool);
    for (size_t i = 0; i < groups.size(); ++i) counts[i] = counts_[groups[i]];
    ASSIGN_OR_RETURN(auto array,
                     FromInts(arrow::int64(), counts.data(), nullptr, static_cast<int64_t>(counts.size()), pool));
    return Arrays{std::move(array)};
  }
  Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool* pool) override {
    ASSIGN_OR_RETURN(const PhysicalColumn count, ToPhysical(columns[0], pool));
    ForEachRow(count.length, groups, [&](uint32_t group, int64_t i) { counts_[group] += count.as<int64_t>()[i]; });
    return Status::OK();
  }
  Result<std::shared_ptr<arrow::Array>> Finish(std::span<const uint32_t> groups, arrow::MemoryPool* pool) override {
    ASSIGN_OR_RETURN(Arrays arrays, Export(groups, pool));
    return arrays[0];
  }
  int64_t nbytes() const override { return CapacityBytes(counts_); }

 private:
  Kind kind_;
  PoolVector<int64_t> counts_;
};

// any, all. With skipna = false a missing value is true, as NaN is in NumPy.
class TruthState : public AggregateState {
 public:
  TruthState(bool all, bool skipna, arrow::MemoryPool* pool) : all_(all), skipna_(skipna), truth_(pool) {}
  void Resize(int64_t groups) override { truth_.resize(static_cast<size_t>(groups) + 1, all_); }
  Status Update(const PhysicalColumn& column, const uint32_t* groups) override {
    ForEachRow(column.length, groups, [&](uint32_t group, int64_t i) {
      bool truth = true;
      const bool missing =
          !column.IsValid(i) || (column.value_class == ValueClass::kDouble && IsMissing(column.as<double>()[i]));
      if (missing && skipna_) return;
      if (!missing) truth = Truth(column, i);
      truth_[group] = all_ ? truth_[group] && truth : truth_[group] || truth;
    });
    return Status::OK();
  }
  Result<Arrays> Export(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const override {
    PoolVector<int64_t> values(groups.size(), pool);
    for (size_t i = 0; i < groups.size(); ++i) values[i] = truth_[groups[i]];
    ASSIGN_OR_RETURN(auto array,
                     FromInts(arrow::boolean(), values.data(), nullptr, static_cast<int64_t>(values.size()), pool));
    return Arrays{std::move(array)};
  }
  Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool* pool) override {
    ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(columns[0], pool));
    return Update(column, groups);
  }
  Result<std::shared_ptr<arrow::Array>> Finish(std::span<const uint32_t> groups, arrow::MemoryPool* pool) override {
    ASSIGN_OR_RETURN(Arrays arrays, Export(groups, pool));
    return arrays[0];
  }
  int64_t nbytes() const override { return CapacityBytes(truth_); }

 private:
  static bool Truth(const PhysicalColumn& column, int64_t row) {
    switch (column.value_class) {
      case ValueClass::kDouble:
        return column.as<double>()[row] != 0;
      case ValueClass::kText:
        return !column.Text(row).empty();
      default:
        return column.as<int64_t>()[row] != 0;
    }
  }
  bool all_;
  bool skipna_;
  PoolVector<uint8_t> truth_;
};

template <typename Op>
Result<std::unique_ptr<AggregateState>> MakeSum(const ops::Aggregation& aggregation,
                                                const std::shared_ptr<arrow::DataType>& type, ValueClass value_class,
                                                bool mean, arrow::MemoryPool* pool) {
  std::shared_ptr<arrow::DataType> result;
  const Type::type id = type->id();
  if (mean) {
    result = id == Type::FLOAT || arrow::is_temporal(id) || id == Type::DURATION ? type : arrow::float64();
  } else if (arrow::is_floating(id) || id == Type::DURATION) {
    result = type;
  } else if (id == Type::NA) {
    result = arrow::float64();
  } else {
    result = arrow::is_unsigned_integer(id) ? arrow::uint64() : arrow::int64();
  }
  switch (value_class) {
    case ValueClass::kDouble:
      return std::make_unique<SumState<double, double, Op>>(aggregation, result, mean, pool);
    case ValueClass::kUInt:
      if (mean) return std::make_unique<SumState<uint64_t, double, Op>>(aggregation, result, mean, pool);
      return std::make_unique<SumState<uint64_t, uint64_t, Op>>(aggregation, result, mean, pool);
    default:
      if (mean) return std::make_unique<SumState<int64_t, double, Op>>(aggregation, result, mean, pool);
      return std::make_unique<SumState<int64_t, int64_t, Op>>(aggregation, result, mean, pool);
  }
}

}  // namespace

Result<std::unique_ptr<AggregateState>> MakeSumState(const ops::Aggregation& aggregation,
                                                     const std::shared_ptr<arrow::DataType>& type,
                                                     arrow::MemoryPool* pool) {
  const std::string& function = aggregation.function;
  if (function == "size") return std::make_unique<CountState>(CountState::kRows, pool);
  if (function == "count") return std::make_unique<CountState>(CountState::kValues, pool);
  if (function == "missing") return std::make_unique<CountState>(CountState::kMissing, pool);
  if (function == "any" || function == "all")
    return std::make_unique<TruthState>(function == "all", aggregation.skipna, pool);
  const bool mean = function == "mean";
  if (function != "sum" && function != "prod" && !mean) return nullptr;
  ASSIGN_OR_RETURN(const ValueClass value_class, ValueClassOf(*type));
  const bool dates = arrow::is_temporal(type->id()) && type->id() != Type::DURATION;
  if (value_class == ValueClass::kText || type->id() == Type::DICTIONARY || (dates && !mean) ||
      (type->id() == Type::DURATION && function == "prod")) {
    return Status::TypeError("cannot take the ", function, " of the column '", aggregation.column, "' of type ",
                             type->ToString());
  }
  if (function == "prod") return MakeSum<Multiply>(aggregation, type, value_class, false, pool);
  return MakeSum<Add>(aggregation, type, value_class, mean, pool);
}

}  // namespace swath::kernels
