#include "swath/cluster/wire/value_fields.h"

#include <cstring>

#include "arrow/buffer.h"
#include "arrow/io/memory.h"
#include "arrow/ipc/reader.h"
#include "arrow/ipc/writer.h"
#include "arrow/table.h"

#include "swath/cluster/wire/array_fields.h"

namespace swath::cluster {
namespace {

enum class ValueTag : uint8_t { kEmpty, kChunk, kPartition, kNullPartition, kObject, kPieces };
constexpr int kPiecesDepthMax = 16;

// Elements one after the other, axis by axis.
void Gather(const Chunk& chunk, int64_t axis, const uint8_t* from, uint8_t** to) {
  const int64_t itemsize = chunk.dtype().itemsize;
  if (axis == chunk.ndim()) {
    std::memcpy(*to, from, static_cast<size_t>(itemsize));
    *to += itemsize;
    return;
  }
  const auto at = static_cast<size_t>(axis);
  for (int64_t i = 0; i < chunk.shape()[at]; ++i) Gather(chunk, axis + 1, from + i * chunk.strides()[at], to);
}

Result<std::shared_ptr<arrow::Buffer>> DataOf(const Chunk& chunk) {
  if (chunk.nbytes() == 0) return arrow::Buffer::FromString("");
  if (chunk.is_contiguous()) return arrow::SliceBuffer(chunk.buffer(), chunk.offset(), chunk.nbytes());
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> data, arrow::AllocateBuffer(chunk.nbytes()));
  uint8_t* to = data->mutable_data();
  Gather(chunk, 0, chunk.data(), &to);
  return data;
}

void WriteChunk(FieldWriter& io, const Chunk& chunk) {
  WriteFields(io, chunk.dtype());
  io(chunk.shape());
  auto data = DataOf(chunk);
  if (!data.ok()) io.Fail(data.status());
  io(data.ok() ? *data : nullptr);
}

Status ReadChunk(FieldReader& io, Value* value) {
  DType dtype;
  ReadFields(io, dtype);
  Shape shape = io.reader().Ints(64);
  std::shared_ptr<arrow::Buffer> data;
  io(data);
  RETURN_IF_ERROR(io.reader().status());
  int64_t bytes = dtype.itemsize;
  bool empty = bytes == 0;
  for (const int64_t length : shape) {
    if (length < 0) return Status::IOError("a chunk of negative length");
    empty |= length == 0;
  }
  for (const int64_t length : shape) {
    if (!empty && __builtin_mul_overflow(bytes, length, &bytes)) return Status::IOError("a chunk that is too large");
  }
  if (empty) bytes = 0;
  if (data == nullptr || data->size() != bytes) return Status::IOError("a chunk whose data do not have its size");
  if (reinterpret_cast<uintptr_t>(data->data()) % 16 != 0) {  // kernels read aligned elements
    ASSIGN_OR_RETURN(data, data->CopySlice(0, data->size()));
  }
  Shape strides = ContiguousStrides(shape, dtype.itemsize);
  *value = Chunk(dtype, std::move(shape), std::move(strides), 0, std::move(data));
  return Status::OK();
}

Result<std::shared_ptr<arrow::Buffer>> ToIpc(const arrow::Table& table) {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.use_threads = false;
  options.alignment = 64;
  options.allow_64bit = true;
  ASSIGN_OR_RETURN(auto out, arrow::io::BufferOutputStream::Create());
  ASSIGN_OR_RETURN(auto writer, arrow::ipc::MakeStreamWriter(out, table.schema(), options));
  RETURN_IF_ERROR(writer->WriteTable(table));
  RETURN_IF_ERROR(writer->Close());
  return out->Finish();
}

Result<std::shared_ptr<arrow::Table>> FromIpc(const std::shared_ptr<arrow::Buffer>& data) {
  if (data == nullptr) return Status::IOError("a table without data");
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  auto input = std::make_shared<arrow::io::BufferReader>(data);
  ASSIGN_OR_RETURN(auto reader, arrow::ipc::RecordBatchStreamReader::Open(input, options));
  ASSIGN_OR_RETURN(auto table, reader->ToTable());
  RETURN_IF_ERROR(table->ValidateFull());
  return table;
}

void ReadValue(FieldReader& io, Value& value, int depth);

Status ReadTagged(FieldReader& io, ValueTag tag, Value* value, int depth) {
  switch (tag) {
    case ValueTag::kEmpty:
      *value = Value();
      return Status::OK();
    case ValueTag::kChunk:
      return ReadChunk(io, value);
    case ValueTag::kPartition: {
      std::shared_ptr<arrow::Buffer> data;
      io(data);
      RETURN_IF_ERROR(io.reader().status());
      ASSIGN_OR_RETURN(auto table, FromIpc(data));
      *value = Partition{std::move(table)};
      return Status::OK();
    }
    case ValueTag::kNullPartition:
      *value = Partition{};
      return Status::OK();
    case ValueTag::kObject: {
      Object object;
      ReadFields(io, object);
      *value = std::move(object);
      return Status::OK();
    }
    case ValueTag::kPieces: {
      if (depth == kPiecesDepthMax) return Status::IOError("pieces nested too deep");
      Pieces pieces;
      const size_t count = io.reader().Array();
      for (size_t i = 0; i < count && io.ok(); ++i) ReadValue(io, pieces.values.emplace_back(), depth + 1);
      *value = std::move(pieces);
      return Status::OK();
    }
  }
  return Status::IOError("an unknown kind of value");
}

void ReadValue(FieldReader& io, Value& value, int depth) {
  const auto tag = static_cast<ValueTag>(io.reader().Int(0, static_cast<int64_t>(ValueTag::kPieces)));
  if (io.ok()) io.Fail(ReadTagged(io, tag, &value, depth));
}

}  // namespace

