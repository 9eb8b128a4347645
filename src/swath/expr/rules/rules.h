// The rules that passes.cc lists: one rewrite a file. A rule looks at one node whose inputs are already rewritten and returns its
// replacement, or the node itself. It may change how a value is computed, never the value, its shape, dtype or schema.
#pragma once

#include <vector>

#include "swath/expr/node.h"

namespace swath::expr {

// --- arrays
Result<NodePtr> MergeViews(const NodePtr& node);  // merge_views.cc
Result<NodePtr> PushSlice(const NodePtr& node);   // push_slice.cc
Result<std::vector<NodePtr>> FuseArrays(std::vector<NodePtr> roots);  // fuse.cc

}  // namespace swath::expr
