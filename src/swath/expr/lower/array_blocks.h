// Lowering of the array nodes that work on whole blocks: take, reshape, concatenate, scans, contractions.
#pragma once

#include "swath/expr/lower/lower.h"

namespace swath::expr {

Result<int32_t> LowerBlocks(const NodePtr& node, Lowering* lowering);

}  // namespace swath::expr
