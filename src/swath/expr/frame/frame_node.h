// FrameNode: an expression whose value is a table cut into partitions by rows. Knows its Arrow schema (the index
// columns are ordinary columns, named by index()), the number of partitions and, where known, their divisions.
// Immutable, thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/expr/frame/column.h"
#include "swath/expr/node.h"

namespace swath::expr {

// One level of the pandas index: the column that holds it and the name that the user sees.
struct IndexLevel {
  std::string column;
  std::optional<std::string> label;
  friend bool operator==(const IndexLevel&, const IndexLevel&) = default;
};
using IndexLevels = std::vector<IndexLevel>;  // empty: the rows are counted from 0 when the result is shown

// npartitions + 1 index values in ascending order, or empty when unknown.
using Divisions = std::vector<std::shared_ptr<arrow::Scalar>>;

// The row number within its partition, made by the scan only where it is read: the index of files.
inline constexpr const char* kRowColumn = "__row__";
// The index column of an index without a name.
inline constexpr const char* kIndexColumn = "__index_level_0__";

using ColumnSet = std::set<std::string, std::less<>>;

// What every node knows about its rows.
struct FrameType {
  std::shared_ptr<arrow::Schema> schema;
  IndexLevels index;
  int64_t npartitions = 1;
  Divisions divisions;
};

class FrameNode : public Node {
 public:
  const std::shared_ptr<arrow::Schema>& schema() const { return type_.schema; }
  const IndexLevels& index() const { return type_.index; }
  int64_t npartitions() const { return type_.npartitions; }
  const Divisions& divisions() const { return type_.divisions; }
  const FrameType& type() const { return type_; }
  bool is_index_column(std::string_view name) const;
  // The columns that are not of the index, in order.
  std::vector<std::string> data_columns() const;
  // The field called `name`; KeyError with the nearest names.
  Result<std::shared_ptr<arrow::Field>> FieldOf(std::string_view name) const;
  // Bytes of a partition in memory, estimated; 0 when unknown.
  virtual int64_t EstimatedBytes() const { return 0; }
  // May the optimizer and the lowering fuse this node into the task that reads the rows (filter, project)?
  virtual bool row_wise() const { return false; }

  std::string Describe() const override;  // op, Details(), size

  // Projection pushdown asks each node: which columns of input number `input` are read when only `needed` of this
  // node's columns are? The default is all of them. Restrict rebuilds the node on restricted inputs so that it has at
  // least `needed`.
  virtual ColumnSet InputColumns(const ColumnSet& needed, size_t input) const;
  virtual Result<NodePtr> Restrict(const ColumnSet& /*needed*/, std::vector<NodePtr> inputs) const {
    return WithInputs(std::move(inputs));
  }

 protected:
  FrameNode(Token token, std::vector<NodePtr> inputs, FrameType type)
      : Node(token, std::move(inputs)), type_(std::move(type)) {}
  virtual std::string Details() const { return {}; }  // "[carrier == 'UA']"

 private:
  FrameType type_;
};

ColumnSet AllColumns(const FrameNode& frame);
// The levels whose columns are in `schema`.
IndexLevels LevelsIn(const IndexLevels& levels, const arrow::Schema& schema);
std::string_view LabelOf(const IndexLevel& level);  // "" for none

inline FramePtr AsFrame(const NodePtr& node) { return std::static_pointer_cast<const FrameNode>(node); }
// Null when `node` is not a table.
inline FramePtr ToFrame(const NodePtr& node) { return std::dynamic_pointer_cast<const FrameNode>(node); }
std::string ColumnList(const std::vector<std::string>& names);  // "[a, b]"

}  // namespace swath::expr
