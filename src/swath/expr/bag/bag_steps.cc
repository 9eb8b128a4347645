#include "swath/expr/bag/bag_steps.h"

#include <algorithm>

#include "swath/expr/bag/bag_source.h"
#include "swath/expr/delayed/delayed_node.h"

namespace swath::expr {
namespace {

TokenBuilder& AddHost(TokenBuilder& token, const ops::HostStepPtr& host) {
  return host ? token.Add(host->token()) : token.Add(int64_t{0});
}

TokenBuilder& AddStep(TokenBuilder& token, const std::optional<ops::BagStep>& step) {
  if (!step) return token.Add(int64_t{-1});
  token.Add(static_cast<int64_t>(step->kind)).Add(step->probability);
  token.Add(static_cast<int64_t>(step->seed[0])).Add(static_cast<int64_t>(step->seed[1]));
  if (step->expression) token.Add(step->expression->token());
  return token;
}

BagItems ItemsAfter(const BagPtr& input, const std::optional<ops::BagStep>& step) {
  if (!step || input->items() == BagItems::kOpaque) return BagItems::kOpaque;
  const bool keeps = step->kind != ops::BagStep::Kind::kMap && step->kind != ops::BagStep::Kind::kFlatten;
  return keeps ? input->items() : BagItems::kNative;
}

}  // namespace

BagStepNode::BagStepNode(Token token, std::vector<NodePtr> inputs, std::vector<NodePtr> calls,
                         std::optional<ops::BagStep> step, ops::HostStepPtr host, std::vector<SideValue> sides,
                         BagItems items)
    : BagNode(token, inputs, std::move(calls), AsBag(inputs[0])->npartitions(), items),
      step_(std::move(step)),
      host_(std::move(host)),
      sides_(std::move(sides)) {}

Result<BagPtr> BagStepNode::Make(BagPtr input, std::optional<ops::BagStep> step, HostFunction host) {
  if (!step && !host.step) return Status::Invalid("a step of a bag needs a function");
  if (!host.sides.empty()) step.reset();
  if (!step && !host.step) return Status::Invalid("a step that reads other values needs a function");
  TokenBuilder token(kOp);
  token.Add(input->token());
  AddHost(AddStep(token, step), host.step);
  std::vector<NodePtr> inputs{input};
  std::vector<NodePtr> calls;
  std::vector<SideValue> sides;
  for (NodePtr& side : host.sides) {
    token.Add(side->token());
    const bool is_call = AsDelayed(side.get()) != nullptr;
    if (!is_call) RETURN_IF_ERROR(BlockCount(side).status());
    std::vector<NodePtr>& list = is_call ? calls : inputs;
    sides.push_back({is_call, list.size()});
    list.push_back(std::move(side));
  }
  const BagItems items = ItemsAfter(input, step);
  return InternAs<BagNode>(std::make_shared<BagStepNode>(token.Finish(), std::move(inputs), std::move(calls),
                                                         std::move(step), std::move(host.step), std::move(sides),
                                                         items));
}

Result<NodePtr> BagStepNode::WithInputs(std::vector<NodePtr> inputs) const {
  HostFunction host{host_, {}};
  for (const SideValue& side : sides_)
    host.sides.push_back(side.is_call ? call_inputs()[side.number] : inputs[side.number]);
  ASSIGN_OR_RETURN(BagPtr bag, Make(AsBag(inputs[0]), step_, std::move(host)));
  return NodePtr(std::move(bag));
}

std::string BagStepNode::Label() const {
  if (native() || !host_) return step_->ToString();
  return std::string(host_->name());
}

Result<BagPtr> BagJoinNode::Make(std::vector<BagPtr> inputs, bool product, ops::HostStepPtr host) {
  if (inputs.empty() || (product && inputs.size() != 2)) return Status::Invalid("zip needs bags, product two of them");
  TokenBuilder token(kOp);
  AddHost(token.Add(int64_t{product}), host);
  BagItems items = BagItems::kNative;
  int64_t npartitions = inputs[0]->npartitions();
  for (const BagPtr& input : inputs) {
    token.Add(input->token());
    if (input->items() == BagItems::kOpaque) items = BagItems::kOpaque;
    if (!product && input->npartitions() != npartitions) {
      return Status::Invalid("zip needs bags with the same number of partitions; got ", npartitions, " and ",
                             input->npartitions());
    }
  }
  if (product) npartitions *= inputs[1]->npartitions();
  std::vector<NodePtr> nodes(inputs.begin(), inputs.end());
  return InternAs<BagNode>(
      std::make_shared<BagJoinNode>(token.Finish(), std::move(nodes), product, std::move(host), npartitions, items));
}

Result<NodePtr> BagJoinNode::WithInputs(std::vector<NodePtr> inputs) const {
  std::vector<BagPtr> bags;
  for (const NodePtr& input : inputs) bags.push_back(AsBag(input));
  ASSIGN_OR_RETURN(BagPtr bag, Make(std::move(bags), product_, host_));
  return NodePtr(std::move(bag));
}

Result<BagPtr> BagSelectNode::Make(BagPtr input, std::vector<int64_t> partitions) {
  if (partitions.empty()) return Status::Invalid("a bag needs at least one partition");
  for (const int64_t number : partitions) {
    if (number < 0 || number >= input->npartitions()) {
      return Status::IndexError("partition ", number, " of a bag that has ", input->npartitions());
    }
  }
  TokenBuilder token(kOp);
  token.Add(input->token()).Add(std::span<const int64_t>(partitions));
  return InternAs<BagNode>(std::make_shared<BagSelectNode>(token.Finish(), std::move(input), std::move(partitions)));
}

Result<NodePtr> BagSelectNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(BagPtr bag, Make(AsBag(inputs[0]), partitions_));
  return NodePtr(std::move(bag));
}

