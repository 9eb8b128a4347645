// Arithmetic of NumPy's datetime64 and timedelta64 units, on int64 counts. NaT (INT64_MIN) stays NaT. Pure.
#pragma once

#include <cstdint>

#include "swath/data/dtype.h"

namespace swath {

inline constexpr int64_t kNotATime = INT64_MIN;

// `value` of dtype `from` as a count of `to`'s unit; kinds equal. Moments go through the calendar; coarser units round
// down for moments (as NumPy's datetimes) and towards minus infinity for spans. Generic units keep the count.
int64_t ConvertDate(int64_t value, const DType& from, const DType& to);

// How many `to` make one `from` when that is a whole number and both are linear (W to ns), else 0.
int64_t UnitFactor(DateUnit from, DateUnit to);

// Days since 1970-01-01 of the proleptic Gregorian calendar, and back.
int64_t DaysFromMonths(int64_t months_since_1970);
int64_t MonthsFromDays(int64_t days);

}  // namespace swath
