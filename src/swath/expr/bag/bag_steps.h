// Bags made partition by partition: steps on items, zip and product, a choice of partitions, other partitions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "swath/expr/bag/bag_node.h"

namespace swath::expr {

// One step: in native form, as a function of the user's language, or both with the same meaning.
class BagStepNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.step";
  // Invalid when there is neither form. Functions with side values run in the user's language.
  static Result<BagPtr> Make(BagPtr input, std::optional<ops::BagStep> step, HostFunction host);
  BagStepNode(Token token, std::vector<NodePtr> inputs, std::vector<NodePtr> calls, std::optional<ops::BagStep> step,
              ops::HostStepPtr host, std::vector<SideValue> sides, BagItems items);
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  BagPtr input() const { return AsBag(inputs()[0]); }
  const std::optional<ops::BagStep>& step() const { return step_; }
  const ops::HostStepPtr& host() const { return host_; }
  const std::vector<SideValue>& sides() const { return sides_; }
  // Has a native form on native items.
  bool native() const { return step_.has_value() && input()->items() != BagItems::kOpaque; }

 protected:
  std::string Label() const override;
  std::string_view Runs() const override { return native() || !host_ ? "native" : host_->language(); }

 private:
  std::optional<ops::BagStep> step_;
  ops::HostStepPtr host_;
  std::vector<SideValue> sides_;
};

// Partitions of several bags side by side as tuples, or every pair of partitions of two bags as all pairs of items.
class BagJoinNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.join";
  // zip: all bags have the same number of partitions (Invalid otherwise). `host`: of their iterators; may be null.
  static Result<BagPtr> Make(std::vector<BagPtr> inputs, bool product, ops::HostStepPtr host);
  BagJoinNode(Token token, std::vector<NodePtr> inputs, bool product, ops::HostStepPtr host, int64_t npartitions,
              BagItems items)
      : BagNode(token, std::move(inputs), {}, npartitions, items), product_(product), host_(std::move(host)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  bool product() const { return product_; }
  const ops::HostStepPtr& host() const { return host_; }

 protected:
  std::string Label() const override { return product_ ? "product" : "zip"; }

 private:
  bool product_;
  ops::HostStepPtr host_;
};

// Some partitions of a bag.
class BagSelectNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.select";
  // IndexError for a number that is no partition.
  static Result<BagPtr> Make(BagPtr input, std::vector<int64_t> partitions);
  BagSelectNode(Token token, BagPtr input, std::vector<int64_t> partitions)
      : BagNode(token, {input}, {}, static_cast<int64_t>(partitions.size()), input->items()),
        partitions_(std::move(partitions)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const std::vector<int64_t>& partitions() const { return partitions_; }

 protected:
  std::string Label() const override { return "partitions"; }

 private:
  std::vector<int64_t> partitions_;
};

// The same items in another number of partitions: fewer are made of neighbours, more are pieces of one.
struct RepartitionPlan {
  std::vector<int64_t> bounds;  // fewer: partition t is made of [bounds[t], bounds[t + 1]); empty: more
  std::vector<int64_t> source;  // more: partition t is piece[t] of pieces[t] of source[t]
  std::vector<int64_t> piece;
  std::vector<int64_t> pieces;
};
Result<RepartitionPlan> PlanRepartition(int64_t from, int64_t to);

class BagRepartitionNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.repartition";
  // `whole`: as BagConcat's, for opaque partitions; null: there are none.
  static Result<BagPtr> Make(BagPtr input, int64_t npartitions, ops::FunctionCallPtr whole);
  BagRepartitionNode(Token token, BagPtr input, int64_t npartitions, RepartitionPlan plan, ops::FunctionCallPtr whole)
      : BagNode(token, {input}, {}, npartitions, input->items()), plan_(std::move(plan)), whole_(std::move(whole)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const RepartitionPlan& plan() const { return plan_; }
  const ops::FunctionCallPtr& whole() const { return whole_; }

 protected:
  std::string Label() const override { return "repartition"; }

 private:
  RepartitionPlan plan_;
  ops::FunctionCallPtr whole_;
};

// Running results over all items in order: task t needs the last value of task t - 1. Runs in the user's language.
class BagAccumulateNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.accumulate";
  // step(items[, what it answered for the partition before]) -> a value; pick(that value) -> the items.
  struct Calls {
    ops::FunctionCallPtr step;
    ops::FunctionCallPtr pick;
    Token token;
  };
  static Result<BagPtr> Make(BagPtr input, Calls calls);
  BagAccumulateNode(Token token, BagPtr input, Calls calls)
      : BagNode(token, {input}, {}, input->npartitions(), BagItems::kOpaque), calls_(std::move(calls)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const Calls& calls() const { return calls_; }

 protected:
  std::string Label() const override { return "accumulate(" + std::string(calls_.step->name()) + ")"; }

 private:
  Calls calls_;
};

}  // namespace swath::expr
