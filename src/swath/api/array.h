// Array: a lazy n-d array in blocks, with NumPy's names. A value type: a thin handle on an immutable expression;
// copying costs one reference count, nothing is computed before compute(). Thread-safe. Wrong shapes, dtypes and
// indices throw where NumPy raises (api/error.h).
//
//   Array x = array::random({10'000, 10'000}, {.seed = 42});
//   Array y = (x + x.T()) - x.mean(1);
//   double total = y.sum().item<double>();
//
// More functions: api/creation.h, api/random.h, api/ufuncs.h, api/manipulation.h; all of them come with
// <swath/swath.h>.
#pragma once

#include <complex>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "swath/api/compute.h"
#include "swath/api/error.h"
#include "swath/data/chunk.h"
#include "swath/expr/array/chunking.h"
#include "swath/expr/array/elementwise.h"
#include "swath/expr/array/indexing.h"

namespace swath {

using expr::ArrayOperand;  // NOLINT(misc-unused-using-decls): an Array, a C++ literal (weak, as a Python scalar), or a
                           // typed scalar
using expr::AxisChunks;    // NOLINT(misc-unused-using-decls)
using expr::ChunkSpec;     // NOLINT(misc-unused-using-decls)
using expr::Slice;         // NOLINT(misc-unused-using-decls)
inline constexpr expr::NewAxis newaxis{};  // x.index({newaxis, 0})
inline constexpr expr::Ellipsis ellipsis{};

// The axes of a reduction: none given = all.
struct Axes {
  std::optional<std::vector<int64_t>> axes = std::nullopt;
  Axes() = default;
  Axes(int axis) : axes(std::vector<int64_t>{axis}) {}      // NOLINT(google-explicit-constructor)
  Axes(int64_t axis) : axes(std::vector<int64_t>{axis}) {}  // NOLINT(google-explicit-constructor)
  Axes(std::initializer_list<int64_t> list) : axes(list) {}
  Axes(std::vector<int64_t> list) : axes(std::move(list)) {}  // NOLINT(google-explicit-constructor)
};

struct ReductionOptions {
  bool keepdims = false;
  std::optional<DType> dtype = std::nullopt;
  int64_t ddof = 0;         // var and std
  int64_t split_every = 0;  // partials merged by one task; 0: chosen by the engine
};

// The dtype of a C++ type.
template <typename T>
constexpr DType DTypeOf() {
  if constexpr (std::is_same_v<T, bool>)
    return kBool;
  else if constexpr (std::is_same_v<T, float>)
    return kFloat32;
  else if constexpr (std::is_same_v<T, double>)
    return kFloat64;
  else if constexpr (std::is_same_v<T, std::complex<float>>)
    return kComplex64;
  else if constexpr (std::is_same_v<T, std::complex<double>>)
    return kComplex128;
  else {
    static_assert(std::is_integral_v<T>, "an array holds bool, integers, float, double and their complex forms");
    constexpr DType kSigned[] = {kInt8, kInt16, kInt32, kInt64};
    constexpr DType kUnsigned[] = {kUInt8, kUInt16, kUInt32, kUInt64};
    constexpr int kLog = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
    return std::is_signed_v<T> ? kSigned[kLog] : kUnsigned[kLog];
  }
}

class Array {
 public:
  explicit Array(expr::ArrayPtr node) : node_(std::move(node)) {}

  // --- what is known without computing
  const Shape& shape() const { return node_->shape(); }
  int64_t shape(int64_t axis) const;  // negative: from the end
  const DType& dtype() const { return node_->dtype(); }
  int64_t ndim() const { return node_->ndim(); }
  int64_t size() const { return node_->size(); }
  int64_t nbytes() const { return node_->nbytes(); }
  std::vector<std::vector<int64_t>> chunks() const { return node_->grid().chunks(); }
  std::vector<int64_t> numblocks() const;
  std::vector<int64_t> chunksize() const;  // of the largest block, axis by axis
  int64_t npartitions() const { return node_->grid().block_count(); }
  std::string name() const;  // "add-0123…": unique for the expression
  std::string repr() const;  // "swath.array<add, shape=(4, 6), dtype=float64, chunksize=(2, 3)>"

  // --- running
  Chunk compute(const ComputeOptions& options = {}) const;  // one C-contiguous chunk
  Array persist(const ComputeOptions& options = {}) const;  // computes the blocks and keeps them
  template <typename T>
  T item() const;  // the only element, as T; ValueError when there are several
  template <typename T>
  std::vector<T> to_vector() const;  // computes astype(T), in C order
  std::string explain() const;
  // Writes a drawing of the graph: *.svg or *.dot by the name.
  void visualize(const std::string& path, DrawingLevel level = DrawingLevel::kLayers) const;

  // --- shape
  Array T() const;
  Array transpose(const std::vector<int64_t>& axes = {}) const;  // empty: reversed
  Array swapaxes(int64_t a, int64_t b) const;
  Array reshape(const Shape& shape) const;  // one length may be -1
  Array ravel() const { return reshape({-1}); }
  Array flatten() const { return ravel(); }
  Array squeeze(const Axes& axis = {}) const;
  Array rechunk(const ChunkSpec& chunks = "auto", int64_t block_size_limit = 0) const;
  Array index(const std::vector<expr::IndexItem>& items) const;
  template <typename... Items>
  Array operator()(const Items&... items) const {
    return index({ToIndexItem(items)...});
  }  // x(0, Slice{1, 5}, newaxis)
  Array operator[](int64_t i) const { return index({i}); }
  Array take(const std::vector<int64_t>& indices, int64_t axis) const;
  Array blocks(int64_t block) const;  // block number `block` (C order) as an array of its own

