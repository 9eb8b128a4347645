#include "swath/kernels/bag/json.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <simdjson.h>

#include "swath/base/number_text.h"

namespace swath::kernels {

using ops::BagItem;
using ops::ItemKind;
using simdjson::dom::document;

// The tape: a word an entry, its type in the highest byte (simdjson doc/tape.md).
namespace {

constexpr uint64_t kPayload = (uint64_t{1} << 56) - 1;

struct Tape {
  const document* doc;
  uint64_t word(size_t at) const { return doc->tape[at]; }
  char type(size_t at) const { return static_cast<char>(word(at) >> 56); }
  // Behind the value at `at`.
  size_t After(size_t at) const {
    switch (type(at)) {
      case '{':
      case '[':
        return static_cast<uint32_t>(word(at));
      case 'l':
      case 'u':
      case 'd':
        return at + 2;
      default:
        return at + 1;
    }
  }
  std::string_view text(size_t at) const {
    const uint8_t* start = doc->string_buf.get() + (word(at) & kPayload);
    uint32_t size = 0;
    std::memcpy(&size, start, sizeof size);
    return {reinterpret_cast<const char*>(start) + sizeof size, size};
  }
  BagItem item(size_t at) const {
    switch (type(at)) {
      case '"':
        return BagItem::Text(text(at));
      case 'l':
        return BagItem::Int(static_cast<int64_t>(word(at + 1)));
      case 'u': {
        const uint64_t value = word(at + 1);
        if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return BagItem::Failed();
        return BagItem::Int(static_cast<int64_t>(value));
      }
      case 'd':
        return BagItem::Float(std::bit_cast<double>(word(at + 1)));
      case 't':
        return BagItem::Bool(true);
      case 'f':
        return BagItem::Bool(false);
      case 'n':
        return BagItem::None();
      default: {
        BagItem item;
        item.kind = ItemKind::kDocument;
        item.size = static_cast<uint32_t>(at);
        item.document = doc;
        return item;
      }
    }
  }
};

Tape TapeOf(const BagItem& item) { return {static_cast<const document*>(item.document)}; }

BagItem CopyFromTape(const Tape& tape, size_t at, ops::ItemArena* arena);

BagItem CopyList(const Tape& tape, size_t at, ops::ItemArena* arena) {
  const size_t end = tape.After(at) - 1;
  uint32_t count = 0;
  for (size_t i = at + 1; i < end; i = tape.After(i)) ++count;
  BagItem* items = arena->Items(count);
  uint32_t n = 0;
  for (size_t i = at + 1; i < end; i = tape.After(i)) {
    items[n] = CopyFromTape(tape, i, arena);
    if (items[n++].failed()) return BagItem::Failed();
  }
  return BagItem::List(items, count);
}

// A key that comes again gives its first place the later value, as in a dict.
BagItem CopyRecord(const Tape& tape, size_t at, ops::ItemArena* arena) {
  const size_t end = tape.After(at) - 1;
  uint32_t count = 0;
  for (size_t i = at + 1; i < end; i = tape.After(i + 1)) ++count;
  BagItem* pairs = arena->Items(2 * size_t{count});
  uint32_t n = 0;
  for (size_t i = at + 1; i < end; i = tape.After(i + 1)) {
    const std::string_view key = tape.text(i);
    uint32_t place = 0;
    while (place < n && pairs[2 * place].view() != key) ++place;
    if (place == n) pairs[2 * n++] = BagItem::Text(key);
    BagItem& value = pairs[2 * place + 1];
    value = CopyFromTape(tape, i + 1, arena);
    if (value.failed()) return value;
  }
  return BagItem::Record(pairs, n);
}

BagItem CopyFromTape(const Tape& tape, size_t at, ops::ItemArena* arena) {
  switch (tape.type(at)) {
    case '{':
      return CopyRecord(tape, at, arena);
    case '[':
      return CopyList(tape, at, arena);
    default:
      return tape.item(at);
  }
}

}  // namespace

struct JsonParser::State {
  simdjson::dom::parser parser;
  std::vector<char> padded;
};

JsonParser::JsonParser() : state_(std::make_unique<State>()) {}
JsonParser::~JsonParser() = default;

bool JsonParser::Parse(std::string_view text, bool padded, BagItem* item) {
  if (!padded) {
    std::vector<char>& copy = state_->padded;
    if (copy.size() < text.size() + kPadding) copy.resize(2 * text.size() + kPadding);
    std::memcpy(copy.data(), text.data(), text.size());
    text = {copy.data(), text.size()};
  }
  if (text.starts_with("\xEF\xBB\xBF")) {  // Python refuses it
    error_ = "a byte order mark";
    return false;
  }
  auto& parser = state_->parser;
  const auto result = parser.parse(reinterpret_cast<const uint8_t*>(text.data()), text.size(), false);
  if (result.error() != simdjson::SUCCESS) {
    error_ = simdjson::error_message(result.error());
    return false;
  }
  *item = Tape{&parser.doc}.item(1);
  error_ = item->failed() ? "an integer beyond 64 bits" : "";
  return !item->failed();
}

bool IsRecordDocument(const BagItem& item) { return TapeOf(item).type(item.size) == '{'; }

bool FindInDocument(const BagItem& item, std::string_view key, BagItem* value) {
  const Tape tape = TapeOf(item);
  const size_t end = tape.After(item.size) - 1;
  size_t found = 0;
  for (size_t i = item.size + size_t{1}; i < end; i = tape.After(i + 1)) {
    if (tape.text(i) == key) found = i + 1;
  }
  if (found != 0) *value = tape.item(found);
  return found != 0;
}

int64_t DocumentLength(const BagItem& item) {
  const Tape tape = TapeOf(item);
  const size_t end = tape.After(item.size) - 1;
  int64_t count = 0;
  for (size_t i = item.size + size_t{1}; i < end; i = tape.After(i)) ++count;
  return count;
}

bool ElementOfDocument(const BagItem& item, int64_t index, BagItem* value) {
  if (index < 0) index += DocumentLength(item);
  if (index < 0) return false;
  const Tape tape = TapeOf(item);
  const size_t end = tape.After(item.size) - 1;
  for (size_t i = item.size + size_t{1}; i < end; i = tape.After(i)) {
    if (index-- == 0) {
      *value = tape.item(i);
      return true;
    }
  }
  return false;
}

BagItem DocumentItem(const BagItem& item, ops::ItemArena* arena) {
  return CopyFromTape(TapeOf(item), item.size, arena);
}

namespace {

void AppendEscape(uint32_t code, std::string* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  *out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out->push_back(kDigits[(code >> shift) & 15]);
}

// One code point of valid UTF-8 at `p`, which moves behind it.
uint32_t NextCodePoint(const char*& p) {
  const auto lead = static_cast<unsigned char>(*p++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  uint32_t code = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) code = code << 6 | (static_cast<unsigned char>(*p++) & 0x3F);
  return code;
}

void WriteText(std::string_view text, std::string* out) {
  out->push_back('"');
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p < end;) {
    const uint32_t code = NextCodePoint(p);
    if (code == '"' || code == '\\') {
      out->push_back('\\');
      out->push_back(static_cast<char>(code));
    } else if (code >= 0x20 && code < 0x7F) {
      out->push_back(static_cast<char>(code));
    } else if (code == '\n' || code == '\r' || code == '\t' || code == '\b' || code == '\f') {
      out->push_back('\\');
      out->push_back(code == '\n' ? 'n' : code == '\r' ? 'r' : code == '\t' ? 't' : code == '\b' ? 'b' : 'f');
    } else if (code < 0x10000) {
      AppendEscape(code, out);
    } else {
      AppendEscape(0xD800 + ((code - 0x10000) >> 10), out);
      AppendEscape(0xDC00 + ((code - 0x10000) & 0x3FF), out);
    }
  }
  out->push_back('"');
}

void WriteNumber(double value, std::string* out) {
  if (std::isnan(value)) {
    *out += "NaN";
  } else if (std::isinf(value)) {
    *out += value > 0 ? "Infinity" : "-Infinity";
  } else {
    AppendFloat(value, out);
  }
}

// Keys become text: numbers, None and bools as they are written.
bool WriteKey(const BagItem& key, std::string* out) {
  if (key.is_text()) {
    WriteText(key.view(), out);
    return true;
  }
  if (!key.is_number() && key.kind != ItemKind::kNone) return false;
  out->push_back('"');
  WriteJson(key, out);
  out->push_back('"');
  return true;
}

bool WriteContainer(const BagItem& item, std::string* out) {
  const bool record = item.kind == ItemKind::kRecord;
  out->push_back(record ? '{' : '[');
  for (uint32_t i = 0; i < item.size; ++i) {
    if (i > 0) *out += ", ";
    if (record) {
      if (!WriteKey(item.items[2 * i], out)) return false;
      *out += ": ";
    }
    if (!WriteJson(item.items[record ? 2 * i + 1 : i], out)) return false;
  }
  out->push_back(record ? '}' : ']');
  return true;
}

}  // namespace

bool WriteJson(const BagItem& item, std::string* out) {
  switch (item.kind) {
    case ItemKind::kNone:
      *out += "null";
      return true;
    case ItemKind::kBool:
      *out += item.boolean ? "true" : "false";
      return true;
    case ItemKind::kInt:
      *out += std::to_string(item.integer);
      return true;
    case ItemKind::kFloat:
      WriteNumber(item.number, out);
      return true;
    case ItemKind::kText:
      WriteText(item.view(), out);
      return true;
    case ItemKind::kList:
    case ItemKind::kTuple:
    case ItemKind::kRecord:
      return WriteContainer(item, out);
    default:
      return false;
  }
}

}  // namespace swath::kernels
