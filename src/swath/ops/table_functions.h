// The column functions that kernels/frame registers in Arrow's registry, with pandas' meaning where Arrow's differs.
// They are ordinary scalar functions: usable in any arrow::compute::Expression once kernels::InitializeKernels() ran.
// Arguments are columns or literals; options are literals too (there are no FunctionOptions). "missing" is null or NaN.
//
//   swath_floordiv mod (a, b)    the sign of the divisor; ints: x // 0 and x % 0 are 0 as in NumPy; of the (common)
//   type of both swath_pow (a, b)             ints wrap; a negative int power is an error, as in NumPy swath_round (x,
//   decimals: int64)   half to even swath_eq ne lt le gt ge (a, b)     bool, never null: a missing side gives false
//   (ne: true) swath_and or xor (a, b), swath_invert (x)   bool without nulls (missing is false); ints bitwise
//   swath_astype (x, null scalar of the type)   pandas' errors: missing or infinite to int, text that is no number
//   swath_time_detail (x)   int32: how much of the times of a batch has to be shown: -1 dates only, else their TimeUnit
//   swath_time_text (x, detail)   with that much of each; null detail: dates
//   swath_str_len lower upper title capitalize swapcase (x)
//   swath_str_strip lstrip rstrip (x, characters: text or null for white space)
//   swath_str_contains (x, pattern, case: bool, regex: bool, na: bool) match fullmatch (x, pattern, case, na)
//   swath_str_startswith endswith (x, pattern, na: bool)
//   swath_str_replace (x, pattern, replacement, n: int64 (-1 all), case: bool, regex: bool)
//   swath_str_slice (x, start, stop, step: int64 or null) get (x, i) zfill (x, width)
//   swath_str_pad (x, width, side: "left" "right" "both", fillchar) center ljust rjust (x, width, fillchar)
//   swath_str_repeat (x, n) count (x, pattern) find rfind (x, text, start)
//   swath_str_isalpha isdigit isnumeric isdecimal isalnum isspace islower isupper istitle (x)    missing gives false
//   swath_dt_year month day hour minute second microsecond nanosecond dayofweek weekday dayofyear quarter (x)  int32 as
//   pandas swath_dt_date time (x)       date32, time64 swath_dt_is_month_start is_month_end is_quarter_start …
//   is_year_end is_leap_year days_in_month (x) swath_dt_floor ceil round (x, frequency: "D", "h", "15min", …) normalize
//   (x) strftime (x, format) day_name month_name (x) swath_dt_days seconds microseconds nanoseconds total_seconds (x:
//   duration)
#pragma once

#include <span>
#include <string_view>

namespace swath::ops {

inline constexpr std::string_view kTableFunctionPrefix = "swath_";

}  // namespace swath::ops
