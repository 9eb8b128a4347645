#include "swath/expr/frame/order.h"

#include "arrow/type.h"

namespace swath::expr {

Result<FramePtr> OrderNode::Make(const FramePtr& input, OrderSpec spec) {
  if (spec.keys.empty()) return Status::Invalid("sorting needs at least one column");
  TokenBuilder builder(kOp);
  builder.Add(input->token()).Add(spec.rows.value_or(-1)).Add(int64_t{spec.keep_last}).Add(int64_t{spec.drop_missing});
  for (const ops::SortKey& key : spec.keys) {
    RETURN_IF_ERROR(input->FieldOf(key.column).status());
    builder.Add(key.column).Add(int64_t{key.descending});
  }
  FrameType type{input->schema(), input->index(), 1, {}};
  return InternAs<FrameNode>(
      std::shared_ptr<const OrderNode>(new OrderNode(builder.Finish(), {input}, std::move(type), std::move(spec))));
}

Result<NodePtr> OrderNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(FramePtr node, Make(AsFrame(inputs[0]), spec_));
  return node;
}

ColumnSet OrderNode::InputColumns(const ColumnSet& needed, size_t) const {
  ColumnSet columns = needed;
  for (const ops::SortKey& key : spec_.keys) columns.insert(key.column);
  return columns;
}

std::string OrderNode::Details() const {
  std::vector<std::string> keys;
  for (const ops::SortKey& key : spec_.keys) keys.push_back(key.column + (key.descending ? " descending" : ""));
  return (spec_.rows ? std::to_string(*spec_.rows) + ", " : "") + ColumnList(keys);
}

}  // namespace swath::expr
