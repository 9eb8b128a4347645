// Looking into items (getitem, get, in, len), asking for their type, and displays that make new ones.
#include <algorithm>

#include "swath/kernels/bag/item_functions.h"

namespace swath::kernels {
namespace {

using ops::BagItem;
using ops::ItemKind;
using Arguments = std::span<const BagItem>;

std::string Name(const BagItem& item) {
  if (item.kind == ItemKind::kDocument && !IsRecordDocument(item)) return "list";
  return std::string(TypeName(item));
}

bool IsRecord(const BagItem& item) {
  return item.kind == ItemKind::kRecord || (item.kind == ItemKind::kDocument && IsRecordDocument(item));
}

bool IsSequence(const BagItem& item) { return item.kind == ItemKind::kList || item.kind == ItemKind::kTuple; }

bool IsHashable(const BagItem& key) {
  uint64_t hash = 0;
  return HashItem(key, &hash) || key.kind == ItemKind::kFloat;
}

// The value of `key` in a record; false when there is none.
bool Find(const BagItem& record, const BagItem& key, BagItem* value) {
  if (record.kind == ItemKind::kDocument) return key.is_text() && FindInDocument(record, key.view(), value);
  for (uint32_t i = 0; i < record.size; ++i) {
    if (!ItemsEqual(record.items[2 * i], key)) continue;
    *value = record.items[2 * i + 1];
    return true;
  }
  return false;
}

BagItem Checked(const BagItem& value, ItemScratch& scratch) {
  return value.failed() ? scratch.OnlyPython("an integer beyond 64 bits") : value;
}

// The code points [first, first + count) of UTF-8 text.
std::string_view CodePoints(std::string_view text, int64_t first, int64_t count) {
  const auto skip = [&](size_t at, int64_t points) {
    while (points > 0 && at < text.size()) {
      ++at;
      while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
      --points;
    }
    return at;
  };
  const size_t begin = skip(0, first);
  return text.substr(begin, skip(begin, count) - begin);
}

BagItem GetItem(Arguments arguments, ItemScratch& scratch) {
  const BagItem& from = arguments[0];
  const BagItem key = scratch.Plain(arguments[1]);
  if (key.failed()) return key;
  BagItem value;
  if (IsRecord(from)) {
    if (!IsHashable(key)) return scratch.TypeError("unhashable type: '" + Name(key) + "'");
    if (!Find(from, key, &value)) return scratch.Fail(arrow::StatusCode::KeyError, ItemRepr(key));
    return Checked(value, scratch);
  }
  if (from.kind == ItemKind::kDocument) {
    if (!key.is_integral()) return scratch.TypeError("list indices must be integers or slices, not " + Name(key));
    if (ElementOfDocument(from, key.as_int(), &value)) return Checked(value, scratch);
    return scratch.Fail(arrow::StatusCode::IndexError, "list index out of range");
  }
  if (!IsSequence(from) && !from.is_text()) {
    if (from.kind == ItemKind::kBytes) return scratch.OnlyPython("an element of bytes");
    return scratch.TypeError("'" + Name(from) + "' object is not subscriptable");
  }
  const std::string kind = from.is_text() ? "string" : Name(from);
  if (!key.is_integral()) return scratch.TypeError(kind + " indices must be integers or slices, not " + Name(key));
  const int64_t size = from.is_text() ? CodePointCount(from.view()) : from.size;
  const int64_t index = key.as_int() < 0 ? key.as_int() + size : key.as_int();
  if (index < 0 || index >= size) return scratch.Fail(arrow::StatusCode::IndexError, kind + " index out of range");
  return from.is_text() ? BagItem::Text(CodePoints(from.view(), index, 1)) : from.items[index];
}

BagItem Get(Arguments arguments, ItemScratch& scratch) {
  if (!IsRecord(arguments[0])) return scratch.TypeError("'" + Name(arguments[0]) + "' object has no attribute 'get'");
  const BagItem key = scratch.Plain(arguments[1]);
  if (key.failed()) return key;
  if (!IsHashable(key)) return scratch.TypeError("unhashable type: '" + Name(key) + "'");
  BagItem value;
  if (Find(arguments[0], key, &value)) return Checked(value, scratch);
  return arguments.size() > 2 ? arguments[2] : BagItem::None();
}

BagItem First(Arguments arguments, ItemScratch& scratch) {
  return GetItem(std::array{arguments[0], BagItem::Int(0)}, scratch);
}
BagItem Last(Arguments arguments, ItemScratch& scratch) {
  return GetItem(std::array{arguments[0], BagItem::Int(-1)}, scratch);
}

int64_t Length(const BagItem& item, ItemScratch& scratch) {
  if (item.is_text()) return CodePointCount(item.view());
  if (item.kind == ItemKind::kDocument && !IsRecordDocument(item)) return DocumentLength(item);
  return scratch.Plain(item).size;
}

BagItem Len(Arguments arguments, ItemScratch& scratch) {
  const BagItem& x = arguments[0];
  if (x.is_number() || x.kind == ItemKind::kNone) {
    return scratch.TypeError("object of type '" + Name(x) + "' has no len()");
  }
  if (x.kind == ItemKind::kDocument && scratch.Plain(x).failed()) return BagItem::Failed();
  return BagItem::Int(Length(x, scratch));
}

// A bound of a slice within [0, size] as Python clips it for a positive step.
int64_t Bound(const BagItem& bound, int64_t otherwise, int64_t size) {
  if (bound.kind == ItemKind::kNone) return otherwise;
  const int64_t value = bound.as_int();
  return std::clamp<int64_t>(value < 0 ? value + size : value, 0, size);
}

BagItem Slice(Arguments arguments, ItemScratch& scratch) {
  const BagItem x = scratch.Plain(arguments[0]);
  if (x.failed()) return x;
  if (!IsSequence(x) && !x.is_text()) return scratch.OnlyPython("a slice of " + Name(x));
  for (int i = 1; i < 4; ++i) {
    if (!arguments[i].is_integral() && arguments[i].kind != ItemKind::kNone) {
      return scratch.TypeError("slice indices must be integers or None or have an __index__ method");
    }
  }
  if (arguments[3].kind != ItemKind::kNone && arguments[3].as_int() != 1)
    return scratch.OnlyPython("a step of a slice");
  const int64_t size = x.is_text() ? CodePointCount(x.view()) : x.size;
  const int64_t start = Bound(arguments[1], 0, size);
  const int64_t count = std::max<int64_t>(0, Bound(arguments[2], size, size) - start);
  if (x.is_text()) return BagItem::Text(CodePoints(x.view(), start, count));
  BagItem part = x;
  part.items = x.items + start;
  part.size = static_cast<uint32_t>(count);
  return part;
}

BagItem Contains(Arguments arguments, ItemScratch& scratch) {
  const BagItem& container = arguments[0];
  const BagItem item = scratch.Plain(arguments[1]);
  if (item.failed()) return item;
  if (IsRecord(container)) {
    if (!IsHashable(item)) return scratch.TypeError("unhashable type: '" + Name(item) + "'");
    BagItem value;
    return BagItem::Bool(Find(container, item, &value));
  }
  const BagItem plain = scratch.Plain(container);
  if (plain.failed()) return plain;
  if (IsSequence(plain)) {
    if (item.kind == ItemKind::kFloat && item.number != item.number) return scratch.OnlyPython("NaN in a sequence");
    return BagItem::Bool(std::any_of(plain.items, plain.items + plain.size,
                                     [&](const BagItem& other) { return ItemsEqual(item, other); }));
  }
  if (plain.is_text()) {
    if (item.is_text()) return BagItem::Bool(plain.view().find(item.view()) != std::string_view::npos);
    return scratch.TypeError("'in <string>' requires string as left operand, not " + Name(item));
  }
  if (plain.kind == ItemKind::kBytes) return scratch.OnlyPython("an element of bytes");
  return scratch.TypeError("argument of type '" + Name(plain) + "' is not iterable");
}

BagItem IsNone(Arguments arguments, ItemScratch&) { return BagItem::Bool(arguments[0].kind == ItemKind::kNone); }
BagItem IsNotNone(Arguments arguments, ItemScratch&) { return BagItem::Bool(arguments[0].kind != ItemKind::kNone); }

BagItem IsInstance(Arguments arguments, ItemScratch& scratch) {
  if (!arguments[1].is_text()) return scratch.OnlyPython("isinstance of other classes");
  const std::string name = Name(arguments[0]);
  return BagItem::Bool(name == arguments[1].view() || (name == "bool" && arguments[1].view() == "int"));
}

// The arguments as values that live until the next item.
BagItem* Keep(Arguments arguments, ItemScratch& scratch) {
  BagItem* items = scratch.arena().Items(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    items[i] = scratch.Plain(arguments[i]);
    if (items[i].failed()) return nullptr;
  }
  return items;
}

BagItem MakeTuple(Arguments arguments, ItemScratch& scratch) {
  const BagItem* items = Keep(arguments, scratch);
  return items ? BagItem::Tuple(items, static_cast<uint32_t>(arguments.size())) : BagItem::Failed();
}

BagItem MakeList(Arguments arguments, ItemScratch& scratch) {
  const BagItem* items = Keep(arguments, scratch);
  return items ? BagItem::List(items, static_cast<uint32_t>(arguments.size())) : BagItem::Failed();
}

BagItem MakeRecord(Arguments arguments, ItemScratch& scratch) {
  if (arguments.size() % 2 != 0) return scratch.ValueError("a record needs a value for every key");
  BagItem* pairs = Keep(arguments, scratch);
  if (!pairs) return BagItem::Failed();
  uint32_t count = 0;
  for (size_t i = 0; i < arguments.size(); i += 2) {
    if (!IsHashable(pairs[i])) return scratch.TypeError("unhashable type: '" + Name(pairs[i]) + "'");
    uint32_t place = 0;
    while (place < count && !ItemsEqual(pairs[2 * place], pairs[i])) ++place;
    if (place == count) pairs[2 * count++] = pairs[i];
    pairs[2 * place + 1] = pairs[i + 1];
  }
  return BagItem::Record(pairs, count);
}

constexpr ItemFunctionRow kRows[] = {
    {"getitem", GetItem},
    {"get", Get},
    {"first", First},
    {"last", Last},
    {"len", Len},
    {"slice", Slice},
    {"contains", Contains},
    {"is_none", IsNone},
    {"is_not_none", IsNotNone},
    {"isinstance", IsInstance},
    {"tuple", MakeTuple},
    {"list", MakeList},
    {"record", MakeRecord},
};

}  // namespace

std::span<const ItemFunctionRow> AccessFunctions() { return kRows; }

}  // namespace swath::kernels
