// Selecting parts of an array: NumPy's basic indexing (integers, slices, None, Ellipsis) and integer lists on one axis.
// Basic indexing makes a ViewNode, which costs no task of its own; a list makes a TakeNode.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "swath/expr/array/array_node.h"

namespace swath::expr {

// start:stop:step with Python's meaning of what is left out and of negative numbers.
struct Slice {
  std::optional<int64_t> start = std::nullopt;
  std::optional<int64_t> stop = std::nullopt;
  std::optional<int64_t> step = std::nullopt;
};
struct NewAxis {};
struct Ellipsis {};
using IndexItem = std::variant<int64_t, Slice, NewAxis, Ellipsis, std::vector<int64_t>>;

// x[items]. IndexError with NumPy's wording: too many indices, an index out of bounds, two ellipses; NotImplemented for
// lists on two axes (as in Dask).
Result<ArrayPtr> MakeIndex(const ArrayPtr& x, const std::vector<IndexItem>& items);
// numpy.take on one axis with indices that may be negative and repeat.
Result<ArrayPtr> MakeTake(const ArrayPtr& x, std::vector<int64_t> indices, int64_t axis);

// Chosen rows of one axis.
class TakeNode : public ArrayNode {
 public:
  static constexpr std::string_view kOp = "take";
  TakeNode(Token token, NodePtr x, int64_t axis, std::vector<int64_t> indices, ops::Grid grid)
      : ArrayNode(token, {x}, AsArray(x)->dtype(), std::move(grid)), axis_(axis), indices_(std::move(indices)) {}
  std::string_view op() const override { return kOp; }
  std::string Label() const override;
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  int64_t axis() const { return axis_; }
  const std::vector<int64_t>& indices() const { return indices_; }  // all from 0 to the axis' length - 1

 private:
  int64_t axis_;
  std::vector<int64_t> indices_;
};

}  // namespace swath::expr
