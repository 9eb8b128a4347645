// TablePipeline: a fused table task. Record batches stream from the source (a scan of one partition, or the task's
// inputs) through filters and projections into a sink; no step materialises the whole partition unless the sink
// collects it.
//
//   scan batch ─▶ filter ─▶ project ─▶ filter ─▶ sink: collect | aggregate | top-n | head | tail | count | write
//
// Column expressions are arrow::compute::Expression over the batch's columns; functions that Arrow lacks are registered
// by kernels/frame under a "swath_" name (ops/table_functions.h). A scalar computed by another task enters as the
// column "$k" of task input k. `sites` tell where calls were written, for errors. Used by: expr/lower (builds),
// kernels/frame/pipeline (runs).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "arrow/compute/expression.h"
#include "arrow/type_fwd.h"

#include "swath/ops/call_sites.h"
#include "swath/ops/op_params.h"
#include "swath/ops/scan_source.h"
#include "swath/ops/write_target.h"

namespace swath::ops {

struct FilterStep {
  arrow::compute::Expression predicate;  // null counts as false
  CallSites sites = {};
};
struct ProjectStep {
  std::vector<std::string> names = {};  // of the new columns, in order
  std::vector<arrow::compute::Expression> expressions;
  CallSites sites = {};
};
using TableStep = std::variant<FilterStep, ProjectStep>;

// One aggregation: function over column -> output column. Functions and result types, for a column of type T:
//   sum prod         int64 (ints, bool), uint64 (unsigned), T (floats, durations); of nothing: 0 and 1
//   mean median quantile   float64 (ints, bool, float64), T (float32, timestamps, durations)
//   var std sem      float64, or float32 of float32; durations: std only
//   min max first last     T
//   count size nunique     int64
//   any all          bool
// Null and NaN are missing: skipped, or with skipna = false they make the result missing (sum prod mean min max var std
// median), count as a value (nunique) or may be the result (first, last: the first or last row).
struct Aggregation {
  std::string function = {};
  std::string column = {};  // empty for "size"
  std::string output = {};
  int64_t ddof = 1;       // var, std, sem
  int64_t min_count = 0;  // sum, prod: fewer values make the result missing
  bool skipna = true;
  double quantile = 0.5;  // of "quantile", linear between neighbours
};

struct CollectSink {};  // -> Partition
struct HeadSink {       // -> Partition; stops reading when it has them
  int64_t rows = 5;
};
struct TailSink {  // -> Partition
  int64_t rows = 5;
};
struct CountSink {};  // -> Partition with one row, int64 column "count"; from metadata where there are no filters
// Hash aggregation by `keys` (or of the whole table when empty: one group). Produces a *partial*: Pieces of radix parts
// (1 << radix_bits of them, then one empty Partition with the types) that "table.merge_groups" merges and finishes.
// What exceeds the task's memory budget goes to the spill store and is read back by the merge. Without aggregations it
// gives the distinct keys.
enum class GroupOrder : uint8_t { kAny, kFirstRow, kLastRow };  // by the first (last) row that a group has
struct AggregateSink {
  std::vector<std::string> keys = {};
  std::vector<Aggregation> aggregations = {};
  bool drop_null_keys = true;
  int radix_bits = 0;
  bool all_categories = false;                 // of one dictionary key: its values that no row has are groups too
  std::vector<std::string> decoded_keys = {};  // dictionaries whose values are the keys of the result
  GroupOrder order = GroupOrder::kAny;         // what the groups' rows are numbered for
};
// The first `rows` rows by the sort keys, in their order (nlargest, nsmallest). Missing values come last. Of equal rows
// the first in row order are kept, or with keep_last the last ones (and shown last first, as pandas does).
struct TopSink {
  int64_t rows = 5;
  std::vector<std::string> columns = {};
  std::vector<bool> descending = {};  // one a column
  bool keep_last = false;
  bool drop_missing =
      true;  // a hint that rows without the first sort key are not wanted while there are others: they come last
};
// Writes the task's rows to file number `block` of the target -> Partition of one row: path, rows, bytes. The file
// appears under its name only when it is complete.
struct WriteSink {
  std::shared_ptr<const WriteTarget> target;
};
using TableSink = std::variant<CollectSink, HeadSink, TailSink, CountSink, AggregateSink, TopSink, WriteSink>;

class TablePipeline : public OpParams {
 public:
  static constexpr std::string_view kOp = "table.pipeline";
  // Null: the rows are those of the task inputs from number `scalar_inputs` on (Partitions, in order; Pieces are
  // opened).
  std::shared_ptr<const ScanSource> scan;
  // Task t reads scan partitions [ranges[t], ranges[t + 1]); empty: task t reads partition t.
  std::vector<int64_t> ranges;
  int32_t scalar_inputs =
      0;  // the first task inputs are one-row Partitions: columns "$0", "$1", … (their first column)
  // Not empty: an int64 column of this name is appended to the source's columns: the row's number in the task, from 0.
  std::string row_column = {};
  std::vector<TableStep> steps;
  TableSink sink;

  std::string ToString() const override;
};

}  // namespace swath::ops
