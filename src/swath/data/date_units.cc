#include "swath/data/date_units.h"

namespace swath {
namespace {

// Nanoseconds a unit; 0 for generic, years and months.
constexpr int64_t kNanos[] = {0,
                              0,
                              0,
                              int64_t{7} * 86400 * 1000000000,
                              int64_t{86400} * 1000000000,
                              int64_t{3600} * 1000000000,
                              int64_t{60} * 1000000000,
                              1000000000,
                              1000000,
                              1000,
                              1};

int64_t FloorDiv(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}
int64_t MulWrap(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

int64_t ConvertLinear(int64_t value, DateUnit from, DateUnit to) {
  const int64_t a = kNanos[static_cast<int>(from)], b = kNanos[static_cast<int>(to)];
  return a >= b ? MulWrap(value, a / b) : FloorDiv(value, b / a);
}

bool Calendar(DateUnit unit) { return unit == DateUnit::kYear || unit == DateUnit::kMonth; }

int64_t ConvertMonths(int64_t value, DateUnit from, DateUnit to) {
  if (from == to) return value;
  return from == DateUnit::kYear ? MulWrap(value, 12) : FloorDiv(value, 12);
}

}  // namespace

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
int64_t DaysFromMonths(int64_t months_since_1970) {
  int64_t year = 1970 + FloorDiv(months_since_1970, 12);
  const int64_t month = months_since_1970 - 12 * FloorDiv(months_since_1970, 12) + 1;
  year -= month <= 2;
  const int64_t era = FloorDiv(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int64_t MonthsFromDays(int64_t days) {
  days += 719468;
  const int64_t era = FloorDiv(days, 146097);
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return (year_of_era + era * 400 + (month <= 2) - 1970) * 12 + month - 1;
}

int64_t UnitFactor(DateUnit from, DateUnit to) {
  const int64_t a = kNanos[static_cast<int>(from)], b = kNanos[static_cast<int>(to)];
  return a == 0 || b == 0 || a < b ? 0 : a / b;
}

int64_t ConvertDate(int64_t value, const DType& from, const DType& to) {
  if (value == kNotATime || from.unit == to.unit || from.unit == DateUnit::kGeneric || to.unit == DateUnit::kGeneric)
    return value;
  const bool from_calendar = Calendar(from.unit), to_calendar = Calendar(to.unit);
  if (from_calendar && to_calendar) return ConvertMonths(value, from.unit, to.unit);
  if (!from_calendar && !to_calendar) return ConvertLinear(value, from.unit, to.unit);
  if (from.kind == Kind::kTimeDelta64) {
    // An unsafe cast: NumPy takes the mean length of a Gregorian year, 365.2425 days (a month: a twelfth).
    const int64_t seconds_a_month = 146097 * int64_t{86400} / 4800;
    if (from_calendar) {
      return ConvertLinear(MulWrap(ConvertMonths(value, from.unit, DateUnit::kMonth), seconds_a_month),
                           DateUnit::kSecond, to.unit);
    }
    return ConvertMonths(FloorDiv(ConvertLinear(value, from.unit, DateUnit::kSecond), seconds_a_month),
                         DateUnit::kMonth, to.unit);
  }
  if (from_calendar)
    return ConvertLinear(DaysFromMonths(ConvertMonths(value, from.unit, DateUnit::kMonth)), DateUnit::kDay, to.unit);
  return ConvertMonths(MonthsFromDays(ConvertLinear(value, from.unit, DateUnit::kDay)), DateUnit::kMonth, to.unit);
}

}  // namespace swath
