// Value: what flows along the edges of a graph: a Chunk (array block), a Partition (table), an Object (opaque
// bytes), a HostObject (an object of the user's language), or Pieces of them (a task with several results: radix parts,
// a partial value with its count).
// Cheap to copy; immutable; knows its bytes, so that it can be accounted, spilled and sent.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/chunk.h"

namespace swath {

// One partition of a table. The index columns are ordinary columns named by the collection's schema.
struct Partition {
  std::shared_ptr<arrow::Table> table;
};

// Opaque serialised bytes with out-of-band buffers (pickle protocol 5).
struct Object {
  std::string format;  // "pickle5", "json", …
  std::shared_ptr<arrow::Buffer> bytes;
  std::vector<std::shared_ptr<arrow::Buffer>> buffers;
};

// An object of the language that uses the engine (a Python object, a C++ value behind std::any), alive in this process.
// Opaque: the engine holds it, hands it to the calls that read it, and asks for bytes when it must leave the process.
// May be released on any thread.
class HostObject {
 public:
  virtual ~HostObject() = default;
  virtual int64_t nbytes() const = 0;  // an estimate; 0 when unknown
  // Bytes that make an equal object elsewhere; TypeError when it has none (it then stays where it is).
  virtual Result<Object> Serialize() const = 0;
};
using HostObjectPtr = std::shared_ptr<const HostObject>;

class Value;
struct Pieces {
  std::vector<Value> values;
};

class Value {
 public:
  Value() = default;
  Value(Chunk chunk) : value_(std::move(chunk)) {}              // NOLINT(google-explicit-constructor)
  Value(Partition partition) : value_(std::move(partition)) {}  // NOLINT(google-explicit-constructor)
  Value(Object object) : value_(std::move(object)) {}           // NOLINT(google-explicit-constructor)
  Value(HostObjectPtr object) : value_(std::move(object)) {}    // NOLINT(google-explicit-constructor)
  Value(Pieces pieces)
      : value_(std::make_shared<const Pieces>(std::move(pieces))) {}  // NOLINT(google-explicit-constructor)

  bool empty() const { return std::holds_alternative<std::monostate>(value_); }
  const Chunk* chunk() const { return std::get_if<Chunk>(&value_); }
  const Partition* partition() const { return std::get_if<Partition>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  const HostObject* host() const {
    auto* h = std::get_if<HostObjectPtr>(&value_);
    return h ? h->get() : nullptr;
  }
  const Pieces* pieces() const {
    auto* p = std::get_if<std::shared_ptr<const Pieces>>(&value_);
    return p ? p->get() : nullptr;
  }
  int64_t nbytes() const;

 private:
  std::variant<std::monostate, Chunk, Partition, Object, HostObjectPtr, std::shared_ptr<const Pieces>> value_;
};

}  // namespace swath
