#include "swath/api/creation.h"

#include <cmath>

#include "arrow/buffer.h"

#include "swath/expr/array/source.h"
#include "swath/ops/elementwise.h"

namespace swath::array {
namespace {

Array Wrap(Result<expr::ArrayPtr> node) { return Array(ValueOrThrow(std::move(node))); }

ops::Grid MakeGrid(const Shape& shape, const DType& dtype, const ChunkSpec& chunks) {
  return ValueOrThrow(expr::NormalizeChunks(chunks, shape, dtype));
}

const ops::ScalarConstant& ScalarOf(const ArrayOperand& operand, std::string_view function) {
  if (operand.array)
    ThrowError(Status::TypeError(function, "() takes scalars, got an array of shape ",
                                 expr::ShapeToString(operand.array->shape())));
  return operand.scalar;
}

double AsDouble(const ops::ScalarConstant& value) {
  return value.dtype.is_floating() ? value.re : static_cast<double>(value.i);
}

Array FullOf(int64_t value, const Shape& shape, const CreationOptions& options) {
  const DType dtype = options.dtype.value_or(kFloat64);
  const auto fill = ValueOrThrow(ops::CastScalar(ops::ScalarConstant::Int(value), dtype));
  return Wrap(expr::MakeFull(fill, MakeGrid(shape, dtype, options.chunks)));
}

}  // namespace

Array ones(const Shape& shape, const CreationOptions& options) { return FullOf(1, shape, options); }
Array zeros(const Shape& shape, const CreationOptions& options) { return FullOf(0, shape, options); }
Array empty(const Shape& shape, const CreationOptions& options) { return FullOf(0, shape, options); }

Array full(const Shape& shape, const ArrayOperand& fill_value, const CreationOptions& options) {
  const ops::ScalarConstant& value = ScalarOf(fill_value, "full");
  const DType dtype = options.dtype.value_or(value.dtype);
  const auto fill = ValueOrThrow(fill_value.weak ? ops::CastWeakScalar(value, dtype) : ops::CastScalar(value, dtype));
  return Wrap(expr::MakeFull(fill, MakeGrid(shape, dtype, options.chunks)));
}

Array eye(int64_t rows, std::optional<int64_t> columns, int64_t k, const CreationOptions& options) {
  const DType dtype = options.dtype.value_or(kFloat64);
  return Wrap(expr::MakeEye(MakeGrid({rows, columns.value_or(rows)}, dtype, options.chunks), k, dtype));
}

Array arange(const ArrayOperand& stop, const CreationOptions& options) { return arange(0, stop, 1, options); }
Array arange(const ArrayOperand& start, const ArrayOperand& stop, const CreationOptions& options) {
  return arange(start, stop, 1, options);
}

Array arange(const ArrayOperand& start, const ArrayOperand& stop, const ArrayOperand& step,
             const CreationOptions& options) {
  const ops::ScalarConstant& first = ScalarOf(start, "arange");
  const ops::ScalarConstant& last = ScalarOf(stop, "arange");
  const ops::ScalarConstant& by = ScalarOf(step, "arange");
  if (AsDouble(by) == 0) ThrowError(Status::Invalid("Maximum allowed size exceeded: the step of arange is 0"));
  DType dtype = kInt64;
  if (options.dtype) {
    dtype = *options.dtype;
  } else {
    const ops::OperandType types[] = {{first.dtype, start.weak}, {last.dtype, stop.weak}, {by.dtype, step.weak}};
    dtype = ValueOrThrow(ops::ResultType(types));
  }
  // NumPy: ceil((stop - start) / step), in integers where all are.
  int64_t count;
  if (!first.dtype.is_floating() && !last.dtype.is_floating() && !by.dtype.is_floating()) {
    const int64_t span = last.i - first.i;
    count = span / by.i + (span % by.i != 0 && (span > 0) == (by.i > 0) ? 1 : 0);
  } else {
    const double length = std::ceil((AsDouble(last) - AsDouble(first)) / AsDouble(by));
    if (!(length < 9e18)) ThrowError(Status::Invalid("arange: cannot compute length"));
    count = length > 0 ? static_cast<int64_t>(length) : 0;
  }
  count = std::max<int64_t>(0, count);
  const auto from = ValueOrThrow(ops::CastScalar(first, dtype));
  // NumPy rounds the second element, not the step.
  const auto delta = ValueOrThrow(ops::CastScalar(by, dtype));
  const std::string label = "arange(" + first.ToString() + ", " + last.ToString() +
                            (by == ops::ScalarConstant::Int(1) ? "" : ", " + by.ToString()) + ")";
  return Wrap(expr::MakeAffine(from, delta, MakeGrid({count}, dtype, options.chunks), label));
}

Array linspace(double start, double stop, int64_t num, bool endpoint, const CreationOptions& options) {
  if (num < 0) ThrowError(Status::Invalid("Number of samples, ", num, ", must be non-negative."));
  const int64_t intervals = endpoint ? num - 1 : num;
  const double step = intervals > 0 ? (stop - start) / static_cast<double>(intervals) : (num > 0 ? stop - start : 0);
  const std::string label = "linspace(" + ops::ScalarConstant::Float(start).ToString() + ", " +
                            ops::ScalarConstant::Float(stop).ToString() + ")";
  const ops::Grid grid = MakeGrid({num}, options.dtype.value_or(kFloat64), options.chunks);
  Array values =
      Wrap(expr::MakeAffine(ops::ScalarConstant::Float(start), ops::ScalarConstant::Float(step), grid, label));
  if (options.dtype && options.dtype->is_integer()) values = elementwise("floor", {values});
  return options.dtype ? values.astype(*options.dtype) : values;
}

Array from_chunk(const Chunk& chunk, const ChunkSpec& chunks) {
  return Wrap(expr::MakeFromChunk(chunk, MakeGrid(chunk.shape(), chunk.dtype(), chunks)));
}

Array from_buffer(std::shared_ptr<arrow::Buffer> buffer, DType dtype, const Shape& shape, const Shape& strides,
                  int64_t offset, const ChunkSpec& chunks) {
  return from_chunk(Chunk(dtype, shape, strides, offset, std::move(buffer)), chunks);
}

Array from_blocks(std::vector<Chunk> blocks, const std::vector<std::vector<int64_t>>& chunks, DType dtype) {
  return Wrap(expr::MakeValues(std::move(blocks), ops::Grid(chunks), dtype));
}

Array from_memory(const void* data, DType dtype, const Shape& shape, const ChunkSpec& chunks) {
  auto buffer = std::make_shared<arrow::Buffer>(static_cast<const uint8_t*>(data), Product(shape) * dtype.itemsize);
  return from_buffer(std::move(buffer), dtype, shape, ContiguousStrides(shape, dtype.itemsize), 0, chunks);
}

}  // namespace swath::array
