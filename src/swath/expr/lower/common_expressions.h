// Common subexpressions of one projection: `d.assign(z=x*y+1, w=(x*y+1)**2)` computes x*y+1 once.
#pragma once

#include <vector>

#include "swath/ops/table_pipeline.h"

namespace swath::expr {

// The step itself when no call occurs twice in it; else two steps: one that computes the repeated calls as columns
// "%0", "%1", … beside the fields that are still read, and one that reads them.
std::vector<ops::ProjectStep> ShareCommonExpressions(ops::ProjectStep step);

}  // namespace swath::expr
