// ItemSource: the items that a pipeline begins with: of a scan, of one partition, of several side by side (zip) or
// crossed (product). Not thread-safe.
#pragma once

#include <memory>
#include <span>

#include "swath/data/value.h"
#include "swath/kernels/registry.h"
#include "swath/ops/bag_item.h"
#include "swath/ops/bag_pipeline.h"

namespace swath::kernels {

class ItemSource {
 public:
  virtual ~ItemSource() = default;
  // False at the end. The item lives until the next call.
  virtual Result<bool> Next(ops::BagItem* item) = 0;
};

// Are all of these partitions whose items native code can read?
bool AreNative(std::span<const Value> partitions);
Result<std::unique_ptr<ItemSource>> OpenItems(const ops::BagPipeline& pipeline, std::span<const Value> inputs,
                                              const TaskContext& context);
// The partition that the task makes.
int64_t PartitionOf(const ops::BagPipeline& pipeline, const TaskContext& context);
// Calls a function of the user's language.
Result<Value> CallHost(const ops::FunctionCall& call, std::span<const Value> inputs, int64_t partition,
                       const TaskContext& context);
// All batches of the scan as one partition: for a function of the user's language.
Result<Value> ReadWhole(const ops::ScanSource& source, int64_t partition, const TaskContext& context);

}  // namespace swath::kernels
