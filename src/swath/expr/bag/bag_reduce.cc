#include "swath/expr/bag/bag_reduce.h"

#include "arrow/type.h"

#include "swath/ops/bag_column.h"

namespace swath::expr {
namespace {

TokenBuilder& AddHost(TokenBuilder& token, const ops::HostStepPtr& host) {
  return host ? token.Add(host->token()) : token.Add(int64_t{0});
}
TokenBuilder& AddHost(TokenBuilder& token, const HostReduction& host) {
  return AddHost(AddHost(AddHost(token, host.partial), host.combine), host.finish);
}

TokenBuilder& AddExpression(TokenBuilder& token, const ops::BagExpressionPtr& expression) {
  return expression ? token.Add(expression->token()) : token.Add(int64_t{0});
}

TokenBuilder& AddLiteral(TokenBuilder& token, const std::optional<ops::OwnedItem>& item) {
  std::string encoded;
  if (item) EncodeItem(item->item(), &encoded);
  return token.Add(std::string_view(encoded));
}

TokenBuilder& AddSink(TokenBuilder& token, const std::optional<ops::BagSink>& sink) {
  if (!sink) return token.Add(int64_t{-1});
  token.Add(static_cast<int64_t>(sink->kind)).Add(sink->k);
  AddExpression(AddExpression(AddExpression(token, sink->key), sink->fold), sink->combine);
  return AddLiteral(AddLiteral(token, sink->initial), sink->combine_initial);
}

bool IsNative(const BagPtr& input, bool has_native_form) {
  return has_native_form && input->items() != BagItems::kOpaque;
}

}  // namespace

BagReduceNode::BagReduceNode(Token token, BagPtr input, std::optional<ops::BagSink> sink, HostReduction host,
                             int64_t split_every)
    : BagNode(token, {input}, {}, 1, IsNative(input, sink.has_value()) ? BagItems::kNative : BagItems::kOpaque),
      sink_(std::move(sink)),
      host_(std::move(host)),
      split_every_(split_every) {}

Result<BagPtr> BagReduceNode::Make(BagPtr input, std::optional<ops::BagSink> sink, HostReduction host,
                                   int64_t split_every) {
  if (!sink && !(host.partial && host.combine && host.finish)) return Status::Invalid("a reduction needs functions");
  if (split_every < 0 || split_every == 1) {
    return Status::Invalid("split_every=", split_every, "; must be at least 2, or False");
  }
  TokenBuilder token(kOp);
  AddHost(AddSink(token.Add(input->token()).Add(split_every), sink), host);
  return InternAs<BagNode>(
      std::make_shared<BagReduceNode>(token.Finish(), std::move(input), std::move(sink), std::move(host), split_every));
}

Result<NodePtr> BagReduceNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(BagPtr bag, Make(AsBag(inputs[0]), sink_, host_, split_every_));
  return NodePtr(std::move(bag));
}

std::string BagReduceNode::Label() const {
  if (items() == BagItems::kNative || !host_.partial) return sink_->ToString();
  return std::string(host_.partial->name());
}

BagGroupNode::BagGroupNode(Token token, BagPtr input, ops::BagExpressionPtr key, int64_t parts, HostReduction host)
    : BagNode(token, {input}, {}, parts, IsNative(input, key != nullptr) ? BagItems::kNative : BagItems::kOpaque),
      key_(std::move(key)),
      host_(std::move(host)) {}

Result<BagPtr> BagGroupNode::Make(BagPtr input, ops::BagExpressionPtr key, int64_t parts, HostReduction host) {
  if (parts < 1) return Status::Invalid("npartitions=", parts, "; must be at least 1");
  if (!key && !(host.partial && host.finish)) return Status::Invalid("groupby needs a key");
  TokenBuilder token(kOp);
  AddHost(AddExpression(token.Add(input->token()).Add(parts), key), host);
  return InternAs<BagNode>(
      std::make_shared<BagGroupNode>(token.Finish(), std::move(input), std::move(key), parts, std::move(host)));
}

Result<NodePtr> BagGroupNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(BagPtr bag, Make(AsBag(inputs[0]), key_, npartitions(), host_));
  return NodePtr(std::move(bag));
}

Result<BagPtr> BagWriteNode::Make(BagPtr input, std::shared_ptr<const ops::WriteTarget> target, ops::HostStepPtr host) {
  TokenBuilder token(kOp);
  AddHost(token.Add(input->token()).Add(target->Fingerprint()), host);
  return InternAs<BagNode>(
      std::make_shared<BagWriteNode>(token.Finish(), std::move(input), std::move(target), std::move(host)));
}

Result<NodePtr> BagWriteNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(BagPtr bag, Make(AsBag(inputs[0]), target_, host_));
  return NodePtr(std::move(bag));
}

Result<FramePtr> BagTableNode::Make(BagPtr input, std::shared_ptr<arrow::Schema> schema, ops::HostStepPtr host) {
  TokenBuilder token(kOp);
  AddHost(token.Add(input->token()).Add(schema->ToString()), host);
  FrameType type{.schema = std::move(schema), .index = {}, .npartitions = input->npartitions(), .divisions = {}};
  return InternAs<FrameNode>(
      std::make_shared<BagTableNode>(token.Finish(), std::move(input), std::move(type), std::move(host)));
}

Result<NodePtr> BagTableNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(FramePtr frame, Make(AsBag(inputs[0]), schema(), host_));
  return NodePtr(std::move(frame));
}

}  // namespace swath::expr