  // --- elementwise
  Array astype(DType dtype, std::string_view casting = "unsafe") const;
  Array clip(const std::optional<ArrayOperand>& low, const std::optional<ArrayOperand>& high) const;
  Array round(int64_t decimals = 0) const;
  Array conj() const;
  Array real() const;
  Array imag() const;
  Array operator-() const;
  Array operator~() const;

  // --- reductions
  Array reduce(std::string_view name, const Axes& axis = {}, const ReductionOptions& options = {}) const;
  Array sum(const Axes& axis = {}, const ReductionOptions& options = {}) const { return reduce("sum", axis, options); }
  Array prod(const Axes& axis = {}, const ReductionOptions& options = {}) const {
    return reduce("prod", axis, options);
  }
  Array mean(const Axes& axis = {}, const ReductionOptions& options = {}) const {
    return reduce("mean", axis, options);
  }
  Array var(const Axes& axis = {}, const ReductionOptions& options = {}) const { return reduce("var", axis, options); }
  Array std(const Axes& axis = {}, const ReductionOptions& options = {}) const { return reduce("std", axis, options); }
  Array min(const Axes& axis = {}, const ReductionOptions& options = {}) const { return reduce("min", axis, options); }
  Array max(const Axes& axis = {}, const ReductionOptions& options = {}) const { return reduce("max", axis, options); }
  Array any(const Axes& axis = {}, const ReductionOptions& options = {}) const { return reduce("any", axis, options); }
  Array all(const Axes& axis = {}, const ReductionOptions& options = {}) const { return reduce("all", axis, options); }
  Array argmin(const Axes& axis = {}, const ReductionOptions& options = {}) const {
    return reduce("argmin", axis, options);
  }
  Array argmax(const Axes& axis = {}, const ReductionOptions& options = {}) const {
    return reduce("argmax", axis, options);
  }
  Array cumsum(std::optional<int64_t> axis = std::nullopt,
               std::optional<DType> dtype = std::nullopt) const;  // no axis: of ravel()
  Array cumprod(std::optional<int64_t> axis = std::nullopt, std::optional<DType> dtype = std::nullopt) const;

  // --- linear algebra
  Array dot(const Array& other) const;

  const expr::ArrayPtr& node() const { return node_; }

 private:
  static expr::IndexItem ToIndexItem(int i) { return int64_t{i}; }
  static expr::IndexItem ToIndexItem(expr::IndexItem item) { return item; }

  expr::ArrayPtr node_;
};

namespace array {

// Any row of ops/elementwise.h by name: elementwise("add", {x, 1}). `dtype`: of the loop, as NumPy's dtype=.
Array elementwise(std::string_view op, const std::vector<ArrayOperand>& operands,
                  std::optional<DType> dtype = std::nullopt);
// condition ? x : y, element by element.
Array where(const ArrayOperand& condition, const ArrayOperand& x, const ArrayOperand& y);

}  // namespace array

template <typename T>
T Array::item() const {
  if (size() != 1)
    ThrowError(Status::Invalid("can only convert an array of size 1 to a scalar, this one has size ", size()));
  return astype(DTypeOf<T>()).compute().template data_as<T>()[0];
}
template <typename T>
std::vector<T> Array::to_vector() const {
  const Chunk chunk = astype(DTypeOf<T>()).compute();
  return {chunk.data_as<T>(), chunk.data_as<T>() + chunk.size()};
}

// Computes several arrays in one graph: shared work is done once.
std::vector<Chunk> compute(const std::vector<Array>& arrays, const ComputeOptions& options = {});
std::vector<Array> persist(const std::vector<Array>& arrays, const ComputeOptions& options = {});
// One C-contiguous chunk out of the computed blocks of `array`, freeing each block when it is copied. Used by bindings
// that compute several kinds of collections at once by ComputeBlocks.
Result<Chunk> AssembleChunk(const expr::ArrayNode& array, Blocks blocks);

// Operators: an Array with an Array or a scalar, on either side.
template <typename A, typename B>
concept ArrayPair = (std::is_same_v<A, Array> && std::is_convertible_v<const B&, ArrayOperand>) ||
                    (std::is_same_v<B, Array> && std::is_convertible_v<const A&, ArrayOperand>);
template <typename A, typename B>
requires ArrayPair<A, B> Array operator+(const A& a, const B& b) { return array::elementwise("add", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator-(const A& a, const B& b) { return array::elementwise("subtract", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator*(const A& a, const B& b) { return array::elementwise("multiply", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator/(const A& a, const B& b) { return array::elementwise("divide", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator%(const A& a, const B& b) { return array::elementwise("remainder", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator<(const A& a, const B& b) { return array::elementwise("less", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator<=(const A& a, const B& b) { return array::elementwise("less_equal", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator>(const A& a, const B& b) { return array::elementwise("greater", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator>=(const A& a, const B& b) {
  return array::elementwise("greater_equal", {a, b});
}
template <typename A, typename B>
requires ArrayPair<A, B> Array operator==(const A& a, const B& b) { return array::elementwise("equal", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator!=(const A& a, const B& b) { return array::elementwise("not_equal", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator&(const A& a, const B& b) { return array::elementwise("bitwise_and", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator|(const A& a, const B& b) { return array::elementwise("bitwise_or", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator^(const A& a, const B& b) { return array::elementwise("bitwise_xor", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator<<(const A& a, const B& b) { return array::elementwise("left_shift", {a, b}); }
template <typename A, typename B>
requires ArrayPair<A, B> Array operator>>(const A& a, const B& b) { return array::elementwise("right_shift", {a, b}); }

}  // namespace swath