void WriteFields(FieldWriter& io, const Object& object) {
  io(object.format);
  io(object.bytes);
  io.writer().Array(object.buffers.size());
  for (const auto& buffer : object.buffers) io(buffer);
}
void ReadFields(FieldReader& io, Object& object) {
  io(object.format);
  io(object.bytes);
  const size_t count = io.reader().Array();
  for (size_t i = 0; i < count && io.ok(); ++i) {
    io(object.buffers.emplace_back());
    if (object.buffers.back() == nullptr) io.Fail("an object without one of its buffers");
  }
}

void WriteFields(FieldWriter& io, const Value& value) {
  const auto tag = [&](ValueTag t) { io.writer().Int(static_cast<int64_t>(t)); };
  if (const Chunk* chunk = value.chunk()) {
    tag(ValueTag::kChunk);
    WriteChunk(io, *chunk);
  } else if (const Partition* partition = value.partition()) {
    tag(partition->table == nullptr ? ValueTag::kNullPartition : ValueTag::kPartition);
    if (partition->table == nullptr) return;
    auto data = ToIpc(*partition->table);
    if (!data.ok()) io.Fail(data.status());
    io(data.ok() ? *data : nullptr);
  } else if (const Object* object = value.object()) {
    tag(ValueTag::kObject);
    WriteFields(io, *object);
  } else if (const HostObject* host = value.host()) {
    tag(ValueTag::kObject);
    const auto bytes = host->Serialize();
    if (!bytes.ok()) io.Fail(bytes.status());
    WriteFields(io, bytes.ok() ? *bytes : Object{});
  } else if (const Pieces* pieces = value.pieces()) {
    tag(ValueTag::kPieces);
    io.writer().Array(pieces->values.size());
    for (const Value& piece : pieces->values) WriteFields(io, piece);
  } else {
    tag(ValueTag::kEmpty);
  }
}

void ReadFields(FieldReader& io, Value& value) { ReadValue(io, value, 0); }

Result<EncodedValue> EncodeValue(const Value& value) {
  EncodedValue encoded;
  Writer writer;
  FieldWriter io(&writer, &encoded.buffers);
  WriteFields(io, value);
  if (!io.status().ok()) return io.status();
  encoded.body = writer.Finish();
  return encoded;
}

Result<Value> DecodeValue(std::string_view body, const std::vector<std::shared_ptr<arrow::Buffer>>& buffers) {
  Reader reader(body);
  FieldReader io(&reader, buffers);
  Value value;
  ReadFields(io, value);
  RETURN_IF_ERROR(reader.Done());
  return value;
}

}  // namespace swath::cluster
