// The operations of tables beside the pipeline: what joins the results of several tasks. Parameters only; kernels/frame
// runs them.
//
//   pipeline + AggregateSink   x many ─▶ table.merge_groups ─▶ table.concat      (group-by)
//   pipeline + TopSink         x many ─▶ table.pipeline over the parts + TopSink (nlargest; the same for head and tail)
//   pipeline + CountSink       x many ─▶ table.merge_counts                      (len)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/ops/op_params.h"
#include "swath/ops/table_pipeline.h"

namespace swath::ops {

// Merges partials of AggregateSink, in the order of the inputs (first and last depend on it).
//   finish: -> Partition of the key columns and then the outputs; with an order of the sink and several parts also
//           kGroupRowColumn, by which they can be sorted when they are joined. Task t merges the radix parts
//           [t * parts / part_tasks, (t + 1) * parts / part_tasks) of all inputs: with part_tasks = 1 every part.
//   else:   -> a partial again, of all parts (one level of a tree; inputs [bounds) of a fold).
inline constexpr const char* kGroupRowColumn = "__group_row__";
struct MergeGroupsParams : public OpParams {
  static constexpr std::string_view kOp = "table.merge_groups";
  AggregateSink groups;  // as given to the pipelines
  int64_t part_tasks = 1;
  bool finish = true;
  bool sort = true;  // rows ascending by the keys, missing keys last; else in the order of the sink, if it has one
  std::string ToString() const override;
};

struct SortKey {
  std::string column;
  bool descending = false;
};

// All inputs (Partitions; Pieces are opened) one after the other -> Partition. Columns are matched by name; where an
// input lacks one it is filled with missing values, dictionaries are united. No inputs: an empty table of `schema`.
struct TableConcatParams : public OpParams {
  static constexpr std::string_view kOp = "table.concat";
  std::shared_ptr<arrow::Schema> schema;  // of the result; null: that of the first input
  std::vector<SortKey> sort_by;           // stable; missing values last
  std::vector<std::string> drop;          // columns that only the sorting needs
  std::string ToString() const override;
};

// Pieces of one input partition, for repartition() into more: output task t is piece t - bounds[p] of the rows of input
// p, where bounds[p] <= t < bounds[p + 1]; pieces are of equal size (within one row).
struct CutRowsParams : public OpParams {
  static constexpr std::string_view kOp = "table.cut_rows";
  std::vector<int64_t> bounds;
  std::string ToString() const override { return "cut_rows"; }
};

// The inputs' rows side by side: input i gives the columns columns[i], under the names names[i]. Row counts and index
// labels must agree.
struct ZipParams : public OpParams {
  static constexpr std::string_view kOp = "table.zip";
  std::vector<std::vector<std::string>> columns;
  std::vector<std::vector<std::string>> names;
  std::vector<std::vector<std::string>> index;  // of each input: index columns, compared with those of the first
  std::string ToString() const override;
};

// The sum of the "count" columns of the inputs -> Partition with one row, int64 column `output`.
struct MergeCountsParams : public OpParams {
  static constexpr std::string_view kOp = "table.merge_counts";
  std::string output = "count";
  std::string ToString() const override;
};

// Turns one-row inputs into columns: row r of output column o is the value of column cells[o][r] of the input that has
// it (an empty name: missing), converted to types[o]. `labels` become the first column, named `label_column`, of
// large_string.
struct StackRowParams : public OpParams {
  static constexpr std::string_view kOp = "table.stack_row";
  std::string label_column;
  std::vector<std::string> labels;
  std::vector<std::string> names;
  std::vector<std::shared_ptr<arrow::DataType>> types;
  std::vector<std::vector<std::string>> cells;
  std::string ToString() const override;
};

}  // namespace swath::ops
