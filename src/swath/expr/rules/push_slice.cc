// A slice moves below what it does not need whole, so that less is computed:
//   slice(f(a, b)) -> f(slice(a), slice(b))      slice(sum(x, axis)) -> sum(slice(x), axis)
// Only slices that keep at most half of the elements: for others fusion alone is as good, and shared work stays shared.
#include <algorithm>

#include "swath/expr/array/elementwise.h"
#include "swath/expr/array/reduction.h"
#include "swath/expr/array/view.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {
namespace {

// The view that reads of an elementwise operation's input what `slice` reads of its result. Axes along which the input
// is stretched stay of length one.
Result<ArrayPtr> SliceInput(const ViewNode& slice, const ArrayNode& reader, const ArrayPtr& input) {
  const int64_t lead = reader.ndim() - input->ndim();
  const auto chunks = slice.grid().chunks();
  const auto own = input->grid().chunks();
  // Output axes that this input does not have, or has with length 1, are read as one element: the view keeps them as
  // length 1.
  ops::IndexMap map;
  std::vector<std::vector<int64_t>> result(slice.ndim(), std::vector<int64_t>{1});
  for (int64_t axis = 0; axis < input->ndim(); ++axis) {
    const ops::AxisMap& m = slice.map()[lead + axis];
    if (input->shape()[axis] == 1 && reader.shape()[lead + axis] != 1) {
      map.push_back({-1, 1, 0});
      continue;
    }
    map.push_back(m);
    if (m.axis >= 0) result[m.axis] = chunks[m.axis];
  }
  return MakeView(input, std::move(map), ops::Grid(std::move(result)));
}

Result<NodePtr> ThroughElementwise(const ViewNode& slice, const ElementwiseNode& node) {
  std::vector<NodePtr> inputs;
  for (const NodePtr& input : node.inputs()) {
    ASSIGN_OR_RETURN(ArrayPtr sliced, SliceInput(slice, node, AsArray(input)));
    inputs.push_back(std::move(sliced));
  }
  ASSIGN_OR_RETURN(const NodePtr pushed, node.WithInputs(std::move(inputs)));
  const ArrayPtr array = AsArray(pushed);
  // An axis that every input stretches (or the view adds) has length 1 now: broadcast it again.
  return MakeView(array, BroadcastMap(array->shape(), slice.shape()), slice.grid());
}

// Kept axes are sliced; reduced axes stay whole.
Result<NodePtr> ThroughReduction(const ViewNode& slice, const ReductionNode& node) {
  const ArrayPtr x = AsArray(node.inputs()[0]);
  const auto chunks = slice.grid().chunks();
  auto result = x->grid().chunks();
  ops::IndexMap map = IdentityMap(x->ndim());
  for (int32_t axis = 0, kept = 0; axis < x->ndim(); ++axis) {
    if (std::binary_search(node.axes().begin(), node.axes().end(), axis)) continue;
    const ops::AxisMap& m = slice.map()[kept];
    if (m.axis != kept) return nullptr;  // the slice also drops, adds or permutes axes
    map[axis] = {axis, m.step, m.offset};
    result[axis] = chunks[kept++];
  }
  ASSIGN_OR_RETURN(const ArrayPtr sliced, MakeView(x, std::move(map), ops::Grid(std::move(result))));
  return node.WithInputs({sliced});
}

}  // namespace

Result<NodePtr> PushSlice(const NodePtr& node) {
  const auto* slice = dynamic_cast<const ViewNode*>(node.get());
  if (!slice) return node;
  const NodePtr& input = slice->inputs()[0];
  if (slice->size() * 2 > static_cast<const ArrayNode&>(*input).size() || slice->size() == 0) return node;
  LocationScope scope(input->location());
  Result<NodePtr> pushed = node;
  if (const auto* elementwise = dynamic_cast<const ElementwiseNode*>(input.get()))
    pushed = ThroughElementwise(*slice, *elementwise);
  const auto* reduction = dynamic_cast<const ReductionNode*>(input.get());
  if (reduction && !reduction->spec().keepdims && slice->ndim() == static_cast<const ArrayNode&>(*input).ndim()) {
    pushed = ThroughReduction(*slice, *reduction);
  }
  if (!pushed.ok()) return pushed.status();
  if (!*pushed || AsArray(*pushed)->shape() != slice->shape()) return node;
  if (AsArray(*pushed)->grid() == slice->grid()) return pushed;
  return MakeView(AsArray(*pushed), IdentityMap(slice->ndim()), slice->grid());
}

}  // namespace swath::expr
