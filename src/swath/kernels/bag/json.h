// JSON text <-> items, as Python's json module with default arguments. Text is parsed by simdjson into a tape, of which
// expressions pick what they need; everything is checked, also what nobody reads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "swath/ops/bag_item.h"

namespace swath::kernels {

class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  // json.loads. Scalars come as they are, lists and dicts as documents. They live until the next call. False when the
  // text is not JSON or holds what simdjson does not read like Python (integers beyond 64 bits, NaN, lone surrogates).
  // `padded`: at least kPadding bytes behind the text may be read.
  bool Parse(std::string_view text, bool padded, ops::BagItem* item);
  std::string_view error() const { return error_; }
  static constexpr size_t kPadding = 64;

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string_view error_;
};

// Documents. Keys that stand twice: the last counts.
bool IsRecordDocument(const ops::BagItem& document);
// The value of a key: false when there is none.
bool FindInDocument(const ops::BagItem& document, std::string_view key, ops::BagItem* value);
// Element `index` of a list; false when there is none. Negative ones count from the end.
bool ElementOfDocument(const ops::BagItem& document, int64_t index, ops::BagItem* value);
// Elements of a list.
int64_t DocumentLength(const ops::BagItem& document);
// The document as lists and records in `arena`.
ops::BagItem DocumentItem(const ops::BagItem& document, ops::ItemArena* arena);

// json.dumps(item). False for what it refuses (bytes, keys that are containers).
bool WriteJson(const ops::BagItem& item, std::string* out);

}  // namespace swath::kernels
