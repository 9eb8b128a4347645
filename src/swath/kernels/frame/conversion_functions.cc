// astype: conversions with pandas' results and errors.
#include <cmath>

#include "arrow/array.h"
#include "arrow/array/builder_binary.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/cast.h"
#include "arrow/type.h"

#include "swath/base/number_text.h"
#include "swath/kernels/frame/column_function.h"
#include "swath/kernels/frame/physical.h"

namespace swath::kernels {
namespace {

using arrow::Type;

bool IsText(const arrow::DataType& type) { return arrow::is_base_binary_like(type.id()); }

// The first text of `column` that does not become `type`: for the message.
std::string FirstBad(const ColumnCall& call, const std::shared_ptr<arrow::Array>& texts,
                     const std::shared_ptr<arrow::DataType>& type) {
  for (int64_t i = 0; i < texts->length(); ++i) {
    if (!texts->IsNull(i) &&
        !arrow::compute::Cast(*texts->Slice(i, 1), type, arrow::compute::CastOptions::Safe(), call.context).ok()) {
      return static_cast<const arrow::LargeStringArray&>(*texts).GetString(i);
    }
  }
  return {};
}

Result<arrow::Datum> FromText(const ColumnCall& call, const std::shared_ptr<arrow::DataType>& type) {
  if (type->id() == Type::BOOL) {  // as Python: every text but the empty one is true
    ASSIGN_OR_RETURN(const arrow::Datum length, call.Run("binary_length", {call[0]}));
    ASSIGN_OR_RETURN(const arrow::Datum truth, call.Run("greater", {length, arrow::Datum(int64_t{0})}));
    return call.WithoutNulls(truth, true);
  }
  ASSIGN_OR_RETURN(const arrow::Datum trimmed, call.Run("utf8_trim_whitespace", {call[0]}));
  if (arrow::is_integer(type->id()) && trimmed.null_count() > 0) {
    return Status::Invalid("cannot convert missing values to integer: fill them first, or convert to float64");
  }
  auto cast = arrow::compute::Cast(trimmed, type, arrow::compute::CastOptions::Safe(), call.context);
  if (cast.ok()) return cast;
  if (trimmed.is_scalar()) return cast.status();
  ASSIGN_OR_RETURN(const arrow::Datum texts, call.CastTo(trimmed, arrow::large_utf8()));
  const std::string bad = FirstBad(call, texts.make_array(), type);
  if (arrow::is_integer(type->id())) return Status::Invalid("invalid literal for int() with base 10: '", bad, "'");
  if (arrow::is_floating(type->id())) return Status::Invalid("could not convert string to float: '", bad, "'");
  return Status::Invalid("cannot convert '", bad, "' to ", type->ToString());
}

// How much of times has to be shown: kDates when all are midnights, else the coarsest unit that holds them all.
constexpr int32_t kDates = -1;

Result<bool> SurvivesCast(const ColumnCall& call, const std::shared_ptr<arrow::Array>& times,
                          const std::shared_ptr<arrow::DataType>& type) {
  ASSIGN_OR_RETURN(const arrow::Datum fewer, call.CastTo(times, type));
  ASSIGN_OR_RETURN(const arrow::Datum back, call.CastTo(fewer, times->type()));
  ASSIGN_OR_RETURN(const arrow::Datum same, call.Run("equal", {back, times}));
  return static_cast<const arrow::BooleanArray&>(*same.make_array()).false_count() == 0;
}

Result<int32_t> DetailOf(const ColumnCall& call, const std::shared_ptr<arrow::Array>& times) {
  if (times->type_id() == Type::DATE32) return kDates;
  const auto& type = static_cast<const arrow::TimestampType&>(*times->type());
  if (type.timezone().empty()) {
    ASSIGN_OR_RETURN(const bool dates, SurvivesCast(call, times, arrow::date32()));
    if (dates) return kDates;
  }
  for (int unit = arrow::TimeUnit::SECOND; unit < static_cast<int>(type.unit()); ++unit) {
    const auto coarse = arrow::timestamp(static_cast<arrow::TimeUnit::type>(unit), type.timezone());
    ASSIGN_OR_RETURN(const bool enough, SurvivesCast(call, times, coarse));
    if (enough) return unit;
  }
  return static_cast<int32_t>(type.unit());
}

Result<arrow::Datum> TimesAsText(const ColumnCall& call, const std::shared_ptr<arrow::Array>& times, int32_t detail) {
  std::shared_ptr<arrow::DataType> type = arrow::date32();
  if (detail != kDates) {
    const auto& full = static_cast<const arrow::TimestampType&>(*times->type());
    type = arrow::timestamp(static_cast<arrow::TimeUnit::type>(detail), full.timezone());
  }
  ASSIGN_OR_RETURN(const arrow::Datum shown, call.CastTo(times, type));
  return call.CastTo(shown, arrow::large_utf8());
}

// The detail that the rows of this call need, on every row.
Result<arrow::Datum> TimeDetail(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const auto times, call.Array(0));
  ASSIGN_OR_RETURN(const int32_t detail, DetailOf(call, times));
  return arrow::Datum(detail);
}

Result<arrow::Datum> TimeText(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const auto times, call.Array(0));
  if (call.IsNull(1)) return TimesAsText(call, times, kDates);  // the largest of no rows
  ASSIGN_OR_RETURN(const int64_t detail, call.Int(1));
  return TimesAsText(call, times, static_cast<int32_t>(detail));
}

