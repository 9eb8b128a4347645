// The dtype rules of ufuncs on datetime64 and timedelta64: which combinations NumPy knows, and the unit of the result.
#pragma once

#include <span>

#include "swath/ops/elementwise.h"

namespace swath::ops {

// As ResolveElementwise, when at least one operand is a date. The loop's arguments carry the result's unit.
Result<ElementwiseLoop> ResolveDates(const ElementwiseOp& op, std::span<const OperandType> operands);

}  // namespace swath::ops
