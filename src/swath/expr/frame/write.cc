#include "swath/expr/frame/write.h"

#include "arrow/type.h"

#include "swath/expr/frame/project.h"

namespace swath::expr {

Result<FramePtr> WriteNode::Make(const FramePtr& input, std::shared_ptr<const ops::WriteTarget> target) {
  ColumnSet columns = AllColumns(*input);
  columns.erase(kRowColumn);
  ASSIGN_OR_RETURN(const FramePtr written, OnlyColumns(input, columns));
  const Token token = TokenBuilder(kOp).Add(written->token()).Add(target->Fingerprint()).Finish();
  FrameType type{arrow::schema({arrow::field("path", arrow::large_utf8()), arrow::field("rows", arrow::int64()),
                                arrow::field("bytes", arrow::int64())}),
                 {},
                 input->npartitions(),
                 {}};
  return InternAs<FrameNode>(
      std::shared_ptr<const WriteNode>(new WriteNode(token, {written}, std::move(type), std::move(target))));
}

Result<NodePtr> WriteNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(FramePtr node, Make(AsFrame(inputs[0]), target_));
  return node;
}

}  // namespace swath::expr
