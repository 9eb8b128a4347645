// DescribedLayer: the part that all concrete layers share: name, op, estimates, place in the user's program. Derived
// classes add the shape (how many tasks) and the edges.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "swath/graph/layer.h"

namespace swath::graph {

struct LayerDescription {
  std::string name = {};  // for people: "add"
  ops::OpCall call = {};
  std::vector<int64_t> result_bytes = {};  // estimated: empty (unknown: 0), one number for all tasks, or one a task
  int64_t scratch_bytes = 0;               // estimated, of each task
  std::string location = {};               // "file.py:12"
  bool pure = true;
};

class DescribedLayer : public Layer {
 public:
  explicit DescribedLayer(LayerDescription description) : description_(std::move(description)) {}

  const LayerDescription& description() const { return description_; }
  std::string_view name() const override { return description_.name; }
  const ops::OpCall& call() const override { return description_.call; }
  std::string_view location() const override { return description_.location; }
  bool pure() const override { return description_.pure; }
  int64_t EstimatedScratchBytes(int64_t) const override { return description_.scratch_bytes; }
  int64_t EstimatedBytes(int64_t block) const override {
    const std::vector<int64_t>& bytes = description_.result_bytes;
    if (bytes.empty()) return 0;
    return bytes[bytes.size() == 1 ? 0 : static_cast<size_t>(block)];
  }

 private:
  LayerDescription description_;
};

}  // namespace swath::graph
