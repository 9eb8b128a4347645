// WriteNode: each partition written to one file of a target. Its value has one row a partition: path, rows, bytes.
#pragma once

#include <memory>

#include "swath/expr/frame/frame_node.h"
#include "swath/ops/write_target.h"

namespace swath::expr {

class WriteNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "write";
  // All columns of `input` are written, except kRowColumn.
  static Result<FramePtr> Make(const FramePtr& input, std::shared_ptr<const ops::WriteTarget> target);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  FramePtr input() const { return AsFrame(inputs_[0]); }
  const std::shared_ptr<const ops::WriteTarget>& target() const { return target_; }

 protected:
  std::string Details() const override { return target_->ToString(); }

 private:
  WriteNode(Token token, std::vector<NodePtr> inputs, FrameType type, std::shared_ptr<const ops::WriteTarget> target)
      : FrameNode(token, std::move(inputs), std::move(type)), target_(std::move(target)) {}
  std::shared_ptr<const ops::WriteTarget> target_;
};

}  // namespace swath::expr
