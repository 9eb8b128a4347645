// Values within messages to and from Python children (exec/python_message.h). Words of a value, after its tag:
//
//   kNone                                                       no value
//   kObject      buffers, bytes of the pickle, bytes of each buffer
//   kChunk       text of the dtype, dimensions, shape, strides, position of element (0, 0, …), bytes
//   kTable       bytes of the schema, rows, columns; each: chunks; each: an array
//   kTableStream bytes of an Arrow IPC stream                   to the engine; and for types that kTable has not
//   kPieces      count, values
//   array := length, null count, offset, buffers, bytes of each, children, arrays, 0 or 1 dictionaries
#pragma once

#include "swath/data/value.h"
#include "swath/exec/python_message.h"

namespace swath::exec {

enum class ValueTag : int64_t { kNone, kObject, kChunk, kTable, kTableStream, kPieces };

// Adds a value. A HostObject is serialised first; its error, if it cannot be.
Status WriteValue(const Value& value, MessageWriter* message);
void WriteObject(const Object& object, MessageWriter* message);  // without the tag
Result<Value> ReadValue(MessageReader* message);

}  // namespace swath::exec
