#include "swath/expr/bag/bag_source.h"

#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/expr/array/array_node.h"
#include "swath/expr/delayed/delayed_node.h"
#include "swath/expr/frame/frame_node.h"
#include "swath/ops/bag_column.h"

namespace swath::expr {
namespace {

bool IsText(const arrow::Schema& schema) {
  return schema.num_fields() == 1 && schema.field(0)->type()->id() == arrow::Type::LARGE_STRING;
}

}  // namespace

std::string_view ToString(BagItems items) {
  return items == BagItems::kText ? "text" : items == BagItems::kNative ? "items" : "python";
}

std::string BagNode::Describe() const {
  return Label() + "  " + std::string(Runs()) + "  " + std::to_string(npartitions_) +
         (npartitions_ == 1 ? " partition" : " partitions");
}

Result<BagPtr> BagScanNode::Make(std::shared_ptr<const ops::ScanSource> source) {
  if (!ops::HoldsItems(*source->schema())) {
    return Status::TypeError("the columns ", source->schema()->ToString(), " cannot be read as items of a bag");
  }
  const BagItems items = IsText(*source->schema()) ? BagItems::kText : BagItems::kNative;
  const Token token = TokenBuilder(kOp).Add(source->Fingerprint()).Finish();
  return InternAs<BagNode>(std::make_shared<BagScanNode>(token, std::move(source), items));
}

Result<NodePtr> BagScanNode::WithInputs(std::vector<NodePtr>) const { return Make(source_); }

Result<BagPtr> BagValuesNode::Make(std::vector<Value> values) {
  if (values.empty()) return Status::Invalid("a bag needs at least one partition");
  BagItems items = BagItems::kText;
  for (const Value& value : values) {
    const Partition* partition = value.partition();
    if (!partition || !ops::HoldsItems(*partition->table->schema())) {
      items = BagItems::kOpaque;
      break;
    }
    if (!IsText(*partition->table->schema())) items = BagItems::kNative;
  }
  return InternAs<BagNode>(std::make_shared<BagValuesNode>(UniqueToken(), std::move(values), items));
}

Result<NodePtr> BagValuesNode::WithInputs(std::vector<NodePtr>) const {
  return Intern(std::make_shared<BagValuesNode>(token(), values_, items()));
}

Result<int64_t> BlockCount(const NodePtr& node) {
  if (const BagPtr bag = ToBag(node)) return bag->npartitions();
  if (const FramePtr frame = ToFrame(node)) return frame->npartitions();
  if (const ArrayPtr array = AsArray(node)) return array->grid().block_count();
  return Status::TypeError("'", node->Describe(), "' is no bag, table, array or call");
}

Result<BagPtr> BagBlocksNode::Make(std::vector<NodePtr> nodes) {
  if (nodes.empty()) return Status::Invalid("a bag needs at least one partition; got no collections");
  std::vector<NodePtr> inputs, calls;
  std::vector<SideValue> order;
  TokenBuilder token(kOp);
  int64_t npartitions = 0;
  BagItems items = BagItems::kText;
  for (NodePtr& node : nodes) {
    token.Add(node->token());
    const bool is_call = AsDelayed(node.get()) != nullptr;
    int64_t blocks = 1;
    if (!is_call) {
      ASSIGN_OR_RETURN(blocks, BlockCount(node));
    }
    npartitions += blocks;
    const BagPtr bag = ToBag(node);
    const FramePtr frame = ToFrame(node);
    const bool native = bag ? bag->items() != BagItems::kOpaque : frame && ops::HoldsItems(*frame->schema());
    if (!native) items = BagItems::kOpaque;
    if (items != BagItems::kOpaque && !(bag && bag->items() == BagItems::kText)) items = BagItems::kNative;
    std::vector<NodePtr>& list = is_call ? calls : inputs;
    order.push_back({is_call, list.size()});
    list.push_back(std::move(node));
  }
  return InternAs<BagNode>(std::make_shared<BagBlocksNode>(token.Finish(), std::move(inputs), std::move(calls),
                                                           std::move(order), npartitions, items));
}

Result<NodePtr> BagBlocksNode::WithInputs(std::vector<NodePtr> inputs) const {
  std::vector<NodePtr> nodes;
  for (const SideValue& one : order_) nodes.push_back(one.is_call ? call_inputs()[one.number] : inputs[one.number]);
  ASSIGN_OR_RETURN(BagPtr bag, Make(std::move(nodes)));
  return NodePtr(std::move(bag));
}

}  // namespace swath::expr
