#include "swath/expr/array/blocks.h"
#include "swath/expr/array/chunking.h"
#include "swath/expr/array/elementwise.h"
#include "swath/ops/reduction.h"

namespace swath::expr {

Result<ArrayPtr> MakeCumulative(std::string_view name, const ArrayPtr& x, std::optional<int64_t> axis,
                                std::optional<DType> dtype) {
  constexpr std::pair<std::string_view, std::string_view> kFunctions[] = {
      {"cumsum", "sum"}, {"cumprod", "prod"}, {"nancumsum", "nansum"}, {"nancumprod", "nanprod"}};
  for (const auto& [function, reduction] : kFunctions) {
    if (function != name) continue;
    ASSIGN_OR_RETURN(const ops::ReductionOp* op, ops::FindReduction(reduction));
    ASSIGN_OR_RETURN(const ops::ReductionTypes types, ops::ResolveReduction(*op, x->dtype(), dtype));
    ArrayPtr input = x;
    if (!axis && x->ndim() != 1) {
      ASSIGN_OR_RETURN(input, MakeReshape(x, {-1}));
    }
    ASSIGN_OR_RETURN(const int64_t position, NormalizeAxis(axis.value_or(0), input->ndim()));
    ASSIGN_OR_RETURN(input, MakeCast(input, types.result));
    TokenBuilder token("cumulative");
    token.Add(function).Add(input->token()).Add(position);
    return InternAs<ArrayNode>(
        std::make_shared<CumulativeNode>(token.Finish(), input, types.result, function, position));
  }
  return Status::KeyError("no cumulative function '", name, "'; there are cumsum, cumprod, nancumsum and nancumprod");
}

Result<NodePtr> CumulativeNode::WithInputs(std::vector<NodePtr> inputs) const {
  TokenBuilder token("cumulative");
  token.Add(function_).Add(inputs[0]->token()).Add(axis_);
  return Intern(std::make_shared<CumulativeNode>(token.Finish(), AsArray(inputs[0]), dtype(), function_, axis_));
}

}  // namespace swath::expr
