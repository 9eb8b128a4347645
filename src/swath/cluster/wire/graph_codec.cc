#include "swath/cluster/wire/graph_codec.h"

#include "arrow/buffer.h"

#include "swath/cluster/wire/layer_codec.h"
#include "swath/ops/tile_program.h"
#include "swath/ops/values.h"

namespace swath::cluster {
namespace {

constexpr int64_t kGraphFormat = 1;
constexpr size_t kLayersMax = (size_t{1} << 24) - 1;

// description │ inputs │ parameters, packed on their own so that a scheduler can leave them closed │ shape
Status WriteNode(const graph::LayerNode& node, FieldWriter* io, std::vector<std::shared_ptr<arrow::Buffer>>* buffers) {
  const auto* layer = dynamic_cast<const graph::DescribedLayer*>(node.layer.get());
  if (layer == nullptr) return Status::NotImplemented("layers of this kind cannot be sent to a cluster yet");
  const graph::LayerDescription& description = layer->description();
  ASSIGN_OR_RETURN(const ParamsCodec* codec, FindParamsCodec(description.call.op));
  if (description.call.params == nullptr) return Status::Invalid("operation \"", codec->op, "\" without parameters");
  (*io)(description.name);
  (*io)(description.location);
  (*io)(description.pure);
  (*io)(description.result_bytes);
  (*io)(description.scratch_bytes);
  (*io)(std::vector<int64_t>(node.inputs.begin(), node.inputs.end()));
  io->writer().Text(codec->op);
  Writer params;
  FieldWriter params_io(&params, buffers);
  codec->write(params_io, *description.call.params);
  RETURN_IF_ERROR(params_io.status());
  io->writer().Bytes(params.Finish());
  WriteLayer(*io, *layer);
  return io->status();
}

class GraphReader {
 public:
  GraphReader(FieldReader* io, const GraphDecodeOptions& options) : io_(*io), options_(options) {}

  std::shared_ptr<const graph::Graph> Read() {
    if (io_.reader().Int() != kGraphFormat) io_.Fail("a graph of another format");
    const size_t layers = io_.reader().Array(kLayersMax);
    for (size_t i = 0; i < layers && io_.ok(); ++i) ReadNode();
    std::vector<int64_t> wanted;
    io_(wanted);
    for (const int64_t packed : wanted) {
      graph::TaskId task;
      task.packed = static_cast<uint64_t>(packed);
      const bool exists = task.layer() < static_cast<int64_t>(graph_->layers().size()) &&
                          task.block() < graph_->layers()[static_cast<size_t>(task.layer())].layer->task_count();
      if (!exists) {
        io_.Fail("a wanted task that is not there");
        break;
      }
      graph_->Want(task);
    }
    return graph_;
  }

 private:
  void ReadNode() {
    LayerParts parts;
    graph::LayerDescription& description = parts.description;
    io_(description.name);
    io_(description.location);
    io_(description.pure);
    io_(description.result_bytes);
    io_(description.scratch_bytes);
    std::vector<int64_t> numbers;
    io_(numbers);
    std::vector<int32_t> inputs;
    for (const int64_t number : numbers) {
      if (number < 0 || number >= static_cast<int64_t>(graph_->layers().size())) {
        io_.Fail("a layer that reads none before it");
        return;
      }
      inputs.push_back(static_cast<int32_t>(number));
      parts.input_sizes.push_back(graph_->layers()[static_cast<size_t>(number)].layer->task_count());
    }
    ReadParams(&description.call);
    if (!io_.ok()) return;
    const auto params = description.call.params;
    const std::string_view op = description.call.op;
    auto layer = ReadLayer(io_, std::move(parts));
    if (layer == nullptr) return;
    CheckCount(op, params.get(), layer->task_count());
    if (io_.ok()) graph_->Add(std::move(layer), std::move(inputs));
  }

  void ReadParams(ops::OpCall* call) {
    const auto codec = FindParamsCodec(io_.reader().Text());
    const std::string_view bytes = io_.reader().Bytes();
    if (!io_.ok()) return;
    if (!codec.ok()) {
      io_.Fail(codec.status());
      return;
    }
    call->op = (*codec)->op;
    if (!options_.with_params && call->op != ops::TileProgram::kOp) return;
    Reader reader(bytes);
    ParamsReader params{FieldReader(&reader, io_.buffers()), &options_.make_call};
    call->params = (*codec)->read(params);
    io_.Fail(reader.Done());
  }

  // Parameters that have an element a task.
  void CheckCount(std::string_view op, const ops::OpParams* params, int64_t tasks) {
    if (params == nullptr) return;
    int64_t count = tasks;
    if (op == ops::ValuesParams::kOp) {
      count = static_cast<int64_t>(static_cast<const ops::ValuesParams*>(params)->values.size());
    } else if (op == ops::FunctionCalls::kOp) {
      count = static_cast<int64_t>(static_cast<const ops::FunctionCalls*>(params)->calls.size());
    }
    if (count != tasks) io_.Fail("a layer with other tasks than parameters");
  }

  FieldReader& io_;
  const GraphDecodeOptions& options_;
  std::shared_ptr<graph::Graph> graph_ = std::make_shared<graph::Graph>();
};

}  // namespace

int64_t EncodedGraph::nbytes() const {
  auto bytes = static_cast<int64_t>(body.size());
  for (const auto& buffer : buffers) bytes += buffer->size();
  return bytes;
}

Result<EncodedGraph> EncodeGraph(const graph::Graph& graph) {
  EncodedGraph encoded;
  Writer writer;
  FieldWriter io(&writer, &encoded.buffers);
  writer.Int(kGraphFormat);
  writer.Array(graph.layers().size());
  for (size_t number = 0; number < graph.layers().size(); ++number) {
    const Status status = WriteNode(graph.layers()[number], &io, &encoded.buffers);
    if (!status.ok()) {
      return status.WithMessage("layer ", number, " '", graph.layers()[number].layer->name(), "': ", status.message());
    }
  }
  std::vector<int64_t> wanted;
  for (const graph::TaskId task : graph.wanted()) wanted.push_back(static_cast<int64_t>(task.packed));
  io(wanted);
  encoded.body = writer.Finish();
  return encoded;
}

Result<std::shared_ptr<const graph::Graph>> DecodeGraph(std::string_view body,
                                                        const std::vector<std::shared_ptr<arrow::Buffer>>& buffers,
                                                        const GraphDecodeOptions& options) {
  Reader reader(body);
  FieldReader io(&reader, buffers);
  auto graph = GraphReader(&io, options).Read();
  RETURN_IF_ERROR(reader.Done());
  return graph;
}

}  // namespace swath::cluster
