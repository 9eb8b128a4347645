// Conditions of filters: rows count where the condition is true, so a missing answer is as good as false, and Arrow's
// own comparison kernels (null in, null out) do. Pure.
#pragma once

#include <optional>
#include <vector>

#include "arrow/compute/expression.h"

#include "swath/expr/frame/column.h"

namespace swath::expr {

// `condition` for use in a filter: true for the same rows; elsewhere false or null.
arrow::compute::Expression FilterForm(const arrow::compute::Expression& condition);
// The parts of a conjunction, in order: a and (b and c) -> a, b, c.
std::vector<arrow::compute::Expression> Conjuncts(const arrow::compute::Expression& condition);
// The conjuncts that compare a plain column with a value (or test it for null, or for being in a set), joined by and;
// nullopt when there is none. What a scan may use to skip row groups.
std::optional<arrow::compute::Expression> StatisticsPredicate(const arrow::compute::Expression& condition);
// a and b.
Column BothConditions(const Column& a, const Column& b);

}  // namespace swath::expr
