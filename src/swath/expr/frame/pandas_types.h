// Arrow types as pandas 3 sees them: names for messages, kinds for rules, the promotion of two operands.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"

namespace swath::expr {

enum class TypeKind : uint8_t {
  kBool,
  kSigned,
  kUnsigned,
  kFloat,
  kText,
  kTimestamp,
  kDuration,
  kDate,
  kCategory,
  kNull,
  kOther
};

// Of a dictionary: kCategory.
TypeKind KindOf(const arrow::DataType& type);
inline bool IsInteger(TypeKind kind) { return kind == TypeKind::kSigned || kind == TypeKind::kUnsigned; }
inline bool IsNumber(TypeKind kind) { return kind >= TypeKind::kBool && kind <= TypeKind::kFloat; }

// "int64", "str", "datetime64[ns]", "category": the dtype that a user sees.
std::string PandasName(const arrow::DataType& type);
// The inverse, for astype("float"); TypeError for a name that pandas would not take.
Result<std::shared_ptr<arrow::DataType>> TypeOfName(std::string_view dtype);

// numpy.promote_types of two numeric (or boolean) types. A weak operand (a Python number) gives only its kind (NEP 50).
std::shared_ptr<arrow::DataType> PromoteNumbers(const arrow::DataType& a, bool weak_a, const arrow::DataType& b,
                                                bool weak_b);
std::shared_ptr<arrow::DataType> TextType();  // large_string, the one text type inside the engine

}  // namespace swath::expr
