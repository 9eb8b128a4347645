#include "swath/kernels/array/strided.h"

#include <complex>
#include <cstring>

#include "arrow/util/float16.h"

namespace swath::kernels {
namespace {

// Visits the rows of an n-d box: all axes but the last `inner` ones; `visit(to_offset, from_offset)`.
template <typename Visit>
void ForEachRow(std::span<const int64_t> shape, std::span<const int64_t> to_strides,
                std::span<const int64_t> from_strides, size_t outer, const Visit& visit) {
  for (int64_t length : shape) {
    if (length == 0) return;
  }
  std::vector<int64_t> index(outer, 0);
  int64_t to = 0, from = 0;
  while (true) {
    visit(to, from);
    size_t axis = outer;
    while (axis > 0) {
      --axis;
      to += to_strides[axis];
      from += from_strides[axis];
      if (++index[axis] < shape[axis]) break;
      to -= to_strides[axis] * shape[axis];
      from -= from_strides[axis] * shape[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (outer == 0) return;
  }
}

template <typename T>
void CopyRow(uint8_t* to, int64_t to_stride, const uint8_t* from, int64_t from_stride, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * to_stride, from + i * from_stride, sizeof(T));
  }
}

void CopyRowOf(int64_t itemsize, uint8_t* to, int64_t to_stride, const uint8_t* from, int64_t from_stride,
               int64_t count) {
  switch (itemsize) {
    case 1:
      return CopyRow<uint8_t>(to, to_stride, from, from_stride, count);
    case 2:
      return CopyRow<uint16_t>(to, to_stride, from, from_stride, count);
    case 4:
      return CopyRow<uint32_t>(to, to_stride, from, from_stride, count);
    case 8:
      return CopyRow<uint64_t>(to, to_stride, from, from_stride, count);
    case 16:
      return CopyRow<std::complex<double>>(to, to_stride, from, from_stride, count);
    default:
      for (int64_t i = 0; i < count; ++i)
        std::memcpy(to + i * to_stride, from + i * from_stride, static_cast<size_t>(itemsize));
  }
}

// One element in the widest type of its class: exact for integers, doubles and complex numbers.
struct Wide {
  enum class Class : uint8_t { kSigned, kUnsigned, kReal } which;
  int64_t i;
  uint64_t u;
  double re, im;
};

template <typename T>
T ReadAs(const uint8_t* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

Wide FromSigned(int64_t i) { return {Wide::Class::kSigned, i, static_cast<uint64_t>(i), static_cast<double>(i), 0}; }
Wide FromUnsigned(uint64_t u) {
  return {Wide::Class::kUnsigned, static_cast<int64_t>(u), u, static_cast<double>(u), 0};
}
Wide FromReal(double re, double im = 0) { return {Wide::Class::kReal, 0, 0, re, im}; }

Wide ReadWide(Kind kind, const uint8_t* p) {
  switch (kind) {
    case Kind::kBool:
      return FromSigned(*p != 0);
    case Kind::kInt8:
      return FromSigned(ReadAs<int8_t>(p));
    case Kind::kInt16:
      return FromSigned(ReadAs<int16_t>(p));
    case Kind::kInt32:
      return FromSigned(ReadAs<int32_t>(p));
    case Kind::kUInt8:
      return FromUnsigned(*p);
    case Kind::kUInt16:
      return FromUnsigned(ReadAs<uint16_t>(p));
    case Kind::kUInt32:
      return FromUnsigned(ReadAs<uint32_t>(p));
    case Kind::kUInt64:
      return FromUnsigned(ReadAs<uint64_t>(p));
    case Kind::kFloat16:
      return FromReal(arrow::util::Float16::FromBits(ReadAs<uint16_t>(p)).ToDouble());
    case Kind::kFloat32:
      return FromReal(ReadAs<float>(p));
    case Kind::kFloat64:
      return FromReal(ReadAs<double>(p));
    case Kind::kComplex64:
      return FromReal(ReadAs<float>(p), ReadAs<float>(p + 4));
    case Kind::kComplex128:
      return FromReal(ReadAs<double>(p), ReadAs<double>(p + 8));
    default:
      return FromSigned(ReadAs<int64_t>(p));  // int64 and dates
  }
}

template <typename T>
void WriteAs(uint8_t* p, T value) {
  std::memcpy(p, &value, sizeof value);
}

// NumPy's conversion of an out-of-range or NaN float to an integer, as x86-64 does it.
int64_t ToInteger(const Wide& w) {
  if (w.which != Wide::Class::kReal) return w.i;
  if (w.re >= 9223372036854775808.0 || w.re < -9223372036854775808.0 || w.re != w.re) return INT64_MIN;
  return static_cast<int64_t>(w.re);
}
uint64_t ToUnsigned(const Wide& w) {
  if (w.which != Wide::Class::kReal) return w.u;
  if (w.re >= 9223372036854775808.0 && w.re < 18446744073709551616.0) return static_cast<uint64_t>(w.re);
  return static_cast<uint64_t>(ToInteger(w));
}

void WriteWide(Kind kind, uint8_t* p, const Wide& w) {
  switch (kind) {
    case Kind::kBool:
      *p = w.which == Wide::Class::kReal ? (w.re != 0 || w.im != 0 || w.re != w.re) : w.u != 0;
      return;
    case Kind::kInt8:
      return WriteAs(p, static_cast<int8_t>(ToInteger(w)));
    case Kind::kInt16:
      return WriteAs(p, static_cast<int16_t>(ToInteger(w)));
    case Kind::kInt32:
      return WriteAs(p, static_cast<int32_t>(ToInteger(w)));
    case Kind::kUInt8:
      return WriteAs(p, static_cast<uint8_t>(ToInteger(w)));
    case Kind::kUInt16:
      return WriteAs(p, static_cast<uint16_t>(ToInteger(w)));
    case Kind::kUInt32:
      return WriteAs(p, static_cast<uint32_t>(ToInteger(w)));
    case Kind::kUInt64:
      return WriteAs(p, ToUnsigned(w));
    case Kind::kFloat16:
      return WriteAs(p, arrow::util::Float16::FromDouble(w.re).bits());
    case Kind::kFloat32:
      return WriteAs(p, static_cast<float>(w.re));
    case Kind::kFloat64:
      return WriteAs(p, w.re);
    case Kind::kComplex64:
      WriteAs(p, static_cast<float>(w.re));
      return WriteAs(p + 4, static_cast<float>(w.im));
    case Kind::kComplex128:
      WriteAs(p, w.re);
      return WriteAs(p + 8, w.im);
    default:
      return WriteAs(p, ToInteger(w));
  }
}

}  // namespace

void CopyStrided(uint8_t* to, std::span<const int64_t> to_strides, const uint8_t* from,
                 std::span<const int64_t> from_strides, std::span<const int64_t> shape, int64_t itemsize) {
  // Axes that are contiguous in both form one run of bytes.
  size_t outer = shape.size();
  int64_t run = itemsize;
  while (outer > 0 && to_strides[outer - 1] == run && from_strides[outer - 1] == run) run *= shape[--outer];
  if (run > itemsize || outer == 0) {
    ForEachRow(shape, to_strides, from_strides, outer,
               [&](int64_t t, int64_t f) { std::memcpy(to + t, from + f, static_cast<size_t>(run)); });
    return;
  }
  const size_t last = shape.size() - 1;
  ForEachRow(shape, to_strides, from_strides, last, [&](int64_t t, int64_t f) {
    CopyRowOf(itemsize, to + t, to_strides[last], from + f, from_strides[last], shape[last]);
  });
}

Result<Chunk> ToContiguous(const Chunk& chunk, arrow::MemoryPool* pool) {
  if (chunk.is_contiguous()) return chunk;
  ASSIGN_OR_RETURN(Chunk copy, Chunk::Allocate(chunk.dtype(), chunk.shape(), pool));
  CopyStrided(copy.mutable_data(), copy.strides(), chunk.data(), chunk.strides(), chunk.shape(),
              chunk.dtype().itemsize);
  return copy;
}

Result<Chunk> ToContiguousOf(const Chunk& chunk, DType dtype, arrow::MemoryPool* pool) {
  if (chunk.dtype() == dtype) return ToContiguous(chunk, pool);
  CHECK(!chunk.dtype().is_string() && !dtype.is_string());
  ASSIGN_OR_RETURN(Chunk copy, Chunk::Allocate(dtype, chunk.shape(), pool));
  const Kind in = chunk.dtype().kind, out = dtype.kind;
  const uint8_t* from = chunk.data();
  uint8_t* to = copy.mutable_data();
  if (chunk.size() == 0) return copy;
  const size_t ndim = chunk.shape().size();
  const size_t outer = ndim == 0 ? 0 : ndim - 1;
  const int64_t count = ndim == 0 ? 1 : chunk.shape()[outer];
  const int64_t step = ndim == 0 ? 0 : chunk.strides()[outer];
  ForEachRow(chunk.shape(), copy.strides(), chunk.strides(), outer, [&](int64_t t, int64_t f) {
    for (int64_t i = 0; i < count; ++i) WriteWide(out, to + t + i * dtype.itemsize, ReadWide(in, from + f + i * step));
  });
  return copy;
}

Chunk TransposedView(const Chunk& chunk, std::span<const int32_t> order) {
  CHECK(order.size() == chunk.shape().size());
  Shape shape(order.size()), strides(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    shape[i] = chunk.shape()[order[i]];
    strides[i] = chunk.strides()[order[i]];
  }
  return Chunk(chunk.dtype(), std::move(shape), std::move(strides), chunk.offset(), chunk.buffer());
}

}  // namespace swath::kernels
