#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "arrow/array.h"
#include "arrow/array/data.h"
#include "arrow/buffer.h"
#include "arrow/compute/cast.h"
#include "arrow/type.h"

#include "swath/kernels/frame/group_keys.h"
#include "swath/kernels/frame/hashing.h"
#include "swath/kernels/frame/physical.h"

namespace swath::kernels {
namespace {

template <typename Less>
PoolVector<uint32_t> RanksBy(uint32_t size, arrow::MemoryPool* pool, Less less) {
  PoolVector<uint32_t> order(size, pool);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), less);
  PoolVector<uint32_t> ranks(size, pool);
  for (uint32_t r = 0; r < size; ++r) ranks[order[r]] = r;
  return ranks;
}

// Dictionary columns are mapped through their dictionary: one lookup a distinct value, one load a row.
class DictionaryCache {
 public:
  explicit DictionaryCache(arrow::MemoryPool* pool) : ids_(pool) {}
  template <typename MapValues>
  Status Map(const std::shared_ptr<arrow::Array>& array, uint32_t* ids, arrow::MemoryPool* pool, MapValues map_values) {
    const auto& encoded = static_cast<const arrow::DictionaryArray&>(*array);
    if (encoded.dictionary() != dictionary_) {
      dictionary_ = encoded.dictionary();
      ids_.resize(static_cast<size_t>(dictionary_->length()));
      RETURN_IF_ERROR(map_values(dictionary_, ids_.data()));
    }
    ASSIGN_OR_RETURN(const PhysicalColumn indices, ToPhysical(encoded.indices(), pool));
    const auto* index = indices.as<int64_t>();
    for (int64_t i = 0; i < indices.length; ++i) {
      ids[i] = indices.IsValid(i) ? ids_[static_cast<size_t>(index[i])] : KeyColumn::kMissing;
    }
    return Status::OK();
  }

  int64_t nbytes() const { return CapacityBytes(ids_); }

 private:
  std::shared_ptr<arrow::Array> dictionary_;
  PoolVector<uint32_t> ids_;
};

// Ints, dates, bools; floats by their bits (one zero; NaN is missing).
class FixedKeys : public KeyColumn {
 public:
  FixedKeys(ValueClass value_class, arrow::MemoryPool* pool)
      : pool_(pool), value_class_(value_class), table_(pool), dictionary_(pool), valid_(pool), bits_(pool) {}

  Status Map(const std::shared_ptr<arrow::Array>& array, uint32_t* ids, arrow::MemoryPool* pool) override {
    if (array->type_id() == arrow::Type::DICTIONARY) {
      return dictionary_.Map(array, ids, pool,
                             [&](const auto& values, uint32_t* out) { return MapPlain(values, out, pool); });
    }
    return MapPlain(array, ids, pool);
  }
  uint32_t size() const override { return table_.size(); }
  uint64_t Hash(uint32_t id) const override { return HashInt(static_cast<uint64_t>(table_.keys()[id])); }
  PoolVector<uint32_t> Ranks() const override {
    const PoolVector<int64_t>& keys = table_.keys();
    switch (value_class_) {
      case ValueClass::kDouble:
        return RanksBy(size(), pool_, [&](uint32_t a, uint32_t b) { return AsDouble(keys[a]) < AsDouble(keys[b]); });
      case ValueClass::kUInt:
        return RanksBy(size(), pool_, [&](uint32_t a, uint32_t b) {
          return static_cast<uint64_t>(keys[a]) < static_cast<uint64_t>(keys[b]);
        });
      default:
        return RanksOfInts(keys, pool_);
    }
  }
  Result<std::shared_ptr<arrow::Array>> Values(std::span<const uint32_t> ids,
                                               const std::shared_ptr<arrow::DataType>& type,
                                               arrow::MemoryPool* pool) const override {
    PoolVector<int64_t> values(ids.size(), pool);
    PoolVector<uint8_t> valid(ids.size(), pool);
    bool all_valid = true;
    for (size_t i = 0; i < ids.size(); ++i) {
      valid[i] = ids[i] != kMissing;
      all_valid &= valid[i] != 0;
      values[i] = valid[i] ? table_.keys()[ids[i]] : 0;
    }
    const auto length = static_cast<int64_t>(ids.size());
    const uint8_t* mask = all_valid ? nullptr : valid.data();
    if (value_class_ != ValueClass::kDouble) return FromInts(type, values.data(), mask, length, pool);
    static_assert(sizeof(double) == sizeof(int64_t));
    PoolVector<double> doubles(ids.size(), pool);
    if (!ids.empty()) std::memcpy(doubles.data(), values.data(), values.size() * 8);
    return FromDoubles(type, doubles.data(), mask, length, pool);
  }
  int64_t nbytes() const override { return table_.nbytes() + dictionary_.nbytes(); }

 private:
  static double AsDouble(int64_t bits) {
    double value;
    std::memcpy(&value, &bits, 8);
    return value;
  }

  // Dense ints are ranked by counting.
  static PoolVector<uint32_t> RanksOfInts(const PoolVector<int64_t>& keys, arrow::MemoryPool* pool) {
    const auto size = static_cast<uint32_t>(keys.size());
    if (size == 0) return PoolVector<uint32_t>(pool);
    const auto [low, high] = std::minmax_element(keys.begin(), keys.end());
    const uint64_t range = static_cast<uint64_t>(*high) - static_cast<uint64_t>(*low);
    if (range > 8ull * size + 1024)
      return RanksBy(size, pool, [&](uint32_t a, uint32_t b) { return keys[a] < keys[b]; });
    PoolVector<uint32_t> at(range + 1, kMissing, pool);
    for (uint32_t id = 0; id < size; ++id) at[static_cast<size_t>(keys[id] - *low)] = id;
    PoolVector<uint32_t> ranks(size, pool);
    uint32_t rank = 0;
    for (const uint32_t id : at) {
      if (id != kMissing) ranks[id] = rank++;
    }
    return ranks;
  }

