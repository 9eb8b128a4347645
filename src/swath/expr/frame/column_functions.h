// The elementwise functions of columns, by pandas' name, with pandas 3's rules: types are promoted as NumPy does, a
// missing value (null or NaN) compares false (ne: true), int / int is float64, integer division by a column's zero is
// missing, text functions keep missing values and tests of text give false for them. One table (ColumnFunctions) holds
// them all: a new function is one row.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "swath/expr/frame/column.h"

namespace swath::expr {

struct ColumnFunction {
  std::string_view name;
  int arguments_min;
  int arguments_max;
  Result<Column> (*make)(std::vector<Column> arguments);
};

// All of them, family by family.
std::vector<std::span<const ColumnFunction>> ColumnFunctions();
std::span<const ColumnFunction> ArithmeticFunctions();  // add … pow, neg, abs, round, sqrt …
std::span<const ColumnFunction> ComparisonFunctions();  // eq …, and or xor invert
std::span<const ColumnFunction> MissingFunctions();     // isna notna fillna where clip
std::span<const ColumnFunction> TextFunctions();        // str.…
std::span<const ColumnFunction> DateFunctions();        // dt.…

// `name(arguments…)`. AttributeError-like KeyError with the nearest names for an unknown function; TypeError for dtypes
// that it does not take, as pandas raises it; Invalid for a wrong number of arguments.
Result<Column> CallColumn(std::string_view name, std::vector<Column> arguments);

// isin(values): a missing value is in `values` when those have one.
Result<Column> IsIn(const Column& column, std::shared_ptr<arrow::Array> values);
// astype: text is parsed (a bad value fails the task), floats are truncated to integers, missing values stay missing.
Result<Column> AsType(Column column, const std::shared_ptr<arrow::DataType>& type);

// For function makers: the value of a literal argument, or the default when the argument is absent or None.
Result<int64_t> IntegerArgument(const std::vector<Column>& arguments, size_t position, int64_t otherwise,
                                std::string_view function);
Result<std::string> TextArgument(const std::vector<Column>& arguments, size_t position, std::string otherwise,
                                 std::string_view function);
Result<bool> BoolArgument(const std::vector<Column>& arguments, size_t position, bool otherwise,
                          std::string_view function);
bool IsMissingArgument(const std::vector<Column>& arguments, size_t position);
// A category column as its values; others unchanged.
Column Decoded(Column column);
// Both as one type that they compare or mix in (numbers promoted, text parsed as dates beside dates); TypeError when
// there is none.
Status MakeAlike(Column* a, Column* b, std::string_view function);

}  // namespace swath::expr
