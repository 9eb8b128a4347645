// Methods of str. Text is UTF-8; positions are code points. What depends on Unicode's tables (case, classes of
// characters outside ASCII) is left to Python.
#include <algorithm>
#include <limits>
#include <vector>

#include "swath/kernels/bag/item_functions.h"

namespace swath::kernels {

using ops::BagItem;
using ops::ItemKind;
using Arguments = std::span<const BagItem>;

int64_t CodePointCount(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

bool IsAscii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return IsLower(c) || IsUpper(c); }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F); }
char ToLower(char c) { return IsUpper(c) ? static_cast<char>(c + 32) : c; }
char ToUpper(char c) { return IsLower(c) ? static_cast<char>(c - 32) : c; }

// Fails unless the first argument is a str; `method` for the message.
bool IsText(const BagItem& item, std::string_view method, ItemScratch& scratch) {
  if (item.is_text()) return true;
  if (item.kind == ItemKind::kBytes) {
    scratch.OnlyPython("bytes");
  } else {
    scratch.Fail(arrow::StatusCode::UnknownError, "AttributeError: '" + std::string(TypeName(item)) +
                                                      "' object has no attribute '" + std::string(method) + "'");
  }
  return false;
}

BagItem NeedsText(const BagItem& item, ItemScratch& scratch) {
  return scratch.TypeError("must be str, not " + std::string(TypeName(item)));
}

template <typename Change>
BagItem Mapped(std::string_view text, ItemScratch& scratch, Change change) {
  char* bytes = scratch.arena().Bytes(text.size());
  for (size_t i = 0; i < text.size(); ++i) bytes[i] = change(text[i], i);
  return BagItem::Text({bytes, text.size()});
}

// A method that is defined here for ASCII only.
template <typename Change>
BagItem MappedAscii(Arguments x, std::string_view method, ItemScratch& scratch, Change change) {
  if (!IsText(x[0], method, scratch)) return BagItem::Failed();
  if (!IsAscii(x[0].view())) return scratch.OnlyPython("case of letters outside ASCII");
  return Mapped(x[0].view(), scratch, change);
}

BagItem Lower(Arguments x, ItemScratch& scratch) {
  return MappedAscii(x, "lower", scratch, [](char c, size_t) { return ToLower(c); });
}
BagItem Upper(Arguments x, ItemScratch& scratch) {
  return MappedAscii(x, "upper", scratch, [](char c, size_t) { return ToUpper(c); });
}
BagItem Swapcase(Arguments x, ItemScratch& scratch) {
  return MappedAscii(x, "swapcase", scratch, [](char c, size_t) { return IsLower(c) ? ToUpper(c) : ToLower(c); });
}
BagItem Capitalize(Arguments x, ItemScratch& scratch) {
  return MappedAscii(x, "capitalize", scratch, [](char c, size_t i) { return i == 0 ? ToUpper(c) : ToLower(c); });
}
BagItem Title(Arguments x, ItemScratch& scratch) {
  bool inside = false;
  return MappedAscii(x, "title", scratch, [&](char c, size_t) {
    const char changed = inside ? ToLower(c) : ToUpper(c);
    inside = IsLetter(c);
    return changed;
  });
}

