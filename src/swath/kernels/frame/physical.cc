#include "swath/kernels/frame/physical.h"

#include <cstring>

#include "arrow/array.h"
#include "arrow/array/data.h"
#include "arrow/compute/cast.h"
#include "arrow/compute/exec.h"
#include "arrow/type.h"

namespace swath::kernels {
namespace {

using arrow::Type;

// The type whose buffers are read directly.
std::shared_ptr<arrow::DataType> TargetOf(ValueClass value_class) {
  switch (value_class) {
    case ValueClass::kInt:
      return arrow::int64();
    case ValueClass::kUInt:
      return arrow::uint64();
    case ValueClass::kDouble:
      return arrow::float64();
    case ValueClass::kText:
      return arrow::large_utf8();
  }
  return nullptr;
}

bool IsInt64Layout(Type::type id) {
  return id == Type::INT64 || id == Type::TIMESTAMP || id == Type::DURATION || id == Type::TIME64 || id == Type::DATE64;
}

Result<std::shared_ptr<arrow::Array>> CastTo(const std::shared_ptr<arrow::Array>& array,
                                             const std::shared_ptr<arrow::DataType>& type, arrow::MemoryPool* pool) {
  arrow::compute::ExecContext context(pool);
  context.set_use_threads(false);
  return arrow::compute::Cast(*array, type, arrow::compute::CastOptions::Unsafe(type), &context);
}

// dates and times of 32 bits are ints of the same layout
std::shared_ptr<arrow::Array> ViewAs(const std::shared_ptr<arrow::Array>& array,
                                     std::shared_ptr<arrow::DataType> type) {
  auto data = array->data()->Copy();
  data->type = std::move(type);
  return arrow::MakeArray(data);
}

Result<std::shared_ptr<arrow::Buffer>> PackValidity(const uint8_t* valid, int64_t length, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(auto bitmap, arrow::AllocateEmptyBitmap(length, pool));
  for (int64_t i = 0; i < length; ++i) {
    if (valid[i]) arrow::bit_util::SetBit(bitmap->mutable_data(), i);
  }
  return bitmap;
}

Result<std::shared_ptr<arrow::Array>> MakeFixed(const std::shared_ptr<arrow::DataType>& type, const void* values,
                                                const uint8_t* valid, int64_t length, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> data, arrow::AllocateBuffer(length * 8, pool));
  if (length > 0) std::memcpy(data->mutable_data(), values, static_cast<size_t>(length) * 8);
  std::shared_ptr<arrow::Buffer> bitmap;
  if (valid != nullptr) {
    ASSIGN_OR_RETURN(bitmap, PackValidity(valid, length, pool));
  }
  return arrow::MakeArray(arrow::ArrayData::Make(type, length, {std::move(bitmap), std::move(data)}));
}

}  // namespace

Result<ValueClass> ValueClassOf(const arrow::DataType& type) {
  if (type.id() == Type::DICTIONARY) return ValueClassOf(*static_cast<const arrow::DictionaryType&>(type).value_type());
  if (arrow::is_unsigned_integer(type.id())) return type.id() == Type::UINT64 ? ValueClass::kUInt : ValueClass::kInt;
  // Arrow does not count durations among the temporal types.
  if (arrow::is_integer(type.id()) || type.id() == Type::BOOL || arrow::is_temporal(type.id()) ||
      type.id() == Type::DURATION)
    return ValueClass::kInt;
  if (arrow::is_floating(type.id()) || arrow::is_decimal(type.id()) || type.id() == Type::NA)
    return ValueClass::kDouble;
  if (arrow::is_base_binary_like(type.id()) || type.id() == Type::STRING_VIEW) return ValueClass::kText;
  return Status::TypeError("columns of type ", type.ToString(), " can be neither keys nor aggregated");
}

Result<PhysicalColumn> ToPhysical(const std::shared_ptr<arrow::Array>& given, arrow::MemoryPool* pool) {
  std::shared_ptr<arrow::Array> array = given;
  if (array->type_id() == Type::DICTIONARY) {
    const auto& type = static_cast<const arrow::DictionaryType&>(*array->type());
    ASSIGN_OR_RETURN(array, CastTo(array, type.value_type(), pool));
  }
  PhysicalColumn column;
  ASSIGN_OR_RETURN(column.value_class, ValueClassOf(*array->type()));
  const Type::type id = array->type_id();
  if (id == Type::DATE32 || id == Type::TIME32) array = ViewAs(array, arrow::int32());
  const bool direct = IsInt64Layout(id) || id == Type::UINT64 || id == Type::DOUBLE || id == Type::LARGE_STRING ||
                      id == Type::LARGE_BINARY;
  if (!direct) {
    ASSIGN_OR_RETURN(array, CastTo(array, TargetOf(column.value_class), pool));
  }
  const arrow::ArrayData& data = *array->data();
  column.length = data.length;
  column.null_count = array->null_count();
  if (column.null_count > 0) {
    column.validity = data.buffers[0]->data();
    column.validity_offset = data.offset;
  }
  if (column.value_class == ValueClass::kText) {
    static constexpr int64_t kNoOffsets[1] = {0};
    column.offsets = data.buffers[1] && data.buffers[1]->size() > 0 ? data.GetValues<int64_t>(1) : kNoOffsets;
    column.values = data.buffers[2] ? data.buffers[2]->data() : nullptr;
  } else {
    column.values = data.length > 0 ? data.GetValues<int64_t>(1) : nullptr;
  }
  column.owner = std::move(array);
  return column;
}

Result<std::shared_ptr<arrow::Array>> FromInts(const std::shared_ptr<arrow::DataType>& type, const int64_t* values,
                                               const uint8_t* valid, int64_t length, arrow::MemoryPool* pool) {
  const Type::type id = type->id();
  if (IsInt64Layout(id) || id == Type::UINT64) return MakeFixed(type, values, valid, length, pool);
  ASSIGN_OR_RETURN(auto wide, MakeFixed(arrow::int64(), values, valid, length, pool));
  if (id == Type::DATE32 || id == Type::TIME32) {
    ASSIGN_OR_RETURN(auto narrow, CastTo(wide, arrow::int32(), pool));
    return ViewAs(narrow, type);
  }
  return CastTo(wide, type, pool);
}

Result<std::shared_ptr<arrow::Array>> FromDoubles(const std::shared_ptr<arrow::DataType>& type, const double* values,
                                                  const uint8_t* valid, int64_t length, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(auto wide, MakeFixed(arrow::float64(), values, valid, length, pool));
  return type->id() == Type::DOUBLE ? wide : CastTo(wide, type, pool);
}

}  // namespace swath::kernels
