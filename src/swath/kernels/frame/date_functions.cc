// dt.…: parts of timestamps and durations, calendar tests, rounding, formatting.
#include <algorithm>
#include <cctype>

#include "arrow/array.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/kernels/frame/column_function.h"
#include "swath/kernels/frame/physical.h"

namespace swath::kernels {
namespace {

namespace cp = arrow::compute;
using arrow::Datum;

constexpr char kYear[] = "year", kMonth[] = "month", kDay[] = "day", kHour[] = "hour", kMinute[] = "minute",
               kSecond[] = "second", kNanosecond[] = "nanosecond", kDayOfWeek[] = "day_of_week",
               kDayOfYear[] = "day_of_year", kQuarter[] = "quarter";

// Arrow has times of day only for timestamps: a date is its midnight.
Result<Datum> Moment(const ColumnCall& call) {
  if (call[0].type()->id() == arrow::Type::TIMESTAMP) return call[0];
  return call.CastTo(call[0], arrow::timestamp(arrow::TimeUnit::SECOND));
}

template <const char* kFunction>
Result<Datum> Part(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const Datum moment, Moment(call));
  return call.Run(kFunction, {moment});
}

Result<Datum> Microsecond(const ColumnCall& call) {  // pandas' counts from the second on
  ASSIGN_OR_RETURN(const Datum moment, Moment(call));
  ASSIGN_OR_RETURN(const Datum milli, call.Run("millisecond", {moment}));
  ASSIGN_OR_RETURN(const Datum micro, call.Run("microsecond", {moment}));
  ASSIGN_OR_RETURN(const Datum thousand, call.Run("multiply", {milli, Datum(int64_t{1000})}));
  return call.Run("add", {thousand, micro});
}

struct Calendar {
  int64_t year, month, day;
  bool leap() const { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
  int64_t days_in_month() const {
    constexpr int64_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return kDays[month - 1] + (month == 2 && leap());
  }
};

// A number from the calendar day of each row.
template <int64_t (*kOf)(const Calendar&)>
Result<Datum> OfCalendar(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const Datum moment, Moment(call));
  arrow::MemoryPool* pool = call.context->memory_pool();
  PhysicalColumn parts[3];
  const char* const names[] = {kYear, kMonth, kDay};
  for (size_t i = 0; i < 3; ++i) {
    ASSIGN_OR_RETURN(Datum part, call.Run(names[i], {moment}));
    ColumnCall one{{part}, call.length, call.context};
    ASSIGN_OR_RETURN(const auto array, one.Array(0));
    ASSIGN_OR_RETURN(parts[i], ToPhysical(array, pool));
  }
  std::vector<int64_t> values(static_cast<size_t>(parts[0].length));
  std::vector<uint8_t> valid(values.size());
  for (int64_t i = 0; i < parts[0].length; ++i) {
    const auto at = static_cast<size_t>(i);
    valid[at] = parts[0].IsValid(i);
    if (valid[at]) values[at] = kOf({parts[0].as<int64_t>()[i], parts[1].as<int64_t>()[i], parts[2].as<int64_t>()[i]});
  }
  const uint8_t* mask = parts[0].null_count > 0 ? valid.data() : nullptr;
  ASSIGN_OR_RETURN(auto result, FromInts(arrow::int64(), values.data(), mask, parts[0].length, pool));
  return Datum(result);
}

template <int64_t (*kOf)(const Calendar&)>
Result<Datum> Test(const ColumnCall& call) {  // missing is false
  ASSIGN_OR_RETURN(const Datum value, OfCalendar<kOf>(call));
  ASSIGN_OR_RETURN(const Datum truth, call.CastTo(value, arrow::boolean()));
  return call.WithoutNulls(truth);
}

int64_t DaysInMonth(const Calendar& c) { return c.days_in_month(); }
int64_t IsMonthStart(const Calendar& c) { return c.day == 1; }
int64_t IsMonthEnd(const Calendar& c) { return c.day == c.days_in_month(); }
int64_t IsQuarterStart(const Calendar& c) { return c.day == 1 && c.month % 3 == 1; }
int64_t IsQuarterEnd(const Calendar& c) { return c.month % 3 == 0 && c.day == c.days_in_month(); }
int64_t IsYearStart(const Calendar& c) { return c.day == 1 && c.month == 1; }
int64_t IsYearEnd(const Calendar& c) { return c.day == 31 && c.month == 12; }
int64_t IsLeapYear(const Calendar& c) { return c.leap(); }

struct Frequency {
  int multiple = 1;
  cp::CalendarUnit unit = cp::CalendarUnit::DAY;
};

// "D", "15min", "2h": a number and a unit of fixed length.
Result<Frequency> ParseFrequency(const std::string& text) {
  size_t digits = 0;
  while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  const std::string unit = text.substr(digits);
  Frequency frequency;
  if (digits > 0 && digits < 9) frequency.multiple = std::stoi(text.substr(0, digits));
  constexpr std::pair<std::string_view, cp::CalendarUnit> kUnits[] = {
      {"D", cp::CalendarUnit::DAY},          {"d", cp::CalendarUnit::DAY},
      {"h", cp::CalendarUnit::HOUR},         {"H", cp::CalendarUnit::HOUR},
      {"min", cp::CalendarUnit::MINUTE},     {"T", cp::CalendarUnit::MINUTE},
      {"s", cp::CalendarUnit::SECOND},       {"S", cp::CalendarUnit::SECOND},
      {"ms", cp::CalendarUnit::MILLISECOND}, {"us", cp::CalendarUnit::MICROSECOND},
      {"ns", cp::CalendarUnit::NANOSECOND},
  };
  for (const auto& [name, calendar] : kUnits) {
    if (unit == name && frequency.multiple > 0 && digits < 9) {
      frequency.unit = calendar;
      return frequency;
    }
  }
  return Status::Invalid("Invalid frequency: ", text, "; a number and D, h, min, s, ms, us or ns are accepted");
}

constexpr char kFloor[] = "floor_temporal", kCeil[] = "ceil_temporal", kRound[] = "round_temporal";
template <const char* kFunction>
Result<Datum> RoundTo(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const std::string text, call.Text(1));
  ASSIGN_OR_RETURN(const Frequency frequency, ParseFrequency(text));
  const cp::RoundTemporalOptions options(frequency.multiple, frequency.unit);
  return call.Run(kFunction, {call[0]}, &options);
}