  Status MapPlain(const std::shared_ptr<arrow::Array>& array, uint32_t* ids, arrow::MemoryPool* pool) {
    ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(array, pool));
    const int64_t* keys = column.as<int64_t>();
    const uint8_t* valid = nullptr;
    if (column.null_count > 0 || value_class_ == ValueClass::kDouble) {
      valid_.resize(static_cast<size_t>(column.length));
      for (int64_t i = 0; i < column.length; ++i) valid_[static_cast<size_t>(i)] = column.IsValid(i);
      valid = valid_.data();
    }
    if (value_class_ == ValueClass::kDouble) {
      bits_.resize(static_cast<size_t>(column.length));
      for (int64_t i = 0; i < column.length; ++i) {
        const double value = column.as<double>()[i];
        if (std::isnan(value)) valid_[static_cast<size_t>(i)] = 0;
        const double canonical = value == 0 ? 0.0 : value;
        std::memcpy(&bits_[static_cast<size_t>(i)], &canonical, 8);
      }
      keys = bits_.data();
    }
    table_.Map(keys, column.length, ids, valid);
    return Status::OK();
  }

  arrow::MemoryPool* pool_;
  const ValueClass value_class_;
  IntTable table_;
  DictionaryCache dictionary_;
  PoolVector<uint8_t> valid_;
  PoolVector<int64_t> bits_;
};

class TextKeys : public KeyColumn {
 public:
  explicit TextKeys(arrow::MemoryPool* pool) : pool_(pool), table_(pool), dictionary_(pool) {}

  Status Map(const std::shared_ptr<arrow::Array>& array, uint32_t* ids, arrow::MemoryPool* pool) override {
    const auto map = [&](const std::shared_ptr<arrow::Array>& values, uint32_t* out) {
      ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(values, pool));
      table_.Map(column, out);
      return Status::OK();
    };
    if (array->type_id() == arrow::Type::DICTIONARY) return dictionary_.Map(array, ids, pool, map);
    return map(array, ids);
  }
  uint32_t size() const override { return table_.size(); }
  uint64_t Hash(uint32_t id) const override { return table_.Hash(id); }
  PoolVector<uint32_t> Ranks() const override {
    // Sorted by the first 8 bytes as one number; the texts decide ties.
    PoolVector<uint64_t> prefixes(size(), pool_);
    for (uint32_t id = 0; id < size(); ++id) {
      const std::string_view text = table_.Text(id);
      prefixes[id] = __builtin_bswap64(Load(text.data(), std::min<size_t>(8, text.size())));
    }
    return RanksBy(size(), pool_, [&](uint32_t a, uint32_t b) {
      return prefixes[a] != prefixes[b] ? prefixes[a] < prefixes[b] : table_.Text(a) < table_.Text(b);
    });
  }
  Result<std::shared_ptr<arrow::Array>> Values(std::span<const uint32_t> ids,
                                               const std::shared_ptr<arrow::DataType>& type,
                                               arrow::MemoryPool* pool) const override {
    const auto length = static_cast<int64_t>(ids.size());
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> offsets, arrow::AllocateBuffer((length + 1) * 8, pool));
    auto* offset = offsets->mutable_data_as<int64_t>();
    offset[0] = 0;
    int64_t missing = 0;
    for (int64_t i = 0; i < length; ++i) {
      const uint32_t id = ids[static_cast<size_t>(i)];
      missing += id == kMissing;
      offset[i + 1] = offset[i] + (id == kMissing ? 0 : static_cast<int64_t>(table_.Text(id).size()));
    }
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> bytes, arrow::AllocateBuffer(offset[length], pool));
    std::shared_ptr<arrow::Buffer> bitmap;
    if (missing > 0) {
      ASSIGN_OR_RETURN(bitmap, arrow::AllocateEmptyBitmap(length, pool));
    }
    for (int64_t i = 0; i < length; ++i) {
      const uint32_t id = ids[static_cast<size_t>(i)];
      if (id == kMissing) continue;
      const std::string_view text = table_.Text(id);
      if (!text.empty()) std::memcpy(bytes->mutable_data() + offset[i], text.data(), text.size());
      if (bitmap) arrow::bit_util::SetBit(bitmap->mutable_data(), i);
    }
    std::shared_ptr<arrow::Array> array =
        std::make_shared<arrow::LargeStringArray>(length, offsets, bytes, bitmap, missing);
    return type->id() == arrow::Type::LARGE_STRING ? array : arrow::compute::Cast(*array, type);
  }
  int64_t nbytes() const override { return table_.nbytes() + dictionary_.nbytes(); }

 private:
  arrow::MemoryPool* pool_;
  TextTable table_;
  DictionaryCache dictionary_;
};

}  // namespace

Result<std::unique_ptr<KeyColumn>> MakeKeyColumn(const arrow::DataType& type, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(const ValueClass value_class, ValueClassOf(type));
  if (value_class == ValueClass::kText) return std::make_unique<TextKeys>(pool);
  return std::make_unique<FixedKeys>(value_class, pool);
}

}  // namespace swath::kernels
