// Series: one lazy column of a table; Scalar: one lazy value; Index: a Series of the index labels.
// A Series is (table of rows, column expression, name): elementwise work on columns of one table stays one expression
// and is evaluated batch by batch inside the task that reads the rows. Thin immutable handles, cheap to copy,
// thread-safe. All functions throw swath::Error classes (api/error.h): a wrong name or dtype fails here, not in
// compute().
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/api/operand.h"
#include "swath/expr/frame/frame_node.h"

namespace swath {

class DataFrame;
class SeriesGroupBy;

// Options of the reductions; each function reads those that pandas gives it.
struct ReduceOptions {
  int64_t ddof = 1;       // var, std
  int64_t min_count = 0;  // sum, prod
  bool skipna = true;
  bool dropna = true;  // nunique
  bool numeric_only = false;
};

struct ValueCountsOptions {
  bool sort = true;
  bool ascending = false;
  bool dropna = true;
  bool normalize = false;
};

// What Series and DataFrame share: partitions, divisions, the plan.
class Scalar {
 public:
  // `column` refers to other Scalars and values only.
  explicit Scalar(expr::Column column) : column_(std::move(column)) {}

  const std::shared_ptr<arrow::DataType>& type() const { return column_.type; }
  // Elementwise functions of scalars and values, by name (see Series::call); the result is a Scalar.
  static Scalar call(std::string_view function, const std::vector<Operand>& arguments);
  std::shared_ptr<arrow::Scalar> compute() const;
  template <typename T>
  T item() const;  // int64_t, double, bool, std::string; throws TypeError when the value is missing or does not fit
  std::string explain() const;

  const expr::Column& column() const { return column_; }
  // The one-row, one-column table ("value") that computes it.
  expr::FramePtr node() const;

 private:
  expr::Column column_;
};

class Series {
 public:
  // The column `column` over the rows of `root` (a row root: see expr/frame/frame_view.h).
  Series(expr::FramePtr root, expr::Column column, std::string name, bool is_index = false);
  // Column number 0 of `frame` that is not of its index.
  static Series Of(const expr::FramePtr& frame);

  const std::string& name() const { return name_; }
  const std::shared_ptr<arrow::DataType>& type() const { return column_.type; }
  // Of the one column and the index columns, in the order of compute().
  std::shared_ptr<arrow::Schema> schema() const;
  std::vector<expr::IndexLevel> index_levels() const;
  int64_t npartitions() const;
  const expr::Divisions& divisions() const;  // empty: unknown
  bool known_divisions() const { return !divisions().empty(); }
  bool is_index() const { return is_index_; }  // computes to index labels; made by DataFrame::index

  // --- elementwise. `call` is the table of them all: add sub mul truediv floordiv mod pow; eq ne lt le gt ge; and or
  // xor invert; neg pos abs round sqrt exp log …; isna notna fillna where clip between; str.upper …; dt.year …
  // (expr/frame/column_functions.h lists them). At least one argument is a Series; all of them of one table, or of
  // tables with as many partitions, which are then paired by position (rows must match, else compute() fails).
  static Series call(std::string_view function, const std::vector<Operand>& arguments);
  // call(function, {*this, more…}) under this name.
  Series apply(std::string_view function, const std::vector<Operand>& more = {}) const;
  Series isin(const std::shared_ptr<arrow::Array>& values) const;
  Series astype(const std::shared_ptr<arrow::DataType>& type) const;
  Series astype(std::string_view dtype) const;  // "int64", "float", "str", "bool", "datetime64[ns]", "category"
  Series isna() const { return apply("isna"); }
  Series notna() const { return apply("notna"); }
  Series fillna(const Operand& value) const { return apply("fillna", {value}); }
  Series where(const Series& condition, const Operand& other) const;  // keeps values where true
  Series where(const Series& condition) const;                        // elsewhere missing
  Series mask(const Series& condition, const Operand& other) const;
  Series between(const Operand& left, const Operand& right, std::string_view inclusive = "both") const;
  Series clip(const std::optional<Operand>& lower, const std::optional<Operand>& upper) const;
  Series abs() const { return apply("abs"); }
  Series round(int64_t decimals = 0) const { return apply("round", {decimals}); }

