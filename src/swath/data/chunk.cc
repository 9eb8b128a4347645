#include "swath/data/chunk.h"

#include <limits>

#include "arrow/buffer.h"
#include "arrow/memory_pool.h"

namespace swath {

Shape ContiguousStrides(std::span<const int64_t> shape, int64_t itemsize) {
  Shape strides(shape.size());
  int64_t stride = itemsize;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= shape[i] > 0 ? shape[i] : 1;
  }
  return strides;
}

int64_t Product(std::span<const int64_t> values) {
  int64_t product = 1;
  for (int64_t value : values) product *= value;
  return product;
}

Chunk::Chunk(DType dtype, Shape shape, Shape strides, int64_t offset, std::shared_ptr<arrow::Buffer> buffer)
    : dtype_(dtype),
      shape_(std::move(shape)),
      strides_(std::move(strides)),
      offset_(offset),
      buffer_(std::move(buffer)) {
  CHECK(shape_.size() == strides_.size());
}

Result<Chunk> Chunk::Allocate(DType dtype, Shape shape, arrow::MemoryPool* pool) {
  int64_t bytes = dtype.itemsize;
  for (int64_t length : shape) {
    CHECK(length >= 0);
    if (__builtin_mul_overflow(bytes, length, &bytes)) return Status::OutOfMemory("a chunk of more than 2^63 bytes");
  }
  ASSIGN_OR_RETURN(auto buffer, arrow::AllocateBuffer(bytes, pool));
  Shape strides = ContiguousStrides(shape, dtype.itemsize);
  return Chunk(dtype, std::move(shape), std::move(strides), 0, std::shared_ptr<arrow::Buffer>(std::move(buffer)));
}

int64_t Chunk::size() const { return Product(shape_); }

bool Chunk::is_contiguous() const {
  if (size() == 0) return true;
  int64_t stride = dtype_.itemsize;
  for (size_t i = shape_.size(); i-- > 0;) {
    if (shape_[i] != 1 && strides_[i] != stride) return false;
    stride *= shape_[i];
  }
  return true;
}

const uint8_t* Chunk::data() const { return buffer_ ? buffer_->data() + offset_ : nullptr; }

uint8_t* Chunk::mutable_data() {
  CHECK(buffer_ && buffer_->is_mutable());
  return buffer_->mutable_data() + offset_;
}

Result<Chunk> Chunk::Reshape(Shape shape) const {
  if (Product(shape) != size()) {
    return Status::Invalid("cannot view ", size(), " elements as a shape of ", Product(shape));
  }
  if (!is_contiguous()) return Status::Invalid("cannot view a chunk that is not contiguous with another shape");
  Shape strides = ContiguousStrides(shape, dtype_.itemsize);
  return Chunk(dtype_, std::move(shape), std::move(strides), offset_, buffer_);
}

}  // namespace swath
