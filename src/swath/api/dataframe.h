// DataFrame: a lazy table cut into partitions by rows, with pandas' names. A thin immutable handle on an expression;
// nothing is read before compute(). Thread-safe, cheap to copy. All functions throw swath::Error classes (api/error.h)
// where pandas raises.
//
//   DataFrame df = read_csv("data/*.csv", {.blocksize = 64_MiB});
//   auto table = df[df["dep_delay"] > 0].groupby("carrier")["dep_delay"].mean().compute();
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "swath/api/groupby.h"
#include "swath/api/series.h"

namespace swath {

namespace ops {
struct Aggregation;
}

class DataFrame {
 public:
  explicit DataFrame(expr::FramePtr node) : node_(std::move(node)) {}

  // --- what is known without computing
  std::vector<std::string> columns() const;                   // without the index
  std::shared_ptr<arrow::Schema> schema() const;              // index columns included, in the order of compute()
  const std::vector<expr::IndexLevel>& index_levels() const;  // empty: RangeIndex
  int64_t npartitions() const;
  const expr::Divisions& divisions() const;  // first label of each partition and the last of all; empty: unknown
  bool known_divisions() const { return !divisions().empty(); }
  bool has(std::string_view column) const;

  // --- columns and rows
  Series operator[](std::string_view column) const;  // KeyError with the nearest names
  DataFrame operator[](const std::vector<std::string>& columns) const { return select(columns); }
  DataFrame operator[](const Series& condition) const { return filter(condition); }
  DataFrame select(const std::vector<std::string>& columns) const;
  DataFrame filter(const Series& condition) const;  // a missing condition is false
  Series index() const;
  DataFrame assign(const std::vector<std::pair<std::string, Operand>>& columns) const;
  DataFrame rename(const std::map<std::string, std::string>& names) const;  // unknown names are ignored, as in pandas
  DataFrame rename(const std::vector<std::string>& names) const;            // one a column
  DataFrame drop(const std::vector<std::string>& columns) const;
  DataFrame reset_index(bool drop = false) const;  // index columns become columns; the new index counts rows
  DataFrame set_index_sorted(
      std::string_view column) const;  // the caller vouches that rows are in its order; divisions unknown
  // Of the first `npartitions` (-1: of all) / of the last partition. A negative n leaves out that many rows at the
  // other end, for which the rows are counted first.
  DataFrame head(int64_t n = 5, int64_t npartitions = 1) const;
  DataFrame tail(int64_t n = 5) const;
  DataFrame partitions(const std::vector<int64_t>& numbers) const;
  DataFrame get_partition(int64_t number) const { return partitions({number}); }
  DataFrame repartition(int64_t npartitions) const;
  // `joins`: output p holds the partitions [bounds[p], bounds[p + 1]); else partition p is cut into the outputs
  // [bounds[p], bounds[p + 1]), of equal size. `divisions`: of the result, where the caller knows them.
  DataFrame repartition_bounds(std::vector<int64_t> bounds, bool joins, expr::Divisions divisions = {}) const;
  DataFrame drop_duplicates(const std::vector<std::string>& subset = {}, std::string_view keep = "first") const;

  // --- elementwise, column by column
  DataFrame call(std::string_view function, const std::vector<Operand>& more = {}) const;
  DataFrame astype(const std::map<std::string, std::string>& dtypes) const;
  DataFrame isna() const { return call("isna"); }
  DataFrame fillna(const Operand& value) const { return call("fillna", {value}); }
  DataFrame dropna(const std::vector<std::string>& subset = {}) const;

  // --- aggregations: one value a column -> Series indexed by the column names
  Series reduce(std::string_view function, const ReduceOptions& options = {}) const;
  Series sum() const { return reduce("sum"); }
  Series prod() const { return reduce("prod"); }
  Series mean() const { return reduce("mean"); }
  Series min() const { return reduce("min"); }
  Series max() const { return reduce("max"); }
  Series count() const { return reduce("count"); }
  Series var(int64_t ddof = 1) const { return reduce("var", {.ddof = ddof}); }
  Series std(int64_t ddof = 1) const { return reduce("std", {.ddof = ddof}); }
  Series nunique(bool dropna = true) const { return reduce("nunique", {.dropna = dropna}); }
  DataFrame nlargest(int64_t n, const std::vector<std::string>& columns) const { return top(n, columns, true); }
  DataFrame nsmallest(int64_t n, const std::vector<std::string>& columns) const { return top(n, columns, false); }
  DataFrame top(int64_t n, const std::vector<std::string>& columns, bool largest) const;
  // count mean std min 25% 50% 75% max of the numeric columns; quantiles are exact.
  DataFrame describe(const std::vector<double>& percentiles = {0.25, 0.5, 0.75}) const;
  // One row: these aggregations of whole columns, under their output names.
  DataFrame aggregate_row(const std::vector<ops::Aggregation>& aggregations) const;
  GroupBy groupby(const std::vector<std::string>& by, const GroupByOptions& options = {}) const;
  GroupBy groupby(std::string by, const GroupByOptions& options = {}) const;
  GroupBy groupby(const Series& by, const GroupByOptions& options = {}) const;

  // --- running
  Scalar row_count() const;  // lazily
  int64_t len() const;       // computes; from metadata where they tell
  std::shared_ptr<arrow::Table> compute() const;
  std::string explain() const;

  const expr::FramePtr& node() const { return node_; }

 private:
  expr::FramePtr node_;
};

// Of GroupBy, where DataFrame is complete.
inline DataFrame GroupBy::agg(const std::vector<NamedAggregation>& aggregations) const {
  return aggregate(aggregations);
}
inline DataFrame GroupBy::sum(const AggregateOptions& options) const { return aggregate("sum", options); }
inline DataFrame GroupBy::mean(const AggregateOptions& options) const { return aggregate("mean", options); }
inline DataFrame GroupBy::min() const { return aggregate("min"); }
inline DataFrame GroupBy::max() const { return aggregate("max"); }
inline DataFrame GroupBy::count() const { return aggregate("count"); }
inline DataFrame GroupBy::var(int64_t ddof) const { return aggregate("var", {.ddof = ddof}); }
inline DataFrame GroupBy::std(int64_t ddof) const { return aggregate("std", {.ddof = ddof}); }
inline DataFrame GroupBy::first() const { return aggregate("first"); }
inline DataFrame GroupBy::last() const { return aggregate("last"); }
inline DataFrame GroupBy::median() const { return aggregate("median"); }
inline DataFrame GroupBy::nunique() const { return aggregate("nunique"); }

// The rows of all frames, one after the other; columns by name, missing ones filled with missing values.
// `inner`: only the columns that all have.
DataFrame concat(const std::vector<DataFrame>& frames, bool inner = false);

}  // namespace swath
