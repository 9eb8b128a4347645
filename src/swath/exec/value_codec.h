// A Value as bytes and back, for spill files: self-describing, raw data 64-byte aligned, so that decoding copies
// nothing: the decoded value's buffers are slices of the one that was read. Trusted input only (checksums are the
// caller's).
#pragma once

#include <memory>

#include "arrow/io/type_fwd.h"
#include "arrow/type_fwd.h"

#include "swath/data/value.h"

namespace swath::exec {

// Writes `value` to `out`; strided chunks become C-contiguous. `pool` is for small scratch.
Status EncodeValue(const Value& value, arrow::MemoryPool* pool, arrow::io::OutputStream* out);

// The value whose encoding fills `bytes`. IOError when the bytes are no encoding.
Result<Value> DecodeValue(const std::shared_ptr<arrow::Buffer>& bytes);

}  // namespace swath::exec
