// Filters meet and move towards the scan:
//   filter(filter(x, p), q)        -> filter(x, p and q)
//   filter(project(x, c), p)       -> project(filter(x, p of c), c)       (a projection with another index; others are
//   views) filter(partitions(x), p)       -> partitions(filter(x, p));           the same for concat, with a filter in
//   each input
#include <algorithm>

#include "swath/expr/frame/concat.h"
#include "swath/expr/frame/predicate.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/rows.h"
#include "swath/expr/rules/rules.h"

namespace swath::expr {
namespace {

Result<NodePtr> BelowProjection(const FilterNode& filter, const ProjectNode& project) {
  const Column condition = Substitute(filter.condition(), project.columns());
  ASSIGN_OR_RETURN(const FramePtr rows, FilterNode::Make(project.input(), condition));
  ASSIGN_OR_RETURN(FramePtr pushed, ProjectNode::Make(rows, project.columns(), project.index()));
  return pushed;
}

// Only where each input has every column that the condition reads, with the type that it has in the whole.
Result<NodePtr> BelowConcat(const NodePtr& node, const FilterNode& filter, const ConcatNode& concat) {
  ColumnSet fields;
  AddFields(filter.condition(), &fields);
  std::vector<NodePtr> inputs;
  for (const NodePtr& input : concat.inputs()) {
    for (const std::string& name : fields) {
      const auto own = AsFrame(input)->schema()->GetFieldByName(name);
      if (!own || !own->type()->Equals(*concat.schema()->GetFieldByName(name)->type())) return node;
    }
    ASSIGN_OR_RETURN(FramePtr rows, FilterNode::Make(AsFrame(input), filter.condition()));
    inputs.push_back(std::move(rows));
  }
  return concat.WithInputs(std::move(inputs));
}

}  // namespace

Result<NodePtr> MergeFilters(const NodePtr& node) {
  if (node->op() != FilterNode::kOp) return node;
  const auto& filter = static_cast<const FilterNode&>(*node);
  const FramePtr input = filter.input();
  if (input->op() == FilterNode::kOp) {
    const auto& below = static_cast<const FilterNode&>(*input);
    ASSIGN_OR_RETURN(FramePtr merged,
                     FilterNode::Make(below.input(), BothConditions(below.condition(), filter.condition())));
    return merged;
  }
  if (input->op() == ProjectNode::kOp) return BelowProjection(filter, static_cast<const ProjectNode&>(*input));
  if (input->op() == PartitionsNode::kOp) {
    ASSIGN_OR_RETURN(FramePtr rows, FilterNode::Make(AsFrame(input->inputs()[0]), filter.condition()));
    return input->WithInputs({std::move(rows)});
  }
  if (input->op() == ConcatNode::kOp) return BelowConcat(node, filter, static_cast<const ConcatNode&>(*input));
  return node;
}

}  // namespace swath::expr
