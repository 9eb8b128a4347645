// Chunk: one block of an array: an n-d strided view (shape, strides and offset in bytes) on a counted buffer.
// Immutable once it has left the task that wrote it; copying is cheap. Buffers come from the memory pool
// (data/memory_pool.h) or are borrowed from NumPy (zero copy), and are 64-byte aligned when they are ours.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/dtype.h"

namespace swath {

using Shape = std::vector<int64_t>;

class Chunk {
 public:
  Chunk() = default;
  Chunk(DType dtype, Shape shape, Shape strides, int64_t offset, std::shared_ptr<arrow::Buffer> buffer);

  // A new C-contiguous chunk, uninitialised, from `pool`. OutOfMemory when the pool refuses.
  static Result<Chunk> Allocate(DType dtype, Shape shape, arrow::MemoryPool* pool);

  const DType& dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  const Shape& strides() const { return strides_; }  // bytes, may be zero or negative
  int64_t ndim() const { return static_cast<int64_t>(shape_.size()); }
  int64_t size() const;  // elements
  int64_t nbytes() const { return size() * dtype_.itemsize; }
  bool is_contiguous() const;  // C order, no gaps
  const std::shared_ptr<arrow::Buffer>& buffer() const { return buffer_; }
  int64_t offset() const { return offset_; }

  const uint8_t* data() const;  // the element (0, 0, …)
  uint8_t* mutable_data();      // CHECKs that the buffer is mutable
  template <typename T>
  const T* data_as() const {
    return reinterpret_cast<const T*>(data());
  }
  template <typename T>
  T* mutable_data_as() {
    return reinterpret_cast<T*>(mutable_data());
  }

  // The same memory with another shape; Invalid unless contiguous and of equal size.
  Result<Chunk> Reshape(Shape shape) const;

 private:
  DType dtype_;
  Shape shape_;
  Shape strides_;
  int64_t offset_ = 0;
  std::shared_ptr<arrow::Buffer> buffer_;
};

// C-contiguous strides in bytes.
Shape ContiguousStrides(std::span<const int64_t> shape, int64_t itemsize);
int64_t Product(std::span<const int64_t> values);

}  // namespace swath
