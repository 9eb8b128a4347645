#include "swath/data/value.h"

#include "arrow/buffer.h"
#include "arrow/table.h"
#include "arrow/util/byte_size.h"

namespace swath {

int64_t Value::nbytes() const {
  if (const Chunk* c = chunk()) return c->nbytes();
  if (const Partition* p = partition()) return p->table ? arrow::util::TotalBufferSize(*p->table) : 0;
  if (const Object* o = object()) {
    int64_t total = o->bytes ? o->bytes->size() : 0;
    for (const auto& buffer : o->buffers) total += buffer->size();
    return total;
  }
  if (const HostObject* h = host()) return h->nbytes();
  int64_t total = 0;
  if (const Pieces* p = pieces()) {
    for (const Value& value : p->values) total += value.nbytes();
  }
  return total;
}

}  // namespace swath
