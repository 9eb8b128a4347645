// Aggregations over the same rows by the same keys become one, so that the rows are read once:
//   x.mean(), x.max(), groupby(k).sum(y), groupby(k).count()  -> reduce[mean(x), max(x)], groupby[k; sum(y), count()]
// Only aggregations of the same depth: one that reads another's result (x - x.mean()) must wait for it.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "arrow/type.h"

#include "swath/expr/frame/aggregate.h"
#include "swath/expr/frame/frame_view.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/rules/rules.h"
#include "swath/expr/rules/tree.h"

namespace swath::expr {
namespace {

using AggregatePtr = std::shared_ptr<const AggregateNode>;
using Groups = std::map<Token, std::vector<AggregatePtr>>;

// How many aggregations lie on the longest way down from each node.
std::unordered_map<const Node*, int> Depths(const std::vector<NodePtr>& order) {
  std::unordered_map<const Node*, int> depths;
  for (const NodePtr& node : order) {
    int below = 0;
    for (const NodePtr& input : node->inputs()) below = std::max(below, depths[input.get()]);
    depths[node.get()] = below + (dynamic_cast<const AggregateNode*>(node.get()) ? 1 : 0);
  }
  return depths;
}

// Equal for aggregations that may be one: the same rows, the same keys in the same order, the same treatment of groups.
Token GroupToken(const AggregateNode& node, int depth) {
  const FrameView view = RowsOf(node.input());
  TokenBuilder builder("share");
  builder.Add(view.root->token())
      .Add(int64_t{depth})
      .Add(int64_t{node.spec().drop_null_keys})
      .Add(int64_t{node.spec().sort})
      .Add(static_cast<int64_t>(node.spec().order))
      .Add(int64_t{node.spec().all_categories});
  for (const std::string& key : node.spec().keys) AddToToken(view.Find(key)->column, &builder);
  return builder.Finish();
}

// The united aggregation of some nodes, and each node as a projection of it.
class Union {
 public:
  void Add(const AggregateNode& node) {
    const FrameView view = RowsOf(node.input());
    root_ = view.root;
    if (columns_.empty()) {
      spec_.drop_null_keys = node.spec().drop_null_keys;
      spec_.sort = node.spec().sort;
      spec_.order = node.spec().order;
      spec_.all_categories = node.spec().all_categories;
      for (const std::string& key : node.spec().keys) spec_.keys.push_back(NameOf(view.Find(key)->column, "k"));
    }
    std::vector<std::string> outputs;
    for (ops::Aggregation a : node.spec().aggregations) {
      if (!a.column.empty()) a.column = NameOf(view.Find(a.column)->column, "v");
      outputs.push_back(OutputOf(std::move(a)));
    }
    outputs_.push_back(std::move(outputs));
  }

  Result<FramePtr> Build() const {
    ASSIGN_OR_RETURN(const FramePtr rows, ProjectNode::Make(root_, columns_, {}));
    return AggregateNode::Make(rows, spec_);
  }

  // Node number `i` over the united one.
  Result<NodePtr> Part(const FramePtr& united, const AggregateNode& node, size_t i) const {
    std::vector<NamedColumn> columns;
    for (size_t a = 0; a < outputs_[i].size(); ++a) {
      const auto& field = node.schema()->field(static_cast<int>(a));
      columns.push_back({field->name(), FieldColumn(outputs_[i][a], field->type())});
    }
    for (size_t k = 0; k < spec_.keys.size(); ++k) {
      const std::string& key = node.spec().keys[k];
      columns.push_back({key, FieldColumn(spec_.keys[k], node.schema()->GetFieldByName(key)->type())});
    }
    ASSIGN_OR_RETURN(FramePtr part, ProjectNode::Make(united, std::move(columns), node.index()));
    return part;
  }

 private:
  std::string NameOf(const Column& column, const char* prefix) {
    for (const NamedColumn& known : columns_) {
      if (known.column.expression.Equals(column.expression)) return known.name;
    }
    const arrow::FieldRef* field = column.expression.field_ref();
    const auto taken = [&](const std::string& name) {
      return std::any_of(columns_.begin(), columns_.end(),
                         [&](const NamedColumn& known) { return known.name == name; });
    };
    std::string name = field && field->name() && !IsScalarField(*field->name())
                           ? *field->name()
                           : prefix + std::to_string(columns_.size());
    while (taken(name)) name += "'";
    columns_.push_back({name, column});
    return name;
  }

  std::string OutputOf(ops::Aggregation aggregation) {
    const auto same = [&](const ops::Aggregation& a) {
      return a.function == aggregation.function && a.column == aggregation.column && a.ddof == aggregation.ddof &&
             a.min_count == aggregation.min_count && a.skipna == aggregation.skipna &&
             a.quantile == aggregation.quantile;
    };
    const auto known = std::find_if(spec_.aggregations.begin(), spec_.aggregations.end(), same);
    if (known != spec_.aggregations.end()) return known->output;
    aggregation.output = "#" + std::to_string(spec_.aggregations.size());
    spec_.aggregations.push_back(std::move(aggregation));
    return spec_.aggregations.back().output;
  }

  FramePtr root_;
  std::vector<NamedColumn> columns_;
  AggregateSpec spec_;
  std::vector<std::vector<std::string>> outputs_;  // per node
};

// The group of at least two aggregations with the smallest depth; empty when there is none.
std::vector<AggregatePtr> FirstGroup(const std::vector<NodePtr>& roots) {
  const std::vector<NodePtr> order = NodesBelow(roots);
  const auto depths = Depths(order);
  Groups groups;
  for (const NodePtr& node : order) {
    if (auto aggregate = std::dynamic_pointer_cast<const AggregateNode>(node)) {
      groups[GroupToken(*aggregate, depths.at(node.get()))].push_back(std::move(aggregate));
    }
  }
  std::vector<AggregatePtr> first;
  int first_depth = 0;
  for (const auto& [token, members] : groups) {
    const int depth = depths.at(members[0].get());
    if (members.size() < 2 || (!first.empty() && depth >= first_depth)) continue;
    first = members;
    first_depth = depth;
  }
  return first;
}

}  // namespace

Result<std::vector<NodePtr>> ShareAggregations(std::vector<NodePtr> roots) {
  for (std::vector<AggregatePtr> group = FirstGroup(roots); !group.empty(); group = FirstGroup(roots)) {
    Union shared;
    for (const AggregatePtr& member : group) shared.Add(*member);
    ASSIGN_OR_RETURN(const FramePtr united, shared.Build());
    std::unordered_map<const Node*, NodePtr> parts;
    for (size_t i = 0; i < group.size(); ++i) {
      ASSIGN_OR_RETURN(parts[group[i].get()], shared.Part(united, *group[i], i));
    }
    ASSIGN_OR_RETURN(
        roots,
        RebuildTree(roots, [&](const NodePtr& node, std::vector<NodePtr> inputs, bool changed) -> Result<NodePtr> {
          if (const auto part = parts.find(node.get()); part != parts.end()) return part->second;
          return changed ? node->WithInputs(std::move(inputs)) : Result<NodePtr>(node);
        }));
  }
  return roots;
}

}  // namespace swath::expr
