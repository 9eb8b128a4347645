#include "swath/expr/array/reduction.h"

#include "swath/expr/array/chunking.h"
#include "swath/ops/reduction.h"

namespace swath::expr {
namespace {

ops::Grid ReducedGrid(const ops::Grid& grid, const std::vector<int32_t>& axes, bool keepdims) {
  const auto chunks = grid.chunks();
  std::vector<std::vector<int64_t>> result;
  size_t next = 0;
  for (int32_t axis = 0; axis < grid.ndim(); ++axis) {
    const bool reduced = next < axes.size() && axes[next] == axis;
    next += reduced;
    if (!reduced)
      result.push_back(chunks[axis]);
    else if (keepdims)
      result.push_back({1});
  }
  return ops::Grid(std::move(result));
}

Status CheckSpec(const ops::ReductionOp& op, const ReductionSpec& spec, int64_t ndim) {
  if (spec.split_every < 0 || spec.split_every == 1) {
    return Status::Invalid("split_every must be at least 2 (or 0: chosen), got ", spec.split_every);
  }
  if (spec.dtype && !op.takes_dtype) return Status::TypeError(op.name, "() got an unexpected keyword argument 'dtype'");
  if (spec.ddof != 0 && !op.takes_ddof)
    return Status::TypeError(op.name, "() got an unexpected keyword argument 'ddof'");
  if (op.gives_index && spec.axes && spec.axes->size() != 1 && static_cast<int64_t>(spec.axes->size()) != ndim) {
    return Status::TypeError(op.name, "() takes one axis or none, got ", spec.axes->size());
  }
  return Status::OK();
}

}  // namespace

Result<ArrayPtr> MakeReduction(std::string_view name, const ArrayPtr& x, const ReductionSpec& spec) {
  ASSIGN_OR_RETURN(const ops::ReductionOp* op, ops::FindReduction(name));
  RETURN_IF_ERROR(CheckSpec(*op, spec, x->ndim()));
  ASSIGN_OR_RETURN(std::vector<int32_t> axes, NormalizeAxes(spec.axes, x->ndim()));
  ASSIGN_OR_RETURN(const ops::ReductionTypes types, ops::ResolveReduction(*op, x->dtype(), spec.dtype));
  RETURN_IF_ERROR(ops::CheckReductionShape(*op, x->shape(), axes));
  ops::Grid grid = ReducedGrid(x->grid(), axes, spec.keepdims);
  TokenBuilder token("reduction");
  token.Add(op->name).Add(x->token()).Add(int64_t{spec.keepdims}).Add(spec.ddof).Add(spec.split_every);
  for (const int32_t axis : axes) token.Add(int64_t{axis});
  AddDType(token, types.input);
  AddDType(token, types.result);
  return InternAs<ArrayNode>(std::make_shared<ReductionNode>(token.Finish(), x, types.result, std::move(grid), op->name,
                                                             spec, std::move(axes)));
}

std::string ReductionNode::Label() const {
  std::string text(function_);
  const bool all = static_cast<int64_t>(axes_.size()) == array_input(0).ndim();
  if (!all) {
    text += "(axis=";
    if (axes_.size() == 1) {
      text += std::to_string(axes_[0]);
    } else {
      text += ShapeToString(std::vector<int64_t>(axes_.begin(), axes_.end()));
    }
    text += ")";
  }
  return text;
}

Result<NodePtr> ReductionNode::WithInputs(std::vector<NodePtr> inputs) const {
  return MakeReduction(function_, AsArray(inputs[0]), spec_);
}

}  // namespace swath::expr