  // --- rows, names
  Series filter(const Series& condition) const;  // a missing condition is false
  Series operator[](const Series& condition) const { return filter(condition); }
  Series dropna() const { return filter(notna()); }
  Series rename(std::string name) const;
  DataFrame to_frame() const;
  Series to_series() const;  // of an Index: the labels as values, indexed by themselves
  Series index() const;
  Series head(int64_t n = 5, int64_t npartitions = 1) const;
  Series tail(int64_t n = 5) const;
  Series partitions(const std::vector<int64_t>& numbers) const;
  Series get_partition(int64_t number) const { return partitions({number}); }
  Series repartition(int64_t npartitions) const;

  // --- aggregations: sum prod mean min max count size var std any all nunique first last median
  Scalar reduce(std::string_view function, const ReduceOptions& options = {}) const;
  Scalar sum(const ReduceOptions& options = {}) const { return reduce("sum", options); }
  Scalar prod(const ReduceOptions& options = {}) const { return reduce("prod", options); }
  Scalar mean() const { return reduce("mean"); }
  Scalar min() const { return reduce("min"); }
  Scalar max() const { return reduce("max"); }
  Scalar count() const { return reduce("count"); }
  Scalar var(int64_t ddof = 1) const { return reduce("var", {.ddof = ddof}); }
  Scalar std(int64_t ddof = 1) const { return reduce("std", {.ddof = ddof}); }
  Scalar median() const { return reduce("median"); }
  Scalar any() const { return reduce("any"); }
  Scalar all() const { return reduce("all"); }
  Scalar nunique(bool dropna = true) const { return reduce("nunique", {.dropna = dropna}); }
  Scalar size() const;    // rows, lazily
  Series unique() const;  // one partition; missing is one value
  Series value_counts(const ValueCountsOptions& options = {}) const;
  Series nlargest(int64_t n = 5) const { return top(n, true); }
  Series nsmallest(int64_t n = 5) const { return top(n, false); }
  Series top(int64_t n, bool largest) const;
  Series describe() const;
  SeriesGroupBy groupby(const Series& by) const;

  // --- running
  int64_t len() const;                                  // computes; from metadata where they tell
  std::shared_ptr<arrow::Table> compute() const;        // the index columns and the value column, as schema()
  std::shared_ptr<arrow::ChunkedArray> values() const;  // compute() without its index
  std::string explain() const;

  const expr::FramePtr& root() const { return root_; }
  const expr::Column& column() const { return column_; }
  expr::FramePtr node() const;  // the table of this column and its index

 private:
  expr::FramePtr root_;
  expr::Column column_;
  std::string name_;
  bool is_index_ = false;
};

// Operators: of a Series with anything an Operand takes, and of Scalars.
#define SWATH_SERIES_OPERATOR(symbol, function)                                  \
  inline Series operator symbol(const Series& a, const Operand& b) {             \
    return Series::call(function, std::vector<Operand>{Operand(a), b});          \
  }                                                                              \
  inline Series operator symbol(const Operand& a, const Series& b) {             \
    return Series::call(function, std::vector<Operand>{a, Operand(b)});          \
  }                                                                              \
  inline Series operator symbol(const Series& a, const Series& b) {              \
    return Series::call(function, std::vector<Operand>{Operand(a), Operand(b)}); \
  }                                                                              \
  inline Scalar operator symbol(const Scalar& a, const Scalar& b) {              \
    return Scalar::call(function, {Operand(a), Operand(b)});                     \
  }                                                                              \
  inline Scalar operator symbol(const Scalar& a, double b) { return Scalar::call(function, {Operand(a), Operand(b)}); }
SWATH_SERIES_OPERATOR(+, "add")
SWATH_SERIES_OPERATOR(-, "sub")
SWATH_SERIES_OPERATOR(*, "mul")
SWATH_SERIES_OPERATOR(/, "truediv")
SWATH_SERIES_OPERATOR(%, "mod")
SWATH_SERIES_OPERATOR(==, "eq")
SWATH_SERIES_OPERATOR(!=, "ne")
SWATH_SERIES_OPERATOR(<, "lt")
SWATH_SERIES_OPERATOR(<=, "le")
SWATH_SERIES_OPERATOR(>, "gt")
SWATH_SERIES_OPERATOR(>=, "ge")
SWATH_SERIES_OPERATOR(&, "and")
SWATH_SERIES_OPERATOR(|, "or")
SWATH_SERIES_OPERATOR(^, "xor")
#undef SWATH_SERIES_OPERATOR
inline Series operator-(const Series& a) { return a.apply("neg"); }
inline Series operator~(const Series& a) { return a.apply("invert"); }
inline Series operator!(const Series& a) { return a.apply("invert"); }

}  // namespace swath
