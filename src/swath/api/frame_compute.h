// From the blocks of a computed table to one Arrow table: what DataFrame::compute, Series::compute and the bindings
// share.
#pragma once

#include <memory>

#include "arrow/type_fwd.h"

#include "swath/api/compute.h"
#include "swath/expr/frame/frame_node.h"

namespace swath {

// The partitions of `frame` one after the other, with its schema.
Result<std::shared_ptr<arrow::Table>> AssembleTable(const expr::FramePtr& frame, const Blocks& blocks);
// The one value of a Scalar's node.
Result<std::shared_ptr<arrow::Scalar>> AssembleScalar(const expr::FramePtr& frame, const Blocks& blocks);

// Computes one table; throws swath::Error classes.
std::shared_ptr<arrow::Table> ComputeTable(const expr::FramePtr& frame, const ComputeOptions& options = {});

}  // namespace swath
