// AggregateNode: group-by and whole-table reductions: one partition with a row a group (without keys: exactly one row).
// The keys are the index. Evaluated as partial aggregations inside the tasks that read the rows, then merged by radix
// part.
#pragma once

#include <optional>
#include <vector>

#include "swath/expr/frame/frame_node.h"
#include "swath/ops/table_pipeline.h"

namespace swath::expr {

struct AggregateSpec {
  std::vector<std::string> keys = {};                   // columns of the input
  std::vector<std::optional<std::string>> labels = {};  // of the index levels; empty: the keys' names
  std::vector<ops::Aggregation> aggregations = {};      // outputs differ from each other and from the keys
  bool drop_null_keys = true;
  bool all_categories = false;  // as ops::AggregateSink
  bool sort = true;             // ascending by the keys; else in `order`
  ops::GroupOrder order = ops::GroupOrder::kFirstRow;
};

class AggregateNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "aggregate";
  // KeyError for unknown columns, TypeError where a dtype does not take a function.
  static Result<FramePtr> Make(const FramePtr& input, AggregateSpec spec);

  std::string_view op() const override { return spec_.keys.empty() ? "reduce" : "groupby"; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override { return Rebuild(AsFrame(inputs[0])); }
  ColumnSet InputColumns(const ColumnSet& needed, size_t input) const override;
  Result<NodePtr> Restrict(const ColumnSet& needed, std::vector<NodePtr> inputs) const override;
  FramePtr input() const { return AsFrame(inputs_[0]); }
  const AggregateSpec& spec() const { return spec_; }
  // Bytes of all rows that flow in, estimated: what the number of radix parts is chosen by.
  int64_t InputBytes() const { return input()->EstimatedBytes() * input()->npartitions(); }

 protected:
  std::string Details() const override;

 private:
  AggregateNode(Token token, std::vector<NodePtr> inputs, FrameType type, AggregateSpec spec)
      : FrameNode(token, std::move(inputs), std::move(type)), spec_(std::move(spec)) {}
  Result<NodePtr> Rebuild(const FramePtr& input) const;
  AggregateSpec spec_;
};

// The type of an aggregation over a column of `type`; TypeError with pandas' text where there is none.
Result<std::shared_ptr<arrow::DataType>> AggregationType(const ops::Aggregation& aggregation,
                                                         const std::shared_ptr<arrow::DataType>& type);
// sum mean …, in the order of the documentation.
const std::vector<std::string>& AggregationNames();

}  // namespace swath::expr
