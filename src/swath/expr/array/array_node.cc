#include "swath/expr/array/array_node.h"

#include <algorithm>

namespace swath::expr {

std::string ShapeToString(std::span<const int64_t> shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::string ArrayNode::Describe() const {
  std::string text = Label() + "  " + ShapeToString(shape_) + " " + dtype_.ToString();
  const int64_t blocks = grid_.block_count();
  if (blocks != 1) text += " in " + std::to_string(blocks) + " chunks";
  return text;
}

TokenBuilder& AddGrid(TokenBuilder& token, const ops::Grid& grid) {
  token.Add(grid.ndim());
  for (int64_t axis = 0; axis < grid.ndim(); ++axis) token.Add(grid.bounds(axis));
  return token;
}

TokenBuilder& AddDType(TokenBuilder& token, const DType& dtype) {
  return token.Add(static_cast<int64_t>(dtype.kind))
      .Add(static_cast<int64_t>(dtype.unit))
      .Add(static_cast<int64_t>(dtype.itemsize));
}

}  // namespace swath::expr
