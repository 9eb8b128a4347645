// PhysicalColumn: one column of a batch as plain pointers, in one of four value classes, so that the loops of hashing
// and aggregation exist once per class: ints, dates and bools as int64; unsigned as uint64; floats as double; text as
// offsets and bytes. 64-bit columns and large_string are viewed, others converted. Dictionaries are decoded.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "arrow/type_fwd.h"
#include "arrow/util/bit_util.h"

#include "swath/base/status.h"

namespace swath::kernels {

enum class ValueClass : uint8_t { kInt, kUInt, kDouble, kText };

// TypeError when columns of the type have no class (lists, structs).
Result<ValueClass> ValueClassOf(const arrow::DataType& type);

struct PhysicalColumn {
  ValueClass value_class = ValueClass::kInt;
  int64_t length = 0;
  int64_t null_count = 0;
  const uint8_t* validity = nullptr;  // null: all valid
  int64_t validity_offset = 0;
  const void* values = nullptr;      // at row 0
  const int64_t* offsets = nullptr;  // text, at row 0
  std::shared_ptr<arrow::Array> owner;

  bool IsValid(int64_t row) const {
    return validity == nullptr || arrow::bit_util::GetBit(validity, validity_offset + row);
  }
  template <typename T>
  const T* as() const {
    return static_cast<const T*>(values);
  }
  std::string_view Text(int64_t row) const {
    return {static_cast<const char*>(values) + offsets[row], static_cast<size_t>(offsets[row + 1] - offsets[row])};
  }
};

Result<PhysicalColumn> ToPhysical(const std::shared_ptr<arrow::Array>& array, arrow::MemoryPool* pool);

// The way back: an array of `type` from values of its class (`valid[i]` 0: null; null pointer: all valid).
Result<std::shared_ptr<arrow::Array>> FromInts(const std::shared_ptr<arrow::DataType>& type, const int64_t* values,
                                               const uint8_t* valid, int64_t length, arrow::MemoryPool* pool);
Result<std::shared_ptr<arrow::Array>> FromDoubles(const std::shared_ptr<arrow::DataType>& type, const double* values,
                                                  const uint8_t* valid, int64_t length, arrow::MemoryPool* pool);

}  // namespace swath::kernels
