// The rules that passes.cc lists: one rewrite a file. A rule looks at one node whose inputs are already rewritten and
// returns its replacement, or the node itself. It may change how a value is computed, never the value, its shape, dtype
// or schema.
#pragma once

#include <vector>

#include "swath/expr/node.h"

namespace swath::expr {

// --- arrays
Result<NodePtr> MergeViews(const NodePtr& node);                      // merge_views.cc
Result<NodePtr> PushSlice(const NodePtr& node);                       // push_slice.cc
Result<NodePtr> PlanRechunk(const NodePtr& node);                     // plan_rechunk.cc
Result<std::vector<NodePtr>> FuseArrays(std::vector<NodePtr> roots);  // fuse.cc

// --- tables
Result<NodePtr> MergeFilters(const NodePtr& node);                           // merge_filters.cc
Result<NodePtr> PrunePartitions(const NodePtr& node);                        // prune_partitions.cc
Result<NodePtr> LimitRows(const NodePtr& node);                              // limit_rows.cc
Result<NodePtr> CountRows(const NodePtr& node);                              // count_rows.cc
Result<std::vector<NodePtr>> ShareAggregations(std::vector<NodePtr> roots);  // share_aggregations.cc
Result<std::vector<NodePtr>> PruneColumns(std::vector<NodePtr> roots);       // prune_columns.cc
Result<NodePtr> PushPredicates(const NodePtr& node);                         // push_predicates.cc

}  // namespace swath::expr