Result<RepartitionPlan> PlanRepartition(int64_t from, int64_t to) {
  if (to < 1) return Status::Invalid("npartitions=", to, "; must be at least 1");
  RepartitionPlan plan;
  if (to <= from) {
    for (int64_t t = 0; t <= to; ++t) plan.bounds.push_back(from * t / to);
    return plan;
  }
  for (int64_t source = 0; source < from; ++source) {
    const int64_t pieces = to * (source + 1) / from - to * source / from;
    for (int64_t piece = 0; piece < pieces; ++piece) {
      plan.source.push_back(source);
      plan.piece.push_back(piece);
      plan.pieces.push_back(pieces);
    }
  }
  return plan;
}

Result<BagPtr> BagRepartitionNode::Make(BagPtr input, int64_t npartitions, ops::FunctionCallPtr whole) {
  if (npartitions == input->npartitions()) return input;
  ASSIGN_OR_RETURN(RepartitionPlan plan, PlanRepartition(input->npartitions(), npartitions));
  const Token token = TokenBuilder(kOp).Add(input->token()).Add(npartitions).Finish();
  return InternAs<BagNode>(
      std::make_shared<BagRepartitionNode>(token, std::move(input), npartitions, std::move(plan), std::move(whole)));
}

Result<NodePtr> BagRepartitionNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(BagPtr bag, Make(AsBag(inputs[0]), npartitions(), whole_));
  return NodePtr(std::move(bag));
}

Result<BagPtr> BagAccumulateNode::Make(BagPtr input, Calls calls) {
  const Token token = TokenBuilder(kOp).Add(input->token()).Add(calls.token).Finish();
  return InternAs<BagNode>(std::make_shared<BagAccumulateNode>(token, std::move(input), std::move(calls)));
}

Result<NodePtr> BagAccumulateNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(BagPtr bag, Make(AsBag(inputs[0]), calls_));
  return NodePtr(std::move(bag));
}

}  // namespace swath::expr