Result<arrow::Datum> ToText(const ColumnCall& call) {
  const Type::type id = call[0].type()->id();
  ASSIGN_OR_RETURN(const auto array, call.Array(0));
  if (id != Type::BOOL && !arrow::is_floating(id)) {
    if (id == Type::TIMESTAMP || id == Type::DATE32) {
      ASSIGN_OR_RETURN(const int32_t detail, DetailOf(call, array));
      return TimesAsText(call, array, detail);
    }
    return call.CastTo(array, arrow::large_utf8());
  }
  ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(array, call.context->memory_pool()));
  arrow::LargeStringBuilder builder(call.context->memory_pool());
  std::string text;
  for (int64_t i = 0; i < column.length; ++i) {
    if (!column.IsValid(i) || (id != Type::BOOL && std::isnan(column.as<double>()[i]))) {
      RETURN_IF_ERROR(builder.AppendNull());
    } else if (id == Type::BOOL) {
      RETURN_IF_ERROR(builder.Append(column.as<int64_t>()[i] ? "True" : "False"));
    } else {
      text.clear();
      if (id == Type::FLOAT) {
        AppendFloat(static_cast<float>(column.as<double>()[i]), &text);
      } else {
        AppendFloat(column.as<double>()[i], &text);
      }
      RETURN_IF_ERROR(builder.Append(text));
    }
  }
  ASSIGN_OR_RETURN(auto texts, builder.Finish());
  return arrow::Datum(texts);
}

Result<arrow::Datum> ToDictionary(const ColumnCall& call, const std::shared_ptr<arrow::DataType>& type) {
  const auto& target = static_cast<const arrow::DictionaryType&>(*type);
  ASSIGN_OR_RETURN(auto array, call.Array(0));
  if (!array->type()->Equals(*target.value_type())) {
    ASSIGN_OR_RETURN(const arrow::Datum cast, call.CastTo(array, target.value_type()));
    array = cast.make_array();
  }
  ASSIGN_OR_RETURN(
      const arrow::Datum encoded,
      arrow::compute::DictionaryEncode(array, arrow::compute::DictionaryEncodeOptions::Defaults(), call.context));
  const auto dictionary = std::static_pointer_cast<arrow::DictionaryArray>(encoded.make_array());
  // Categories in ascending order, as pandas makes them.
  ASSIGN_OR_RETURN(const auto order, arrow::compute::SortIndices(*dictionary->dictionary(),
                                                                 arrow::compute::SortOrder::Ascending, call.context));
  ASSIGN_OR_RETURN(const arrow::Datum categories, call.Run("take", {dictionary->dictionary(), order}));
  ASSIGN_OR_RETURN(const arrow::Datum positions, call.CastTo(order, arrow::int64()));
  ASSIGN_OR_RETURN(const arrow::Datum ranks, call.Run("inverse_permutation", {positions}));
  ASSIGN_OR_RETURN(const arrow::Datum codes, call.Run("take", {ranks, dictionary->indices()}));
  ASSIGN_OR_RETURN(const arrow::Datum indices, call.CastTo(codes, target.index_type()));
  return arrow::Datum(std::make_shared<arrow::DictionaryArray>(type, indices.make_array(), categories.make_array()));
}

Result<arrow::Datum> AsType(const ColumnCall& call) {
  const auto& from = *call[0].type();
  const auto type = call[1].type();
  if (type->id() == Type::DICTIONARY) return ToDictionary(call, type);
  if (IsText(from) && !IsText(*type)) return FromText(call, type);
  if (IsText(*type) && !IsText(from)) return ToText(call);
  if (arrow::is_integer(type->id())) {
    if (arrow::is_floating(from.id())) {
      ASSIGN_OR_RETURN(const arrow::Datum finite, call.Run("is_finite", {call[0]}));
      ASSIGN_OR_RETURN(const arrow::Datum all, call.WithoutNulls(finite));
      if (all.is_array() && static_cast<const arrow::BooleanArray&>(*all.make_array()).false_count() > 0) {
        return Status::Invalid("Cannot convert non-finite values (NA or inf) to integer");
      }
    } else if (call[0].null_count() > 0) {
      return Status::Invalid("Cannot convert non-finite values (NA or inf) to integer");
    }
  }
  if (type->id() == Type::BOOL && (arrow::is_floating(from.id()) || arrow::is_integer(from.id()))) {
    ASSIGN_OR_RETURN(const arrow::Datum truth, call.CastTo(call[0], type));
    return call.WithoutNulls(truth, true);  // NaN is true in NumPy
  }
  return call.CastTo(call[0], type);
}

constexpr TableFunction kFunctions[] = {
    {"astype", 2, ResultType::kSecond, AsType},
    {"time_detail", 1, ResultType::kInt32, TimeDetail},
    {"time_text", 2, ResultType::kText, TimeText},
};

}  // namespace

std::span<const TableFunction> ConversionFunctions() { return kFunctions; }

}  // namespace swath::kernels
