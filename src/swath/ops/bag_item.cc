#include "swath/ops/bag_item.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

namespace swath::ops {
namespace {

constexpr size_t kArenaBlockBytes = 64 << 10;
constexpr double kInt64Limit = 9223372036854775808.0;  // 2^63

BagItem Make(ItemKind kind, uint32_t size) {
  BagItem item;
  item.kind = kind;
  item.size = size;
  return item;
}

uint64_t Mix(uint64_t a, uint64_t b) {  // wyhash's mixer
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t Load(const char* p, size_t n) {
  uint64_t value = 0;
  std::memcpy(&value, p, n);
  return value;
}

uint64_t HashBytes(std::string_view bytes, uint64_t seed) {
  const char* p = bytes.data();
  size_t n = bytes.size();
  uint64_t hash = seed ^ (n * 0xE7037ED1A0B428DBull);
  for (; n > 8; p += 8, n -= 8) hash = Mix(Load(p, 8) ^ 0xA0761D6478BD642Full, hash ^ 0x8EBC6AF09C88C6E3ull);
  return Mix(Load(p, n) ^ 0x589965CC75374CC3ull, hash ^ 0x1D8E4E27C47D124Full);
}

uint64_t HashInteger(int64_t value) {
  return Mix(static_cast<uint64_t>(value) ^ 0x9E3779B97F4A7C15ull, 0xA0761D6478BD642Full);
}

// Is `number` an integer of 64 bits?
bool IsInt64(double number, int64_t* value) {
  if (!(number >= -kInt64Limit && number < kInt64Limit)) return false;
  *value = static_cast<int64_t>(number);
  return static_cast<double>(*value) == number;
}

int Sign(bool less, bool greater) { return greater - less; }

// Exact, as Python compares: an integer above 2^53 is not rounded first.
int CompareIntFloat(int64_t integer, double number) {
  if (std::isnan(number)) return kUnordered;
  if (number >= kInt64Limit) return -1;
  if (number < -kInt64Limit) return 1;
  const auto whole = static_cast<int64_t>(number);  // towards zero
  if (integer != whole) return Sign(integer<whole, integer> whole);
  const double rest = number - static_cast<double>(whole);
  return Sign(rest > 0, rest < 0);
}

int CompareNumbers(const BagItem& a, const BagItem& b) {
  if (a.is_integral()) {
    if (b.is_integral()) return Sign(a.as_int() < b.as_int(), a.as_int() > b.as_int());
    return CompareIntFloat(a.as_int(), b.number);
  }
  if (b.is_integral()) {
    const int compared = CompareIntFloat(b.as_int(), a.number);
    return compared == kUnordered ? kUnordered : -compared;
  }
  if (std::isnan(a.number) || std::isnan(b.number)) return kUnordered;
  return Sign(a.number<b.number, a.number> b.number);
}

// UTF-8 keeps the order of code points.
int CompareBytes(const BagItem& a, const BagItem& b) {
  const int compared = std::memcmp(a.text, b.text, std::min(a.size, b.size));
  if (compared != 0) return compared < 0 ? -1 : 1;
  return Sign(a.size<b.size, a.size> b.size);
}

bool RecordsEqual(const BagItem& a, const BagItem& b) {
  if (a.size != b.size) return false;
  for (uint32_t i = 0; i < a.size; ++i) {
    const BagItem& key = a.items[2 * i];
    bool found = false;
    for (uint32_t j = 0; j < b.size && !found; ++j) {
      if (!ItemsEqual(key, b.items[2 * j])) continue;
      if (!ItemsEqual(a.items[2 * i + 1], b.items[2 * j + 1])) return false;
      found = true;
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

BagItem BagItem::Bool(bool value) {
  BagItem item = Make(ItemKind::kBool, 0);
  item.boolean = value;
  return item;
}
BagItem BagItem::Int(int64_t value) {
  BagItem item = Make(ItemKind::kInt, 0);
  item.integer = value;
  return item;
}
BagItem BagItem::Float(double value) {
  BagItem item = Make(ItemKind::kFloat, 0);
  item.number = value;
  return item;
}
BagItem BagItem::Text(std::string_view value) {
  BagItem item = Make(ItemKind::kText, static_cast<uint32_t>(value.size()));
  item.text = value.data();
  return item;
}
BagItem BagItem::Bytes(std::string_view value) {
  BagItem item = Text(value);
  item.kind = ItemKind::kBytes;
  return item;
}
BagItem BagItem::List(const BagItem* items, uint32_t count) {
  BagItem item = Make(ItemKind::kList, count);
  item.items = items;
  return item;
}
BagItem BagItem::Tuple(const BagItem* items, uint32_t count) {
  BagItem item = Make(ItemKind::kTuple, count);
  item.items = items;
  return item;
}
BagItem BagItem::Record(const BagItem* pairs, uint32_t count) {
  BagItem item = Make(ItemKind::kRecord, count);
  item.items = pairs;
  return item;
}
BagItem BagItem::Failed() { return Make(ItemKind::kFailed, 0); }

void* ItemArena::Take(size_t size, size_t alignment) {
  const size_t skip = (alignment - reinterpret_cast<uintptr_t>(next_) % alignment) % alignment;
  if (size + skip > left_) return TakeSlowly(size);
  char* start = next_ + skip;
  next_ = start + size;
  left_ -= size + skip;
  return start;
}

void* ItemArena::TakeSlowly(size_t size) {
  const size_t block =
      std::max(size, std::min<size_t>(kArenaBlockBytes << std::min<size_t>(blocks_.size(), 6), 4 << 20));
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
  sizes_.push_back(block);
  bytes_ += static_cast<int64_t>(block);
  next_ = blocks_.back().get() + size;
  left_ = block - size;
  return blocks_.back().get();
}

std::string_view ItemArena::Copy(std::string_view text) {
  if (text.empty()) return {};
  char* bytes = Bytes(text.size());
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

BagItem ItemArena::Copy(const BagItem& item) {
  BagItem copy = item;
  switch (item.kind) {
    case ItemKind::kText:
    case ItemKind::kBytes:
      copy.text = Copy(item.view()).data();
      break;
    case ItemKind::kList:
    case ItemKind::kTuple:
    case ItemKind::kRecord: {
      const size_t count = item.kind == ItemKind::kRecord ? 2 * size_t{item.size} : item.size;
      BagItem* items = Items(count);
      for (size_t i = 0; i < count; ++i) items[i] = Copy(item.items[i]);
      copy.items = items;
      break;
    }
    default:
      DCHECK(item.kind != ItemKind::kDocument);
  }
  return copy;
}

void ItemArena::Clear() {
  if (blocks_.empty()) return;
  if (blocks_.size() > 1) {  // the last is the largest
    blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    sizes_.erase(sizes_.begin(), sizes_.end() - 1);
  }
  next_ = blocks_[0].get();
  left_ = sizes_[0];
  bytes_ = static_cast<int64_t>(left_);
}

bool ItemsEqual(const BagItem& a, const BagItem& b) {
  if (a.is_number() && b.is_number()) return CompareNumbers(a, b) == 0;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case ItemKind::kNone:
      return true;
    case ItemKind::kText:
    case ItemKind::kBytes:
      return a.view() == b.view();
    case ItemKind::kList:
    case ItemKind::kTuple:
      return a.size == b.size && std::equal(a.items, a.items + a.size, b.items, ItemsEqual);
    case ItemKind::kRecord:
      return RecordsEqual(a, b);
    default:
      return false;
  }
}

int CompareItems(const BagItem& a, const BagItem& b) {
  if (a.is_number() && b.is_number()) return CompareNumbers(a, b);
  if (a.kind != b.kind) return kUnorderable;
  switch (a.kind) {
    case ItemKind::kText:
    case ItemKind::kBytes:
      return CompareBytes(a, b);
    case ItemKind::kList:
    case ItemKind::kTuple:
      for (uint32_t i = 0; i < std::min(a.size, b.size); ++i) {
        if (!ItemsEqual(a.items[i], b.items[i])) return CompareItems(a.items[i], b.items[i]);
      }
      return Sign(a.size<b.size, a.size> b.size);
    default:
      return kUnorderable;
  }
}

bool HashItem(const BagItem& item, uint64_t* hash) {
  int64_t integer = 0;
  switch (item.kind) {
    case ItemKind::kNone:
      *hash = 0x2545F4914F6CDD1Dull;
      return true;
    case ItemKind::kBool:
    case ItemKind::kInt:
      *hash = HashInteger(item.as_int());
      return true;
    case ItemKind::kFloat:
      if (std::isnan(item.number)) return false;
      *hash = IsInt64(item.number, &integer) ? HashInteger(integer)
                                             : Mix(std::bit_cast<uint64_t>(item.number), 0xD6E8FEB86659FD93ull);
      return true;
    case ItemKind::kText:
      *hash = HashBytes(item.view(), 0x9E3779B97F4A7C15ull);
      return true;
    case ItemKind::kBytes:
      *hash = HashBytes(item.view(), 0xBF58476D1CE4E5B9ull);
      return true;
    case ItemKind::kTuple: {
      uint64_t all = 0x94D049BB133111EBull ^ item.size;
      for (uint32_t i = 0; i < item.size; ++i) {
        uint64_t one = 0;
        if (!HashItem(item.items[i], &one)) return false;
        all = Mix(all ^ 0x589965CC75374CC3ull, one ^ 0x1D8E4E27C47D124Full);
      }
      *hash = all;
      return true;
    }
    default:
      return false;
  }
}

bool IsTruthy(const BagItem& item) {
  switch (item.kind) {
    case ItemKind::kNone:
      return false;
    case ItemKind::kBool:
      return item.boolean;
    case ItemKind::kInt:
      return item.integer != 0;
    case ItemKind::kFloat:
      return item.number != 0;  // NaN is true
    default:
      return item.size != 0;
  }
}

std::string_view TypeName(const BagItem& item) {
  static constexpr std::string_view kNames[] = {"NoneType", "bool",  "int",  "float", "str",       "bytes",
                                                "list",     "tuple", "dict", "dict",  "<no value>"};
  return kNames[static_cast<size_t>(item.kind)];
}

OwnedItem::OwnedItem(const BagItem& item) {
  arena_ = std::make_unique<ItemArena>();
  item_ = arena_->Copy(item);
}

OwnedItem& OwnedItem::operator=(OwnedItem other) noexcept {
  std::swap(arena_, other.arena_);
  std::swap(item_, other.item_);
  return *this;
}

}  // namespace swath::ops
