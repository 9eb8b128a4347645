// A graph as bytes: what a client sends to the scheduler and the scheduler to workers. Layers stay symbolic: the size
// depends on the number of layers and blocks' lengths, not on the number of edges. Data that a graph holds (arrays in
// memory, pickled functions) go beside the body as buffers, not copied.
//
// Encoding fails, naming the layer, when one holds what cannot travel: an operation without codec (NotImplemented), a
// function without bytes (TypeError). Decoding fails (IOError) on anything that is not exactly a graph: it checks that
// layers read layers before them, that edges end in blocks that exist, and what kernels trust of their parameters.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "swath/cluster/wire/params_codec.h"
#include "swath/graph/graph.h"

namespace swath::cluster {

struct EncodedGraph {
  std::string body;
  std::vector<std::shared_ptr<arrow::Buffer>> buffers;
  int64_t nbytes() const;
};

struct GraphDecodeOptions {
  // False: only what the edges need, as a scheduler does; calls have no parameters (tile programs do: they are the
  // edges), and no bytes of functions, expressions or values are looked at.
  bool with_params = true;
  CallMaker make_call = MakeRemoteCall;
};

Result<EncodedGraph> EncodeGraph(const graph::Graph& graph);
Result<std::shared_ptr<const graph::Graph>> DecodeGraph(std::string_view body,
                                                        const std::vector<std::shared_ptr<arrow::Buffer>>& buffers,
                                                        const GraphDecodeOptions& options = {});

}  // namespace swath::cluster
