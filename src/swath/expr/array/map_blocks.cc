#include "swath/expr/array/map_blocks.h"

#include <utility>

#include "swath/expr/delayed/delayed_node.h"

namespace swath::expr {
namespace {

Token TokenOf(const std::vector<NodePtr>& inputs, std::span<const NodePtr> calls, const DType& dtype,
              const ops::Grid& grid, const BlockMapping& mapping) {
  TokenBuilder token("map_blocks");
  token.Add(std::string_view(mapping.identity)).Add(static_cast<int64_t>(inputs.size()));
  for (const NodePtr& input : inputs) token.Add(input->token());
  for (const NodePtr& call : calls) token.Add(call->token());
  for (const BlockAxes& axes : mapping.axes) {
    token.Add(static_cast<int64_t>(axes.size()));
    for (const int32_t axis : axes) token.Add(int64_t{axis});
  }
  for (const int64_t group : mapping.groups) token.Add(group);
  AddGrid(AddDType(token, dtype), grid);
  return token.Finish();
}

Status CheckMapping(const std::vector<ArrayPtr>& inputs, const ops::Grid& grid, const BlockMapping& mapping) {
  if (!mapping.groups.empty()) {
    CHECK(inputs.size() == 1);
    for (int64_t axis = 0; axis < grid.ndim(); ++axis) {
      const int64_t group = mapping.groups[axis];
      CHECK(group >= 1 && (inputs[0]->grid().blocks(axis) + group - 1) / group == grid.blocks(axis));
    }
    return Status::OK();
  }
  CHECK(mapping.axes.size() == inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    CHECK(static_cast<int64_t>(mapping.axes[i].size()) == inputs[i]->ndim());
    for (int64_t axis = 0; axis < inputs[i]->ndim(); ++axis) {
      const int32_t from = mapping.axes[i][axis];
      const int64_t blocks = inputs[i]->grid().blocks(axis);
      if (from < 0 || blocks == grid.blocks(from)) continue;
      return Status::Invalid(mapping.label, ": array ", i, " has ", blocks, " blocks along axis ", axis,
                             ", the result ", grid.blocks(from), " along axis ", from,
                             "; rechunk the arrays alike, or give the chunks of the result");
    }
  }
  return Status::OK();
}

}  // namespace

Result<NodePtr> MapBlocksNode::WithInputs(std::vector<NodePtr> inputs) const {
  const Token token = TokenOf(inputs, call_inputs(), dtype(), grid(), *mapping_);
  std::vector<NodePtr> calls(call_inputs().begin(), call_inputs().end());
  return Intern(std::make_shared<MapBlocksNode>(token, std::move(inputs), std::move(calls), dtype(), grid(), mapping_));
}

Result<ArrayPtr> MakeMapBlocks(std::vector<ArrayPtr> inputs, std::vector<NodePtr> calls, DType dtype, ops::Grid grid,
                               BlockMapping mapping) {
  for (const NodePtr& call : calls) {
    if (!AsDelayed(call.get())) return Status::TypeError(mapping.label, ": '", call->Describe(), "' is not a call");
  }
  RETURN_IF_ERROR(CheckMapping(inputs, grid, mapping));
  std::vector<NodePtr> nodes(inputs.begin(), inputs.end());
  const Token token = TokenOf(nodes, calls, dtype, grid, mapping);
  return InternAs<ArrayNode>(std::make_shared<MapBlocksNode>(token, std::move(nodes), std::move(calls), dtype,
                                                             std::move(grid),
                                                             std::make_shared<const BlockMapping>(std::move(mapping))));
}

}  // namespace swath::expr
