// TablePipeline: a fused table task. Record batches stream from the source (a scan of one partition, or the task's inputs)
// through filters and projections into a sink; no step materialises the whole partition unless the sink collects it.
//
//   scan batch ─▶ filter ─▶ project ─▶ filter ─▶ sink: collect | aggregate | reduce | top-n | head | count | write
//
// Column expressions are arrow::compute::Expression over the batch's columns; functions that Arrow lacks are registered by
// kernels/frame under a "swath_" name. A scalar computed by another task enters as the column "$k" of task input k.
// Used by: expr/lower (builds), kernels/frame/pipeline (runs).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "arrow/compute/expression.h"
#include "arrow/type_fwd.h"
#include "swath/ops/op_params.h"
#include "swath/ops/scan_source.h"

namespace swath::ops {

struct FilterStep {
  arrow::compute::Expression predicate;  // null counts as false
};
struct ProjectStep {
  std::vector<std::string> names;  // of the new columns, in order
  std::vector<arrow::compute::Expression> expressions;
};
using TableStep = std::variant<FilterStep, ProjectStep>;

// One aggregation: function over column -> output column. Functions: sum mean min max count size var std nunique first last
// prod any all median; `ddof` of var and std; nulls and NaN are skipped as in pandas.
struct Aggregation {
  std::string function;
  std::string column;  // empty for "size"
  std::string output;
  int64_t ddof = 1;
  int64_t min_count = 0;
};

struct CollectSink {};  // -> Partition
struct HeadSink {
  int64_t rows = 5;
};
struct CountSink {};  // -> Partition with one row, column "count"
// Hash aggregation by `keys` (or of the whole table when empty: one group). Produces a *partial*: Pieces of radix parts
// (1 << radix_bits of them) that "table.merge_groups" merges and finishes. Groups beyond the budget go to the spill store.
struct AggregateSink {
  std::vector<std::string> keys;
  std::vector<Aggregation> aggregations;
  bool drop_null_keys = true;
  int radix_bits = 0;
};
// The first `rows` rows by the sort keys (nlargest, nsmallest, sorted head).
struct TopSink {
  int64_t rows = 5;
  std::vector<std::string> columns;
  std::vector<bool> descending;
  bool keep_last = false;
};
// Writes the partition to one file (a temporary name first, then renamed) -> Partition of one row: path, rows, bytes.
struct WriteSink {
  std::string format;              // "parquet" or "csv"
  std::vector<std::string> paths;  // one a partition
  std::vector<std::pair<std::string, std::string>> options;
};
using TableSink = std::variant<CollectSink, HeadSink, CountSink, AggregateSink, TopSink, WriteSink>;

class TablePipeline : public OpParams {
 public:
  static constexpr std::string_view kOp = "table.pipeline";
  std::shared_ptr<const ScanSource> scan;  // null: the batches are task inputs scalar_inputs … (Partitions, in order)
  // Task t reads scan partitions [ranges[t], ranges[t + 1]); empty: task t reads partition t.
  std::vector<int64_t> ranges;
  int32_t scalar_inputs = 0;               // the first task inputs are one-row Partitions: columns "$0", "$1", …
  std::vector<TableStep> steps;
  TableSink sink;

  std::string ToString() const override;
};

}  // namespace swath::ops
