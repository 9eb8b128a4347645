#include "swath/graph/tile_layer.h"

#include <algorithm>

#include "swath/data/chunk.h"

namespace swath::graph {
namespace {

LayerDescription WithCall(LayerDescription description, const std::shared_ptr<const ops::TileProgram>& program) {
  description.call = {ops::TileProgram::kOp, program};
  return description;
}

bool Overlap(const ops::Box& a, const ops::Box& b) {
  for (size_t axis = 0; axis < a.size(); ++axis) {
    if (std::max(a[axis].begin, b[axis].begin) >= std::min(a[axis].end, b[axis].end)) return false;
  }
  return true;
}

bool IsEmpty(const ops::Box& box) {
  return std::any_of(box.begin(), box.end(), [](const ops::Range& range) { return range.size() <= 0; });
}

}  // namespace

TileLayer::TileLayer(LayerDescription description, std::shared_ptr<const ops::TileProgram> program)
    : DescribedLayer(WithCall(std::move(description), program)),
      program_(std::move(program)),
      output_shape_(program_->grid.shape()),
      task_count_(program_->grid.block_count()) {
  for (const ops::TileSource& source : program_->sources) {
    if (source.kind == ops::TileSource::Kind::kInput) inputs_.push_back(&source);
  }
}

void TileLayer::AppendDependencies(int64_t block, std::vector<InputBlock>* out) const {
  const ops::Box box = program_->grid.BlockBox(block);
  if (IsEmpty(box)) return;
  std::vector<int64_t> blocks;
  for (size_t input = 0; input < inputs_.size(); ++input) {
    blocks.clear();
    ops::AppendOverlappingBlocks(inputs_[input]->grid, ops::MapBox(inputs_[input]->map, box), &blocks);
    for (const int64_t source_block : blocks) out->push_back({static_cast<int32_t>(input), source_block});
  }
}

void TileLayer::AppendDependents(int32_t input, int64_t input_block, std::vector<int64_t>* out) const {
  const ops::TileSource& source = *inputs_[input];
  const ops::Box source_box = source.grid.BlockBox(input_block);
  if (IsEmpty(source_box)) return;
  // Every output block with an element whose coordinate falls in the source block, and, because a task reads the
  // bounding box of its coordinates, those whose step jumps over it: they border on the former or on the gap where the
  // block lies.
  ops::Box candidates = ops::UnmapBox(source.map, source_box, output_shape_);
  for (size_t axis = 0; axis < source.map.size(); ++axis) {
    const ops::AxisMap& m = source.map[axis];
    if (m.axis < 0) {
      if (m.offset < source_box[axis].begin || m.offset >= source_box[axis].end) return;
      continue;
    }
    if (m.step == 1 || m.step == -1) continue;
    ops::Range& range = candidates[m.axis];
    range = {std::max<int64_t>(0, range.begin - 1),
             std::min(output_shape_[m.axis], std::max(range.begin, range.end) + 1)};
  }
  const size_t first = out->size();
  ops::AppendOverlappingBlocks(program_->grid, candidates, out);
  const auto stays = [&](int64_t block) {
    return Overlap(ops::MapBox(source.map, program_->grid.BlockBox(block)), source_box);
  };
  out->erase(std::remove_if(out->begin() + static_cast<int64_t>(first), out->end(),
                            [&](int64_t block) { return !stays(block); }),
             out->end());
}

int64_t TileLayer::EstimatedBytes(int64_t block) const {
  const ops::Box box = program_->grid.BlockBox(block);
  int64_t elements = 1;
  for (size_t axis = 0; axis < box.size(); ++axis) {
    const auto& reduced = program_->sink.axes;
    const bool folds = program_->sink.kind == ops::TileSink::Kind::kReduce &&
                       std::find(reduced.begin(), reduced.end(), static_cast<int32_t>(axis)) != reduced.end();
    elements *= folds ? 1 : box[axis].size();
  }
  // A partial may be up to three arrays (count, mean, m2).
  if (program_->sink.kind == ops::TileSink::Kind::kReduce) return elements * program_->sink.accumulator.itemsize * 3;
  return elements * program_->dtype.itemsize;
}

}  // namespace swath::graph
