#include <algorithm>

#include "swath/expr/array/blocks.h"
#include "swath/expr/array/chunking.h"
#include "swath/expr/array/elementwise.h"
#include "swath/expr/array/view.h"
#include "swath/ops/elementwise.h"

namespace swath::expr {
namespace {

Status CheckShapes(const std::vector<ArrayPtr>& arrays, int64_t axis) {
  const ArrayNode& first = *arrays[0];
  for (size_t i = 1; i < arrays.size(); ++i) {
    const ArrayNode& other = *arrays[i];
    if (other.ndim() != first.ndim()) {
      return Status::Invalid("all the input arrays must have same number of dimensions, but the array at index 0 has ",
                             first.ndim(), " dimension(s) and the array at index ", i, " has ", other.ndim(),
                             " dimension(s)");
    }
    for (int64_t d = 0; d < first.ndim(); ++d) {
      if (d == axis || other.shape()[d] == first.shape()[d]) continue;
      return Status::Invalid(
          "all the input array dimensions except for the concatenation axis must match exactly, but along dimension ",
          d, ", the array at index 0 has size ", first.shape()[d], " and the array at index ", i, " has size ",
          other.shape()[d]);
    }
  }
  return Status::OK();
}

}  // namespace

Result<ArrayPtr> MakeConcatenate(std::vector<ArrayPtr> arrays, int64_t axis) {
  if (arrays.empty()) return Status::Invalid("need at least one array to concatenate");
  if (arrays[0]->ndim() == 0) return Status::Invalid("zero-dimensional arrays cannot be concatenated");
  ASSIGN_OR_RETURN(axis, NormalizeAxis(axis, arrays[0]->ndim()));
  RETURN_IF_ERROR(CheckShapes(arrays, axis));
  if (arrays.size() == 1) return arrays[0];
  std::vector<ops::OperandType> types;
  for (const ArrayPtr& array : arrays) types.push_back({array->dtype(), false});
  ASSIGN_OR_RETURN(const DType dtype, ops::ResultType(types));
  // The other axes get common cuts.
  std::vector<ops::Grid> others;
  for (const ArrayPtr& array : arrays) {
    auto chunks = array->grid().chunks();
    chunks[axis] = {1};
    others.emplace_back(std::move(chunks));
  }
  std::vector<const ops::Grid*> pointers;
  for (const ops::Grid& grid : others) pointers.push_back(&grid);
  ASSIGN_OR_RETURN(const ops::Grid common, UnifyGrids(pointers));
  auto chunks = common.chunks();
  chunks[axis].clear();
  std::vector<NodePtr> inputs;
  TokenBuilder token("concatenate");
  token.Add(axis);
  for (const ArrayPtr& array : arrays) {
    ASSIGN_OR_RETURN(ArrayPtr input, MakeCast(array, dtype));
    auto own = common.chunks();
    own[axis] = input->grid().chunks()[axis];
    chunks[axis].insert(chunks[axis].end(), own[axis].begin(), own[axis].end());
    ASSIGN_OR_RETURN(input, MakeView(input, IdentityMap(input->ndim()), ops::Grid(std::move(own))));
    token.Add(input->token());
    inputs.push_back(std::move(input));
  }
  return InternAs<ArrayNode>(
      std::make_shared<ConcatenateNode>(token.Finish(), std::move(inputs), dtype, ops::Grid(std::move(chunks)), axis));
}

Result<ArrayPtr> MakeStack(const std::vector<ArrayPtr>& arrays, int64_t axis) {
  if (arrays.empty()) return Status::Invalid("need at least one array to stack");
  ASSIGN_OR_RETURN(axis, NormalizeAxis(axis, arrays[0]->ndim() + 1));
  std::vector<ArrayPtr> expanded;
  for (const ArrayPtr& array : arrays) {
    if (array->shape() != arrays[0]->shape()) {
      return Status::Invalid("all input arrays must have the same shape, got ", ShapeToString(arrays[0]->shape()),
                             " and ", ShapeToString(array->shape()));
    }
    ASSIGN_OR_RETURN(ArrayPtr one, MakeExpandDims(array, {axis}));
    expanded.push_back(std::move(one));
  }
  return MakeConcatenate(std::move(expanded), axis);
}

Result<NodePtr> ConcatenateNode::WithInputs(std::vector<NodePtr> inputs) const {
  TokenBuilder token("concatenate");
  token.Add(axis_);
  for (const NodePtr& input : inputs) token.Add(input->token());
  return Intern(std::make_shared<ConcatenateNode>(token.Finish(), std::move(inputs), dtype(), grid(), axis_));
}

}  // namespace swath::expr
