// var, std, sem: count, mean and sum of squared differences a group (Welford; merged by Chan, Golub and LeVeque 1979).
#include <cmath>

#include "arrow/array.h"
#include "arrow/type.h"

#include "swath/kernels/frame/aggregate_state.h"

namespace swath::kernels {
namespace {

struct Moments {
  double count = 0;
  double mean = 0;
  double m2 = 0;

  void Add(double x) {
    count += 1;
    const double delta = x - mean;
    mean += delta / count;
    m2 += delta * (x - mean);
  }
  void Merge(const Moments& other) {
    if (other.count == 0) return;
    const double total = count + other.count;
    const double delta = other.mean - mean;
    mean += delta * (other.count / total);
    m2 += other.m2 + delta * delta * (count * other.count / total);
    count = total;
  }
};

class MomentState : public AggregateState {
 public:
  MomentState(ops::Aggregation aggregation, std::shared_ptr<arrow::DataType> type, arrow::MemoryPool* pool)
      : aggregation_(std::move(aggregation)), type_(std::move(type)), slots_(pool) {}

  void Resize(int64_t groups) override { slots_.resize(static_cast<size_t>(groups) + 1); }

  Status Update(const PhysicalColumn& column, const uint32_t* groups) override {
    switch (column.value_class) {
      case ValueClass::kDouble:
        return UpdateAs<double>(column, groups);
      case ValueClass::kUInt:
        return UpdateAs<uint64_t>(column, groups);
      default:
        return UpdateAs<int64_t>(column, groups);
    }
  }
  int column_count() const override { return 3; }
  Result<Arrays> Export(std::span<const uint32_t> groups, arrow::MemoryPool* pool) const override {
    Arrays arrays;
    for (double Moments::*member : {&Moments::count, &Moments::mean, &Moments::m2}) {
      PoolVector<double> values(groups.size(), pool);
      for (size_t i = 0; i < groups.size(); ++i) values[i] = slots_[groups[i]].*member;
      ASSIGN_OR_RETURN(
          auto array, FromDoubles(arrow::float64(), values.data(), nullptr, static_cast<int64_t>(values.size()), pool));
      arrays.push_back(std::move(array));
    }
    return arrays;
  }
  Status Merge(const Arrays& columns, const uint32_t* groups, arrow::MemoryPool* pool) override {
    ASSIGN_OR_RETURN(const PhysicalColumn count, ToPhysical(columns[0], pool));
    ASSIGN_OR_RETURN(const PhysicalColumn mean, ToPhysical(columns[1], pool));
    ASSIGN_OR_RETURN(const PhysicalColumn m2, ToPhysical(columns[2], pool));
    ForEachRow(count.length, groups, [&](uint32_t group, int64_t i) {
      slots_[group].Merge({count.as<double>()[i], mean.as<double>()[i], m2.as<double>()[i]});
    });
    return Status::OK();
  }
  Result<std::shared_ptr<arrow::Array>> Finish(std::span<const uint32_t> groups, arrow::MemoryPool* pool) override {
    PoolVector<double> values(groups.size(), pool);
    PoolVector<uint8_t> valid(groups.size(), pool);
    const auto ddof = static_cast<double>(aggregation_.ddof);
    for (size_t i = 0; i < groups.size(); ++i) {
      const Moments& slot = slots_[groups[i]];
      valid[i] = slot.count > ddof;
      double value = valid[i] ? slot.m2 / (slot.count - ddof) : 0;
      if (aggregation_.function == "std") value = std::sqrt(value);
      if (aggregation_.function == "sem") value = std::sqrt(value / slot.count);
      values[i] = value;
    }
    const auto length = static_cast<int64_t>(groups.size());
    if (type_->id() != arrow::Type::DURATION) return FromDoubles(type_, values.data(), valid.data(), length, pool);
    PoolVector<int64_t> ticks(values.begin(), values.end(), pool);
    return FromInts(type_, ticks.data(), valid.data(), length, pool);
  }
  int64_t nbytes() const override { return CapacityBytes(slots_); }

 private:
  template <typename T>
  Status UpdateAs(const PhysicalColumn& column, const uint32_t* groups) {
    const T* values = column.as<T>();
    if (groups == nullptr) {
      slots_[1].Merge(MomentsOf(column, values));
      return Status::OK();
    }
    for (int64_t i = 0; i < column.length; ++i) {
      if (column.IsValid(i) && !IsMissing(values[i])) slots_[groups[i]].Add(static_cast<double>(values[i]));
    }
    return Status::OK();
  }

  // One group: two passes over the batch, which is in cache, without a division a row.
  template <typename T>
  static Moments MomentsOf(const PhysicalColumn& column, const T* values) {
    Moments moments;
    double sum = 0;
    for (int64_t i = 0; i < column.length; ++i) {
      if (!column.IsValid(i) || IsMissing(values[i])) continue;
      sum += static_cast<double>(values[i]);
      moments.count += 1;
    }
    if (moments.count == 0) return moments;
    moments.mean = sum / moments.count;
    for (int64_t i = 0; i < column.length; ++i) {
      if (!column.IsValid(i) || IsMissing(values[i])) continue;
      const double delta = static_cast<double>(values[i]) - moments.mean;
      moments.m2 += delta * delta;
    }
    return moments;
  }

  ops::Aggregation aggregation_;
  std::shared_ptr<arrow::DataType> type_;
  PoolVector<Moments> slots_;
};

}  // namespace

Result<std::unique_ptr<AggregateState>> MakeMomentState(const ops::Aggregation& aggregation,
                                                        const std::shared_ptr<arrow::DataType>& type,
                                                        arrow::MemoryPool* pool) {
  const std::string& function = aggregation.function;
  if (function != "var" && function != "std" && function != "sem") return nullptr;
  ASSIGN_OR_RETURN(const ValueClass value_class, ValueClassOf(*type));
  const bool durations = type->id() == arrow::Type::DURATION && function != "var";
  if (value_class == ValueClass::kText || type->id() == arrow::Type::DICTIONARY ||
      (arrow::is_temporal(type->id()) && !durations)) {
    return Status::TypeError("cannot take the ", function, " of the column '", aggregation.column, "' of type ",
                             type->ToString());
  }
  const bool keeps_type = type->id() == arrow::Type::FLOAT || durations;
  return std::make_unique<MomentState>(aggregation, keeps_type ? type : arrow::float64(), pool);
}

}  // namespace swath::kernels
