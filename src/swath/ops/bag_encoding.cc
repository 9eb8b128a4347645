// The tagged encoding of items, and items as text for people.
#include <cstring>

#include "swath/base/number_text.h"
#include "swath/ops/bag_item.h"

namespace swath::ops {
namespace {

constexpr int kDeepest = 1000;  // of nested items, about what Python's own recursion allows

template <typename T>
void AppendRaw(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

class Decoder {
 public:
  Decoder(std::string_view bytes, ItemArena* arena) : next_(bytes.data()), end_(next_ + bytes.size()), arena_(arena) {}

  bool Read(BagItem* item, int depth = 0) {
    if (next_ == end_ || depth > kDeepest) return false;
    const char tag = *next_++;
    switch (tag) {
      case 'N':
        *item = BagItem::None();
        return true;
      case 'T':
      case 'F':
        *item = BagItem::Bool(tag == 'T');
        return true;
      case 'i': {
        int64_t value = 0;
        if (!ReadRaw(&value)) return false;
        *item = BagItem::Int(value);
        return true;
      }
      case 'd': {
        double value = 0;
        if (!ReadRaw(&value)) return false;
        *item = BagItem::Float(value);
        return true;
      }
      case 's':
      case 'b':
        return ReadText(tag, item);
      case '[':
      case '(':
      case '{':
        return ReadItems(tag, item, depth);
      default:
        return false;
    }
  }
  bool at_end() const { return next_ == end_; }

 private:
  template <typename T>
  bool ReadRaw(T* value) {
    if (static_cast<size_t>(end_ - next_) < sizeof(T)) return false;
    std::memcpy(value, next_, sizeof(T));
    next_ += sizeof(T);
    return true;
  }

  bool ReadText(char tag, BagItem* item) {
    uint32_t size = 0;
    if (!ReadRaw(&size) || static_cast<size_t>(end_ - next_) < size) return false;
    const std::string_view text(next_, size);
    *item = tag == 's' ? BagItem::Text(text) : BagItem::Bytes(text);
    next_ += size;
    return true;
  }

  bool ReadItems(char tag, BagItem* item, int depth) {
    uint32_t size = 0;
    if (!ReadRaw(&size)) return false;
    const size_t count = tag == '{' ? 2 * size_t{size} : size;
    if (static_cast<size_t>(end_ - next_) < count) return false;  // every item has a tag
    BagItem* items = arena_->Items(count);
    for (size_t i = 0; i < count; ++i) {
      if (!Read(&items[i], depth + 1)) return false;
    }
    *item = tag == '['   ? BagItem::List(items, size)
            : tag == '(' ? BagItem::Tuple(items, size)
                         : BagItem::Record(items, size);
    return true;
  }

  const char* next_;
  const char* end_;
  ItemArena* arena_;
};

std::string FloatText(double value) {
  std::string out;
  AppendFloat(value, &out);
  return out;
}

std::string TextRepr(std::string_view text) {
  const char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out + quote;
}

std::string ItemsRepr(const BagItem& item, char open, char close) {
  std::string out(1, open);
  for (uint32_t i = 0; i < item.size; ++i) {
    if (i > 0) out += ", ";
    if (item.kind == ItemKind::kRecord) {
      out += ItemRepr(item.items[2 * i]) + ": " + ItemRepr(item.items[2 * i + 1]);
    } else {
      out += ItemRepr(item.items[i]);
    }
  }
  if (item.kind == ItemKind::kTuple && item.size == 1) out += ',';
  return out + close;
}

}  // namespace

void EncodeItem(const BagItem& item, std::string* out) {
  switch (item.kind) {
    case ItemKind::kNone:
      out->push_back('N');
      return;
    case ItemKind::kBool:
      out->push_back(item.boolean ? 'T' : 'F');
      return;
    case ItemKind::kInt:
      out->push_back('i');
      return AppendRaw(item.integer, out);
    case ItemKind::kFloat:
      out->push_back('d');
      return AppendRaw(item.number, out);
    case ItemKind::kText:
    case ItemKind::kBytes:
      out->push_back(item.kind == ItemKind::kText ? 's' : 'b');
      AppendRaw(item.size, out);
      out->append(item.view());
      return;
    case ItemKind::kList:
    case ItemKind::kTuple:
    case ItemKind::kRecord: {
      out->push_back(item.kind == ItemKind::kList ? '[' : item.kind == ItemKind::kTuple ? '(' : '{');
      AppendRaw(item.size, out);
      const size_t count = item.kind == ItemKind::kRecord ? 2 * size_t{item.size} : item.size;
      for (size_t i = 0; i < count; ++i) EncodeItem(item.items[i], out);
      return;
    }
    default:
      CHECK(false);
  }
}

Result<BagItem> DecodeItem(std::string_view bytes, ItemArena* arena) {
  Decoder decoder(bytes, arena);
  BagItem item;
  if (!decoder.Read(&item) || !decoder.at_end()) {
    return Status::Invalid("an item of a bag is no tagged encoding (", bytes.size(), " bytes)");
  }
  return item;
}

std::string ItemRepr(const BagItem& item) {
  switch (item.kind) {
    case ItemKind::kNone:
      return "None";
    case ItemKind::kBool:
      return item.boolean ? "True" : "False";
    case ItemKind::kInt:
      return std::to_string(item.integer);
    case ItemKind::kFloat:
      return FloatText(item.number);
    case ItemKind::kText:
      return TextRepr(item.view());
    case ItemKind::kBytes:
      return "b" + TextRepr(item.view());
    case ItemKind::kList:
      return ItemsRepr(item, '[', ']');
    case ItemKind::kTuple:
      return ItemsRepr(item, '(', ')');
    case ItemKind::kRecord:
      return ItemsRepr(item, '{', '}');
    default:
      return "<" + std::string(TypeName(item)) + ">";
  }
}

}  // namespace swath::ops
