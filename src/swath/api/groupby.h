// GroupBy: the rows of a table by the values of keys, waiting for an aggregation. The result is one partition with the
// keys as index. Functions: sum mean min max count size var std nunique first last prod any all median.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "swath/api/series.h"

namespace swath {

struct GroupByOptions {
  bool sort = true;      // groups in ascending order of the keys
  bool dropna = true;    // rows with a missing key are left out
  bool observed = true;  // false: categories that no row has are groups too (of one key)
};

// One aggregation: `function` over `column`, called `output` in the result.
struct NamedAggregation {
  std::string output;
  std::string column;
  std::string function;
  int64_t ddof = 1;
  int64_t min_count = 0;
  bool skipna = true;
};

struct AggregateOptions {
  int64_t ddof = 1;
  int64_t min_count = 0;
  bool numeric_only = false;
};

class SeriesGroupBy;

class GroupBy {
 public:
  // `keys`: a column each, with its name in the result's index.
  GroupBy(expr::FramePtr frame, std::vector<expr::NamedColumn> keys, GroupByOptions options);

  SeriesGroupBy operator[](std::string_view column) const;
  GroupBy operator[](const std::vector<std::string>& columns) const;    // only these are aggregated
  const std::vector<std::string>& columns() const { return columns_; }  // those that are aggregated
  std::vector<std::string> keys() const;

  // Exactly these output columns, in this order; the general form that all others use.
  DataFrame aggregate(const std::vector<NamedAggregation>& aggregations) const;
  // One function over every column; TypeError where a dtype does not take it.
  DataFrame aggregate(std::string_view function, const AggregateOptions& options = {}) const;
  DataFrame agg(const std::vector<NamedAggregation>& aggregations) const;
  Series size() const;
  DataFrame sum(const AggregateOptions& options = {}) const;
  DataFrame mean(const AggregateOptions& options = {}) const;
  DataFrame min() const;
  DataFrame max() const;
  DataFrame count() const;
  DataFrame var(int64_t ddof = 1) const;
  DataFrame std(int64_t ddof = 1) const;
  DataFrame first() const;
  DataFrame last() const;
  DataFrame median() const;
  DataFrame nunique() const;

 private:
  friend class SeriesGroupBy;
  expr::FramePtr frame_;
  std::vector<expr::NamedColumn> keys_;
  std::vector<std::string> columns_;
  GroupByOptions options_;
};

class SeriesGroupBy {
 public:
  SeriesGroupBy(GroupBy groups, std::string column) : groups_(std::move(groups)), column_(std::move(column)) {}

  const std::string& name() const { return column_; }
  std::vector<std::string> keys() const { return groups_.keys(); }
  Series aggregate(std::string_view function, const AggregateOptions& options = {}) const;
  // Several functions: a DataFrame with a column each, called as the function (or as NamedAggregation::output).
  DataFrame aggregate(const std::vector<std::string>& functions) const;
  DataFrame aggregate(const std::vector<NamedAggregation>& aggregations) const;
  Series size() const { return groups_.size(); }
  Series sum() const { return aggregate("sum"); }
  Series mean() const { return aggregate("mean"); }
  Series min() const { return aggregate("min"); }
  Series max() const { return aggregate("max"); }
  Series count() const { return aggregate("count"); }
  Series var(int64_t ddof = 1) const { return aggregate("var", {.ddof = ddof}); }
  Series std(int64_t ddof = 1) const { return aggregate("std", {.ddof = ddof}); }
  Series first() const { return aggregate("first"); }
  Series last() const { return aggregate("last"); }
  Series median() const { return aggregate("median"); }
  Series nunique() const { return aggregate("nunique"); }

 private:
  GroupBy groups_;
  std::string column_;
};

}  // namespace swath
