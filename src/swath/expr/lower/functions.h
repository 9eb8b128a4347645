// Lowering of what calls users' functions on blocks and partitions, and of overlaps. One FunctionMap layer a node, with
// symbolic edges.
#pragma once

#include <optional>

#include "swath/expr/lower/lower.h"

namespace swath::expr {

// The layer of `node`; nothing when it is of another kind.
Result<std::optional<int32_t>> LowerFunction(const NodePtr& node, Lowering* lowering);

}  // namespace swath::expr
