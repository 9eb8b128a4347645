// BagItem: one item of a bag, dynamically typed as Python's values are: None, bool, int, float, text, bytes, list,
// tuple, record (a dict whose keys are items, in order). A view of 16 bytes: what it points to belongs to somebody else
// (the text of a block, a parsed document, an ItemArena). Integers are those of 64 bits: what is larger is Python's to
// compute. Equality and order are Python's: True == 1 == 1.0, text is compared by code points, lists element by
// element.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "swath/base/status.h"

namespace swath::ops {

enum class ItemKind : uint8_t {
  kNone,
  kBool,
  kInt,
  kFloat,
  kText,
  kBytes,
  kList,
  kTuple,
  kRecord,
  kDocument,  // a part of a parsed JSON document: only kernels/bag, which parse it, look inside; never stored
  kFailed,    // no value: evaluation met an error, or what only Python does exactly
};

struct BagItem {
  ItemKind kind = ItemKind::kNone;
  uint32_t size = 0;  // of text and bytes: bytes; of lists and tuples: items; of records: pairs; of documents: position
  union {
    bool boolean;
    int64_t integer = 0;
    double number;
    const char* text;
    const BagItem* items;  // of records: key, value, key, value, …
    const void* document;
  };

  static BagItem None() { return {}; }
  static BagItem Bool(bool value);
  static BagItem Int(int64_t value);
  static BagItem Float(double value);
  static BagItem Text(std::string_view value);  // at most 4 GiB - 1
  static BagItem Bytes(std::string_view value);
  static BagItem List(const BagItem* items, uint32_t count);
  static BagItem Tuple(const BagItem* items, uint32_t count);
  static BagItem Record(const BagItem* pairs, uint32_t count);
  static BagItem Failed();

  std::string_view view() const { return {text, size}; }
  bool is_text() const { return kind == ItemKind::kText; }
  bool is_number() const { return kind == ItemKind::kInt || kind == ItemKind::kFloat || kind == ItemKind::kBool; }
  bool is_integral() const { return kind == ItemKind::kInt || kind == ItemKind::kBool; }
  bool failed() const { return kind == ItemKind::kFailed; }
  int64_t as_int() const { return kind == ItemKind::kBool ? int64_t{boolean} : integer; }
  double as_float() const { return kind == ItemKind::kFloat ? number : static_cast<double>(as_int()); }
};
static_assert(sizeof(BagItem) == 16);

// Memory that items point to: grows in blocks, is emptied as a whole. Not thread-safe.
class ItemArena {
 public:
  ItemArena() = default;
  ItemArena(const ItemArena&) = delete;
  ItemArena& operator=(const ItemArena&) = delete;
  ItemArena(ItemArena&&) = default;
  ItemArena& operator=(ItemArena&&) = default;
  char* Bytes(size_t size) { return static_cast<char*>(Take(size, 1)); }
  BagItem* Items(size_t count) { return static_cast<BagItem*>(Take(count * sizeof(BagItem), alignof(BagItem))); }
  std::string_view Copy(std::string_view text);
  // A deep copy that lives as long as the arena. Not for documents.
  BagItem Copy(const BagItem& item);
  void Clear();  // what was taken is gone; one block stays for reuse
  int64_t nbytes() const { return bytes_; }

 private:
  void* Take(size_t size, size_t alignment);
  void* TakeSlowly(size_t size);
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<size_t> sizes_;
  char* next_ = nullptr;
  size_t left_ = 0;
  int64_t bytes_ = 0;
};

// Python's `==`. NaN equals nothing.
bool ItemsEqual(const BagItem& a, const BagItem& b);
// Python's `<` for a pair that has an order: numbers, text, bytes, lists, tuples. -1, 0, 1; 2: not ordered (a NaN);
// kUnorderable where Python raises TypeError.
inline constexpr int kUnordered = 2;
inline constexpr int kUnorderable = 3;
int CompareItems(const BagItem& a, const BagItem& b);
// Equal items have equal hashes, in every process. False for lists, records and what holds them (Python: unhashable),
// and for NaN, whose identity counts in Python.
bool HashItem(const BagItem& item, uint64_t* hash);
// Python's truth value.
bool IsTruthy(const BagItem& item);
// Python's name of the type: "int", "str", "NoneType", "dict".
std::string_view TypeName(const BagItem& item);
// As Python's repr shows it: for messages and plans, not exact for unprintable text.
std::string ItemRepr(const BagItem& item);

// --- The tagged encoding: one item as bytes that describe themselves (little-endian), for columns of mixed items.
//   N | T | F | i <8> | d <8> | s <u32> bytes | b <u32> bytes | [ <u32> items | ( <u32> items | { <u32> key value …
void EncodeItem(const BagItem& item, std::string* out);
// The item; text points into `bytes`, lists into the arena. Invalid when the bytes are not an encoding.
Result<BagItem> DecodeItem(std::string_view bytes, ItemArena* arena);

// An item that owns what it points to: literals and results.
class OwnedItem {
 public:
  OwnedItem() = default;
  explicit OwnedItem(const BagItem& item);
  OwnedItem(const OwnedItem& other) : OwnedItem(other.item_) {}
  OwnedItem(OwnedItem&&) = default;
  OwnedItem& operator=(OwnedItem other) noexcept;
  const BagItem& item() const { return item_; }

 private:
  std::unique_ptr<ItemArena> arena_;
  BagItem item_;
};

}  // namespace swath::ops
