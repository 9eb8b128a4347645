#include <algorithm>
#include <numeric>

#include "swath/expr/array/blocks.h"
#include "swath/expr/array/chunking.h"
#include "swath/expr/array/elementwise.h"
#include "swath/expr/array/view.h"

namespace swath::expr {
namespace {

// Gives every axis that both operands share the same cuts, then makes the node. Batch axes of length one stay so: they
// broadcast.
Result<ArrayPtr> MakeContract(ArrayPtr a, ArrayPtr b, ContractNode::Labels labels, std::string label) {
  ASSIGN_OR_RETURN(const DType dtype, Promote(a->dtype(), b->dtype()));
  if (!dtype.is_numeric())
    return Status::TypeError(label, ": no product of ", a->dtype().ToString(), " and ", b->dtype().ToString());
  auto a_chunks = a->grid().chunks();
  auto b_chunks = b->grid().chunks();
  for (size_t i = 0; i < labels.a.size(); ++i) {
    const auto match = std::find(labels.b.begin(), labels.b.end(), labels.a[i]);
    if (match == labels.b.end()) continue;
    const auto j = match - labels.b.begin();
    const ops::Grid one({a_chunks[i]}), other({b_chunks[j]});
    if (one.shape(0) != other.shape(0)) continue;  // a batch axis that broadcasts
    const ops::Grid* grids[] = {&one, &other};
    ASSIGN_OR_RETURN(const ops::Grid common, UnifyGrids(grids));
    a_chunks[i] = b_chunks[j] = common.chunks()[0];
  }
  std::vector<std::vector<int64_t>> chunks;
  for (const int32_t wanted : labels.result) {
    const auto in_a = std::find(labels.a.begin(), labels.a.end(), wanted);
    const auto in_b = std::find(labels.b.begin(), labels.b.end(), wanted);
    const std::vector<int64_t>* from_a = in_a == labels.a.end() ? nullptr : &a_chunks[in_a - labels.a.begin()];
    const std::vector<int64_t>* from_b = in_b == labels.b.end() ? nullptr : &b_chunks[in_b - labels.b.begin()];
    const bool a_is_one = from_a && *from_a == std::vector<int64_t>{1};
    chunks.push_back(from_a && !(a_is_one && from_b) ? *from_a : *from_b);
  }
  ASSIGN_OR_RETURN(a, MakeView(a, IdentityMap(a->ndim()), ops::Grid(std::move(a_chunks))));
  ASSIGN_OR_RETURN(b, MakeView(b, IdentityMap(b->ndim()), ops::Grid(std::move(b_chunks))));
  TokenBuilder token("contract");
  token.Add(a->token()).Add(b->token());
  for (const auto* list : {&labels.a, &labels.b, &labels.result}) {
    token.Add(static_cast<int64_t>(list->size()));
    for (const int32_t each : *list) token.Add(int64_t{each});
  }
  return InternAs<ArrayNode>(std::make_shared<ContractNode>(token.Finish(), std::vector<NodePtr>{a, b}, dtype,
                                                            ops::Grid(std::move(chunks)), std::move(labels),
                                                            std::move(label)));
}

constexpr const char* kMatmulSignature = "(n?,k),(k,m?)->(n?,m?)";

Status CheckMatmul(const ArrayNode& a, const ArrayNode& b) {
  for (const ArrayNode* x : {&a, &b}) {
    if (x->ndim() == 0) {
      return Status::Invalid("matmul: Input operand ", x == &a ? 0 : 1,
                             " does not have enough dimensions (has 0, gufunc core with signature ", kMatmulSignature,
                             " requires 1)");
    }
  }
  const int64_t k_axis = b.ndim() == 1 ? 0 : b.ndim() - 2;
  if (a.shape().back() != b.shape()[k_axis]) {
    return Status::Invalid("matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature ",
                           kMatmulSignature, " (size ", b.shape()[k_axis], " is different from ", a.shape().back(),
                           "); shapes ", ShapeToString(a.shape()), " and ", ShapeToString(b.shape()));
  }
  return Status::OK();
}

Result<ArrayPtr> DropAxis(const ArrayPtr& x, int64_t axis) { return MakeSqueeze(x, std::vector<int64_t>{axis}); }

}  // namespace

Result<ArrayPtr> MakeMatmul(ArrayPtr a, ArrayPtr b) {
  RETURN_IF_ERROR(CheckMatmul(*a, *b));
  const bool a_vector = a->ndim() == 1;
  const bool b_vector = b->ndim() == 1;
  if (a_vector) {
    ASSIGN_OR_RETURN(a, MakeExpandDims(a, {0}));
  }
  if (b_vector) {
    ASSIGN_OR_RETURN(b, MakeExpandDims(b, {1}));
  }
  const Shape batches[] = {{a->shape().begin(), a->shape().end() - 2}, {b->shape().begin(), b->shape().end() - 2}};
  ASSIGN_OR_RETURN(const Shape batch, BroadcastShapes(batches));
  // Labels: batch axes 0 … n-1, then i, j, k.
  const auto n = static_cast<int32_t>(batch.size());
  ContractNode::Labels labels;
  for (int32_t axis = 0; axis < n; ++axis) {
    if (axis >= n + 2 - a->ndim()) labels.a.push_back(axis);
    if (axis >= n + 2 - b->ndim()) labels.b.push_back(axis);
    labels.result.push_back(axis);
  }
  labels.a.insert(labels.a.end(), {n, n + 2});
  labels.b.insert(labels.b.end(), {n + 2, n + 1});
  labels.result.insert(labels.result.end(), {n, n + 1});
  ASSIGN_OR_RETURN(ArrayPtr product, MakeContract(std::move(a), std::move(b), std::move(labels), "matmul"));
  if (b_vector) {
    ASSIGN_OR_RETURN(product, DropAxis(product, -1));
  }
  if (a_vector) {
    ASSIGN_OR_RETURN(product, DropAxis(product, b_vector ? -1 : -2));
  }
  return product;
}

Result<ArrayPtr> MakeTensordot(const ArrayPtr& a, const ArrayPtr& right, std::vector<int64_t> a_axes,
                               std::vector<int64_t> b_axes) {
  ArrayPtr b = right;
  bool fits = a_axes.size() == b_axes.size();
  for (size_t i = 0; fits && i < a_axes.size(); ++i) {
    ASSIGN_OR_RETURN(a_axes[i], NormalizeAxis(a_axes[i], a->ndim()));
    ASSIGN_OR_RETURN(b_axes[i], NormalizeAxis(b_axes[i], b->ndim()));
    fits = a->shape()[a_axes[i]] == b->shape()[b_axes[i]];
  }
  if (!fits) {
    return Status::Invalid("shape-mismatch for sum: axes ", ShapeToString(a_axes), " of shape ",
                           ShapeToString(a->shape()), " and axes ", ShapeToString(b_axes), " of shape ",
                           ShapeToString(b->shape()));
  }
  // b with its summed axes first, in the order in which a has them: both list their blocks in one order.
  std::vector<size_t> by_a(a_axes.size());
  std::iota(by_a.begin(), by_a.end(), 0);
  std::sort(by_a.begin(), by_a.end(), [&](size_t i, size_t j) { return a_axes[i] < a_axes[j]; });
  std::vector<int64_t> order;
  for (const size_t i : by_a) order.push_back(b_axes[i]);
  if (!std::is_sorted(order.begin(), order.end())) {
    for (int64_t axis = 0; axis < b->ndim(); ++axis) {
      if (std::find(b_axes.begin(), b_axes.end(), axis) == b_axes.end()) order.push_back(axis);
    }
    ASSIGN_OR_RETURN(b, MakeTranspose(b, order));
    for (size_t i = 0; i < by_a.size(); ++i) b_axes[by_a[i]] = static_cast<int64_t>(i);
  }
  ContractNode::Labels labels;
  int32_t next = 0;
  std::vector<int32_t> b_labels(b->ndim(), -1);
  for (int64_t axis = 0; axis < a->ndim(); ++axis) {
    labels.a.push_back(next);
    const auto summed = std::find(a_axes.begin(), a_axes.end(), axis);
    if (summed == a_axes.end())
      labels.result.push_back(next);
    else
      b_labels[b_axes[summed - a_axes.begin()]] = next;
    ++next;
  }
  for (int32_t& label : b_labels) {
    if (label < 0) labels.result.push_back(label = next++);
  }
  labels.b = std::move(b_labels);
  return MakeContract(a, std::move(b), std::move(labels), "tensordot");
}

Result<ArrayPtr> MakeProduct(const ArrayPtr& a, const ArrayPtr& b, int64_t batch, int64_t summed) {
  if (batch < 0 || summed < 0 || batch + summed > std::min(a->ndim(), b->ndim()))
    return Status::Invalid("a product over ", batch, " batch and ", summed, " summed axes of arrays of ", a->ndim(),
                           " and ", b->ndim(), " dimensions");
  ContractNode::Labels labels;
  const auto label = [](int64_t number) { return static_cast<int32_t>(number); };
  const int64_t free_a = a->ndim() - batch - summed, free_b = b->ndim() - batch - summed;
  for (int64_t i = 0; i < batch; ++i) labels.a.push_back(label(i)), labels.b.push_back(label(i));
  for (int64_t i = 0; i < free_a; ++i) labels.a.push_back(label(batch + i));
  for (int64_t i = 0; i < summed; ++i) {
    const int64_t number = batch + free_a + free_b + i;
    if (a->shape()[batch + free_a + i] != b->shape()[batch + i])
      return Status::Invalid("operands of shapes ", ShapeToString(a->shape()), " and ", ShapeToString(b->shape()),
                             " do not fit: a summed axis differs in length");
    labels.a.push_back(label(number)), labels.b.push_back(label(number));
  }
  for (int64_t i = 0; i < free_b; ++i) labels.b.push_back(label(batch + free_a + i));
  for (int64_t i = 0; i < batch + free_a + free_b; ++i) labels.result.push_back(label(i));
  return MakeContract(a, b, std::move(labels), "product");
}

Result<ArrayPtr> MakeDot(const ArrayPtr& a, const ArrayPtr& b) {
  if (a->ndim() == 0 || b->ndim() == 0) return MakeElementwise("multiply", {a, b});
  const int64_t b_axis = b->ndim() == 1 ? 0 : b->ndim() - 2;
  if (a->shape().back() != b->shape()[b_axis]) {
    return Status::Invalid("shapes ", ShapeToString(a->shape()), " and ", ShapeToString(b->shape()),
                           " not aligned: ", a->shape().back(), " (dim ", a->ndim() - 1, ") != ", b->shape()[b_axis],
                           " (dim ", b_axis, ")");
  }
  return MakeTensordot(a, b, {a->ndim() - 1}, {b_axis});
}

Result<NodePtr> ContractNode::WithInputs(std::vector<NodePtr> inputs) const {
  return MakeContract(AsArray(inputs[0]), AsArray(inputs[1]), labels_, label_);
}

}  // namespace swath::expr