// Whitespace of str.strip() and str.split() at the end of a piece of UTF-8; 0: none. Spaces outside ASCII have two or
// three bytes.
bool IsWideSpace(uint32_t code) {
  return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
         code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

// Bytes of the whitespace character that `text` begins with.
size_t LeadingSpace(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return IsSpace(text[0]) ? 1 : 0;
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (size == 4 || size > text.size()) return 0;
  uint32_t code = lead & (size == 3 ? 0x0F : 0x1F);
  for (size_t i = 1; i < size; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  return IsWideSpace(code) ? size : 0;
}

size_t TrailingSpace(std::string_view text) {
  if (text.empty()) return 0;
  size_t start = text.size() - 1;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
  return LeadingSpace(text.substr(start)) == text.size() - start ? text.size() - start : 0;
}

BagItem StripSides(Arguments x, std::string_view method, int sides, ItemScratch& scratch) {
  if (!IsText(x[0], method, scratch)) return BagItem::Failed();
  std::string_view text = x[0].view();
  if (x.size() > 1 && x[1].kind != ItemKind::kNone) {
    if (!x[1].is_text()) {
      return scratch.TypeError(std::string(method) + " arg must be None or str");
    }
    if (!IsAscii(x[1].view())) return scratch.OnlyPython("strip of characters outside ASCII");
    const auto stripped = [&](char c) { return x[1].view().find(c) != std::string_view::npos; };
    while ((sides & 1) && !text.empty() && stripped(text.front())) text.remove_prefix(1);
    while ((sides & 2) && !text.empty() && stripped(text.back())) text.remove_suffix(1);
    return BagItem::Text(text);
  }
  for (size_t n; (sides & 1) && (n = LeadingSpace(text)) > 0;) text.remove_prefix(n);
  for (size_t n; (sides & 2) && (n = TrailingSpace(text)) > 0;) text.remove_suffix(n);
  return BagItem::Text(text);
}

BagItem Strip(Arguments x, ItemScratch& scratch) { return StripSides(x, "strip", 3, scratch); }
BagItem LeftStrip(Arguments x, ItemScratch& scratch) { return StripSides(x, "lstrip", 1, scratch); }
BagItem RightStrip(Arguments x, ItemScratch& scratch) { return StripSides(x, "rstrip", 2, scratch); }

BagItem ListOf(const std::vector<BagItem>& parts, ItemScratch& scratch) {
  BagItem* items = scratch.arena().Items(parts.size());
  std::copy(parts.begin(), parts.end(), items);
  return BagItem::List(items, static_cast<uint32_t>(parts.size()));
}

// The separator and the most splits of split() and rsplit(); false when it failed.
bool SplitArguments(Arguments x, std::string_view method, ItemScratch& scratch, int64_t* most) {
  if (!IsText(x[0], method, scratch)) return false;
  *most = -1;
  if (x.size() > 2) {
    if (!x[2].is_integral()) {
      scratch.TypeError("'" + std::string(TypeName(x[2])) + "' object cannot be interpreted as an integer");
      return false;
    }
    *most = x[2].as_int();
  }
  if (x.size() < 2 || x[1].kind == ItemKind::kNone) return true;
  if (!x[1].is_text()) {
    NeedsText(x[1], scratch);
    return false;
  }
  if (x[1].size == 0) {
    scratch.ValueError("empty separator");
    return false;
  }
  return true;
}

void SplitSpaces(std::string_view text, int64_t most, std::vector<BagItem>* parts) {
  for (;;) {
    for (size_t n; (n = LeadingSpace(text)) > 0;) text.remove_prefix(n);
    if (text.empty()) return;
    if (most >= 0 && static_cast<int64_t>(parts->size()) == most) {
      parts->push_back(BagItem::Text(text));
      return;
    }
    size_t end = 1;
    while (end < text.size() && LeadingSpace(text.substr(end)) == 0) ++end;
    parts->push_back(BagItem::Text(text.substr(0, end)));
    text.remove_prefix(end);
  }
}

BagItem Split(Arguments x, ItemScratch& scratch) {
  int64_t most = 0;
  if (!SplitArguments(x, "split", scratch, &most)) return BagItem::Failed();
  std::vector<BagItem> parts;
  std::string_view text = x[0].view();
  if (x.size() < 2 || x[1].kind == ItemKind::kNone) {
    SplitSpaces(text, most, &parts);
    return ListOf(parts, scratch);
  }
  const std::string_view separator = x[1].view();
  for (size_t at;
       (most < 0 || static_cast<int64_t>(parts.size()) < most) && (at = text.find(separator)) != text.npos;) {
    parts.push_back(BagItem::Text(text.substr(0, at)));
    text.remove_prefix(at + separator.size());
  }
  parts.push_back(BagItem::Text(text));
  return ListOf(parts, scratch);
}

BagItem RightSplit(Arguments x, ItemScratch& scratch) {
  int64_t most = 0;
  if (!SplitArguments(x, "rsplit", scratch, &most)) return BagItem::Failed();
  const bool spaces = x.size() < 2 || x[1].kind == ItemKind::kNone;
  if (most < 0 && spaces) return Split(x, scratch);
  if (spaces) return scratch.OnlyPython("rsplit() at whitespace");
  std::vector<BagItem> parts;
  std::string_view text = x[0].view();
  const std::string_view separator = x[1].view();
  for (size_t at;
       (most < 0 || static_cast<int64_t>(parts.size()) < most) && (at = text.rfind(separator)) != text.npos;) {
    parts.push_back(BagItem::Text(text.substr(at + separator.size())));
    text = text.substr(0, at);
  }
  parts.push_back(BagItem::Text(text));
  std::reverse(parts.begin(), parts.end());
  return ListOf(parts, scratch);
}

BagItem SplitLines(Arguments x, ItemScratch& scratch) {
  if (!IsText(x[0], "splitlines", scratch)) return BagItem::Failed();
  if (!IsAscii(x[0].view())) return scratch.OnlyPython("lines of text outside ASCII");
  const bool keep = x.size() > 1 && IsTruthy(x[1]);
  const auto ends_line = [](char c) { return (c >= '\n' && c <= '\r') || (c >= 0x1C && c <= 0x1E); };
  std::vector<BagItem> parts;
  std::string_view text = x[0].view();
  while (!text.empty()) {
    size_t end = 0;
    while (end < text.size() && !ends_line(text[end])) ++end;
    size_t next = end + (end < text.size() ? 1 : 0);
    if (end + 1 < text.size() && text[end] == '\r' && text[end + 1] == '\n') ++next;
    parts.push_back(BagItem::Text(text.substr(0, keep ? next : end)));
    text.remove_prefix(next);
  }
  return ListOf(parts, scratch);
}

BagItem Join(Arguments x, ItemScratch& scratch) {
  if (!IsText(x[0], "join", scratch)) return BagItem::Failed();
  const BagItem parts = scratch.Plain(x[1]);
  if (parts.failed()) return parts;
  if (parts.kind != ItemKind::kList && parts.kind != ItemKind::kTuple)
    return scratch.OnlyPython("join() of such items");
  std::string joined;
  for (uint32_t i = 0; i < parts.size; ++i) {
    if (!parts.items[i].is_text()) {
      return scratch.TypeError("sequence item " + std::to_string(i) + ": expected str instance, " +
                               std::string(TypeName(parts.items[i])) + " found");
    }
    if (i > 0) joined += x[0].view();
    joined += parts.items[i].view();
  }
  return BagItem::Text(scratch.arena().Copy(joined));
}

BagItem Replace(Arguments x, ItemScratch& scratch) {
  if (!IsText(x[0], "replace", scratch)) return BagItem::Failed();
  for (const BagItem& argument : x.subspan(1, 2)) {
    if (!argument.is_text()) {
      return scratch.TypeError("replace() argument must be str, not " + std::string(TypeName(argument)));
    }
  }
  if (x[1].size == 0 || (x.size() > 3 && !x[3].is_integral())) return scratch.OnlyPython("such a replace()");
  int64_t left = x.size() > 3 ? x[3].as_int() : -1;
  std::string_view text = x[0].view();
  std::string out;
  for (size_t at; left != 0 && (at = text.find(x[1].view())) != text.npos; --left) {
    out.append(text.substr(0, at)).append(x[2].view());
    text.remove_prefix(at + x[1].size);
  }
  if (out.empty() && text.size() == x[0].size) return x[0];
  out += text;
  return BagItem::Text(scratch.arena().Copy(out));
}

// The methods with one more text: startswith, find, …
template <typename Find>
BagItem WithText(Arguments x, std::string_view method, ItemScratch& scratch, Find find) {
  if (!IsText(x[0], method, scratch)) return BagItem::Failed();
  if (!x[1].is_text()) {
    if (x[1].kind == ItemKind::kTuple) return scratch.OnlyPython("a tuple of prefixes");
    return NeedsText(x[1], scratch);
  }
  return find(x[0].view(), x[1].view());
}

BagItem StartsWith(Arguments x, ItemScratch& scratch) {
  return WithText(x, "startswith", scratch, [](auto text, auto part) { return BagItem::Bool(text.starts_with(part)); });
}
BagItem EndsWith(Arguments x, ItemScratch& scratch) {
  return WithText(x, "endswith", scratch, [](auto text, auto part) { return BagItem::Bool(text.ends_with(part)); });
}

BagItem Position(std::string_view text, size_t at) {
  return BagItem::Int(at == std::string_view::npos ? -1 : CodePointCount(text.substr(0, at)));
}
BagItem Find(Arguments x, ItemScratch& scratch) {
  return WithText(x, "find", scratch, [](auto text, auto part) { return Position(text, text.find(part)); });
}
BagItem RightFind(Arguments x, ItemScratch& scratch) {
  return WithText(x, "rfind", scratch, [](auto text, auto part) { return Position(text, text.rfind(part)); });
}

BagItem Count(Arguments x, ItemScratch& scratch) {
  if (!x[0].is_text()) return scratch.OnlyPython("count()");
  return WithText(x, "count", scratch, [](std::string_view text, std::string_view part) {
    if (part.empty()) return BagItem::Int(CodePointCount(text) + 1);
    int64_t count = 0;
    for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
    return BagItem::Int(count);
  });
}

BagItem RemovePrefix(Arguments x, ItemScratch& scratch) {
  return WithText(x, "removeprefix", scratch, [](std::string_view text, std::string_view part) {
    return BagItem::Text(text.starts_with(part) ? text.substr(part.size()) : text);
  });
}
BagItem RemoveSuffix(Arguments x, ItemScratch& scratch) {
  return WithText(x, "removesuffix", scratch, [](std::string_view text, std::string_view part) {
    return BagItem::Text(text.ends_with(part) ? text.substr(0, text.size() - part.size()) : text);
  });
}

BagItem PartitionAt(Arguments x, ItemScratch& scratch) {
  return WithText(x, "partition", scratch, [&](std::string_view text, std::string_view part) {
    if (part.empty()) return scratch.ValueError("empty separator");
    const size_t at = text.find(part);
    BagItem* items = scratch.arena().Items(3);
    items[0] = BagItem::Text(text.substr(0, at));
    items[1] = BagItem::Text(at == text.npos ? std::string_view() : part);
    items[2] = BagItem::Text(at == text.npos ? std::string_view() : text.substr(at + part.size()));
    return BagItem::Tuple(items, 3);
  });
}

BagItem ZeroFill(Arguments x, ItemScratch& scratch) {
  if (!IsText(x[0], "zfill", scratch)) return BagItem::Failed();
  if (!x[1].is_integral() || x[1].as_int() > (1 << 20)) return scratch.OnlyPython("such a zfill()");
  const int64_t missing = x[1].as_int() - CodePointCount(x[0].view());
  if (missing <= 0) return x[0];
  std::string out(x[0].view());
  const bool sign = out.starts_with('+') || out.starts_with('-');
  out.insert(sign ? 1 : 0, static_cast<size_t>(missing), '0');
  return BagItem::Text(scratch.arena().Copy(out));
}

template <typename Is>
BagItem AllOf(Arguments x, std::string_view method, ItemScratch& scratch, Is is) {
  if (!IsText(x[0], method, scratch)) return BagItem::Failed();
  const std::string_view text = x[0].view();
  if (!IsAscii(text)) return scratch.OnlyPython("classes of characters outside ASCII");
  return BagItem::Bool(!text.empty() && std::all_of(text.begin(), text.end(), is));
}

BagItem IsAllDigits(Arguments x, ItemScratch& scratch) { return AllOf(x, "isdigit", scratch, IsDigit); }
BagItem IsAllLetters(Arguments x, ItemScratch& scratch) { return AllOf(x, "isalpha", scratch, IsLetter); }
BagItem IsAllAlnum(Arguments x, ItemScratch& scratch) {
  return AllOf(x, "isalnum", scratch, [](char c) { return IsLetter(c) || IsDigit(c); });
}
BagItem IsAllSpace(Arguments x, ItemScratch& scratch) { return AllOf(x, "isspace", scratch, IsSpace); }

// isupper, islower: there are letters, and all are of the case.
BagItem IsCase(Arguments x, std::string_view method, ItemScratch& scratch, bool (*is)(char)) {
  if (!IsText(x[0], method, scratch)) return BagItem::Failed();
  const std::string_view text = x[0].view();
  if (!IsAscii(text)) return scratch.OnlyPython("case of letters outside ASCII");
  const auto letters = std::count_if(text.begin(), text.end(), IsLetter);
  return BagItem::Bool(letters > 0 && std::count_if(text.begin(), text.end(), is) == letters);
}
BagItem IsAllUpper(Arguments x, ItemScratch& scratch) { return IsCase(x, "isupper", scratch, IsUpper); }
BagItem IsAllLower(Arguments x, ItemScratch& scratch) { return IsCase(x, "islower", scratch, IsLower); }

BagItem Dumps(Arguments x, ItemScratch& scratch) {
  const BagItem plain = scratch.Plain(x[0]);
  if (plain.failed()) return plain;
  std::string out;
  if (!WriteJson(plain, &out)) return scratch.OnlyPython("json.dumps of such values");
  return BagItem::Text(scratch.arena().Copy(out));
}

constexpr ItemFunctionRow kRows[] = {
    {"lower", Lower},
    {"upper", Upper},
    {"swapcase", Swapcase},
    {"capitalize", Capitalize},
    {"title", Title},
    {"strip", Strip},
    {"lstrip", LeftStrip},
    {"rstrip", RightStrip},
    {"split", Split},
    {"rsplit", RightSplit},
    {"splitlines", SplitLines},
    {"join", Join},
    {"replace", Replace},
    {"startswith", StartsWith},
    {"endswith", EndsWith},
    {"find", Find},
    {"rfind", RightFind},
    {"count", Count},
    {"removeprefix", RemovePrefix},
    {"removesuffix", RemoveSuffix},
    {"partition", PartitionAt},
    {"zfill", ZeroFill},
    {"isdigit", IsAllDigits},
    {"isalpha", IsAllLetters},
    {"isalnum", IsAllAlnum},
    {"isspace", IsAllSpace},
    {"isupper", IsAllUpper},
    {"islower", IsAllLower},
    {"dumps", Dumps},
};

}  // namespace

std::span<const ItemFunctionRow> StringFunctions() { return kRows; }

}  // namespace swath::kernels