Result<Datum> Normalize(const ColumnCall& call) {
  const cp::RoundTemporalOptions options(1, cp::CalendarUnit::DAY);
  return call.Run(kFloor, {call[0]}, &options);
}

// Arrow's %S shows fractions of a second and it has no %f: whole seconds are formatted, fractions put in between.
Result<Datum> Format(const ColumnCall& call, const std::string& format) {
  ASSIGN_OR_RETURN(const Datum moment, Moment(call));
  const auto& type = static_cast<const arrow::TimestampType&>(*moment.type());
  const auto seconds = arrow::timestamp(arrow::TimeUnit::SECOND, type.timezone());
  const cp::RoundTemporalOptions down(1, cp::CalendarUnit::SECOND);
  ASSIGN_OR_RETURN(const Datum floored, call.Run(kFloor, {moment}, &down));
  ASSIGN_OR_RETURN(const Datum whole, call.CastTo(floored, seconds));
  const size_t fraction = format.find("%f");
  const cp::StrftimeOptions head(format.substr(0, fraction));
  ASSIGN_OR_RETURN(Datum text, call.Run("strftime", {whole}, &head));
  ASSIGN_OR_RETURN(text, call.CastTo(text, arrow::large_utf8()));
  if (fraction == std::string::npos) return text;
  ASSIGN_OR_RETURN(const Datum micros, Microsecond(call));
  ASSIGN_OR_RETURN(Datum digits, call.CastTo(micros, arrow::large_utf8()));
  const cp::PadOptions pad(6, "0");
  ASSIGN_OR_RETURN(digits, call.Run("utf8_lpad", {digits}, &pad));
  ASSIGN_OR_RETURN(const Datum tail, Format(call, format.substr(fraction + 2)));
  const cp::JoinOptions join;
  const Datum separator(std::make_shared<arrow::LargeStringScalar>(""));
  return call.Run("binary_join_element_wise", {text, digits, tail, separator}, &join);
}

Result<Datum> Strftime(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const std::string format, call.Text(1));
  return Format(call, format);
}
Result<Datum> DayName(const ColumnCall& call) { return Format(call, "%A"); }
Result<Datum> MonthName(const ColumnCall& call) { return Format(call, "%B"); }

Result<Datum> Date(const ColumnCall& call) { return call.CastTo(call[0], arrow::date32()); }
Result<Datum> Time(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const Datum moment, Moment(call));
  return call.CastTo(moment, arrow::time64(arrow::TimeUnit::MICRO));
}

