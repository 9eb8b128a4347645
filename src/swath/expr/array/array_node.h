// ArrayNode: an expression whose value is an n-d array in blocks. Knows its dtype, its shape and how it is cut
// (ops::Grid), all computed when it is made. Concrete nodes are in the other headers of this folder; each has a MakeX
// that applies NumPy's and Dask's rules and returns an interned node.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "swath/data/chunk.h"
#include "swath/data/dtype.h"
#include "swath/expr/node.h"
#include "swath/ops/grid.h"

namespace swath::expr {

class ArrayNode : public Node {
 public:
  const DType& dtype() const { return dtype_; }
  const ops::Grid& grid() const { return grid_; }
  const Shape& shape() const { return shape_; }
  int64_t ndim() const { return static_cast<int64_t>(shape_.size()); }
  int64_t size() const { return Product(shape_); }
  int64_t nbytes() const { return size() * dtype_.itemsize; }
  // What stands before shape and dtype in Describe: "add", "sum(axis=1)".
  virtual std::string Label() const { return std::string(op()); }
  // "add  (10000, 10000) float64 in 9 chunks".
  std::string Describe() const override;

 protected:
  ArrayNode(Token token, std::vector<NodePtr> inputs, DType dtype, ops::Grid grid)
      : Node(token, std::move(inputs)), dtype_(dtype), grid_(std::move(grid)), shape_(grid_.shape()) {}
  const ArrayNode& array_input(size_t i) const { return static_cast<const ArrayNode&>(*inputs_[i]); }

 private:
  DType dtype_;
  ops::Grid grid_;
  Shape shape_;
};

using ArrayPtr = std::shared_ptr<const ArrayNode>;

// The node as an array; null when it is something else.
inline ArrayPtr AsArray(const NodePtr& node) { return std::dynamic_pointer_cast<const ArrayNode>(node); }

// "(3, 4)", "(3,)", "()": a shape as NumPy prints it.
std::string ShapeToString(std::span<const int64_t> shape);
// Feeds dtype and chunks into a token.
TokenBuilder& AddGrid(TokenBuilder& token, const ops::Grid& grid);
TokenBuilder& AddDType(TokenBuilder& token, const DType& dtype);

}  // namespace swath::expr
