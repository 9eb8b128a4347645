#include "swath/exec/value_codec.h"

#include <array>
#include <cstring>

#include "arrow/buffer.h"
#include "arrow/io/interfaces.h"
#include "arrow/io/memory.h"
#include "arrow/ipc/reader.h"
#include "arrow/ipc/writer.h"
#include "arrow/table.h"

namespace swath::exec {
namespace {

enum class Tag : int64_t { kEmpty, kChunk, kPartition, kNullPartition, kObject, kPieces };

constexpr int64_t kAlignment = 64;

class Encoder {
 public:
  Encoder(arrow::MemoryPool* pool, arrow::io::OutputStream* out) : pool_(pool), out_(out) {}

  Status Encode(const Value& value) {
    if (const Chunk* chunk = value.chunk()) return EncodeChunk(*chunk);
    if (const Partition* partition = value.partition()) return EncodePartition(*partition);
    if (const Object* object = value.object()) return EncodeObject(*object);
    if (const HostObject* host = value.host()) {  // comes back as an Object
      ASSIGN_OR_RETURN(const Object bytes, host->Serialize());
      return EncodeObject(bytes);
    }
    if (const Pieces* pieces = value.pieces()) {
      RETURN_IF_ERROR(Put(static_cast<int64_t>(Tag::kPieces)));
      RETURN_IF_ERROR(Put(static_cast<int64_t>(pieces->values.size())));
      for (const Value& piece : pieces->values) RETURN_IF_ERROR(Encode(piece));
      return Status::OK();
    }
    return Put(static_cast<int64_t>(Tag::kEmpty));
  }

 private:
  Status Put(int64_t number) { return Write(&number, sizeof number); }
  Status Write(const void* data, int64_t size) {
    position_ += size;
    return size == 0 ? Status::OK() : out_->Write(data, size);
  }
  Status Align() {
    static constexpr std::array<uint8_t, kAlignment> kZeros{};
    return Write(kZeros.data(), (kAlignment - position_ % kAlignment) % kAlignment);
  }
  Status PutBuffer(const void* data, int64_t size) {
    RETURN_IF_ERROR(Put(size));
    RETURN_IF_ERROR(Align());
    return Write(data, size);
  }

  Status EncodeChunk(const Chunk& chunk) {
    RETURN_IF_ERROR(Put(static_cast<int64_t>(Tag::kChunk)));
    RETURN_IF_ERROR(Put(static_cast<int64_t>(chunk.dtype().kind) | static_cast<int64_t>(chunk.dtype().unit) << 8 |
                        static_cast<int64_t>(chunk.dtype().itemsize) << 32));
    RETURN_IF_ERROR(Put(chunk.ndim()));
    for (const int64_t length : chunk.shape()) RETURN_IF_ERROR(Put(length));
    if (chunk.is_contiguous()) return PutBuffer(chunk.data(), chunk.nbytes());
    RETURN_IF_ERROR(Put(chunk.nbytes()));
    RETURN_IF_ERROR(Align());
    return WriteStrided(chunk, 0, chunk.data());
  }

  // Row by row; the last axis is gathered into a staging row where it has gaps.
  Status WriteStrided(const Chunk& chunk, int64_t axis, const uint8_t* at) {
    const int64_t length = chunk.shape()[static_cast<size_t>(axis)];
    const int64_t stride = chunk.strides()[static_cast<size_t>(axis)];
    if (axis + 1 < chunk.ndim()) {
      for (int64_t i = 0; i < length; ++i) RETURN_IF_ERROR(WriteStrided(chunk, axis + 1, at + i * stride));
      return Status::OK();
    }
    const int64_t itemsize = chunk.dtype().itemsize;
    if (stride == itemsize) return Write(at, length * itemsize);
    row_.resize(static_cast<size_t>(length * itemsize));
    for (int64_t i = 0; i < length; ++i)
      std::memcpy(row_.data() + i * itemsize, at + i * stride, static_cast<size_t>(itemsize));
    return Write(row_.data(), length * itemsize);
  }

  Status EncodePartition(const Partition& partition) {
    if (partition.table == nullptr) return Put(static_cast<int64_t>(Tag::kNullPartition));
    RETURN_IF_ERROR(Put(static_cast<int64_t>(Tag::kPartition)));
    RETURN_IF_ERROR(Align());
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.memory_pool = pool_;
    options.alignment = static_cast<int32_t>(kAlignment);
    options.allow_64bit = true;
    options.use_threads = false;
    ASSIGN_OR_RETURN(const int64_t begin, out_->Tell());
    ASSIGN_OR_RETURN(auto writer, arrow::ipc::MakeStreamWriter(out_, partition.table->schema(), options));
    RETURN_IF_ERROR(writer->WriteTable(*partition.table));
    RETURN_IF_ERROR(writer->Close());
    ASSIGN_OR_RETURN(const int64_t end, out_->Tell());
    position_ += end - begin;
    return Align();
  }

