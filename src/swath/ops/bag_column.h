// ItemColumn: the columnar form of a bag's partition: a Partition whose table has one column "item":
//   large_string            text                      double, bool, int64    numbers; null is None
//   large_binary, tagged    anything else, one tagged encoding (bag_item.h) a row; the field's metadata say so
// and optionally "path": then every item is the tuple (item, path). Other partitions of a bag are opaque: HostObjects
// and Objects of the user's language.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/data/value.h"
#include "swath/ops/bag_item.h"

namespace swath::ops {

inline constexpr const char* kItemColumn = "item";
inline constexpr const char* kPathColumn = "path";

// The field of a tagged column.
std::shared_ptr<arrow::Field> TaggedField();
bool IsTagged(const arrow::Field& field);
// May the table be read as items? (Columns of other Arrow types are converted by ItemReader::Make.)
bool HoldsItems(const arrow::Schema& schema);

// Reads the items of a table in order. The items live until the next call of Next; text points into the table.
class ItemReader {
 public:
  // TypeError for a table that is no partition of a bag.
  static Result<std::unique_ptr<ItemReader>> Make(std::shared_ptr<arrow::Table> table, arrow::MemoryPool* pool);
  virtual ~ItemReader() = default;
  virtual int64_t count() const = 0;
  // False at the end.
  virtual Result<bool> Next(BagItem* item) = 0;
};

// Builds a partition out of items: typed while all are of one plain type, tagged from the first that is not.
class ItemColumnBuilder {
 public:
  explicit ItemColumnBuilder(arrow::MemoryPool* pool);
  ~ItemColumnBuilder();
  Status Append(const BagItem& item);  // not for documents and failures
  int64_t count() const;
  int64_t nbytes() const;
  Result<Partition> Finish();  // the builder is empty again

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All items of a partition, decoded into `arena`.
Result<std::vector<BagItem>> ItemsOf(const Partition& partition, ItemArena* arena, arrow::MemoryPool* pool);

}  // namespace swath::ops
