// The shapes and edges of layers as fields: one entry a class of graph/. Internal to graph_codec.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "swath/cluster/wire/fields.h"
#include "swath/graph/described_layer.h"

namespace swath::cluster {

// What a layer is made of besides its edges. `input_sizes`: tasks of the layers that it reads, in order.
struct LayerParts {
  graph::LayerDescription description;
  std::vector<int64_t> input_sizes;
};

// Writes a tag and the layer's shape; NotImplemented when its class is unknown.
void WriteLayer(FieldWriter& io, const graph::DescribedLayer& layer);
// Null after a failure, which `io` has. Every edge ends in a block that exists.
std::shared_ptr<const graph::Layer> ReadLayer(FieldReader& io, LayerParts parts);

}  // namespace swath::cluster
