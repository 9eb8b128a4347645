// ViewNode: the elements of one array in another arrangement: source coordinate = offset + step * output coordinate,
// axis by axis (ops::IndexMap). Transposes, basic slices, broadcasts, new and dropped axes of length one, flips and
// rechunks are all views; a view of a view is one view. A view costs no task of its own once it is fused with its
// reader.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "swath/expr/array/array_node.h"
#include "swath/expr/array/chunking.h"

namespace swath::expr {

class ViewNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "view";
  ViewNode(Token token, ArrayPtr x, ops::IndexMap map, ops::Grid grid, bool stored)
      : ArrayNode(token, {x}, x->dtype(), std::move(grid)), map_(std::move(map)), stored_(stored) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override;  // "transpose(1, 0)", "slice[0:5, ::-1]", "rechunk", "broadcast", …
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  const ops::IndexMap& map() const { return map_; }
  // Made by rechunk planning: the blocks between two stages, which no rule merges with its reader.
  bool stored() const { return stored_; }

 private:
  ops::IndexMap map_;
  bool stored_;
};

// CHECKs that the map stays inside `x`. Returns `x` itself when the map is the identity and the grid is x's.
Result<ArrayPtr> MakeView(const ArrayPtr& x, ops::IndexMap map, ops::Grid grid, bool stored = false);
// Reads source axis i at output axis i.
ops::IndexMap IdentityMap(int64_t ndim);
// The map of reading through `inner` (source of it -> middle) what `outer` reads from the middle: one map from output
// to source.
ops::IndexMap ComposeMaps(const ops::IndexMap& inner, const ops::IndexMap& outer);
// Does the map read every source axis forwards and whole, at the same axis?
bool IsIdentity(const ops::IndexMap& map);
// The map that aligns a source of `source_shape` with an output of `output_shape` by NumPy's broadcasting.
ops::IndexMap BroadcastMap(std::span<const int64_t> source_shape, std::span<const int64_t> output_shape);

// Empty `axes`: reversed. Invalid "axes don't match array", "repeated axis in transpose".
Result<ArrayPtr> MakeTranspose(const ArrayPtr& x, std::vector<int64_t> axes);
Result<ArrayPtr> MakeSwapAxes(const ArrayPtr& x, int64_t a, int64_t b);
Result<ArrayPtr> MakeMoveAxis(const ArrayPtr& x, const std::vector<int64_t>& source,
                              const std::vector<int64_t>& destination);
Result<ArrayPtr> MakeExpandDims(const ArrayPtr& x, const std::vector<int64_t>& axes);
Result<ArrayPtr> MakeSqueeze(const ArrayPtr& x, const std::optional<std::vector<int64_t>>& axes);
Result<ArrayPtr> MakeFlip(const ArrayPtr& x, const std::optional<std::vector<int64_t>>& axes);
Result<ArrayPtr> MakeBroadcastTo(const ArrayPtr& x, const std::vector<int64_t>& shape,
                                 const std::optional<ChunkSpec>& chunks);
Result<ArrayPtr> MakeRechunk(const ArrayPtr& x, const ChunkSpec& spec, int64_t limit_bytes = 0);

}  // namespace swath::expr
