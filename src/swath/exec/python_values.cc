#include "swath/exec/python_values.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "arrow/array.h"
#include "arrow/array/concatenate.h"
#include "arrow/io/memory.h"
#include "arrow/ipc/reader.h"
#include "arrow/ipc/writer.h"
#include "arrow/table.h"
#include "arrow/util/byte_size.h"

#include "swath/data/memory_pool.h"
#include "swath/exec/python_segment.h"

namespace swath::exec {
namespace {

Status Broken(std::string_view what) { return Status::IOError("a child sent a value that is none: ", what); }

// ---- to a child

// Row by row into C order.
uint8_t* Gather(const Chunk& chunk, size_t axis, const uint8_t* from, uint8_t* to) {
  const int64_t itemsize = chunk.dtype().itemsize;
  if (axis == chunk.shape().size()) {
    std::memcpy(to, from, static_cast<size_t>(itemsize));
    return to + itemsize;
  }
  const int64_t length = chunk.shape()[axis];
  const int64_t stride = chunk.strides()[axis];
  if (axis + 1 == chunk.shape().size() && stride == itemsize) {
    std::memcpy(to, from, static_cast<size_t>(length * itemsize));
    return to + length * itemsize;
  }
  for (int64_t i = 0; i < length; ++i) to = Gather(chunk, axis + 1, from + i * stride, to);
  return to;
}

Result<Chunk> Contiguous(const Chunk& chunk) {
  ASSIGN_OR_RETURN(Chunk copy, Chunk::Allocate(chunk.dtype(), chunk.shape(), Pool()));
  Gather(chunk, 0, chunk.data(), copy.mutable_data());
  return copy;
}

// The bytes that the chunk spans within its buffer, relative to element (0, 0, …).
std::pair<int64_t, int64_t> Extent(const Chunk& chunk) {
  if (chunk.size() == 0) return {0, 0};
  int64_t begin = 0;
  int64_t end = chunk.dtype().itemsize;
  for (size_t axis = 0; axis < chunk.shape().size(); ++axis) {
    const int64_t reach = (chunk.shape()[axis] - 1) * chunk.strides()[axis];
    (reach < 0 ? begin : end) += reach;
  }
  return {begin, end};
}

Status WriteChunk(const Chunk& given, MessageWriter* message) {
  Chunk chunk = given;
  auto [begin, end] = Extent(chunk);
  // A few elements of a large buffer: only they travel. What is shared already travels as it is.
  if (end - begin > 2 * chunk.nbytes() && !FindShared(*chunk.buffer())) {
    ASSIGN_OR_RETURN(chunk, Contiguous(chunk));
    std::tie(begin, end) = Extent(chunk);
  }
  message->Word(static_cast<int64_t>(ValueTag::kChunk));
  message->Text(chunk.dtype().ToString());
  message->Word(chunk.ndim());
  for (const int64_t length : chunk.shape()) message->Word(length);
  for (const int64_t stride : chunk.strides()) message->Word(stride);
  message->Word(-begin);
  if (end == begin) {
    message->Text("");
  } else {
    message->Bytes(chunk.buffer(), chunk.data() + begin, end - begin);
  }
  return Status::OK();
}

// Types that the child can rebuild from buffers; the others go as an IPC stream.
bool HasBuffersForm(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::DICTIONARY:
      return HasBuffersForm(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST:
    case arrow::Type::STRUCT:
      return std::all_of(type.fields().begin(), type.fields().end(),
                         [](const auto& field) { return HasBuffersForm(*field->type()); });
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::FIXED_SIZE_BINARY:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
    case arrow::Type::NA:
      return true;
    default:
      return arrow::is_primitive(type.id());
  }
}

void WriteArray(const arrow::ArrayData& array, MessageWriter* message) {
  for (const int64_t word : {array.length, array.GetNullCount(), array.offset, std::ssize(array.buffers)})
    message->Word(word);
  for (const auto& buffer : array.buffers) message->Bytes(buffer);
  message->Word(std::ssize(array.child_data));
  for (const auto& child : array.child_data) WriteArray(*child, message);
  message->Word(array.dictionary != nullptr ? 1 : 0);
  if (array.dictionary) WriteArray(*array.dictionary, message);
}

bool IsShared(const arrow::ArrayData& array) {
  return std::any_of(array.buffers.begin(), array.buffers.end(),
                     [](const auto& buffer) { return buffer != nullptr && FindShared(*buffer).has_value(); });
}

Status WriteColumn(const arrow::ChunkedArray& column, MessageWriter* message) {
  message->Word(column.num_chunks());
  for (const auto& chunk : column.chunks()) {
    std::shared_ptr<arrow::ArrayData> data = chunk->data();
    if (!IsShared(*data)) {  // a few rows of a large array: only they travel
      ASSIGN_OR_RETURN(const int64_t used, arrow::util::ReferencedBufferSize(*chunk));
      if (2 * used < arrow::util::TotalBufferSize(*chunk)) {
        ASSIGN_OR_RETURN(const auto copy, arrow::Concatenate({chunk}, Pool()));
        data = copy->data();
      }
    }
    WriteArray(*data, message);
  }
  return Status::OK();
}

Status WriteTable(const arrow::Table& table, MessageWriter* message) {
  const auto& fields = table.schema()->fields();
  if (!std::all_of(fields.begin(), fields.end(), [](const auto& field) { return HasBuffersForm(*field->type()); })) {
    ASSIGN_OR_RETURN(auto out, arrow::io::BufferOutputStream::Create(1 << 16, Pool()));
    ASSIGN_OR_RETURN(auto writer, arrow::ipc::MakeStreamWriter(out, table.schema()));
    RETURN_IF_ERROR(writer->WriteTable(table));
    RETURN_IF_ERROR(writer->Close());
    ASSIGN_OR_RETURN(const auto stream, out->Finish());
    message->Word(static_cast<int64_t>(ValueTag::kTableStream));
    message->Bytes(stream);
    return Status::OK();
  }
  ASSIGN_OR_RETURN(const auto schema, arrow::ipc::SerializeSchema(*table.schema(), Pool()));
  message->Word(static_cast<int64_t>(ValueTag::kTable));
  message->Bytes(schema);
  message->Word(table.num_rows());
  message->Word(table.num_columns());
  for (const auto& column : table.columns()) RETURN_IF_ERROR(WriteColumn(*column, message));
  return Status::OK();
}

// ---- from a child

Result<Value> ReadObject(MessageReader* message) {
  Object object{.format = "pickle5", .bytes = nullptr, .buffers = {}};
  ASSIGN_OR_RETURN(const int64_t count, message->Word());
  ASSIGN_OR_RETURN(object.bytes, message->Bytes());
  if (object.bytes == nullptr) return Broken("an object without bytes");
  for (int64_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(auto buffer, message->Bytes());
    if (buffer == nullptr) return Broken("an object with a missing buffer");
    object.buffers.push_back(std::move(buffer));
  }
  return Value(std::move(object));
}

Result<Value> ReadChunk(MessageReader* message) {
  ASSIGN_OR_RETURN(const std::string type, message->Text());
  ASSIGN_OR_RETURN(const DType dtype, DType::Parse(type));
  ASSIGN_OR_RETURN(const int64_t ndim, message->Word());
  if (ndim < 0 || ndim > 64) return Broken("an array with too many dimensions");
  Shape shape(static_cast<size_t>(ndim));
  Shape strides(static_cast<size_t>(ndim));
  for (Shape* words : {&shape, &strides}) {
    for (int64_t& word : *words) {
      ASSIGN_OR_RETURN(word, message->Word());
    }
  }
  ASSIGN_OR_RETURN(const int64_t first, message->Word());
  ASSIGN_OR_RETURN(auto buffer, message->Bytes());
  if (buffer == nullptr) return Broken("an array without bytes");
  if (std::any_of(shape.begin(), shape.end(), [](int64_t length) { return length < 0; }))
    return Broken("an array of negative length");
  Chunk chunk(dtype, std::move(shape), std::move(strides), first, buffer);
  const auto [begin, end] = Extent(chunk);
  if (first + begin < 0 || first + end > buffer->size()) return Broken("an array outside of its bytes");
  return Value(std::move(chunk));
}

Result<Value> ReadTableStream(MessageReader* message) {
  ASSIGN_OR_RETURN(const auto bytes, message->Bytes());
  if (bytes == nullptr) return Broken("a table without bytes");
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  options.memory_pool = Pool();
  ASSIGN_OR_RETURN(auto reader, arrow::ipc::RecordBatchStreamReader::Open(
                                    std::make_shared<arrow::io::BufferReader>(bytes), options));
  ASSIGN_OR_RETURN(auto table, reader->ToTable());
  return Value(Partition{std::move(table)});
}

}  // namespace

void WriteObject(const Object& object, MessageWriter* message) {
  message->Word(std::ssize(object.buffers));
  message->Bytes(object.bytes);
  for (const auto& buffer : object.buffers) message->Bytes(buffer);
}

Status WriteValue(const Value& value, MessageWriter* message) {
  if (const Chunk* chunk = value.chunk()) return WriteChunk(*chunk, message);
  if (const Partition* partition = value.partition(); partition != nullptr && partition->table != nullptr)
    return WriteTable(*partition->table, message);
  if (const HostObject* host = value.host()) {
    ASSIGN_OR_RETURN(const Object object, host->Serialize());
    return WriteValue(Value(object), message);
  }
  if (const Object* object = value.object()) {
    if (object->format != "pickle5")
      return Status::TypeError("a child reads objects of format 'pickle5', not '", object->format, "'");
    message->Word(static_cast<int64_t>(ValueTag::kObject));
    WriteObject(*object, message);
    return Status::OK();
  }
  if (const Pieces* pieces = value.pieces()) {
    message->Word(static_cast<int64_t>(ValueTag::kPieces));
    message->Word(std::ssize(pieces->values));
    for (const Value& piece : pieces->values) RETURN_IF_ERROR(WriteValue(piece, message));
    return Status::OK();
  }
  message->Word(static_cast<int64_t>(ValueTag::kNone));
  return Status::OK();
}

Result<Value> ReadValue(MessageReader* message) {
  ASSIGN_OR_RETURN(const int64_t tag, message->Word());
  switch (static_cast<ValueTag>(tag)) {
    case ValueTag::kNone:
      return Value();
    case ValueTag::kObject:
      return ReadObject(message);
    case ValueTag::kChunk:
      return ReadChunk(message);
    case ValueTag::kTableStream:
      return ReadTableStream(message);
    case ValueTag::kPieces: {
      ASSIGN_OR_RETURN(const int64_t count, message->Word());
      Pieces pieces;
      for (int64_t i = 0; i < count; ++i) {
        ASSIGN_OR_RETURN(Value piece, ReadValue(message));
        pieces.values.push_back(std::move(piece));
      }
      return Value(std::move(pieces));
    }
    case ValueTag::kTable:
      break;
  }
  return Broken("an unknown tag");
}

}  // namespace swath::exec
