// ItemSink: what a pipeline makes of the items of a partition, and how partials are merged (ops/bag_pipeline.h says
// which kinds there are and what their partials look like). A failed Status is Python's error, or says that only Python
// can go on. Not thread-safe.
#pragma once

#include <memory>

#include "swath/data/value.h"
#include "swath/kernels/bag/evaluate.h"
#include "swath/kernels/registry.h"
#include "swath/ops/bag_pipeline.h"

namespace swath::kernels {

class ItemSink {
 public:
  virtual ~ItemSink() = default;
  // The item may be a document; it lives until the call returns.
  virtual Status Add(const ops::BagItem& item) = 0;
  // One item of another sink's partial. Partials are merged in block order.
  virtual Status AddPartial(const ops::BagItem& item) { return Add(item); }
  // A partial, or with `finish` the result.
  virtual Result<Value> Finish(bool finish) = 0;
  // Needs no more items?
  virtual bool satisfied() const { return false; }
};

// `scratch` and `context` outlive the sink.
Result<std::unique_ptr<ItemSink>> MakeItemSink(const ops::BagSink& sink, ItemScratch* scratch, TaskContext* context);

// The families, one a file. Null: not of the family.
std::unique_ptr<ItemSink> MakeScalarSink(const ops::BagSink& sink, ItemScratch* scratch, TaskContext* context);
std::unique_ptr<ItemSink> MakeKeyedSink(const ops::BagSink& sink, ItemScratch* scratch, TaskContext* context);
std::unique_ptr<ItemSink> MakeOutputSink(const ops::BagSink& sink, ItemScratch* scratch, TaskContext* context);

// Is the item of a partial a tuple of this size?
Status CheckPartial(const ops::BagItem& item, uint32_t size);
// A partition of one item.
Result<Value> OneItem(const ops::BagItem& item, arrow::MemoryPool* pool);

}  // namespace swath::kernels
