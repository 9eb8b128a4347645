// dt.…: parts of dates and times; astype and to_datetime.
#include <string>

#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/expr/frame/column_functions.h"
#include "swath/expr/frame/pandas_types.h"

namespace swath::expr {
namespace {

Status CheckDate(const Column& column, bool durations) {
  const TypeKind kind = KindOf(*column.type);
  const bool fits = durations ? kind == TypeKind::kDuration : kind == TypeKind::kTimestamp || kind == TypeKind::kDate;
  if (fits) return Status::OK();
  return Status::TypeError("Can only use .dt accessor with datetimelike values, not ", PandasName(*column.type));
}

Result<Column> Part(std::string_view name, std::shared_ptr<arrow::DataType> type, std::vector<Column> x,
                    bool durations = false) {
  RETURN_IF_ERROR(CheckDate(x[0], durations));
  return MakeCall("swath_dt_" + std::string(name), {std::move(x[0])}, std::move(type));
}

// A part with one text argument: a frequency or a format.
Result<Column> WithText(std::string_view name, bool same_type, std::vector<Column> x) {
  RETURN_IF_ERROR(CheckDate(x[0], false));
  ASSIGN_OR_RETURN(std::string text, TextArgument(x, 1, "", "dt." + std::string(name)));
  if (text.empty()) return Status::TypeError("dt.", name, "() needs one text argument");
  auto type = same_type ? x[0].type : TextType();
  Column argument = LiteralColumn(std::make_shared<arrow::LargeStringScalar>(std::move(text)));
  return MakeCall("swath_dt_" + std::string(name), {std::move(x[0]), std::move(argument)}, std::move(type));
}

using Columns = std::vector<Column>;
Result<Column> Year(Columns x) { return Part("year", arrow::int32(), std::move(x)); }
Result<Column> Month(Columns x) { return Part("month", arrow::int32(), std::move(x)); }
Result<Column> Day(Columns x) { return Part("day", arrow::int32(), std::move(x)); }
Result<Column> Hour(Columns x) { return Part("hour", arrow::int32(), std::move(x)); }
Result<Column> Minute(Columns x) { return Part("minute", arrow::int32(), std::move(x)); }
Result<Column> Second(Columns x) { return Part("second", arrow::int32(), std::move(x)); }
Result<Column> Microsecond(Columns x) { return Part("microsecond", arrow::int32(), std::move(x)); }
Result<Column> Nanosecond(Columns x) { return Part("nanosecond", arrow::int32(), std::move(x)); }
Result<Column> DayOfWeek(Columns x) { return Part("dayofweek", arrow::int32(), std::move(x)); }
Result<Column> DayOfYear(Columns x) { return Part("dayofyear", arrow::int32(), std::move(x)); }
Result<Column> Quarter(Columns x) { return Part("quarter", arrow::int32(), std::move(x)); }
Result<Column> DaysInMonth(Columns x) { return Part("days_in_month", arrow::int32(), std::move(x)); }
Result<Column> Date(Columns x) { return Part("date", arrow::date32(), std::move(x)); }
Result<Column> IsMonthStart(Columns x) { return Part("is_month_start", arrow::boolean(), std::move(x)); }
Result<Column> IsMonthEnd(Columns x) { return Part("is_month_end", arrow::boolean(), std::move(x)); }
Result<Column> IsQuarterStart(Columns x) { return Part("is_quarter_start", arrow::boolean(), std::move(x)); }
Result<Column> IsQuarterEnd(Columns x) { return Part("is_quarter_end", arrow::boolean(), std::move(x)); }
Result<Column> IsYearStart(Columns x) { return Part("is_year_start", arrow::boolean(), std::move(x)); }
Result<Column> IsYearEnd(Columns x) { return Part("is_year_end", arrow::boolean(), std::move(x)); }
Result<Column> IsLeapYear(Columns x) { return Part("is_leap_year", arrow::boolean(), std::move(x)); }
Result<Column> DayName(Columns x) { return Part("day_name", TextType(), std::move(x)); }
Result<Column> MonthName(Columns x) { return Part("month_name", TextType(), std::move(x)); }
Result<Column> Normalize(Columns x) {
  auto type = x[0].type;
  return Part("normalize", std::move(type), std::move(x));
}
Result<Column> Floor(Columns x) { return WithText("floor", true, std::move(x)); }
Result<Column> Ceil(Columns x) { return WithText("ceil", true, std::move(x)); }
Result<Column> RoundTime(Columns x) { return WithText("round", true, std::move(x)); }
Result<Column> Format(Columns x) { return WithText("strftime", false, std::move(x)); }
Result<Column> Days(Columns x) { return Part("days", arrow::int64(), std::move(x), true); }
Result<Column> Seconds(Columns x) { return Part("seconds", arrow::int32(), std::move(x), true); }
Result<Column> TotalSeconds(Columns x) { return Part("total_seconds", arrow::float64(), std::move(x), true); }

// What astype(str) of a whole column needs: the largest detail of its rows, and the text with that detail.
Result<Column> TimeDetail(Columns x) {
  RETURN_IF_ERROR(CheckDate(x[0], false));
  return MakeCall("swath_time_detail", {std::move(x[0])}, arrow::int32());
}
Result<Column> TimeText(Columns x) {
  RETURN_IF_ERROR(CheckDate(x[0], false));
  return MakeCall("swath_time_text", {std::move(x[0]), std::move(x[1])}, TextType());
}

constexpr ColumnFunction kFunctions[] = {
    {"time_detail", 1, 1, TimeDetail},
    {"time_text", 2, 2, TimeText},
    {"dt.year", 1, 1, Year},
    {"dt.month", 1, 1, Month},
    {"dt.day", 1, 1, Day},
    {"dt.hour", 1, 1, Hour},
    {"dt.minute", 1, 1, Minute},
    {"dt.second", 1, 1, Second},
    {"dt.microsecond", 1, 1, Microsecond},
    {"dt.nanosecond", 1, 1, Nanosecond},
    {"dt.dayofweek", 1, 1, DayOfWeek},
    {"dt.day_of_week", 1, 1, DayOfWeek},
    {"dt.weekday", 1, 1, DayOfWeek},
    {"dt.dayofyear", 1, 1, DayOfYear},
    {"dt.day_of_year", 1, 1, DayOfYear},
    {"dt.quarter", 1, 1, Quarter},
    {"dt.days_in_month", 1, 1, DaysInMonth},
    {"dt.date", 1, 1, Date},
    {"dt.is_month_start", 1, 1, IsMonthStart},
    {"dt.is_month_end", 1, 1, IsMonthEnd},
    {"dt.is_quarter_start", 1, 1, IsQuarterStart},
    {"dt.is_quarter_end", 1, 1, IsQuarterEnd},
    {"dt.is_year_start", 1, 1, IsYearStart},
    {"dt.is_year_end", 1, 1, IsYearEnd},
    {"dt.is_leap_year", 1, 1, IsLeapYear},
    {"dt.day_name", 1, 1, DayName},
    {"dt.month_name", 1, 1, MonthName},
    {"dt.normalize", 1, 1, Normalize},
    {"dt.floor", 2, 2, Floor},
    {"dt.ceil", 2, 2, Ceil},
    {"dt.round", 2, 2, RoundTime},
    {"dt.strftime", 2, 2, Format},
    {"dt.days", 1, 1, Days},
    {"dt.seconds", 1, 1, Seconds},
    {"dt.total_seconds", 1, 1, TotalSeconds},
};

bool IsParsable(TypeKind from, TypeKind to) {
  if (from == to || from == TypeKind::kNull || to == TypeKind::kText) return true;
  if (IsNumber(from) && IsNumber(to)) return true;
  if (from == TypeKind::kText)
    return IsNumber(to) || to == TypeKind::kTimestamp || to == TypeKind::kDate || to == TypeKind::kDuration;
  const auto is_time = [](TypeKind kind) {
    return kind == TypeKind::kTimestamp || kind == TypeKind::kDate || kind == TypeKind::kDuration;
  };
  if (is_time(from) && IsInteger(to)) return true;
  if (IsInteger(from) && is_time(to)) return true;
  return (from == TypeKind::kDate && to == TypeKind::kTimestamp) ||
         (from == TypeKind::kTimestamp && to == TypeKind::kDate);
}

}  // namespace

std::span<const ColumnFunction> DateFunctions() { return kFunctions; }

Result<Column> AsType(Column column, const std::shared_ptr<arrow::DataType>& type) {
  auto target = KindOf(*type) == TypeKind::kText ? TextType() : type;
  if (column.type->Equals(*target)) return column;
  if (KindOf(*target) == TypeKind::kCategory) {
    const auto& category = static_cast<const arrow::DictionaryType&>(*target);
    column = Decoded(std::move(column));
    // "category" alone keeps the type of the values.
    const auto values = KindOf(*category.value_type()) == TypeKind::kText ? column.type : category.value_type();
    target = arrow::dictionary(category.index_type(), values, category.ordered());
  } else {
    column = Decoded(std::move(column));
    if (column.type->Equals(*target)) return column;
    if (!IsParsable(KindOf(*column.type), KindOf(*target))) {
      return Status::TypeError("Cannot cast dtype ", PandasName(*column.type), " to ", PandasName(*target));
    }
  }
  return MakeCall("swath_astype", {std::move(column), LiteralColumn(arrow::MakeNullScalar(target))}, target);
}

}  // namespace swath::expr
