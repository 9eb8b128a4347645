// Message bodies: commands, reports, joining, errors, values and graphs. What decodes encodes again, and the edges of a
// graph end in tasks that exist. The first byte chooses the decoder.
#include "arrow/buffer.h"

#include "swath/cluster/wire/graph_codec.h"
#include "swath/cluster/wire/messages.h"
#include "swath/cluster/wire/value_fields.h"

using namespace swath;           // NOLINT(google-build-using-namespace)
using namespace swath::cluster;  // NOLINT(google-build-using-namespace)

namespace {

void Walk(const graph::Graph& graph) {
  std::vector<graph::TaskId> edges;
  for (size_t layer = 0; layer < graph.layers().size() && layer < 20; ++layer) {
    const int64_t tasks = std::min<int64_t>(graph.layers()[layer].layer->task_count(), 20);
    for (int64_t block = 0; block < tasks; ++block) {
      if (graph.layers()[layer].layer->DependencyCount(block) > 10'000) continue;
      edges.clear();
      graph.AppendDependencies({static_cast<int64_t>(layer), block}, &edges);
      for (const graph::TaskId edge : edges) {
        if (edge.block() >= graph.layers()[static_cast<size_t>(edge.layer())].layer->task_count()) __builtin_trap();
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  static const std::vector<std::shared_ptr<arrow::Buffer>> buffers = {arrow::Buffer::FromString(std::string(64, 'x')),
                                                                      arrow::Buffer::FromString("")};
  switch (data[0] % 7) {
    case 0:
      if (const auto m = DecodeCommands(bytes); m.ok() && !DecodeCommands(Encode(*m)).ok()) __builtin_trap();
      break;
    case 1:
      if (const auto m = DecodeReports(bytes); m.ok() && !DecodeReports(Encode(*m)).ok()) __builtin_trap();
      break;
    case 2:
      if (const auto m = DecodeJoinRequest(bytes); m.ok() && !DecodeJoinRequest(Encode(*m)).ok()) __builtin_trap();
      break;
    case 3:
      if (const auto m = DecodeError(bytes); m.ok() && !DecodeError(Encode(*m)).ok()) __builtin_trap();
      break;
    case 4:
      if (const auto value = DecodeValue(bytes, buffers); value.ok() && !EncodeValue(*value).ok()) __builtin_trap();
      break;
    default:
      if (const auto graph = DecodeGraph(bytes, buffers, {.with_params = data[0] % 7 == 5}); graph.ok()) Walk(**graph);
  }
  return 0;
}
