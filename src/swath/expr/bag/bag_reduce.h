// Bags that many partitions are reduced to, and what leaves the world of bags: tables and files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "swath/expr/bag/bag_node.h"
#include "swath/expr/frame/frame_node.h"

namespace swath::expr {

// The functions of the user's language that do what a sink does: partial(items) -> items of the partial,
// combine(several partials) -> one, finish(several partials) -> the result. Null: the sink has no such form.
struct HostReduction {
  ops::HostStepPtr partial;
  ops::HostStepPtr combine;
  ops::HostStepPtr finish;
};

// A reduction to one partition, merged in a tree of `split_every` (0: all at once). Without a sink it runs in the
// user's language alone.
class BagReduceNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.reduce";
  static Result<BagPtr> Make(BagPtr input, std::optional<ops::BagSink> sink, HostReduction host, int64_t split_every);
  BagReduceNode(Token token, BagPtr input, std::optional<ops::BagSink> sink, HostReduction host, int64_t split_every);
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  BagPtr input() const { return AsBag(inputs()[0]); }
  const std::optional<ops::BagSink>& sink() const { return sink_; }
  const HostReduction& host() const { return host_; }
  int64_t split_every() const { return split_every_; }

 protected:
  std::string Label() const override;

 private:
  std::optional<ops::BagSink> sink_;
  HostReduction host_;
  int64_t split_every_;
};

// (key, [items]) in `parts` partitions, by the hash of the key.
class BagGroupNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.groupby";
  // `key` null: the functions of the user's language decide: partial(items) -> one list of (key, item) a part,
  // finish(lists of (key, item)) -> (key, [items]).
  static Result<BagPtr> Make(BagPtr input, ops::BagExpressionPtr key, int64_t parts, HostReduction host);
  BagGroupNode(Token token, BagPtr input, ops::BagExpressionPtr key, int64_t parts, HostReduction host);
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  BagPtr input() const { return AsBag(inputs()[0]); }
  const ops::BagExpressionPtr& key() const { return key_; }
  const HostReduction& host() const { return host_; }

 protected:
  std::string Label() const override { return "groupby"; }

 private:
  ops::BagExpressionPtr key_;
  HostReduction host_;
};

// A file a partition; the items are their paths. `host` (of the texts) runs where native code does not.
class BagWriteNode : public BagNode {
 public:
  static constexpr std::string_view kOp = "bag.write";
  static Result<BagPtr> Make(BagPtr input, std::shared_ptr<const ops::WriteTarget> target, ops::HostStepPtr host);
  BagWriteNode(Token token, BagPtr input, std::shared_ptr<const ops::WriteTarget> target, ops::HostStepPtr host)
      : BagNode(token, {input}, {}, input->npartitions(), BagItems::kText),
        target_(std::move(target)),
        host_(std::move(host)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  BagPtr input() const { return AsBag(inputs()[0]); }
  const std::shared_ptr<const ops::WriteTarget>& target() const { return target_; }
  const ops::HostStepPtr& host() const { return host_; }

 protected:
  std::string Label() const override { return target_->ToString(); }

 private:
  std::shared_ptr<const ops::WriteTarget> target_;
  ops::HostStepPtr host_;
};

// The items as rows of a table. `host` makes a table of an iterator.
class BagTableNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "bag.table";
  static Result<FramePtr> Make(BagPtr input, std::shared_ptr<arrow::Schema> schema, ops::HostStepPtr host);
  BagTableNode(Token token, BagPtr input, FrameType type, ops::HostStepPtr host)
      : FrameNode(token, {input}, std::move(type)), host_(std::move(host)) {}
  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  BagPtr input() const { return AsBag(inputs()[0]); }
  const ops::HostStepPtr& host() const { return host_; }
  // Nothing is asked of the columns of a bag.
  ColumnSet InputColumns(const ColumnSet&, size_t) const override { return {}; }

 private:
  ops::HostStepPtr host_;
};

}  // namespace swath::expr
