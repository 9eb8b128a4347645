// Reductions over axes: sum, mean, var, argmin, … (rows of ops/reduction.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "swath/expr/array/array_node.h"

namespace swath::expr {

struct ReductionSpec {
  std::optional<std::vector<int64_t>> axes = std::nullopt;  // nullopt: all; may be negative
  bool keepdims = false;
  std::optional<DType> dtype = std::nullopt;  // of accumulator and result
  int64_t ddof = 0;                           // var, std
  int64_t split_every = 0;                    // partials merged by one task; 0: chosen
};

// TypeError and Invalid in NumPy's words; Invalid for split_every = 1 or less than 0, a dtype or ddof that the
// reduction does not take.
Result<ArrayPtr> MakeReduction(std::string_view name, const ArrayPtr& x, const ReductionSpec& spec);

class ReductionNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "reduction";
  ReductionNode(Token token, ArrayPtr x, DType dtype, ops::Grid grid, std::string_view function, ReductionSpec spec,
                std::vector<int32_t> axes)
      : ArrayNode(token, {std::move(x)}, dtype, std::move(grid)),
        function_(function),
        spec_(std::move(spec)),
        axes_(std::move(axes)) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override;
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  std::string_view function() const { return function_; }  // a string literal of the catalogue
  const ReductionSpec& spec() const { return spec_; }
  const std::vector<int32_t>& axes() const { return axes_; }  // ascending

 private:
  std::string_view function_;
  ReductionSpec spec_;
  std::vector<int32_t> axes_;
};

}  // namespace swath::expr
