// OrderNode: the rows sorted by columns, or only the first of them (nlargest, nsmallest). One partition; missing values
// last.
#pragma once

#include <optional>
#include <vector>

#include "swath/expr/frame/frame_node.h"
#include "swath/ops/table_ops.h"

namespace swath::expr {

struct OrderSpec {
  std::vector<ops::SortKey> keys = {};
  std::optional<int64_t> rows = {};  // none: all, sorted (stable)
  bool keep_last = false;
  bool drop_missing = true;  // as ops::TopSink
};

class OrderNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "order";
  static Result<FramePtr> Make(const FramePtr& input, OrderSpec spec);

  std::string_view op() const override { return spec_.rows ? "top" : "sort"; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  ColumnSet InputColumns(const ColumnSet& needed, size_t input) const override;
  FramePtr input() const { return AsFrame(inputs_[0]); }
  const OrderSpec& spec() const { return spec_; }

 protected:
  std::string Details() const override;

 private:
  OrderNode(Token token, std::vector<NodePtr> inputs, FrameType type, OrderSpec spec)
      : FrameNode(token, std::move(inputs), std::move(type)), spec_(std::move(spec)) {}
  OrderSpec spec_;
};

}  // namespace swath::expr
