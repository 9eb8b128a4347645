// TileNode: a fused array computation, as the optimizer makes it and as every elementwise operation, view, generator
// and reduction is lowered: one ops::TileProgram, and for a reduction how its partials are combined.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "swath/expr/array/array_node.h"
#include "swath/expr/array/reduction.h"
#include "swath/ops/reduction.h"
#include "swath/ops/tile_program.h"

namespace swath::expr {

// The combining half of a reduction.
struct TileFinish {
  ops::CombineParams combine;
  int64_t split_every = 0;
};

class TileNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "tile";
  // inputs[i] is read by the program's i-th source of kind kInput; one array may stand twice.
  TileNode(Token token, std::vector<NodePtr> inputs, DType dtype, ops::Grid grid,
           std::shared_ptr<const ops::TileProgram> program, std::optional<TileFinish> finish)
      : ArrayNode(token, std::move(inputs), dtype, std::move(grid)),
        program_(std::move(program)),
        finish_(std::move(finish)) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override;
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const std::shared_ptr<const ops::TileProgram>& program() const { return program_; }
  const std::optional<TileFinish>& finish() const { return finish_; }

 private:
  std::shared_ptr<const ops::TileProgram> program_;
  std::optional<TileFinish> finish_;
};

// Is the node of a kind that a program can compute: elementwise, view, generator, reduction?
bool IsTileable(const Node& node);

// Builds the program of one tileable node. A node below it becomes part of the program when `fused` says so, otherwise
// a source. `replace` gives the node that a source reads (an input after rewriting).
Result<ArrayPtr> MakeTile(const ArrayPtr& node, const std::function<bool(const Node*)>& fused,
                          const std::function<ArrayPtr(const ArrayPtr&)>& replace);
// With nothing fused: how a node is lowered that no pass has touched.
Result<ArrayPtr> MakeSingleTile(const ArrayPtr& node);

}  // namespace swath::expr
