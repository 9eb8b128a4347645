#include "swath/cluster/wire/layer_codec.h"

#include <algorithm>

#include "swath/graph/all_to_all_layer.h"
#include "swath/graph/block_list_layer.h"
#include "swath/graph/box_layer.h"
#include "swath/graph/fold_layer.h"
#include "swath/graph/materialized_layer.h"
#include "swath/graph/projection_layer.h"
#include "swath/graph/source_layer.h"
#include "swath/graph/table_layer.h"
#include "swath/graph/tile_layer.h"
#include "swath/graph/tree_layer.h"

namespace swath::cluster {
namespace {

using graph::InputBlock;
using LayerPtr = std::shared_ptr<const graph::Layer>;

enum class LayerTag : uint8_t {
  kSource,
  kTile,
  kTree,
  kProjection,
  kBlockList,
  kBox,
  kFold,
  kTable,
  kAllToAll,
  kMaterialized
};
constexpr int64_t kBlocksMax = int64_t{1} << 40;

std::vector<int64_t> ToInts(const std::vector<uint32_t>& numbers) { return {numbers.begin(), numbers.end()}; }
std::vector<uint32_t> ToUint32(FieldReader& io, const std::vector<int64_t>& numbers) {
  if (std::any_of(numbers.begin(), numbers.end(), [](int64_t n) { return n < 0 || n > UINT32_MAX; })) {
    io.Fail("an edge outside of the graph");
    return {};
  }
  return {numbers.begin(), numbers.end()};
}

// Blocks along the axes, all at least `least`; -1 when there are too many in all.
int64_t Count(const std::vector<int64_t>& blocks, int64_t least = 0) {
  int64_t count = 1;
  for (const int64_t n : blocks) {
    if (n < least || __builtin_mul_overflow(count, n, &count) || count >= kBlocksMax) return -1;
  }
  return count;
}

bool Ascend(const std::vector<int64_t>& bounds, int64_t end) {
  return !bounds.empty() && bounds.front() >= 0 && bounds.back() <= end && std::is_sorted(bounds.begin(), bounds.end());
}

LayerPtr Refuse(FieldReader& io, const char* why) {
  io.Fail(why);
  return nullptr;
}

// ---- One pair of functions a class; the reader gets the parts of a layer with as many inputs as it was written with.

void Write(FieldWriter& io, const graph::SourceLayer& layer) { io(layer.task_count()); }
LayerPtr ReadSource(FieldReader& io, LayerParts parts) {
  const int64_t tasks = io.reader().Int(0, kBlocksMax - 1);
  if (!parts.input_sizes.empty()) return Refuse(io, "a source with inputs");
  return std::make_shared<graph::SourceLayer>(std::move(parts.description), tasks);
}

void Write(FieldWriter&, const graph::TileLayer&) {}  // its program is its shape
LayerPtr ReadTile(FieldReader& io, LayerParts parts) {
  const auto program = std::dynamic_pointer_cast<const ops::TileProgram>(parts.description.call.params);
  if (program == nullptr) return Refuse(io, "a tile layer without a program");
  size_t input = 0;
  for (const ops::TileSource& source : program->sources) {
    if (source.kind != ops::TileSource::Kind::kInput) continue;
    if (input == parts.input_sizes.size() || parts.input_sizes[input] != source.grid.block_count()) {
      return Refuse(io, "a tile layer whose sources are not its inputs");
    }
    ++input;
  }
  if (input != parts.input_sizes.size()) return Refuse(io, "a tile layer whose sources are not its inputs");
  return std::make_shared<graph::TileLayer>(std::move(parts.description), program);
}

void Write(FieldWriter& io, const graph::TreeLayer& layer) {
  io(layer.blocks());
  io(layer.groups());
}
LayerPtr ReadTree(FieldReader& io, LayerParts parts) {
  std::vector<int64_t> blocks, groups;
  io(blocks);
  io(groups);
  if (blocks.size() != groups.size() || Count(groups, 1) < 0 || parts.input_sizes.size() != 1 ||
      Count(blocks) != parts.input_sizes[0]) {
    return Refuse(io, "a tree that does not fit its input");
  }
  return std::make_shared<graph::TreeLayer>(std::move(parts.description), std::move(blocks), std::move(groups));
}

void Write(FieldWriter& io, const graph::ProjectionLayer& layer) {
  io(layer.blocks());
  io.writer().Array(layer.inputs().size());
  for (const auto& input : layer.inputs()) {
    io(input.blocks);
    io(input.axes);
  }
}
LayerPtr ReadProjection(FieldReader& io, LayerParts parts) {
  using graph::ProjectionLayer;
  std::vector<int64_t> blocks;
  io(blocks);
  std::vector<ProjectionLayer::Input> inputs(io.reader().Array());
  bool fits = Count(blocks) >= 0 && inputs.size() == parts.input_sizes.size();
  for (size_t i = 0; i < inputs.size() && fits && io.ok(); ++i) {
    ProjectionLayer::Input& input = inputs[i];
    io(input.blocks);
    io(input.axes);
    fits = input.blocks.size() == input.axes.size() && Count(input.blocks) == parts.input_sizes[i];
    for (size_t axis = 0; axis < input.axes.size() && fits; ++axis) {
      const int32_t from = input.axes[axis];
      fits = from == ProjectionLayer::kAll ||
             (from == ProjectionLayer::kFirst && (input.blocks[axis] > 0 || Count(blocks) == 0)) ||
             (from >= 0 && static_cast<size_t>(from) < blocks.size() &&
              blocks[static_cast<size_t>(from)] <= input.blocks[axis]);
    }
  }
  if (!fits || !io.ok()) return Refuse(io, "a projection that does not fit its inputs");
  return std::make_shared<ProjectionLayer>(std::move(parts.description), std::move(blocks), std::move(inputs));
}

// Lists of input blocks as three lists of numbers: how many a task, which input, which block.
void Write(FieldWriter& io, const graph::BlockListLayer& layer) {
  std::vector<int64_t> counts, inputs, blocks;
  for (const auto& list : layer.dependencies()) {
    counts.push_back(static_cast<int64_t>(list.size()));
    for (const InputBlock& edge : list) {
      inputs.push_back(edge.input);
      blocks.push_back(edge.block);
    }
  }
  io(counts);
  io(inputs);
  io(blocks);
}
LayerPtr ReadBlockList(FieldReader& io, LayerParts parts) {
  std::vector<int64_t> counts, inputs, blocks;
  io(counts);
  io(inputs);
  io(blocks);
  bool fits = inputs.size() == blocks.size();
  std::vector<std::vector<InputBlock>> dependencies(counts.size());
  size_t edge = 0;
  for (size_t task = 0; task < counts.size() && fits; ++task) {
    fits = counts[task] >= 0 && static_cast<uint64_t>(counts[task]) <= inputs.size() - edge;
    for (int64_t i = 0; fits && i < counts[task]; ++i, ++edge) {
      const auto input = static_cast<uint64_t>(inputs[edge]);
      fits = input < parts.input_sizes.size() && blocks[edge] >= 0 && blocks[edge] < parts.input_sizes[input];
      if (fits) dependencies[task].push_back({static_cast<int32_t>(input), blocks[edge]});
    }
  }
  if (!fits || edge != inputs.size()) return Refuse(io, "a list of blocks that does not fit its inputs");
  return std::make_shared<graph::BlockListLayer>(std::move(parts.description), std::move(dependencies),
                                                 std::move(parts.input_sizes));
}

void Write(FieldWriter& io, const graph::BoxLayer& layer) {
  io(layer.input_blocks());
  io(layer.reads());
}
LayerPtr ReadBox(FieldReader& io, LayerParts parts) {
  std::vector<int64_t> input_blocks;
  std::vector<graph::BoxLayer::Table> reads;
  io(input_blocks);
  io(reads);
  bool fits = reads.size() == input_blocks.size() && parts.input_sizes.size() == 1 &&
              Count(input_blocks) == parts.input_sizes[0];
  std::vector<int64_t> blocks;
  for (size_t axis = 0; axis < reads.size() && fits; ++axis) {
    blocks.push_back(static_cast<int64_t>(reads[axis].size()));
    for (const std::vector<int64_t>& positions : reads[axis]) {
      fits = fits && (positions.empty() || (positions.front() >= 0 && positions.back() < input_blocks[axis])) &&
             std::adjacent_find(positions.begin(), positions.end(), std::greater_equal<>()) == positions.end();
    }
  }
  if (!fits || Count(blocks) < 0) return Refuse(io, "a box layer that does not fit its input");
  return std::make_shared<graph::BoxLayer>(std::move(parts.description), std::move(input_blocks), std::move(reads));
}

void Write(FieldWriter& io, const graph::FoldLayer& layer) { io(layer.bounds()); }
LayerPtr ReadFold(FieldReader& io, LayerParts parts) {
  std::vector<int64_t> bounds;
  io(bounds);
  if (parts.input_sizes.empty() || !Ascend(bounds, parts.input_sizes.front())) {
    return Refuse(io, "a fold that does not fit its inputs");
  }
  std::vector<int64_t> shared(parts.input_sizes.begin() + 1, parts.input_sizes.end());
  return std::make_shared<graph::FoldLayer>(std::move(parts.description), std::move(bounds), std::move(shared));
}

void Write(FieldWriter& io, const graph::TableLayer& layer) {
  io(layer.shared());
  io(layer.task_count());
  io(layer.bounds());
}
LayerPtr ReadTable(FieldReader& io, LayerParts parts) {
  const auto shared = static_cast<int32_t>(io.reader().Int(0, INT32_MAX));
  const int64_t tasks = io.reader().Int(0, kBlocksMax - 1);
  std::vector<int64_t> bounds;
  io(bounds);
  const size_t inputs = static_cast<size_t>(shared) + (bounds.empty() ? 0 : 1);
  bool fits = parts.input_sizes.size() == inputs;
  for (int32_t i = 0; i < shared && fits; ++i) fits = parts.input_sizes[static_cast<size_t>(i)] >= 1;
  if (fits && !bounds.empty()) {
    fits = Ascend(bounds, parts.input_sizes.back()) && static_cast<int64_t>(bounds.size()) - 1 == tasks;
  }
  if (!fits) return Refuse(io, "a table layer that does not fit its inputs");
  if (bounds.empty()) return graph::TableLayer::OverScan(std::move(parts.description), tasks, shared);
  return graph::TableLayer::OverRows(std::move(parts.description), std::move(bounds), shared);
}

void Write(FieldWriter& io, const graph::AllToAllLayer& layer) { io(layer.task_count()); }
LayerPtr ReadAllToAll(FieldReader& io, LayerParts parts) {
  const int64_t tasks = io.reader().Int(0, kBlocksMax - 1);
  return std::make_shared<graph::AllToAllLayer>(std::move(parts.description), tasks, std::move(parts.input_sizes));
}

void Write(FieldWriter& io, const graph::MaterializedLayer& layer) {
  io(ToInts(layer.offsets()));
  io(ToInts(layer.targets()));
}
LayerPtr ReadMaterialized(FieldReader& io, LayerParts parts) {
  std::vector<int64_t> offsets, targets;
  io(offsets);
  io(targets);
  auto offsets32 = ToUint32(io, offsets);
  auto targets32 = ToUint32(io, targets);
  if (!io.ok()) return nullptr;
  auto layer = graph::MaterializedLayer::Make(std::move(parts.description), std::move(offsets32), std::move(targets32),
                                              std::move(parts.input_sizes));
  if (!layer.ok()) io.Fail(layer.status());
  return layer.ValueOr(nullptr);
}

template <typename L>
bool WriteAs(FieldWriter& io, const graph::DescribedLayer& layer, LayerTag tag) {
  const auto* typed = dynamic_cast<const L*>(&layer);
  if (typed == nullptr) return false;
  io.writer().Int(static_cast<int64_t>(tag));
  Write(io, *typed);
  return true;
}

}  // namespace

void WriteLayer(FieldWriter& io, const graph::DescribedLayer& layer) {
  const bool known =
      WriteAs<graph::SourceLayer>(io, layer, LayerTag::kSource) ||
      WriteAs<graph::TileLayer>(io, layer, LayerTag::kTile) || WriteAs<graph::TreeLayer>(io, layer, LayerTag::kTree) ||
      WriteAs<graph::ProjectionLayer>(io, layer, LayerTag::kProjection) ||
      WriteAs<graph::BlockListLayer>(io, layer, LayerTag::kBlockList) ||
      WriteAs<graph::BoxLayer>(io, layer, LayerTag::kBox) || WriteAs<graph::FoldLayer>(io, layer, LayerTag::kFold) ||
      WriteAs<graph::TableLayer>(io, layer, LayerTag::kTable) ||
      WriteAs<graph::AllToAllLayer>(io, layer, LayerTag::kAllToAll) ||
      WriteAs<graph::MaterializedLayer>(io, layer, LayerTag::kMaterialized);
  if (!known) io.Fail(Status::NotImplemented("layers of this kind cannot be sent to a cluster yet"));
}

std::shared_ptr<const graph::Layer> ReadLayer(FieldReader& io, LayerParts parts) {
  using ReadFunction = LayerPtr (*)(FieldReader&, LayerParts);
  static constexpr ReadFunction kReaders[] = {ReadSource, ReadTile, ReadTree,  ReadProjection, ReadBlockList,
                                              ReadBox,    ReadFold, ReadTable, ReadAllToAll,   ReadMaterialized};
  const int64_t tag = io.reader().Int(0, std::size(kReaders) - 1);
  if (!io.ok()) return nullptr;
  const size_t results = parts.description.result_bytes.size();
  LayerPtr layer = kReaders[tag](io, std::move(parts));
  if (!io.ok() || layer == nullptr) return nullptr;
  if (results > 1 && static_cast<int64_t>(results) != layer->task_count())
    return Refuse(io, "estimates for other tasks");
  return layer;
}

}  // namespace swath::cluster
