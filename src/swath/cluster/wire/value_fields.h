// Values on the wire: what describes them as fields, their data as buffers beside the message, not copied where they
// are contiguous. Decoding checks everything: a chunk never reaches beyond its buffer, tables are validated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "swath/cluster/wire/fields.h"
#include "swath/data/value.h"

namespace swath::cluster {

void WriteFields(FieldWriter& io, const Value& value);
void ReadFields(FieldReader& io, Value& value);
void WriteFields(FieldWriter& io, const Object& object);
void ReadFields(FieldReader& io, Object& object);

// One value as a message of its own: what workers send each other and clients gather.
struct EncodedValue {
  std::string body;
  std::vector<std::shared_ptr<arrow::Buffer>> buffers;
};
// HostObjects become Objects (TypeError from those that have no bytes).
Result<EncodedValue> EncodeValue(const Value& value);
Result<Value> DecodeValue(std::string_view body, const std::vector<std::shared_ptr<arrow::Buffer>>& buffers);

}  // namespace swath::cluster
