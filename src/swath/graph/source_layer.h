// SourceLayer: tasks without inputs: values that the client holds (op "source.values"), or any op that makes its block
// from its number alone (a scan, a generator).
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "swath/graph/described_layer.h"
#include "swath/ops/values.h"

namespace swath::graph {

class SourceLayer : public DescribedLayer {
 public:
  SourceLayer(LayerDescription description, int64_t task_count)
      : DescribedLayer(std::move(description)), task_count_(task_count) {}

  // One task a value; the layer keeps them alive.
  static std::shared_ptr<const SourceLayer> FromValues(std::string name, std::vector<Value> values) {
    LayerDescription description{.name = std::move(name)};
    for (const Value& value : values) description.result_bytes.push_back(value.nbytes());
    const auto task_count = static_cast<int64_t>(values.size());
    description.call = {ops::ValuesParams::kOp, std::make_shared<ops::ValuesParams>(std::move(values))};
    return std::make_shared<SourceLayer>(std::move(description), task_count);
  }

  LayerKind kind() const override { return LayerKind::kSource; }
  int64_t task_count() const override { return task_count_; }
  int32_t input_count() const override { return 0; }
  void AppendDependencies(int64_t, std::vector<InputBlock>*) const override {}
  void AppendDependents(int32_t, int64_t, std::vector<int64_t>*) const override {}
  int64_t DependencyCount(int64_t) const override { return 0; }

 private:
  int64_t task_count_;
};

}  // namespace swath::graph
