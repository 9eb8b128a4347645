// OverlapNode: the blocks of an array enlarged by parts of their neighbours, and trimmed again: what stencils
// (map_overlap, sliding windows) are made of. Symbolic: a few runs a row of blocks (ops/overlap.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "swath/expr/array/array_node.h"
#include "swath/ops/overlap.h"

namespace swath::expr {

// What an axis is continued with beyond its ends.
enum class Boundary : uint8_t { kNone, kPeriodic, kReflect, kNearest, kConstant };

struct AxisOverlap {
  int64_t before = 0, after = 0;  // elements of the neighbours
  Boundary boundary = Boundary::kNone;
  std::string fill = {};  // kConstant: the bytes of one element
};

class OverlapNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "overlap";
  OverlapNode(Token token, NodePtr x, std::shared_ptr<const ops::OverlapParams> params, std::string label)
      : ArrayNode(token, {std::move(x)}, params->dtype, params->grid),
        params_(std::move(params)),
        label_(std::move(label)) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override { return label_; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const std::shared_ptr<const ops::OverlapParams>& params() const { return params_; }

 private:
  std::shared_ptr<const ops::OverlapParams> params_;
  std::string label_;
};

// Each block with `before` and `after` more elements along each axis (one entry an axis). Without a boundary the blocks
// at the ends have fewer. Depths may reach over several blocks; Invalid when one is negative or exceeds the axis.
Result<ArrayPtr> MakeOverlap(const ArrayPtr& x, const std::vector<AxisOverlap>& axes);
// Each block without its first `before` and last `after` elements; without a boundary the first block keeps its first
// and the last block its last elements. Invalid when nothing would be left of more than a block.
Result<ArrayPtr> MakeTrim(const ArrayPtr& x, const std::vector<AxisOverlap>& axes);

}  // namespace swath::expr