// Durations: days (floored), then what is left of the day.
enum class DurationPart : uint8_t { kDays, kSeconds, kMicroseconds, kNanoseconds, kTotalSeconds };
template <DurationPart kPart>
Result<Datum> OfDuration(const ColumnCall& call) {
  if (call[0].type()->id() != arrow::Type::DURATION)
    return Status::TypeError("a timedelta is needed, not ", call[0].type()->ToString());
  const auto unit = static_cast<const arrow::DurationType&>(*call[0].type()).unit();
  int64_t per_second = 1;
  for (int i = 0; i < static_cast<int>(unit); ++i) per_second *= 1000;
  arrow::MemoryPool* pool = call.context->memory_pool();
  ASSIGN_OR_RETURN(const auto array, call.Array(0));
  ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(array, pool));
  std::vector<int64_t> values(static_cast<size_t>(column.length));
  std::vector<double> seconds(values.size());
  std::vector<uint8_t> valid(values.size());
  const int64_t per_day = 86400 * per_second;
  for (int64_t i = 0; i < column.length; ++i) {
    const auto at = static_cast<size_t>(i);
    valid[at] = column.IsValid(i);
    if (!valid[at]) continue;
    const int64_t ticks = column.as<int64_t>()[i];
    const int64_t days = ticks / per_day - (ticks % per_day < 0);
    const int64_t rest = ticks - days * per_day;
    const int64_t nanos = (rest % per_second) * (1'000'000'000 / per_second);
    switch (kPart) {
      case DurationPart::kDays:
        values[at] = days;
        break;
      case DurationPart::kSeconds:
        values[at] = rest / per_second;
        break;
      case DurationPart::kMicroseconds:
        values[at] = nanos / 1000;
        break;
      case DurationPart::kNanoseconds:
        values[at] = nanos % 1000;
        break;
      case DurationPart::kTotalSeconds:
        seconds[at] = static_cast<double>(ticks) / static_cast<double>(per_second);
    }
  }
  const uint8_t* mask = column.null_count > 0 ? valid.data() : nullptr;
  if (kPart == DurationPart::kTotalSeconds) {
    ASSIGN_OR_RETURN(auto result, FromDoubles(arrow::float64(), seconds.data(), mask, column.length, pool));
    return Datum(result);
  }
  ASSIGN_OR_RETURN(auto result, FromInts(arrow::int64(), values.data(), mask, column.length, pool));
  return Datum(result);
}

constexpr ResultType kInt = ResultType::kInt32, kBool = ResultType::kBool, kSame = ResultType::kFirst,
                     kText = ResultType::kText;
constexpr TableFunction kFunctions[] = {
    {"dt_year", 1, kInt, Part<kYear>},
    {"dt_month", 1, kInt, Part<kMonth>},
    {"dt_day", 1, kInt, Part<kDay>},
    {"dt_hour", 1, kInt, Part<kHour>},
    {"dt_minute", 1, kInt, Part<kMinute>},
    {"dt_second", 1, kInt, Part<kSecond>},
    {"dt_microsecond", 1, kInt, Microsecond},
    {"dt_nanosecond", 1, kInt, Part<kNanosecond>},
    {"dt_dayofweek", 1, kInt, Part<kDayOfWeek>},
    {"dt_weekday", 1, kInt, Part<kDayOfWeek>},
    {"dt_dayofyear", 1, kInt, Part<kDayOfYear>},
    {"dt_quarter", 1, kInt, Part<kQuarter>},
    {"dt_date", 1, ResultType::kDate, Date},
    {"dt_time", 1, ResultType::kTime, Time},
    {"dt_days_in_month", 1, kInt, OfCalendar<DaysInMonth>},
    {"dt_is_month_start", 1, kBool, Test<IsMonthStart>},
    {"dt_is_month_end", 1, kBool, Test<IsMonthEnd>},
    {"dt_is_quarter_start", 1, kBool, Test<IsQuarterStart>},
    {"dt_is_quarter_end", 1, kBool, Test<IsQuarterEnd>},
    {"dt_is_year_start", 1, kBool, Test<IsYearStart>},
    {"dt_is_year_end", 1, kBool, Test<IsYearEnd>},
    {"dt_is_leap_year", 1, kBool, Test<IsLeapYear>},
    {"dt_floor", 2, kSame, RoundTo<kFloor>},
    {"dt_ceil", 2, kSame, RoundTo<kCeil>},
    {"dt_round", 2, kSame, RoundTo<kRound>},
    {"dt_normalize", 1, kSame, Normalize},
    {"dt_strftime", 2, kText, Strftime},
    {"dt_day_name", 1, kText, DayName},
    {"dt_month_name", 1, kText, MonthName},
    {"dt_days", 1, ResultType::kInt64, OfDuration<DurationPart::kDays>},
    {"dt_seconds", 1, kInt, OfDuration<DurationPart::kSeconds>},
    {"dt_microseconds", 1, kInt, OfDuration<DurationPart::kMicroseconds>},
    {"dt_nanoseconds", 1, kInt, OfDuration<DurationPart::kNanoseconds>},
    {"dt_total_seconds", 1, ResultType::kFloat64, OfDuration<DurationPart::kTotalSeconds>},
};

}  // namespace

std::span<const TableFunction> DateFunctions() { return kFunctions; }

}  // namespace swath::kernels
