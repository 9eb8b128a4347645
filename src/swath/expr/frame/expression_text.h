// Expressions as people write them, for plans: infix operators, no casts, "mean(…)"-like scalars as $.
#pragma once

#include <string>

#include "arrow/compute/type_fwd.h"

namespace swath::expr {

// At most `limit` bytes, with an ellipsis where it is cut.
std::string ShortText(const arrow::compute::Expression& expression, size_t limit = 120);

}  // namespace swath::expr