  Status EncodeObject(const Object& object) {
    RETURN_IF_ERROR(Put(static_cast<int64_t>(Tag::kObject)));
    RETURN_IF_ERROR(PutBuffer(object.format.data(), static_cast<int64_t>(object.format.size())));
    RETURN_IF_ERROR(Align());
    RETURN_IF_ERROR(Put(static_cast<int64_t>(object.buffers.size()) + (object.bytes ? int64_t{1} << 32 : 0)));
    if (object.bytes) RETURN_IF_ERROR(PutBuffer(object.bytes->data(), object.bytes->size()));
    for (const auto& buffer : object.buffers) {
      RETURN_IF_ERROR(Align());
      RETURN_IF_ERROR(PutBuffer(buffer->data(), buffer->size()));
    }
    return Status::OK();
  }

  arrow::MemoryPool* pool_;
  arrow::io::OutputStream* out_;
  int64_t position_ = 0;
  std::vector<uint8_t> row_;
};

class Decoder {
 public:
  explicit Decoder(std::shared_ptr<arrow::Buffer> bytes) : bytes_(std::move(bytes)) {}

  Result<Value> Decode() {
    ASSIGN_OR_RETURN(const int64_t tag, Get());
    switch (static_cast<Tag>(tag)) {
      case Tag::kEmpty:
        return Value();
      case Tag::kChunk:
        return DecodeChunk();
      case Tag::kPartition:
        return DecodePartition();
      case Tag::kNullPartition:
        return Value(Partition{});
      case Tag::kObject:
        return DecodeObject();
      case Tag::kPieces: {
        ASSIGN_OR_RETURN(const int64_t count, Get());
        Pieces pieces;
        for (int64_t i = 0; i < count; ++i) {
          ASSIGN_OR_RETURN(Value piece, Decode());
          pieces.values.push_back(std::move(piece));
        }
        return Value(std::move(pieces));
      }
    }
    return Broken();
  }

 private:
  static Status Broken() { return Status::IOError("the bytes are no value of ours"); }
  Result<int64_t> Get() {
    int64_t number = 0;
    if (bytes_->size() - position_ < static_cast<int64_t>(sizeof number)) return Broken();
    std::memcpy(&number, bytes_->data() + position_, sizeof number);
    position_ += static_cast<int64_t>(sizeof number);
    return number;
  }
  void Align() { position_ = (position_ + kAlignment - 1) / kAlignment * kAlignment; }
  Result<std::shared_ptr<arrow::Buffer>> GetBuffer() {
    ASSIGN_OR_RETURN(const int64_t size, Get());
    Align();
    if (size < 0 || size > bytes_->size() - position_) return Broken();
    auto slice = arrow::SliceBuffer(bytes_, position_, size);
    position_ += size;
    return slice;
  }

  Result<Value> DecodeChunk() {
    ASSIGN_OR_RETURN(const int64_t type, Get());
    DType dtype;
    dtype.kind = static_cast<Kind>(type & 0xff);
    dtype.unit = static_cast<DateUnit>(type >> 8 & 0xff);
    dtype.itemsize = static_cast<int32_t>(type >> 32);
    ASSIGN_OR_RETURN(const int64_t ndim, Get());
    Shape shape;
    for (int64_t i = 0; i < ndim; ++i) {
      ASSIGN_OR_RETURN(const int64_t length, Get());
      shape.push_back(length);
    }
    ASSIGN_OR_RETURN(auto buffer, GetBuffer());
    Shape strides = ContiguousStrides(shape, dtype.itemsize);
    return Value(Chunk(dtype, std::move(shape), std::move(strides), 0, std::move(buffer)));
  }

  Result<Value> DecodePartition() {
    Align();
    if (position_ > bytes_->size()) return Broken();
    auto input = std::make_shared<arrow::io::BufferReader>(arrow::SliceBuffer(bytes_, position_));
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.use_threads = false;
    ASSIGN_OR_RETURN(auto reader, arrow::ipc::RecordBatchStreamReader::Open(input, options));
    ASSIGN_OR_RETURN(auto table, reader->ToTable());
    ASSIGN_OR_RETURN(const int64_t consumed, input->Tell());
    position_ += consumed;
    Align();
    return Value(Partition{std::move(table)});
  }

  Result<Value> DecodeObject() {
    Object object;
    ASSIGN_OR_RETURN(const auto format, GetBuffer());
    object.format = format->ToString();
    Align();
    ASSIGN_OR_RETURN(const int64_t count, Get());
    if (count >> 32 != 0) {
      ASSIGN_OR_RETURN(object.bytes, GetBuffer());
    }
    for (int64_t i = 0; i < (count & 0xffffffff); ++i) {
      Align();
      ASSIGN_OR_RETURN(auto buffer, GetBuffer());
      object.buffers.push_back(std::move(buffer));
    }
    return Value(std::move(object));
  }

  std::shared_ptr<arrow::Buffer> bytes_;
  int64_t position_ = 0;
};

}  // namespace

Status EncodeValue(const Value& value, arrow::MemoryPool* pool, arrow::io::OutputStream* out) {
  return Encoder(pool, out).Encode(value);
}

Result<Value> DecodeValue(const std::shared_ptr<arrow::Buffer>& bytes) { return Decoder(bytes).Decode(); }

}  // namespace swath::exec
