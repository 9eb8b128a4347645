// Building table pipelines: a chain of filters and projections over a scan (or over another node's partitions) becomes
// the steps of one fused task; expr/lower/frame.cc adds the sink.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "swath/expr/frame/scan.h"
#include "swath/expr/lower/lower.h"
#include "swath/graph/described_layer.h"
#include "swath/ops/table_pipeline.h"

namespace swath::expr {

struct PipelineChain {
  std::shared_ptr<const ScanNode> scan = {};  // null: the rows come from layer `rows`
  int32_t rows = -1;
  std::shared_ptr<const ops::ScanSource> source = {};  // null: that of `scan`
  int64_t partitions = 0;                              // of what is read
  int64_t first_partition = 0;                         // of the scan's source
  bool counts_rows = false;                            // the row number column is made: one partition a task only
  bool filters = false;
  std::vector<ops::TableStep> steps = {};
  std::vector<int32_t> scalars = {};  // layers, in the order of "$0", "$1", …
};

// The chain below and including `node`.
Result<PipelineChain> ChainOf(const FramePtr& node, Lowering* lowering);

// Has the scan deliver text keys as dictionaries, where it can and nothing else reads them: they are hashed once a
// distinct value. The keys of the result are text as before.
Status ReadKeysAsDictionaries(ops::AggregateSink* sink, PipelineChain* chain);

// Adds a layer of pipelines with this sink: task t reads the partitions [bounds[t], bounds[t + 1]) of the chain.
int32_t AddPipelines(PipelineChain chain, ops::TableSink sink, std::vector<int64_t> bounds,
                     graph::LayerDescription description, Lowering* lowering);

// One partition a task / so few tasks that each folds many partitions into one accumulator: `per_core` of them a core.
// A few balance tasks of unequal size; one where what they accumulate is large, as each of them sees most groups.
std::vector<int64_t> SinglePartitions(int64_t partitions);
std::vector<int64_t> FoldedPartitions(const PipelineChain& chain, int64_t per_core = 4);

}  // namespace swath::expr
